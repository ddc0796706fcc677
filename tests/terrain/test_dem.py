"""Measured ground: files of known shape, read back as the kernels see them."""

import math
import os
import subprocess
import sys

import numpy as np
import pytest

from lunar_env.errors import ConfigError, MissingExtra
from lunar_env.kernel.linalg import Vec3
from lunar_env.physics.site import map_position
from lunar_env.terrain import build, load_dem
from lunar_env.terrain.dem import to_latitude_longitude
from lunar_env.terrain.gaps import fill_gaps
from lunar_env.terrain.raster import Raster
from tests.terrain.dem_files import (
    CELL,
    CELLS,
    LATITUDE,
    LONGITUDE,
    WHERE,
    assert_same_relief,
    digest,
    expected,
    hill,
    load,
    middle,
    write_ascii,
)
from tests.terrain.grounds import MARE, RADIUS, SITE, elevations, rows


def seen(measured, east, north):
    """Ground as a point sees it, with the target's elevation taken off and no finer relief."""
    tiles, terrain = build(MARE, (), measured)
    tiles = tiles.copy()
    tiles[:-1] = 0.0
    return elevations(tiles, terrain, rows((tiles, terrain), 5), east, north, 0.0)


def test_kernels_return_the_elevations_of_a_file(tmp_path):
    measured = load(write_ascii(tmp_path / "hill.asc"))
    assert measured.tile.shape == (CELLS, CELLS)
    east, north = np.random.default_rng(0).uniform(-1500.0, 1500.0, (2, 2000))
    relief = hill(east, north) - hill(0.0, 0.0)
    np.testing.assert_allclose(seen(measured, east, north), relief, atol=0.3)


def test_the_window_blends_out_without_a_step(tmp_path):
    tile = load(write_ascii(tmp_path / "hill.asc")).tile
    edge = CELLS // 2
    np.testing.assert_allclose(tile[edge], 0.0, atol=1e-6)
    np.testing.assert_allclose(tile[:, edge], 0.0, atol=1e-6)
    assert np.abs(np.diff(tile, axis=0)).max() < 8.0


