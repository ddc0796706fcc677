"""Judging: the motion at first contact, limits, and how a lander lies in the end."""

import math

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from lunar_env.kernel.linalg import Vec3
from lunar_env.physics.relief import elevation, place_terrain
from lunar_env.physics.rows import CONTACT, POINT, POINT_WIDTH, POINTS, Lander
from lunar_env.physics.touchdown import (
    has_tipped,
    is_standing,
    max_stroke,
    mean_ground_normal,
    tilt_to,
    touchdown_motion,
    within_limits,
)
from lunar_env.physics.types import Limits
from lunar_env.terrain import build
from tests.physics.stands import ROW, SITE, at, lander, normal, row, slope, upright_on
from tests.terrain.grounds import HIGHLAND

WHO = lander()
UP = Vec3(0.0, 0.0, 1.0)


def as_vector(a):
    return Vec3(*map(float, a))


def test_touchdown_is_judged_by_speeds_rates_and_the_local_normal():
    state = at(WHO, 0.0, (0.3, -0.4, -1.5), omega=(0.03, 0.0, -0.04))
    for degrees, azimuth in ((0.0, 0.0), (7.0, 0.0), (12.0, 215.0)):
        found = touchdown_motion(state, as_vector(normal(degrees, azimuth)), SITE)
        assert found.v_vertical == pytest.approx(1.5)
        assert found.v_lateral == pytest.approx(0.5)
        assert found.rate == pytest.approx(0.05)
        assert math.degrees(found.tilt) == pytest.approx(degrees, abs=1e-6)


def test_tilt_is_relative_to_the_slope():
    state = at(WHO, attitude=Rotation.from_euler("x", 8.0, degrees=True))
    assert math.degrees(tilt_to(state, as_vector(normal(8.0, 0.0)))) < 1e-5
    assert math.degrees(tilt_to(state, as_vector(normal(8.0, 180.0)))) == pytest.approx(16.0)
    upside_down = at(WHO, attitude=Rotation.from_euler("x", 180.0, degrees=True))
    assert tilt_to(upside_down, UP) == pytest.approx(math.pi)


@pytest.mark.parametrize("broken", ["v_vertical", "v_lateral", "tilt", "rate"])
def test_every_touchdown_limit_is_checked_separately(broken):
    limits = Limits(3.0, 1.0, 0.2, 0.1)
    touchdown = touchdown_motion(at(WHO, 0.0, (0.9, 0.0, -2.9), omega=(0.09, 0.0, 0.0)), UP, SITE)
    assert within_limits(touchdown, limits)
    assert within_limits(touchdown._replace(**{broken: getattr(limits, broken)}), limits)
    assert not within_limits(touchdown._replace(**{broken: getattr(limits, broken) + 1e-9}), limits)


@pytest.mark.parametrize(("degrees", "azimuth"), [(0.0, 0.0), (12.0, 90.0), (20.0, 200.0)])
def test_the_normal_under_a_stance_is_that_of_the_slope(degrees, azimuth):
    state = at(WHO, 0.0, attitude=upright_on(degrees, azimuth))
    here = Lander(row(WHO, 0.6), *slope(degrees, azimuth), ROW)
    found = mean_ground_normal(here, state, SITE)
    np.testing.assert_allclose(found, normal(degrees, azimuth), atol=1e-5)


def test_on_rough_ground_a_stance_spans_the_pads():
    here = Lander(row(WHO, 0.6), *build(HIGHLAND), ROW)
    place_terrain(here, np.uint64(5))
    reach = WHO.gear.pad_radius
    heights = [
        elevation(here, **place)
        for place in (
            {"east": reach, "north": 0.0, "footprint": 0.25},
            {"east": -reach, "north": 0.0, "footprint": 0.25},
            {"east": 0.0, "north": reach, "footprint": 0.25},
            {"east": 0.0, "north": -reach, "footprint": 0.25},
        )
    ]
    rise = np.array([heights[0] - heights[1], heights[2] - heights[3]]) / (2.0 * reach)
    found = mean_ground_normal(here, at(WHO), SITE)
    np.testing.assert_allclose(np.array(found[:2]) / -found.z, rise, atol=1e-5)
    assert np.abs(rise).max() > 0.01


def test_the_intended_resting_attitude_is_recognised():
    stands, lies = WHO.gear, lander(rest_tilt_min=1.2, rest_tilt_max=3.2).gear
    assert is_standing(0.1, stands)
    assert not is_standing(0.5, stands)
    assert not is_standing(0.1, lies)
    assert is_standing(1.5, lies)


def test_a_lander_that_rolls_on_its_hull_is_tipped_after_ten_seconds():
    memory, gear = row(WHO, 0.6), WHO.gear
    meant = lander(rest_tilt_min=1.2, rest_tilt_max=3.2).gear
    assert not has_tipped(memory, ROW, 1.5, gear, 20.0)  # in the air it may yet come round
    memory[0, CONTACT.hull_touching] = 1.0
    assert not has_tipped(memory, ROW, 1.2, gear, 20.0)
    assert not has_tipped(memory, ROW, 1.5, meant, 20.0)
    assert not has_tipped(memory, ROW, 1.5, gear, 6.0)
    assert has_tipped(memory, ROW, 1.5, gear, 6.0)


def test_the_report_has_the_longest_stroke_of_all_legs():
    memory = row(WHO, 0.6)
    assert max_stroke(memory, ROW, WHO.gear) == 0.0
    memory[0, POINTS + 2 * POINT_WIDTH + POINT.crushed] = 0.3
    memory[0, POINTS + POINT_WIDTH + POINT.crushed] = 0.1
    assert max_stroke(memory, ROW, WHO.gear) == 0.3
