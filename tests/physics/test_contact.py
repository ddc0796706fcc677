"""First contact: which pad, when inside the tick, and what is judged."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from lunar_env.kernel.linalg import Vec3
from lunar_env.physics.contact import (
    contact_time,
    height_above_ground,
    pad_clearance,
    touchdown_motion,
    within,
)
from lunar_env.physics.integrate import advance
from lunar_env.physics.terrain import (
    clearance,
    elevation,
    incidence_cosine,
    slant_range,
    tilted_plane,
)
from lunar_env.physics.types import Limits
from tests.physics.bodies import LANDER, LEVEL, NO_TORQUE, SITE, STILL, at, lander, turned

angles = st.lists(st.floats(-40.0, 40.0), min_size=3, max_size=3)
slopes = st.floats(0.0, 20.0)
azimuths = st.floats(0.0, 360.0)


def plane(slope, azimuth):
    return tilted_plane(math.radians(slope), math.radians(azimuth))


def pads(state, vehicle):
    """Positions of all pads in L."""
    n = int(vehicle.legs)
    angle = 2.0 * np.pi * (np.arange(n) + 0.5) / n
    body = np.stack(
        [
            vehicle.pad_radius * np.cos(angle),
            vehicle.pad_radius * np.sin(angle),
            np.full(n, -vehicle.cg_height),
        ],
        axis=1,
    )
    return np.array(state.r) + Rotation.from_quat(state.q, scalar_first=True).apply(body)


def test_the_plane_rises_toward_its_azimuth():
    east = plane(10.0, 90.0)
    assert elevation(100.0, 0.0, east) == pytest.approx(100.0 * math.tan(math.radians(10.0)))
    assert elevation(0.0, 100.0, east) == pytest.approx(0.0, abs=1e-9)
    north = plane(10.0, 0.0)
    assert elevation(0.0, 100.0, north) == pytest.approx(100.0 * math.tan(math.radians(10.0)))


@given(slopes, azimuths, st.floats(-1e3, 1e3), st.floats(-1e3, 1e3), st.floats(0.0, 1e3))
def test_clearance_is_the_distance_along_the_normal(slope, azimuth, x, y, z):
    ground = plane(slope, azimuth)
    above = z - elevation(x, y, ground)
    expected = above * math.cos(math.radians(slope))
    assert clearance(Vec3(x, y, z), ground) == pytest.approx(expected, abs=1e-8)


@given(slopes, azimuths, st.floats(-60.0, 60.0), st.floats(10.0, 5000.0))
def test_a_ray_ends_on_the_ground(slope, azimuth, lean, height):
    ground = plane(slope, azimuth)
    beam = Vec3(math.sin(math.radians(lean)), 0.0, -math.cos(math.radians(lean)))
    cosine = incidence_cosine(beam, ground)
    assert cosine == pytest.approx(-np.dot(beam, ground))
    assume(cosine > 0.1)
    origin = Vec3(0.0, 0.0, height)
    end = np.array(origin) + slant_range(origin, beam, ground) * np.array(beam)
    assert end[2] == pytest.approx(elevation(end[0], end[1], ground), abs=1e-6)


def test_a_ray_that_leaves_never_meets_the_ground():
    assert slant_range(Vec3(0.0, 0.0, 5.0), Vec3(0.0, 0.0, 1.0), LEVEL) == math.inf
    assert slant_range(Vec3(0.0, 0.0, 5.0), Vec3(1.0, 0.0, 0.0), LEVEL) == math.inf
    assert slant_range(Vec3(0.0, 0.0, -5.0), Vec3(0.0, 0.0, -1.0), LEVEL) == 0.0


@given(angles, slopes, azimuths, st.floats(-2.0, 2.0), st.sampled_from([3.0, 4.0, 6.0]))
def test_pad_clearance_is_that_of_the_lowest_pad(turn, slope, azimuth, above, legs):
    """Exact near the ground, a lower bound with the right sign above."""
    vehicle, ground = lander(legs=legs), plane(slope, azimuth)
    state = at(1.0 + above, q=turned("xyz", turn))
    normal = np.array(ground)
    lowest = (pads(state, vehicle) @ normal).min()
    found = pad_clearance(state, ground, vehicle)
    bound = clearance(state.r, ground) - vehicle.pad_radius - vehicle.cg_height
    assert found == pytest.approx(lowest if bound <= 0.0 else bound, abs=1e-12)
    assert found <= lowest + 1e-12
    assert (found > 0.0) or (lowest <= 1e-12)


@pytest.mark.parametrize(("about", "degrees", "axis"), [("x", 10.0, 1), ("y", -10.0, 0)])
def test_the_tilted_pads_touch_first(about, degrees, axis):
    """A roll lifts one side: contact comes earlier than upright by the pads that hang lower."""
    state = at(1.5, (0.0, 0.0, -2.0), q=turned(about, degrees))
    while pad_clearance(advance(state, 0.0, NO_TORQUE, LANDER, STILL, 0.05), LEVEL, LANDER) > 0.0:
        state = advance(state, 0.0, NO_TORQUE, LANDER, STILL, 0.05)
    dt = contact_time(state, 0.0, NO_TORQUE, LANDER, STILL, LEVEL, 0.05)
    state = advance(state, 0.0, NO_TORQUE, LANDER, STILL, dt)
    found = pads(state, LANDER)
    touching = found[:, 2] < 1e-6
    assert touching.sum() == 2
    assert np.ptp(found[touching][:, axis]) < 1e-9  # both on the same side
    reach = LANDER.pad_radius * math.cos(math.pi / 4.0) * math.sin(math.radians(10.0))
    upright = LANDER.cg_height * math.cos(math.radians(10.0))
    assert state.r.z == pytest.approx(upright + reach, abs=2e-6)


@given(
    st.floats(0.5, 80.0),
    st.floats(-5.0, 5.0),
    angles,
    st.floats(0.0, 1.0),
    slopes,
    azimuths,
)
def test_the_instant_of_contact_is_found_to_a_micrometre(
    fall, drift, turn, throttle, slope, azimuth
):
    ground, command = plane(slope, azimuth), 1600.0 * throttle
    state = at(
        3.0, (drift, 0.0, -fall), q=turned("xyz", turn), omega=Vec3(0.2, -0.1, 0.1), thrust=500.0
    )
    torque = Vec3(20.0, -10.0, 0.0)
    start = pad_clearance(state, ground, LANDER)
    # So high that the contact falls somewhere inside the tick.
    state = state._replace(r=Vec3(0.0, 0.0, 3.0 - (start - 0.02 * fall) / ground.normal_z))
    after = advance(state, command, torque, LANDER, SITE, 0.05)
    assume(pad_clearance(state, ground, LANDER) > 0.0 >= pad_clearance(after, ground, LANDER))
    dt = contact_time(state, command, torque, LANDER, SITE, ground, 0.05)
    assert 0.0 < dt <= 0.05
    touching = advance(state, command, torque, LANDER, SITE, dt)
    assert abs(pad_clearance(touching, ground, LANDER)) < 1e-6


def test_a_lander_on_the_ground_is_in_contact_at_once():
    state = at(LANDER.cg_height - 0.01, (0.0, 0.0, -1.0))
    assert contact_time(state, 0.0, NO_TORQUE, LANDER, SITE, LEVEL, 0.05) == 0.0


def test_height_is_that_of_the_pads_above_the_ground_below():
    ground = plane(10.0, 90.0)
    state = at(100.0, r=Vec3(50.0, 0.0, 100.0))
    expected = 100.0 - 1.0 - 50.0 * math.tan(math.radians(10.0))
    assert height_above_ground(state, ground, LANDER) == pytest.approx(expected)


def test_touchdown_is_judged_by_speeds_rates_and_the_local_normal():
    state = at(1.0, (0.3, -0.4, -1.5), omega=Vec3(0.03, 0.0, -0.04))
    for slope, azimuth in ((0.0, 0.0), (7.0, 0.0), (12.0, 215.0)):
        found = touchdown_motion(state, plane(slope, azimuth))
        assert found.v_vertical == pytest.approx(1.5)
        assert found.v_lateral == pytest.approx(0.5)
        assert found.rate == pytest.approx(0.05)
        assert math.degrees(found.tilt) == pytest.approx(slope, abs=1e-6)


def test_leaning_with_the_slope_is_no_tilt():
    """Ground that rises to the north by 8 degrees, body leaning back by the same."""
    state = at(q=turned("x", 8.0))
    assert math.degrees(touchdown_motion(state, plane(8.0, 0.0)).tilt) < 1e-5
    assert math.degrees(touchdown_motion(state, plane(8.0, 180.0)).tilt) == pytest.approx(16.0)


@pytest.mark.parametrize("broken", ["v_vertical", "v_lateral", "tilt", "rate"])
def test_every_limit_counts_alone(broken):
    limits = Limits(3.0, 1.0, 0.2, 0.1)
    touchdown = touchdown_motion(at(1.0, (0.9, 0.0, -2.9), omega=Vec3(0.09, 0.0, 0.0)), LEVEL)
    assert within(touchdown, limits)
    assert within(touchdown._replace(**{broken: getattr(limits, broken)}), limits)
    assert not within(touchdown._replace(**{broken: getattr(limits, broken) + 1e-9}), limits)