def test_gaps_continue_the_ground_around_them(tmp_path):
    """A plane with holes and a missing side: right beside a gap, and without walls in it."""

    def plane(east, north):
        return 0.1 * east - 0.05 * north

    def gap(east, north, wider=0.0):
        hole = np.hypot(east - 500.0, north - 500.0) < 300.0 + wider
        return hole | (east < -1700.0 + wider)

    path = write_ascii(tmp_path / "holes.asc", relief=plane, gap=gap)
    heights = middle(load(path))
    error = heights - expected(plane)
    error -= error[len(error) // 2, len(error) // 2]
    far = ~expected(lambda east, north: gap(east, north, wider=2 * CELL))
    np.testing.assert_allclose(error[far], 0.0, atol=1e-3)
    assert np.abs(error).max() < 40.0
    # The plane rises by 2 m a cell; across half a hole it may make up for 300 m of it.
    assert np.abs(np.diff(heights, axis=1)).max() < 6.0
    assert np.abs(np.diff(heights, axis=0)).max() < 6.0


def test_filling_gaps_keeps_known_values_and_their_range():
    rng = np.random.default_rng(3)
    heights = rng.normal(size=(64, 64))
    np.testing.assert_array_equal(fill_gaps(heights), heights)
    holed = np.where(rng.random(heights.shape) < 0.9, np.nan, heights)
    filled = fill_gaps(holed)
    known = np.isfinite(holed)
    np.testing.assert_array_equal(filled[known], holed[known])
    assert np.nanmin(holed) <= filled.min() <= filled.max() <= np.nanmax(holed)
    single = np.full((8, 8), np.nan)
    single[2, 5] = 7.0
    np.testing.assert_array_equal(fill_gaps(single), 7.0)


def test_a_window_without_measurements_is_an_error(tmp_path):
    small = write_ascii(tmp_path / "small.asc", size=150)
    with pytest.raises(ConfigError, match=r"covers 9% of the window of 5120 m .* and the target"):
        load(small)
    holed = write_ascii(tmp_path / "hole.asc", gap=lambda east, north: np.hypot(east, north) < 50.0)
    with pytest.raises(ConfigError, match=r"covers 100% .* and not the target, must cover 50%"):
        load(holed)
    away = write_ascii(tmp_path / "away.asc", size=30, left=1e6)
    with pytest.raises(
        ConfigError, match=r"covers 0% .* choose a smaller window .* in metres east"
    ):
        load(away)


def test_a_file_with_another_digest_is_an_error(tmp_path):
    path = write_ascii(tmp_path / "hill.asc", size=20)
    with pytest.raises(ConfigError, match=f"hill.asc: has sha256 '{digest(path)}'"):
        load_dem(str(path), "0" * 64, *WHERE, CELL, CELLS)
    with pytest.raises(ConfigError, match=r"none.asc: cannot be read: No such file"):
        load_dem(str(tmp_path / "none.asc"), "0" * 64, *WHERE, CELL, CELLS)


@pytest.mark.parametrize("kind", ["pipe", "directory"])
@pytest.mark.parametrize("suffix", ["asc", "tif"])
def test_a_path_that_is_not_a_file_is_an_error_without_waiting(tmp_path, kind, suffix):
    path = tmp_path / f"{kind}.{suffix}"
    path.mkdir() if kind == "directory" else os.mkfifo(path)
    with pytest.raises(ConfigError, match="not a file"):
        load_dem(str(path), "0" * 64, *WHERE, CELL, CELLS)


MEMORY = """
import hashlib, resource, sys
from lunar_env.terrain import load_dem

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

before = peak()
with open(sys.argv[1], "rb") as file:
    sha256 = hashlib.file_digest(file, "sha256").hexdigest()
tile = load_dem(sys.argv[1], sha256, 0.0, 0.0, 20.0, 256).tile
print(peak() - before, tile.min(), tile.max())
"""


def test_memory_does_not_grow_with_the_file(tmp_path):
    """A map of a gigabyte: its digest is streamed, and the window alone is read."""
    import rasterio
    from rasterio.transform import from_origin
    from rasterio.windows import Window

    path = tmp_path / "large.tif"
    size, step = 16_000, 20.0
    with rasterio.open(
        path, "w", driver="GTiff", width=size, height=size, count=1, dtype="float32",
        transform=from_origin(-size * step / 2, size * step / 2, step, step), SPARSE_OK=True,
    ) as dataset:  # fmt: skip
        peak = np.full((10, 10), 50.0, dtype=np.float32)
        dataset.write(peak, 1, window=Window(size // 2, size // 2, 10, 10))
    with path.open("r+b") as file:  # a hole that takes no place on the disk
        file.truncate(1_000_000_000)
    printed = subprocess.run(
        [sys.executable, "-c", MEMORY, path], check=True, capture_output=True, text=True
    ).stdout
    grown_mb, lowest, highest = map(float, printed.split())
    assert highest - lowest == pytest.approx(50.0)
    assert grown_mb < 250.0


def test_sampling_is_bilinear_and_nan_outside():
    raster = Raster(np.array([[0.0, 1.0], [2.0, 3.0]]), 10.0, 5.0, 2.0, -1.0)
    x = np.array([10.0, 12.0, 11.0, 9.1, 8.9, 11.0])
    y = np.array([5.0, 4.0, 4.5, 5.4, 5.0, 3.4])
    np.testing.assert_allclose(raster.sample(x, y), [0.0, 3.0, 1.5, 0.0, np.nan, np.nan])


def test_latitude_and_longitude_are_those_of_the_map():
    """Inverse of the kernels' map, through the axes of the Moon."""
    rng = np.random.default_rng(4)
    east, north = rng.uniform(-4e5, 4e5, (2, 50))
    latitude, longitude = map(np.radians, to_latitude_longitude(east, north, *WHERE))
    outward = np.array([
        np.cos(latitude) * np.cos(longitude), np.cos(latitude) * np.sin(longitude),
        np.sin(latitude),
    ])  # fmt: skip
    phi, lam = math.radians(LATITUDE), math.radians(LONGITUDE)
    axes = np.array([
        [-math.sin(lam), math.cos(lam), 0.0],
        [-math.sin(phi) * math.cos(lam), -math.sin(phi) * math.sin(lam), math.cos(phi)],
        [math.cos(phi) * math.cos(lam), math.cos(phi) * math.sin(lam), math.sin(phi)],
    ])  # fmt: skip
    local = RADIUS * (axes @ outward) - np.array([[0.0], [0.0], [RADIUS]])
    for k in range(50):
        place = map_position(Vec3(*local[:, k]), SITE)
        np.testing.assert_allclose(place, (east[k], north[k], 0.0), rtol=1e-9, atol=1e-6)


def test_other_formats_need_the_dem_extra(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "rasterio", None)
    path = tmp_path / "ground.tif"
    path.write_bytes(b"II*\x00")
    with pytest.raises(MissingExtra, match=r"lunar-env\[dem\]"):
        load(path)


def test_the_relief_does_not_depend_on_the_grid_spacing(tmp_path):
    for step in (5.0, 10.0, 20.0, 40.0):
        path = write_ascii(tmp_path / f"{step}.asc", step=step, size=round(7000.0 / step))
        assert_same_relief(load(path), hill, atol=0.15 * (1.0 + (step / 20.0) ** 2))
