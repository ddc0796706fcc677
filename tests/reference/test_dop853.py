"""A powered arc in six degrees of freedom against equations written anew and SciPy's DOP853."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.spatial.transform import Rotation

from lunar_env.kernel.linalg import Vec3
from lunar_env.physics.integrate import advance
from lunar_env.physics.types import State
from tests.physics.bodies import SITE, lander, turned

TICK = 0.05
CONTROL = 0.2
STEPS = 300
TILT_X, TILT_Y = 0.003, -0.002
VEHICLE = lander(
    direction_x=TILT_X, direction_y=TILT_Y, direction_z=math.sqrt(1.0 - TILT_X**2 - TILT_Y**2)
)
SPIN_OF_MOON = np.array([0.0, SITE.omega_y, SITE.omega_z])
ALONG = np.array([VEHICLE.direction_x, VEHICLE.direction_y, VEHICLE.direction_z])
INERTIA_PER_MASS = np.diag([VEHICLE.k2_xy, VEHICLE.k2_xy, VEHICLE.k2_z])


def skew(a):
    return np.array([[0.0, -a[2], a[1]], [a[2], 0.0, -a[0]], [-a[1], a[0], 0.0]])


def derivatives(t, y, thrust_0, command, torque):
    """Newton and Euler with a rotation matrix (nine numbers) in place of a quaternion."""
    r, v, dcm_LB, w, mass = y[:3], y[3:6], y[6:15].reshape(3, 3), y[15:18], y[18]
    thrust = command + (thrust_0 - command) * math.exp(-t / VEHICLE.lag)
    rho = r + np.array([0.0, 0.0, SITE.radius])
    gravity = -SITE.mu * rho / np.linalg.norm(rho) ** 3
    frame = -2.0 * np.cross(SPIN_OF_MOON, v) - np.cross(SPIN_OF_MOON, np.cross(SPIN_OF_MOON, rho))
    force_B = thrust * ALONG
    # The frame L turns with the Moon; the rate of the body against L is what turns the matrix.
    turning = dcm_LB @ skew(w) - skew(SPIN_OF_MOON) @ dcm_LB
    inertia = mass * INERTIA_PER_MASS
    total = torque + np.cross([0.0, 0.0, -VEHICLE.arm], force_B) - np.cross(w, inertia @ w)
    return np.concatenate(
        [
            v,
            dcm_LB @ force_B / mass + gravity + frame,
            turning.ravel(),
            np.linalg.solve(inertia, total),
            [-thrust / VEHICLE.v_e],
        ]
    )


@pytest.fixture(scope="module")
def flown():
    """Sixty seconds with a new command and torque every control period: ours and DOP853's."""
    start = turned("xyz", [12.0, -6.0, 3.0])
    state = State(
        Vec3(10.0, -20.0, 3000.0),
        Vec3(3.0, -2.0, -106.0),
        start,
        Vec3(0.01, -0.02, 0.03),
        410.0,
        1200.0,
    )
    dcm = Rotation.from_quat(np.array(start), scalar_first=True).as_matrix()
    y = np.concatenate([state.r, state.v, dcm.ravel(), state.omega, [state.mass]])
    thrust = state.thrust
    rng = np.random.default_rng(0)
    for _ in range(STEPS):
        command = float(rng.uniform(0.0, VEHICLE.thrust_max))
        torque = rng.uniform(-2.0, 2.0, 3)
        for _ in range(round(CONTROL / TICK)):
            state = advance(state, command, Vec3(*torque.tolist()), VEHICLE, SITE, TICK)
        done = solve_ivp(
            *(derivatives, (0.0, CONTROL), y),
            method="DOP853",
            rtol=1e-11,
            atol=1e-12,
            args=(thrust, command, torque),
        )
        y = done.y[:, -1]
        thrust = command + (thrust - command) * math.exp(-CONTROL / VEHICLE.lag)
    return state, y, thrust


def error(ours, theirs):
    """Relative to the size of the vector."""
    return np.linalg.norm(np.array(ours) - theirs) / np.linalg.norm(theirs)


def test_position_and_velocity(flown):
    state, y, _ = flown
    assert error(state.r, y[:3]) < 1e-6
    assert error(state.v, y[3:6]) < 1e-6


def test_attitude_and_rates(flown):
    state, y, _ = flown
    ours = Rotation.from_quat(np.array(state.q), scalar_first=True).as_matrix()
    assert np.abs(ours - y[6:15].reshape(3, 3)).max() < 1e-6
    assert error(state.omega, y[15:18]) < 1e-6


def test_mass_and_thrust(flown):
    state, y, thrust = flown
    assert state.mass == pytest.approx(y[18], rel=1e-9)
    assert state.thrust == pytest.approx(thrust, rel=1e-9)


def test_the_arc_is_a_hard_one(flown):
    """It turns over and burns most of its propellant: the agreement is not that of a free fall."""
    state, _, _ = flown
    assert 410.0 - state.mass > 15.0
    assert np.linalg.norm(state.omega) > 0.05
