"""The integrator: order of convergence, conserved quantities, unit attitude."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from lunar_env.kernel.linalg import Vec3
from lunar_env.physics.integrate import advance
from tests.physics.bodies import LANDER, NO_TORQUE, NOWHERE, SITE, at, lander, turned

SLIM = lander(k2_xy=0.9, k2_z=0.2, direction_x=0.004, direction_z=math.sqrt(1.0 - 0.004**2))


def fly(state, command, torque, vehicle, site, seconds, tick):
    for _ in range(round(seconds / tick)):
        state = advance(state, command, torque, vehicle, site, tick)
    return state


def flat(state):
    return np.array([*state.r, *state.v, *state.q, *state.omega, state.mass])


def test_the_error_falls_with_the_fourth_power_of_the_tick():
    """Slope of log error over log tick on a powered, tumbling arc with a changing engine."""
    start = at(
        500.0,
        (20.0, -5.0, -80.0),
        q=turned("x", 40.0),
        omega=Vec3(0.5, -0.3, 0.4),
        thrust=300.0,
    )
    arguments = (1500.0, Vec3(3.0, -2.0, 1.0), SLIM, SITE, 3.2)
    reference = flat(fly(start, *arguments, 0.0005))
    ticks = np.array([0.1, 0.05, 0.025, 0.0125])
    errors = np.array([np.abs(flat(fly(start, *arguments, t)) - reference) for t in ticks])
    # Position, velocity and attitude, each by itself; mass is exact at any tick.
    for block in (slice(0, 3), slice(3, 6), slice(6, 10), slice(10, 13)):
        size = np.linalg.norm(errors[:, block], axis=1)
        slope = np.polyfit(np.log(ticks), np.log(size), 1)[0]
        assert 3.9 < slope < 4.5
    assert errors[:, 13].max() < 1e-10


@pytest.mark.parametrize("k2_z", [0.2, 0.9, 1.7])
def test_torque_free_rotation_conserves_momentum_and_energy(k2_z):
    """Unequal inertia: the body rates nutate, the angular momentum in space does not."""
    vehicle = lander(k2_xy=0.9, k2_z=k2_z)
    inertia = 410.0 * np.array([0.9, 0.9, k2_z])
    state = at(q=turned("xyz", [20.0, 50.0, -30.0]), omega=Vec3(0.4, -0.2, 0.9))

    def momentum(state):
        return Rotation.from_quat(state.q, scalar_first=True).apply(inertia * state.omega)

    def energy(state):
        return 0.5 * np.sum(inertia * np.square(state.omega))

    first = momentum(state), energy(state), state.omega
    state = fly(state, 0.0, NO_TORQUE, vehicle, NOWHERE, 30.0, 0.05)
    assert np.linalg.norm(momentum(state) - first[0]) < 1e-5 * np.linalg.norm(first[0])
    assert energy(state) == pytest.approx(first[1], rel=1e-7)
    turned_away = np.linalg.norm(np.subtract(state.omega, first[2]))
    assert turned_away > 0.1 or k2_z == 0.9


def test_nutation_has_the_frequency_of_the_textbook():
    """A body with two equal moments: lateral rates turn at (1 - I_z/I_xy) omega_z."""
    rate = (1.0 - 0.2 / 0.9) * 0.8
    quarter = 0.5 * math.pi / rate
    state = at(omega=Vec3(0.1, 0.0, 0.8))
    state = fly(state, 0.0, NO_TORQUE, lander(k2_xy=0.9, k2_z=0.2), NOWHERE, quarter, quarter / 100)
    np.testing.assert_allclose(state.omega, (0.0, -0.1, 0.8), atol=1e-6)


def test_a_constant_torque_spins_up_the_axis_it_acts_on():
    state = fly(at(), 0.0, Vec3(0.0, 0.0, 5.0), LANDER, NOWHERE, 2.0, 0.05)
    rate = 5.0 * 2.0 / (410.0 * LANDER.k2_z)
    assert state.omega.z == pytest.approx(rate, rel=1e-12)
    angle = Rotation.from_quat(state.q, scalar_first=True).as_rotvec()
    np.testing.assert_allclose(angle, (0.0, 0.0, rate), atol=1e-9)  # half of rate times two seconds


def test_inertia_follows_the_mass():
    """Half the mass, twice the angular acceleration."""
    heavy = advance(at(mass=800.0), 0.0, Vec3(8.0, 0.0, 0.0), LANDER, NOWHERE, 0.05)
    light = advance(at(mass=400.0), 0.0, Vec3(8.0, 0.0, 0.0), LANDER, NOWHERE, 0.05)
    assert light.omega.x == pytest.approx(2.0 * heavy.omega.x, rel=1e-12)


def test_a_lander_at_rest_in_space_turns_against_the_moon():
    """Attitude is against the landing site, body rates are inertial."""
    seconds = 5000.0
    state = fly(at(), 0.0, NO_TORQUE, LANDER, SITE, seconds, 5.0)
    omega = np.array([0.0, SITE.omega_y, SITE.omega_z])
    seen = Rotation.from_quat(state.q, scalar_first=True).as_rotvec()
    np.testing.assert_allclose(seen, -omega * seconds, rtol=1e-9, atol=1e-14)


angles = st.lists(st.floats(-180.0, 180.0), min_size=3, max_size=3)
rates = st.builds(Vec3, *[st.floats(-5.0, 5.0)] * 3)


@given(angles, rates, st.floats(0.0, 1600.0))
def test_attitude_stays_a_unit_quaternion(turn, omega, command):
    state = fly(at(q=turned("xyz", turn), omega=omega), command, NO_TORQUE, SLIM, SITE, 2.0, 0.05)
    assert sum(x * x for x in state.q) == pytest.approx(1.0, abs=1e-14)


def test_a_tick_split_in_two_is_the_same_tick():
    start = at(200.0, (1.0, 2.0, -30.0), thrust=900.0, omega=Vec3(0.05, 0.0, 0.0))
    whole = flat(advance(start, 1200.0, NO_TORQUE, LANDER, SITE, 0.05))
    half = advance(start, 1200.0, NO_TORQUE, LANDER, SITE, 0.02)
    parts = flat(advance(half, 1200.0, NO_TORQUE, LANDER, SITE, 0.03))
    np.testing.assert_allclose(whole, parts, rtol=1e-7, atol=1e-7)


def test_no_time_changes_nothing():
    start = at(200.0, (1.0, 2.0, -30.0), thrust=900.0, omega=Vec3(0.05, 0.0, 0.0))
    np.testing.assert_allclose(flat(advance(start, 0.0, NO_TORQUE, LANDER, SITE, 0.0)), flat(start))
