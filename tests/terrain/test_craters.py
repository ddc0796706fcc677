"""Craters against the laws of their numbers and shapes."""

import math

import numpy as np
import pytest

from lunar_env.specs.loader import load_terrain
from lunar_env.terrain import Craters
from lunar_env.terrain.craters import SATURATION, Catalogue, density_above, draw, stamp
from tests.terrain.grounds import MARE

LAW = MARE.craters


def catalogues(sizes, width, count=40, law=LAW):
    drawn = [draw(law, width, sizes, np.random.default_rng(seed)) for seed in range(count)]
    return Catalogue(*map(np.concatenate, zip(*drawn, strict=True)))


@pytest.mark.parametrize(
    ("sizes", "width"), [((1.0, 16.0), 64.0), ((16.0, 256.0), 1024.0), ((256.0, 4e3), 16384.0)]
)
def test_cumulative_counts_follow_the_size_frequency_law(sizes, width):
    tiles = 40
    found = catalogues(sizes, width, tiles)
    area = tiles * width**2
    for diameter in np.geomspace(sizes[0], 0.5 * sizes[1], 8):
        expected = area * float(density_above(LAW, diameter) - density_above(LAW, sizes[1]))
        counted = np.count_nonzero(found.diameter_m > diameter)
        assert counted == pytest.approx(expected, abs=4.0 * math.sqrt(expected) + 1.0)
    assert found.diameter_m.min() >= sizes[0]
    assert found.diameter_m.max() <= sizes[1]


@pytest.mark.parametrize("name", ["mare", "highland", "polar"])
def test_small_craters_are_a_few_percent_of_saturation(name):
    law = load_terrain(name).parameters.craters
    for diameter in (1.0, 10.0, 100.0):
        share = float(density_above(law, np.array(diameter))) * diameter**2 / SATURATION
        assert 0.01 - 1e-9 < share < 0.03 + 1e-9


def test_large_craters_follow_the_production_function():
    ratio = density_above(LAW, np.array([300.0, 3000.0]))
    assert math.log10(ratio[0] / ratio[1]) == pytest.approx(2.8)
    below, above = density_above(LAW, np.array([150.0 - 1e-6, 150.0 + 1e-6]))
    assert below == pytest.approx(above, rel=1e-6)


def test_depth_over_diameter_is_uniform_between_worn_and_fresh():
    found = catalogues((1.0, 16.0), 64.0)
    ratio = found.depth_m / found.diameter_m
    assert ratio.min() >= LAW.depth_low
    assert ratio.max() <= LAW.depth_high
    spread = np.quantile((ratio - LAW.depth_low) / (LAW.depth_high - LAW.depth_low), [0.25, 0.75])
    np.testing.assert_allclose(spread, [0.25, 0.75], atol=0.03)
    # Neither shapes nor places go with size.
    for column in (ratio, found.east_m, found.north_m):
        assert abs(np.corrcoef(column, np.log(found.diameter_m))[0, 1]) < 0.05
    fresh = np.argmax(ratio)
    assert found.rim_height_m[fresh] / found.diameter_m[fresh] == pytest.approx(0.04, rel=0.02)
    assert found.degradation[fresh] == pytest.approx(0.0, abs=0.02)
    assert found.degradation[np.argmin(ratio)] == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize("worn", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("place", [(128.0, 128.0), (0.0, 255.6), (3.3, 100.0)])
def test_a_stamped_crater_has_its_diameter_depth_and_rim(place, worn):
    tile = np.zeros((256, 256))
    diameter, depth, rim = 40.0, 4.0, 1.2
    row = np.array([[place[0]], [place[1]], [diameter], [depth], [rim], [worn]])
    stamp(tile, 1.0, Catalogue(*row))
    assert tile.max() == pytest.approx(rim, rel=0.05)
    assert tile.max() - tile.min() == pytest.approx(depth, rel=0.03)
    # Around the edges: distance from the centre on the torus.
    offsets = [np.mod(np.arange(256) - p + 128.0, 256.0) - 128.0 for p in place]
    distance = np.hypot(offsets[0][None, :], offsets[1][:, None])
    assert distance.ravel()[np.argmin(tile)] < 1.0
    crest = distance[tile > 0.97 * rim]
    assert crest.mean() == pytest.approx(0.5 * diameter, rel=0.05)
    assert np.abs(tile[distance > 4.0 * 0.5 * diameter]).max() == 0.0


def test_no_craters_without_density_or_room():
    bare = Craters(0.0, 150.0, 2.8, 16e3, 0.04, 0.13, 0.04)
    rng = np.random.default_rng(0)
    assert draw(bare, 64.0, (1.0, 16.0), rng).diameter_m.size == 0
    assert draw(LAW, 64.0, (20e3, 30e3), rng).diameter_m.size == 0
