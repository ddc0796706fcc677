"""Beams to the ground, against closed forms and brute force."""

import math

import numpy as np
import pytest

from lunar_env.kernel.linalg import Vec3
from lunar_env.physics.rows import Lander
from lunar_env.physics.site import vertical
from lunar_env.physics.terrain import RAY_TOLERANCE, RAY_TOLERANCE_SHARE, height_above, slant_range
from lunar_env.terrain import Hillside, build, inclined
from tests.terrain.grounds import (
    FLAT,
    HIGHLAND,
    MARE,
    RADIUS,
    RIM,
    ROW,
    SITE,
    above_map,
    beam,
    cast,
    elevations,
    march,
    rows,
)


@pytest.mark.parametrize("tilt_deg", [0.0, 5.0, 40.0, 70.0, 85.0])
@pytest.mark.parametrize("height", [0.3, 100.0, 2e4])
def test_range_to_a_sphere_agrees_with_the_closed_form(tilt_deg, height):
    direction = beam(math.radians(tilt_deg), 1.0)
    hit = slant_range(
        Lander(rows(FLAT), *FLAT, ROW), Vec3(0.0, 0.0, height), direction, SITE, 1e-3, 1e6
    )
    along = direction.z * (RADIUS + height)
    under_root = along**2 - height * (2.0 * RADIUS + height)
    if under_root < 0.0:  # past the horizon
        assert hit.range == math.inf
        return
    expected = -along - math.sqrt(under_root)
    assert hit.range == pytest.approx(expected, rel=2e-5)
    there = Vec3(*(hit.range * d for d in direction[:2]), height + hit.range * direction.z)
    assert hit.cosine == pytest.approx(-np.dot(vertical(there, SITE), direction), rel=2e-5)


@pytest.mark.parametrize(("slope_deg", "azimuth_deg"), [(12.0, 30.0), (25.0, 200.0)])
def test_range_to_a_slope_agrees_with_a_plane(slope_deg, azimuth_deg):
    slope, azimuth = math.radians(slope_deg), math.radians(azimuth_deg)
    ground = inclined(slope, azimuth)
    normal = np.array(
        [-math.sin(slope) * math.sin(azimuth), -math.sin(slope) * math.cos(azimuth),
         math.cos(slope)]
    )  # fmt: skip
    for tilt in (0.0, 0.2, 0.8):
        direction = beam(tilt, 2.0)
        hit = slant_range(
            Lander(rows(ground), *ground, ROW), Vec3(0.0, 0.0, 50.0), direction, SITE, 0.0, 1e3
        )
        cosine = -normal @ np.array(direction)
        # A plane on the map follows the sphere, by less than 3 mm within 100 m.
        assert hit.range == pytest.approx(50.0 * normal[2] / cosine, abs=0.01)
        assert hit.cosine == pytest.approx(cosine, abs=1e-4)
        np.testing.assert_allclose(hit.normal, normal, atol=1e-4)


def test_beams_that_miss_or_are_too_short_return_no_range():
    memory, high = rows(FLAT), Vec3(0.0, 0.0, 500.0)
    for direction, reach in ((beam(3.0, 0.0), 1e5), (beam(math.pi / 2, 0.0), 1e4),
                             (beam(0.0, 0.0), 499.0)):  # fmt: skip
        hit = slant_range(Lander(memory, *FLAT, ROW), high, direction, SITE, 1e-3, reach)
        assert (hit.range, hit.cosine) == (math.inf, 0.0)
    assert (
        slant_range(Lander(memory, *FLAT, ROW), high, beam(0.0, 0.0), SITE, 1e-3, 501.0).range
        == 500.0
    )


def test_a_level_beam_hits_a_mountain_but_misses_the_sphere():
    hill = Hillside(0.0, 0.0, 30.0, 90.0, 300.0)  # rises to 173 m in the east
    tiles, terrain = FLAT[0], build(MARE, (hill,))[1]
    memory, level = rows(FLAT), beam(math.pi / 2, math.pi / 2)
    hit = slant_range(
        Lander(memory, tiles, terrain, ROW), Vec3(0.0, 0.0, 100.0), level, SITE, 0.0, 5e3
    )
    reach = math.tan(math.radians(30.0)) * 300.0
    assert hit.range == pytest.approx(300.0 * math.atanh(100.0 / reach), abs=0.1)
    away = beam(math.pi / 2, -math.pi / 2)
    assert (
        slant_range(
            Lander(memory, tiles, terrain, ROW), Vec3(0.0, 0.0, 100.0), away, SITE, 0.0, 5e3
        ).range
        == math.inf
    )
    inside = slant_range(
        Lander(memory, tiles, terrain, ROW), Vec3(0.0, 0.0, -5.0), level, SITE, 0.0, 5e3
    )
    assert inside.range == 0.0
    assert inside.cosine > 0.0


def starts(ground, memory, count, heights, tilt_deg, seed):
    """Points over the ground, evenly in the logarithm of height, and beams down from them."""
    rng = np.random.default_rng(seed)
    east, north = rng.uniform(-3e3, 3e3, (2, count))
    under = elevations(*ground, memory, east, north, 0.0)
    up = under + np.exp(rng.uniform(*np.log(heights), count))
    origins = np.array([above_map(*place) for place in zip(east, north, up, strict=True)])
    tilts, azimuths = np.radians(rng.uniform(0.0, tilt_deg, count)), rng.uniform(0.0, 7.0, count)
    beams = np.array([beam(t, a) for t, a in zip(tilts, azimuths, strict=True)])
    return origins, beams


@pytest.mark.parametrize(
    ("heights", "tilt_deg", "step"), [((1.0, 30.0), 70.0, 0.01), ((30.0, 6e3), 60.0, 0.2)]
)
@pytest.mark.parametrize("divergence", [0.0, 1e-3, 0.05])
@pytest.mark.parametrize("parameters", [MARE, HIGHLAND], ids=["mare", "highland"])
def test_a_beam_ends_at_its_first_intersection_with_the_ground(
    parameters, divergence, heights, tilt_deg, step
):
    ground = build(parameters, RIM)
    memory = rows(ground, 32)
    origins, beams = starts(ground, memory, 80, heights, tilt_deg, seed=11)
    reach = cast(*ground, memory, origins, beams, divergence, 3e4)
    assert np.isfinite(reach).all()
    lowest, last = march(*ground, memory, origins, beams, divergence, reach, step)
    tolerance = np.maximum(RAY_TOLERANCE, RAY_TOLERANCE_SHARE * divergence * reach)
    assert (lowest > -tolerance).all()
    assert (np.abs(last) < 1.5 * tolerance).all()


def test_near_vertical_beams_agree_with_the_height_below():
    ground = build(HIGHLAND)
    memory = rows(ground, 32)
    origins, beams = starts(ground, memory, 300, (5.0, 5e3), 0.0, seed=3)
    reach = cast(*ground, memory, origins, beams, 0.0, 3e4)
    below = [
        height_above(Lander(memory, *ground, np.int64(k % 32)), Vec3(*r), SITE, 0.0)
        for k, r in enumerate(origins)
    ]
    # Beams point along the target's vertical, which leans by up to 3 km / R where they are.
    np.testing.assert_allclose(reach, below, rtol=5e-3, atol=0.1)
