"""The integrator: order of convergence, conserved quantities, the textbook's spinning bodies."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from scipy.spatial.transform import Rotation
from scipy.special import ellipj

from lunar_env.kernel.linalg import Quat, Vec3
from lunar_env.physics.types import Site
from tests.physics.cluster_flight import fly, row_of
from tests.physics.landers import (
    G0,
    NOWHERE,
    TURNING_MOON,
    engine,
    still,
    two_bodies,
    uneven,
    vehicle,
)
from tests.reference import equations

LATITUDE = 0.7
HERE = Site(
    *(equations.GM, equations.RADIUS, 1.5 * equations.J2 * equations.GM * equations.R_GRAVITY**2),
    *(equations.RATE, math.cos(LATITUDE), math.sin(LATITUDE)),
)
PAIR = [
    engine(900.0, (0.3, 0.1, 0.2), (0.05, -0.1, 1.0), isp=300.0, lag_up=0.2),
    engine(700.0, (-0.4, -0.1, 0.3), (0.1, 0.05, 1.0), isp=280.0, isp_floor=250.0, lag_down=0.3),
]
TORQUE = (3.0, -2.0, 1.0)
COMMANDS = (880.0, 300.0)
BURNING = (100.0, 650.0)
START = still(
    700.0,
    (400.0, -300.0, 500.0),
    v=Vec3(20.0, -5.0, -80.0),
    q=Quat(*Rotation.from_rotvec([0.7, 0.1, -0.2]).as_quat(scalar_first=True).tolist()),
    omega=Vec3(0.5, -0.3, 0.4),
    thrust=sum(BURNING),
)


def tumbling(tick, seconds=1.6):
    memory = row_of(uneven(PAIR), PAIR, START, burning=BURNING)
    return fly(memory, COMMANDS, seconds, torque=TORQUE, site=HERE, tick=tick).motion[-1]


def gold(seconds=1.6):
    """The same flight by DOP853 on equations written with matrices; thrusts are integrated too."""
    spin = equations.RATE * np.array([0.0, math.cos(LATITUDE), math.sin(LATITUDE)])
    places = np.array([[e.x, e.y, e.z] for e in PAIR])
    aims = np.array([[e.direction_x, e.direction_y, e.direction_z] for e in PAIR])

    def slope(t, y):
        r, v, q, omega, mass, thrusts = y[:3], y[3:6], y[6:10], y[10:13], y[13], y[14:]
        body = Rotation.from_quat(q, scalar_first=True)
        com, tensor = two_bodies(mass - 400.0)
        forces = thrusts[:, None] * aims
        torque = np.cross(places - com, forces).sum(axis=0) + TORQUE
        a = body.apply(forces.sum(axis=0)) / mass + equations.acceleration(r, v, LATITUDE)
        turning = np.linalg.solve(tensor, torque - np.cross(omega, tensor @ omega))
        seen = omega - body.inv().apply(spin)
        w, (x, y_, z) = q[0], q[1:]
        left = np.array([[-x, -y_, -z], [w, -z, y_], [z, w, -x], [-y_, x, w]])
        flow, lagged = 0.0, []
        for e, thrust, command in zip(PAIR, thrusts, COMMANDS, strict=True):
            flow -= thrust * (e.flow + e.flow_rise * (1.0 - thrust / e.thrust_max))
            lag = e.lag_up if command > thrust else e.lag_down
            lagged.append((command - thrust) / lag)
        return np.concatenate([v, a, 0.5 * left @ seen, turning, [flow], lagged])

    first = np.concatenate([*START[:4], [START.mass], BURNING])
    done = solve_ivp(slope, (0.0, seconds), first, method="DOP853", rtol=3e-13, atol=1e-12)
    end = done.y[:14, -1]
    end[6:10] /= np.linalg.norm(end[6:10])
    return end


def test_the_integrator_agrees_with_dop853_and_has_order_four():
    """A powered, tumbling arc: two canted engines, lag, propellant, three moments of inertia."""
    reference = gold()
    ticks = np.array([0.1, 0.05, 0.025, 0.0125])
    errors = np.array([np.abs(tumbling(tick) - reference) for tick in ticks])
    # Position, velocity, attitude and rate, each by itself; mass is exact at any tick.
    for block in (slice(0, 3), slice(3, 6), slice(6, 10), slice(10, 13)):
        size = np.linalg.norm(errors[:, block], axis=1)
        slope = np.polyfit(np.log(ticks), np.log(size), 1)[0]
        assert 3.8 < slope < 4.4
    assert errors[1, :3].max() < 1e-5
    assert errors[1, 3:6].max() < 1e-5
    assert errors[:, 13].max() < 1e-9


THREE = uneven(com_x=0.0, com_y=0.0)
SPIN = Vec3(0.4, -0.2, 0.9)


def spun(omega, seconds, tick=0.05, lander=THREE, site=NOWHERE):
    state = still(700.0, omega=omega, q=Quat(0.5, -0.5, 0.5, 0.5))
    return fly(row_of(lander, [engine()], state), [0.0], seconds, torque=(0, 0, 0), tick=tick)


def test_torque_free_rotation_conserves_momentum_and_energy():
    """Three unequal moments: the body rates wander, the angular momentum in space does not."""
    path = spun(SPIN, 60.0)
    _, tensor = two_bodies(300.0)
    momentum = Rotation.from_quat(path.q, scalar_first=True).apply(path.omega @ tensor)
    energy = 0.5 * np.einsum("ti,ij,tj->t", path.omega, tensor, path.omega)
    start = Rotation.from_quat([0.5, -0.5, 0.5, 0.5], scalar_first=True).apply(tensor @ SPIN)
    assert np.ptp(path.omega, axis=0).min() > 0.03
    np.testing.assert_allclose(energy, 0.5 * np.array(SPIN) @ tensor @ SPIN, rtol=1e-6)
    np.testing.assert_allclose(momentum, np.broadcast_to(start, momentum.shape), atol=2e-3)
    assert np.linalg.norm(start) > 200.0


def test_rotation_with_three_unequal_moments_agrees_with_jacobis_solution():
    """Torque-free rates are elliptic functions of time.

    Landau and Lifshitz, Mechanics, section 37, with the moments in rising order; at first the rate
    about the middle axis is zero.
    """
    _, tensor = two_bodies(300.0)
    middle, largest, smallest = np.diag(tensor)  # x, y, z
    assert smallest < middle < largest
    first = 0.8
    # A little above the separatrix, where a spin about the middle axis would begin.
    edge = smallest * (middle - smallest) / (largest * (largest - middle))
    last = 1.001 * math.sqrt(edge) * first
    energy2 = smallest * first**2 + largest * last**2
    momentum2 = (smallest * first) ** 2 + (largest * last) ** 2
    most, least = energy2 * largest - momentum2, momentum2 - energy2 * smallest
    speed = math.sqrt((largest - middle) * least / (smallest * middle * largest))
    k2 = (middle - smallest) * most / ((largest - middle) * least)
    path = spun(Vec3(0.0, last, first), 60.0, tick=0.025)
    sn, cn, dn, _ = ellipj(speed * 0.025 * np.arange(1, 2401), k2)
    across = math.sqrt(most / (middle * (largest - middle)))
    expected = np.stack([across * sn, last * dn, first * cn], axis=1)
    assert np.ptp(path.omega[:, 0]) > 1.0
    np.testing.assert_allclose(path.omega, expected, atol=1e-4)


def test_nutation_has_the_analytical_frequency():
    """A body with two equal moments: lateral rates turn at (1 - I_z/I_xy) omega_z."""
    lander = vehicle([engine()], mass_dry=600.0, k2_x=0.9, k2_y=0.9, k2_z=0.2)
    quarter = 0.5 * math.pi / ((1.0 - 0.2 / 0.9) * 0.8)
    state = still(600.0, omega=Vec3(0.1, 0.0, 0.8))
    memory = row_of(lander, [engine()], state)
    path = fly(memory, [0.0], quarter, torque=(0, 0, 0), tick=quarter / 100)
    np.testing.assert_allclose(path.omega[-1], (0.0, -0.1, 0.8), atol=1e-6)


def test_a_constant_torque_spins_up_the_axis_it_acts_on():
    memory = row_of(uneven(), [engine()], still(700.0))
    path = fly(memory, [0.0], 2.0, torque=(0.0, 0.0, 5.0))
    _, tensor = two_bodies(300.0)
    rate = 5.0 * 2.0 / tensor[2, 2]
    np.testing.assert_allclose(path.omega[-1], (0.0, 0.0, rate), rtol=1e-12)
    angle = Rotation.from_quat(path.q[-1], scalar_first=True).as_rotvec()
    np.testing.assert_allclose(angle, (0.0, 0.0, rate), atol=1e-9)  # half of rate times 2 s


def test_a_lander_at_rest_in_inertial_space_rotates_against_the_moon():
    """Attitude is against the landing site, body rates are inertial."""
    memory = row_of(uneven(), [engine()], still(700.0))
    path = fly(memory, [0.0], 5000.0, torque=(0, 0, 0), site=TURNING_MOON, tick=5.0)
    spin = 2.6617e-6 * np.array([0.0, 0.6, 0.8])
    seen = Rotation.from_quat(path.q[-1], scalar_first=True).as_rotvec()
    np.testing.assert_allclose(seen, -spin * 5000.0, rtol=1e-9, atol=1e-14)


def test_a_vertical_burn_follows_the_rocket_equation_with_gravity():
    """Constant thrust up over a point Moon that does not pull: speed and height in closed form."""
    one = engine(1000.0, (0.0, 0.0, 0.0), isp=300.0)
    memory = row_of(vehicle([one]), [one], still(600.0), burning=[1000.0])
    path = fly(memory, [1000.0], 60.0)
    v_e, mdot = 300.0 * G0, 1000.0 / (300.0 * G0)
    t = 0.05 * np.arange(1, 1201)
    left = 600.0 - mdot * t
    np.testing.assert_allclose(path.mass, left, rtol=1e-13)
    np.testing.assert_allclose(path.v[:, 2], v_e * np.log(600.0 / left), rtol=1e-11)
    height = 1000.0 + v_e * (t - left / mdot * np.log(600.0 / left))
    np.testing.assert_allclose(path.r[:, 2], height, rtol=1e-11)


rates = st.tuples(*[st.floats(-3.0, 3.0)] * 3)


@given(rates, rates, st.floats(0.0, 1600.0))
def test_attitude_remains_a_unit_quaternion(turn, omega, command):
    q = Rotation.from_rotvec(turn).as_quat(scalar_first=True)
    state = still(700.0, q=Quat(*q.tolist()), omega=Vec3(*omega))
    memory = row_of(uneven(), [engine(1600.0)], state)
    path = fly(memory, [command], 2.0, torque=TORQUE, site=TURNING_MOON)
    np.testing.assert_allclose(np.linalg.norm(path.q, axis=1), 1.0, atol=1e-14)


@pytest.mark.parametrize("split", [0.02, 0.035])
def test_two_half_ticks_equal_one_tick(split):
    def flown(memory, tick):
        return fly(memory, COMMANDS, tick, torque=TORQUE, site=HERE, tick=tick).motion[-1]

    whole, parts = (row_of(uneven(PAIR), PAIR, START, burning=BURNING) for _ in range(2))
    flown(parts, split)
    np.testing.assert_allclose(flown(parts, 0.05 - split), flown(whole, 0.05), rtol=1e-7, atol=1e-6)
