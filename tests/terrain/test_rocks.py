"""Rocks against the law of the area that they cover."""

import math
from dataclasses import replace

import numpy as np
import pytest

from lunar_env.specs.loader import load_terrain
from lunar_env.terrain import build
from lunar_env.terrain.rocks import Boulders, cover, draw, stamp
from tests.terrain.grounds import HIGHLAND

LAW = HIGHLAND.rocks


def test_the_area_under_rocks_falls_exponentially_with_diameter():
    tiles, width = 60, 64.0
    drawn = [draw(LAW, width, 16.0, np.random.default_rng(seed)) for seed in range(tiles)]
    diameter = np.concatenate([boulders.diameter_m for boulders in drawn])
    assert diameter.min() >= LAW.smallest_m
    for least in (0.3, 0.5, 1.0, 1.5):
        found = diameter[diameter >= least]
        share = 0.25 * math.pi * (found**2).sum() / (tiles * width**2)
        # Each rock is a draw of its own, large ones few.
        error = 0.25 * math.pi * math.sqrt((found**4).sum()) / (tiles * width**2)
        assert share == pytest.approx(float(cover(LAW, np.array(least))), abs=4.0 * error)


def test_the_rock_area_of_a_tile_follows_the_law():
    tiles, rocky = 20, 0
    for seed in range(tiles):
        tile = np.zeros((256, 256))
        stamp(tile, 0.25, draw(LAW, 64.0, 16.0, np.random.default_rng(seed)))
        rocky += np.count_nonzero(tile > 0.0)
    share = rocky / (tiles * 256**2)
    assert share == pytest.approx(float(cover(LAW, np.array(0.3))), rel=0.1)


def test_a_rock_is_half_an_ellipsoid():
    tile = np.zeros((256, 256))
    stamp(tile, 0.25, Boulders(*np.array([[0.0], [10.0], [4.0], [1.5]])))
    assert tile[40, 0] == pytest.approx(1.5)
    assert tile[40, 4] == tile[40, -4] == pytest.approx(1.5 * math.sqrt(1.0 - 0.25))
    assert np.count_nonzero(tile) == pytest.approx(math.pi * 8.0**2, rel=0.05)


def test_blocky_ground_has_more_rocks_than_a_mare():
    mare, polar = (load_terrain(name).parameters.rocks for name in ("mare", "polar"))
    least = np.array(0.3)
    assert cover(polar, least) > 2.0 * cover(mare, least)
    bare = replace(HIGHLAND, rocks=replace(LAW, area=0.0))
    difference = build(HIGHLAND)[0][0] - build(bare)[0][0]
    assert difference.max() > 0.3
