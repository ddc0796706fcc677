"""Tiles as a whole: periodic, repeatable, bounded; and the header that goes with them."""

import time
from dataclasses import replace

import numpy as np
import pytest

from lunar_env.physics.landforms import FEATURES, FIXED, MAX_FEATURES, MAX_SLOPE, SCALE, SPAN
from lunar_env.physics.rows import BANDS
from lunar_env.terrain import Crater, MeasuredGround, build, flat, inclined
from lunar_env.terrain.build import CELLS_M, TILE_CELLS
from tests.terrain.grounds import HIGHLAND, MARE, elevations, rows


def test_tiles_have_no_seam():
    """Steps across the edge are as those inside."""
    for tile in build(HIGHLAND)[0]:
        for z in (tile, tile.T):
            inside = np.abs(np.diff(z, axis=0))
            edge = np.abs(z[0] - z[-1])
            assert edge.max() <= inside.max()
            assert edge.mean() == pytest.approx(inside.mean(), rel=0.35)


@pytest.mark.parametrize("band", range(BANDS))
def test_a_band_repeats_after_its_width(band):
    tiles, terrain = build(MARE)
    alone = np.zeros_like(tiles)
    alone[band] = tiles[band]
    width = TILE_CELLS * CELLS_M[band]
    memory = rows((alone, terrain))
    rng = np.random.default_rng(band)
    east, north = rng.uniform(-0.5, 0.5, (2, 500)) * width
    here = elevations(alone, terrain, memory, east, north, 0.0)
    there = elevations(alone, terrain, memory, east + 3 * width, north - 2 * width, 0.0)
    np.testing.assert_allclose(there, here, atol=1e-6 * np.abs(tiles[band]).max())
    assert here.std() > 0.0


def test_the_sum_of_the_bands_does_not_repeat_nearby():
    ground = build(MARE)
    memory = rows(ground)
    east = np.linspace(0.0, 600.0, 400)
    here = elevations(*ground, memory, east, 0.0 * east, 0.0)
    for width in (TILE_CELLS * cell for cell in CELLS_M[:-1]):
        there = elevations(*ground, memory, east + width, 0.0 * east, 0.0)
        assert np.ptp(there - here) > 0.1 * np.ptp(here)


def test_the_ground_depends_on_parameters_and_seed():
    first = build(MARE)[0]
    assert build(MARE)[0] is first
    again = replace(MARE, seed=MARE.seed + 1)
    assert not np.array_equal(build(again)[0], first)
    # Made afresh, not remembered.
    from lunar_env.terrain.build import _make

    _make.cache_clear()
    np.testing.assert_array_equal(build(MARE)[0], first)


def test_ground_is_generated_within_half_a_second():
    build(MARE)  # imports and the spectrum
    start = time.process_time()
    build(replace(MARE, seed=4242))
    assert time.process_time() - start < 0.5


def test_the_header_has_the_values_that_kernels_need():
    crater = Crater(0.0, 0.0, 3000.0, 600.0, 100.0, 0.0, 0.0)
    tiles, terrain = build(MARE, (crater,))
    assert tiles.dtype == np.float32
    assert tiles.shape == (BANDS, 256, 256)
    np.testing.assert_array_equal(1.0 / terrain[SCALE : SCALE + BANDS], CELLS_M)
    assert not terrain[FIXED : FIXED + BANDS].any()
    assert terrain[FEATURES] == 1.0
    steep, span = terrain[MAX_SLOPE : MAX_SLOPE + BANDS + 1], terrain[SPAN : SPAN + BANDS + 1]
    assert (np.diff(steep) < 0.0).all()
    assert steep[-1] == pytest.approx(4.0 * 600.0 / 3000.0)
    np.testing.assert_allclose(np.diff(span), np.ptp(tiles, axis=(1, 2)), rtol=1e-6)
    np.testing.assert_allclose(tiles.mean(axis=(1, 2)), 0.0, atol=1e-4)


def test_level_ground_is_level_and_a_slope_slopes():
    tiles, terrain = flat()
    assert not tiles.any()
    assert terrain[MAX_SLOPE] == 0.0
    tiles, terrain = inclined(0.2, 1.0)
    x = np.array([0.0, 100.0, -100.0])
    z = elevations(tiles, terrain, rows((tiles, terrain)), x * np.sin(1.0), x * np.cos(1.0), 0.0)
    np.testing.assert_allclose(z, np.tan(0.2) * x, rtol=1e-9, atol=1e-9)
    assert terrain[MAX_SLOPE] == pytest.approx(np.tan(0.2))


def test_there_is_room_for_four_landforms():
    crater = Crater(0.0, 0.0, 3000.0, 600.0, 100.0, 0.0, 0.0)
    assert build(MARE, (crater,) * MAX_FEATURES)[1][FEATURES] == MAX_FEATURES
    with pytest.raises(ValueError, match="at most 4"):
        build(MARE, (crater,) * (MAX_FEATURES + 1))


def test_measured_ground_replaces_the_wavelengths_it_resolves():
    rng = np.random.default_rng(0)
    tile = rng.normal(size=(512, 512)).astype(np.float32)
    tiles, terrain = build(MARE, (), MeasuredGround(tile, 20.0))
    assert tiles.shape == (BANDS, 512, 512)
    np.testing.assert_array_equal(tiles[3], tile)
    assert tiles[0].any()  # 0.5 to 16 m: finer than 4 of its cells
    assert tiles[1].any()  # 16 to 80 m of 16 to 256 m
    assert tiles[1].std() < build(MARE)[0][1].std()
    assert not tiles[2].any()
    memory = rows((tiles, terrain), 3)
    # It lies where it is: row 7 from the south, column 5 from the west of the target.
    there = elevations(tiles, terrain, memory, np.full(3, 100.0), np.full(3, 140.0), 8.0 * 4.0 * 4)
    base = elevations(tiles, terrain, memory, np.zeros(3), np.zeros(3), 8.0 * 4.0 * 4)
    np.testing.assert_allclose(there - base, tile[7, 5] - tile[0, 0], atol=1e-5)
