"""The autopilot: where it points, and that it gets there within its torques."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lunar_env.kernel.linalg import Quat, Vec3, rotate
from lunar_env.physics.attitude import pointing_torque, retrograde_axis
from lunar_env.physics.integrate import advance
from tests.physics.bodies import LANDER, NOWHERE, SITE, UPRIGHT, at, lander, turned

UP = Vec3(0.0, 0.0, 1.0)
lateral = st.floats(-150.0, 150.0)


def tilt_to(state, axis):
    z = rotate(state.q, UP)
    return math.degrees(math.acos(max(-1.0, min(1.0, float(np.dot(z, axis))))))


def hold(state, axis, seconds, vehicle=LANDER, site=NOWHERE, thrust=0.0):
    """Fly with the autopilot; yields the state and torque of every tick."""
    for _ in range(round(seconds / 0.05)):
        torque = pointing_torque(state.q, state.omega, axis, state.mass, vehicle)
        state = advance(state, thrust, torque, vehicle, site, 0.05)
        yield state, torque


@pytest.mark.parametrize("about", ["x", "y"])
@pytest.mark.parametrize("degrees", [10.0, -10.0])
def test_it_turns_ten_degrees_back(about, degrees):
    flown = [tilt_to(state, UP) for state, _ in hold(at(q=turned(about, degrees)), UP, 6.0)]
    assert flown[0] > 9.0
    assert flown[round(2.0 / 0.05)] < 2.0
    assert flown[-1] < 0.05
    assert max(flown) < 10.01


@pytest.mark.parametrize("degrees", [90.0, 150.0, 179.9, 180.0])
def test_it_turns_over_from_any_attitude(degrees):
    last = [state for state, _ in hold(at(q=turned("x", degrees)), UP, 30.0)][-1]
    assert tilt_to(last, UP) < 0.1


@given(
    st.lists(st.floats(-180.0, 180.0), min_size=3, max_size=3),
    st.builds(Vec3, *[st.floats(-2.0, 2.0)] * 3),
    st.builds(Vec3, *[st.floats(-1.0, 1.0)] * 3),
)
def test_torques_respect_their_limits(turn, omega, axis):
    assume(np.linalg.norm(axis) > 1e-2)
    axis = Vec3(*(np.array(axis) / np.linalg.norm(axis)).tolist())
    torque = pointing_torque(turned("xyz", turn), omega, axis, 1000.0, LANDER)
    assert max(abs(torque.x), abs(torque.y)) <= LANDER.torque_max_xy
    assert abs(torque.z) <= LANDER.torque_max_z


def test_torques_reach_their_limits():
    torque = pointing_torque(turned("x", 80.0), Vec3(0.0, 0.0, 2.0), UP, 1000.0, LANDER)
    assert torque.x == -LANDER.torque_max_xy
    assert torque.z == -LANDER.torque_max_z


def test_a_weaker_lander_turns_more_slowly():
    start = at(q=turned("y", 60.0))
    strong = [tilt_to(state, UP) for state, _ in hold(start, UP, 3.0)]
    weak = [tilt_to(state, UP) for state, _ in hold(start, UP, 3.0, lander(torque_max_xy=10.0))]
    assert weak[-1] > strong[-1] + 10.0


def test_it_stops_a_spin():
    last = [state for state, _ in hold(at(omega=Vec3(0.2, -0.1, 0.5)), UP, 20.0)][-1]
    assert np.linalg.norm(last.omega) < 1e-4


def test_a_crooked_engine_costs_half_a_degree():
    """0.2 degrees of thrust direction: the loop is proportional, an offset stays."""
    tilt = math.radians(0.2)
    crooked = lander(direction_x=math.sin(tilt), direction_z=math.cos(tilt))
    last = [s for s, _ in hold(at(thrust=1600.0), UP, 20.0, crooked, SITE, 1600.0)][-1]
    expected = 0.9 * 1600.0 * math.sin(tilt) / (4.0 * last.mass * LANDER.k2_xy)
    assert tilt_to(last, UP) == pytest.approx(math.degrees(expected), rel=0.02)
    assert 0.3 < tilt_to(last, UP) < 0.6


@given(lateral, lateral, st.floats(-200.0, -10.0))
def test_high_up_it_points_against_the_velocity(x, y, z):
    assume(math.hypot(x, y) < -z)  # within its 45 degrees
    axis = retrograde_axis(Vec3(x, y, z), 1000.0)
    expected = -np.array([x, y, z]) / np.linalg.norm([x, y, z])
    np.testing.assert_allclose(axis, expected, atol=1e-12)


@given(lateral, lateral, st.floats(-200.0, 50.0), st.floats(-10.0, 5000.0))
def test_the_lean_is_limited_and_upright_near_the_ground(x, y, z, height):
    axis = retrograde_axis(Vec3(x, y, z), height)
    assert np.linalg.norm(axis) == pytest.approx(1.0, abs=1e-12)
    lean = math.degrees(math.acos(min(1.0, axis.z)))
    assert lean <= 45.0 + 1e-6
    if height <= 10.0:
        assert lean <= 4.0 + 1e-6
    # Whatever the limit, it leans against the lateral velocity.
    assert axis.x * x <= 0.0
    assert axis.y * y <= 0.0


def test_rising_or_at_rest_it_stands_upright():
    for v in (Vec3(0.0, 0.0, 0.0), Vec3(0.0, 0.0, 30.0), Vec3(0.0, 0.0, -30.0)):
        assert retrograde_axis(v, 500.0) == UP


def test_upright_and_still_needs_no_torque():
    assert pointing_torque(UPRIGHT, Vec3(0.0, 0.0, 0.0), UP, 400.0, LANDER) == Vec3(0.0, 0.0, 0.0)


def test_either_sign_of_the_quaternion_is_the_same_attitude():
    q = turned("xyz", [30.0, -20.0, 70.0])
    minus = Quat(*(-x for x in q))
    rest = Vec3(0.0, 0.0, 0.0)
    one, other = (pointing_torque(p, rest, UP, 400.0, LANDER) for p in (q, minus))
    np.testing.assert_allclose(one, other, atol=1e-10)
