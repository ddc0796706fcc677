"""Hulls that are no cylinders: a nose, and pads on one side to lie on."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from lunar_env.kernel.linalg import Vec3
from lunar_env.physics.gear import hull_point_position, low_hull_points
from lunar_env.physics.rows import HULL_POINTS, NOSE, RIM_POINTS
from tests.physics.stands import at, lander, normal, run, slope

PADS = {"side_x": 0.0, "side_y": 1.0, "side_height": 2.0, "side_half": 0.6}
# Narrow feet, the centre of mass above the widest part: it stands on nothing but its sides.
WHO = lander(
    **{"mass": 210.0, "legs": 3, "pad_radius": 0.1, "com": 1.2, "k": (0.8, 0.8, 0.6)},
    **{"hull_radius": 0.8, "hull_bottom": 0.9, "hull_top": 1.0},
    **{"hull_points": float(HULL_POINTS), "hull_nose": 2.4, "hull_reach": math.hypot(1.0, 0.6)},
    **PADS,
)


def fallen(lean_deg, azimuth_deg, degrees=0.0, seconds=25.0):
    """Attitude at rest of a lander that is let go with its top towards an azimuth from x to y."""
    a = math.radians(azimuth_deg)
    lean = Rotation.from_rotvec(math.radians(lean_deg) * np.array([-math.sin(a), math.cos(a), 0.0]))
    trace = run(WHO, at(WHO, height=0.1, attitude=lean), slope(degrees, 0.0), seconds, every=500)
    assert np.linalg.norm(trace.v[-1]) < 0.02
    return trace.attitude[-1]


def tilt_deg(attitude, degrees=0.0):
    """Angle between the body's axis and the normal of the ground."""
    return math.degrees(math.acos(attitude.apply([0.0, 0.0, 1.0]) @ normal(degrees, 0.0)))


def test_nose_and_pads_are_at_their_drawn_positions():
    com = Vec3(0.02, -0.01, 1.2)
    found = [
        np.array(hull_point_position(np.int64(h), com, WHO.gear)) + com for h in range(HULL_POINTS)
    ]
    np.testing.assert_allclose(found[NOSE], [0.0, 0.0, 2.4], atol=1e-14)
    pads = sorted(tuple(place) for place in found[NOSE + 1 :])
    np.testing.assert_allclose(pads, [(-0.6, 1.0, 2.0), (0.6, 1.0, 2.0)], atol=1e-14)


def test_only_low_points_are_checked_while_upright():
    assert low_hull_points(lander().gear) == RIM_POINTS
    assert low_hull_points(lander(hull_points=9.0).gear) == RIM_POINTS
    assert low_hull_points(WHO.gear) == HULL_POINTS


@pytest.mark.parametrize("degrees", [0.0, 10.0])
def test_tipped_towards_its_pads_a_lander_lies_on_pads_and_feet(degrees):
    """The line from the far pads of its feet to the pads of its side lies on the ground."""
    rest = tilt_deg(fallen(12.0, 90.0, degrees), degrees)
    # Feet stand at the corners of a triangle, one of them towards -x: two carry, 0.05 m off the
    # axis or on it.
    line = [90.0 - math.degrees(math.atan2(1.0 - foot, 2.0)) for foot in (-0.1, 0.1)]
    assert min(line) - 0.5 < rest < max(line) + 0.5


@pytest.mark.parametrize("azimuth", [-90.0, 0.0, 180.0])
def test_tipped_over_its_widest_part_a_lander_ends_on_its_nose(azimuth):
    """Down a slope it does not stop there; nose and two points of the rim carry it."""
    rest = tilt_deg(fallen(12.0, azimuth, 15.0), 15.0)
    across = 0.8 * math.cos(math.radians(45.0))
    assert rest == pytest.approx(90.0 + math.degrees(math.atan2(across, 2.4 - 1.0)), abs=1.0)


@pytest.mark.parametrize("speed", [0.5, 1.0, 2.0])
def test_a_hull_rebounds_with_no_more_than_a_fifth_of_its_speed(speed):
    """Of the elastic energy 4 % are left, so 0.2 of the speed, or the 0.1 m/s of a hull at rest.

    The lower rim reaches below the pads here, and falls without a turn.
    """
    who = lander(800.0, hull_bottom=-0.2, hull_radius=1.0)
    trace = run(who, at(who, height=0.2, v=(0.0, 0.0, -speed)), slope(0.0), 1.0)
    assert trace.v[:, 2].max() < 0.2 * speed + 0.1
    assert np.abs(trace.v[-1]).max() < 0.01
