"""The autopilot: where it points, and how it turns there."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from lunar_env.kernel.linalg import Quat, Vec3
from lunar_env.physics.attitude import (
    demanded_rate,
    retrograde_axis,
    tilted_axis,
    to_local_vertical,
)
from tests.physics.cluster_flight import fly, row_of
from tests.physics.landers import (
    TICK,
    UP,
    engine,
    leaning,
    still,
    tilt,
    vehicle,
)

ZENITH = Vec3(0.0, 0.0, 1.0)
ONE = [engine(1600.0)]
lateral = st.floats(-150.0, 150.0)


def unit(v):
    return np.array(v) / np.linalg.norm(v)


def after(seconds, path):
    return tilt(path.q)[round(seconds / TICK) :]


# Where it points.


@given(lateral, lateral, st.floats(-200.0, -10.0))
def test_at_altitude_the_thrust_points_against_the_velocity(x, y, z):
    assume(math.hypot(x, y) < -z)  # within its 45 degrees
    axis = retrograde_axis(Vec3(x, y, z), ZENITH, 1000.0)
    np.testing.assert_allclose(axis, -unit([x, y, z]), atol=1e-12)


def test_above_2_km_the_tilt_is_that_of_the_velocity():
    axis = retrograde_axis(Vec3(1690.0, 0.0, -20.0), ZENITH, 15e3)
    np.testing.assert_allclose(axis, -unit([1690.0, 0.0, -20.0]), atol=1e-12)


@given(lateral, lateral, st.floats(-200.0, 50.0), st.floats(-10.0, 1999.0))
def test_the_tilt_is_limited_and_zero_near_the_ground(x, y, z, height):
    axis = retrograde_axis(Vec3(x, y, z), ZENITH, height)
    assert np.linalg.norm(axis) == pytest.approx(1.0, abs=1e-12)
    lean = math.degrees(math.acos(min(1.0, axis.z)))
    assert lean <= 45.0 + 1e-6
    if height <= 10.0:
        assert lean <= 4.0 + 1e-6
    # Whatever the limit, it leans against the lateral velocity.
    assert axis.x * x <= 0.0
    assert axis.y * y <= 0.0
    assert axis.x * y == pytest.approx(axis.y * x, abs=1e-9)


def test_rising_or_at_rest_the_lander_is_held_upright():
    for v in (Vec3(0.0, 0.0, 0.0), Vec3(0.0, 0.0, 30.0), Vec3(0.0, 0.0, -30.0)):
        assert retrograde_axis(v, ZENITH, 500.0) == ZENITH


directions = st.tuples(*[st.floats(-1.0, 1.0)] * 3).filter(lambda v: np.linalg.norm(v) > 0.1)


@given(directions, directions, st.floats(0.0, 3000.0))
def test_tilt_refers_to_the_local_vertical(v, up, height):
    """Turning velocity and vertical together turns the axis."""
    up = unit(up)
    assume(up[2] > -0.9)
    turn, _ = Rotation.align_vectors([up], [UP])
    here = retrograde_axis(Vec3(*(50.0 * np.array(v)).tolist()), ZENITH, height)
    there = turn.apply(50.0 * np.array(v))
    found = retrograde_axis(Vec3(*there.tolist()), Vec3(*up.tolist()), height)
    np.testing.assert_allclose(found, turn.apply(here), atol=1e-9)


def test_the_rotation_to_the_local_vertical_is_the_shortest():
    for angle, bearing in ((0.0, 0.0), (1e-9, 0.3), (0.44, 1.0), (1.5, -2.0), (3.0, 2.5)):
        axis = np.array([-math.sin(bearing), math.cos(bearing), 0.0])
        turn = Rotation.from_rotvec(angle * axis)
        up = turn.apply(UP)
        for vector in np.eye(3):
            found = to_local_vertical(Vec3(*vector.tolist()), Vec3(*up.tolist()))
            np.testing.assert_allclose(found, turn.apply(vector), atol=1e-12)


@given(st.floats(-1.0, 1.0), st.floats(-1.0, 1.0), st.floats(0.1, 1.5), directions)
def test_tilt_is_from_the_local_vertical_toward_its_direction(east, north, most, up):
    up = unit(up)
    assume(up[2] > -0.9)
    axis = np.array(tilted_axis(east, north, most, Vec3(*up.tolist())))
    assert np.linalg.norm(axis) == pytest.approx(1.0, abs=1e-12)
    size = math.hypot(east, north)
    assert math.acos(min(1.0, axis @ up)) == pytest.approx(min(1.0, size) * most, abs=1e-7)
    turn, _ = Rotation.align_vectors([up], [UP])
    back = turn.inv().apply(axis)
    assert back[0] * north == pytest.approx(back[1] * east, abs=1e-9)
    assert back[0] * east + back[1] * north >= -1e-12


def test_tilts_of_the_action_agree_with_a_hand_computation():
    """750 km west of the target, which is 24.7 degrees: the vertical there leans west."""
    angle = 750e3 / 1.7374e6
    up = Vec3(-math.sin(angle), 0.0, math.cos(angle))
    most = math.radians(60.0)
    level = tilted_axis(0.0, 0.0, most, up)
    np.testing.assert_allclose(level, up, atol=1e-15)
    east = tilted_axis(0.5, 0.0, most, up)
    lean = math.radians(30.0) - angle
    np.testing.assert_allclose(east, [math.sin(lean), 0.0, math.cos(lean)], atol=1e-12)
    north = tilted_axis(0.0, 2.0, most, up)
    sine, cosine = math.sin(most), math.cos(most)
    np.testing.assert_allclose(north, [cosine * up.x, sine, cosine * up.z], atol=1e-12)


# How it turns.


@given(st.floats(0.0, 180.0), st.floats(-180.0, 180.0), st.floats(-180.0, 180.0))
def test_the_commanded_rate_turns_the_axis_directly_to_its_target(angle, bearing, roll):
    """Along the shortest way, without roll, within all limits; never zero while it points off."""
    turn = Rotation.from_euler("ZXZ", [bearing, angle, roll], degrees=True)
    q = Quat(*turn.as_quat(scalar_first=True).tolist())
    rate = np.array(demanded_rate(q, ZENITH, 0.2, 0.05))
    size = np.linalg.norm(rate)
    sine = math.sin(math.radians(min(angle, 90.0)))
    expected = min(1.25 * sine, 0.2, math.sqrt(0.1 * sine))
    assert rate[2] == 0.0
    assert size == pytest.approx(expected, rel=1e-5, abs=1e-8)
    if 1e-3 < angle < 179.99:
        across = np.cross(turn.apply(UP), UP)
        np.testing.assert_allclose(turn.apply(rate) / size, unit(across), atol=1e-6)


def test_both_signs_of_a_quaternion_give_the_same_command():
    q = Quat(*Rotation.from_rotvec([0.5, -0.3, 1.2]).as_quat(scalar_first=True).tolist())
    minus = Quat(*(-x for x in q))
    np.testing.assert_array_equal(*(demanded_rate(p, ZENITH, 0.2, 0.05) for p in (q, minus)))


@pytest.mark.parametrize("about", ["x", "y"])
@pytest.mark.parametrize("angle", [10.0, -60.0, 120.0, 179.9999, 180.0])
@pytest.mark.parametrize("torque", [20.0, 40.0, 400.0])
def test_a_large_turn_stays_within_the_rate_limit_and_settles(about, angle, torque):
    """From 0.07 rad/s^2 of authority, as a full lander has, to plenty: it never shoots past."""
    lander = vehicle(ONE, torque_max_xy=torque)
    path = fly(row_of(lander, ONE, still(q=leaning(angle, about))), [0.0], 45.0)
    assert np.abs(path.omega).max() < 1.1 * lander.rate_max
    assert after(0.0, path).max() < abs(angle) + 1e-9
    assert after(abs(angle) / 9.0 + 6.0, path).max() < 0.6
    assert after(40.0, path).max() < 0.01
    # Once over, it does not come out on the other side.
    k = ["w", "x", "y", "z"].index(about)
    assert (np.sign(angle) * path.q[:, k]).min() > -math.radians(0.25)
    np.testing.assert_allclose(path.omega[-1], 0.0, atol=1e-4)


def test_a_lander_pointing_the_opposite_way_turns():
    path = fly(row_of(vehicle(ONE), ONE, still(q=Quat(0.0, 1.0, 0.0, 0.0))), [0.0], 45.0)
    assert after(40.0, path).max() < 0.02


def test_the_autopilot_stops_a_spin():
    state = still(omega=Vec3(0.2, -0.1, 0.5))
    path = fly(row_of(vehicle(ONE), ONE, state), [0.0], 40.0)
    assert np.linalg.norm(path.omega[-1]) < 1e-4
    assert after(30.0, path).max() < 0.1


def test_torques_reach_their_limits_and_stay_within_them():
    lander = vehicle(ONE, torque_max_xy=30.0, torque_max_z=7.0)
    state = still(q=leaning(80.0), omega=Vec3(0.0, 0.3, 0.5))
    torque = np.abs(fly(row_of(lander, ONE, state), [0.0], 20.0).torque).max(axis=0)
    np.testing.assert_array_equal(torque, [30.0, 30.0, 7.0])


def test_the_autopilot_uses_the_estimated_attitude():
    """An error of one degree about the body's x: the true axis settles one degree off."""
    error = leaning(1.0)
    path = fly(row_of(vehicle(ONE), ONE, still()), [0.0], 40.0, error=error)
    believed = Rotation.from_quat(path.q[-1], scalar_first=True) * Rotation.from_quat(
        error, scalar_first=True
    )
    np.testing.assert_allclose(believed.apply(UP), UP, atol=1e-5)
    assert tilt(path.q)[-1] == pytest.approx(1.0, abs=1e-3)
