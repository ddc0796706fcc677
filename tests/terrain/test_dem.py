"""Measured ground: files of known shape, read back as the kernels see them."""

import hashlib
import math
from pathlib import Path

import numpy as np
import pytest

from lunar_env.errors import ConfigError, MissingExtra
from lunar_env.kernel.linalg import Vec3
from lunar_env.physics.terrain import site_place
from lunar_env.terrain import build, load_dem
from lunar_env.terrain.dem import to_latitude_longitude
from lunar_env.terrain.raster import Raster, read_ascii_grid
from tests.terrain.grounds import MARE, RADIUS, SITE, elevations, rows

# rasterio's own use of affine 3.
pytestmark = pytest.mark.filterwarnings("ignore:Use `@` matmul:PendingDeprecationWarning")

LATITUDE, LONGITUDE = -85.0, 30.0
CELL, CELLS = 20.0, 256
STEREOGRAPHIC = f"+proj=stere +lat_0=-90 +lon_0=0 +k=1 +x_0=0 +y_0=0 +R={RADIUS} +units=m +no_defs"
WHERE = (LATITUDE, LONGITUDE)


def hill(east, north):
    """A broad hill north-east of the target and a pit south of it."""
    return 80.0 * np.exp(-((east - 600.0) ** 2 + (north - 300.0) ** 2) / 400.0**2) - 30.0 * np.exp(
        -(east**2 + (north + 500.0) ** 2) / 250.0**2
    )


def digest(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def load(path, where=WHERE, cell=CELL, cells=CELLS):
    return load_dem(str(path), digest(path), *where, cell, cells)


def write_ascii(path, step=10.0, size=700, gap=False):
    x = (np.arange(size) + 0.5 - size / 2) * step
    z = hill(x[None, :], x[::-1, None])
    if gap:
        z[:5, :7] = -9999.0
    head = f"ncols {size}\nnrows {size}\nxllcorner {-size * step / 2}\nyllcorner {-size * step / 2}"
    rest = f"cellsize {step}\nNODATA_value -9999\n"
    rows_ = "\n".join(" ".join(f"{v:.4f}" for v in row) for row in z)
    path.write_text(f"{head}\n{rest}{rows_}\n", encoding="ascii")
    return path


def seen(measured, east, north):
    """Ground as a point sees it, with the target's elevation taken off and no finer relief."""
    tiles, terrain = build(MARE, (), measured)
    tiles = tiles.copy()
    tiles[:-1] = 0.0
    return elevations(tiles, terrain, rows((tiles, terrain), 5), east, north, 0.0)


def assert_is_the_hill(measured, atol):
    east, north = np.random.default_rng(0).uniform(-1500.0, 1500.0, (2, 2000))
    expected = hill(east, north) - hill(0.0, 0.0)
    np.testing.assert_allclose(seen(measured, east, north), expected, atol=atol)


def test_an_ascii_grid_is_read_where_it_lies(tmp_path):
    measured = load(write_ascii(tmp_path / "hill.asc"))
    assert measured.tile.shape == (CELLS, CELLS)
    assert_is_the_hill(measured, atol=0.3)


def test_the_window_fades_out_without_a_seam(tmp_path):
    tile = load(write_ascii(tmp_path / "hill.asc")).tile
    middle = CELLS // 2
    np.testing.assert_allclose(tile[middle], 0.0, atol=1e-6)
    np.testing.assert_allclose(tile[:, middle], 0.0, atol=1e-6)
    assert np.abs(np.diff(tile, axis=0)).max() < 8.0


def test_gaps_are_level_and_a_target_in_one_is_refused(tmp_path):
    path = write_ascii(tmp_path / "gap.asc", gap=True)
    raster = read_ascii_grid(path)
    assert np.isnan(raster.heights[:5, :7]).all()
    assert np.isfinite(raster.heights).mean() > 0.99
    assert np.isfinite(load(path).tile).all()
    small = write_ascii(tmp_path / "small.asc", size=150)
    with pytest.raises(ConfigError, match=r"covers 9% of the window"):
        load(small)


def test_the_file_must_be_the_one_meant(tmp_path):
    path = write_ascii(tmp_path / "hill.asc", size=20)
    with pytest.raises(ConfigError, match=f"has sha256 '{digest(path)}'"):
        load_dem(str(path), "0" * 64, *WHERE, CELL, CELLS)
    with pytest.raises(ConfigError, match="cannot be read"):
        load_dem(str(tmp_path / "none.asc"), "0" * 64, *WHERE, CELL, CELLS)


@pytest.mark.parametrize("text", ["", "ncols 3\n", "ncols 2\nnrows 2\na 1\nb 2\nc 3\nd 4\n1 2 3 4"])
def test_what_is_not_a_grid_is_refused(tmp_path, text):
    path = tmp_path / "bad.asc"
    path.write_text(text, encoding="ascii")
    with pytest.raises(ConfigError, match="is not an ESRI ASCII grid"):
        load(path)


def test_sampling_is_bilinear_and_nan_outside():
    raster = Raster(np.array([[0.0, 1.0], [2.0, 3.0]]), 10.0, 5.0, 2.0, -1.0)
    x, y = np.array([10.0, 12.0, 11.0, 9.9]), np.array([5.0, 4.0, 4.5, 5.0])
    np.testing.assert_allclose(raster.sample(x, y), [0.0, 3.0, 1.5, np.nan])


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
        place = site_place(Vec3(*local[:, k]), SITE)
        np.testing.assert_allclose(place, (east[k], north[k], 0.0), rtol=1e-9, atol=1e-6)


def test_other_formats_need_the_extra(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "rasterio", None)
    path = tmp_path / "ground.tif"
    path.write_bytes(b"II*\x00")
    with pytest.raises(MissingExtra, match=r"lunar-env\[dem\]"):
        load(path)


@pytest.fixture
def rasterio():
    return pytest.importorskip("rasterio", reason="needs the extra dem: pip install lunar-env[dem]")


def places_of(latitude, longitude):
    """East and north of the target, by spherical trigonometry."""
    phi, lam = np.radians(latitude), np.radians(longitude - LONGITUDE)
    phi0 = math.radians(LATITUDE)
    x, y = (
        np.cos(phi) * np.sin(lam),
        np.cos(phi0) * np.sin(phi) - np.sin(phi0) * np.cos(phi) * np.cos(lam),
    )
    cosine = np.sin(phi0) * np.sin(phi) + np.cos(phi0) * np.cos(phi) * np.cos(lam)
    angle = np.arctan2(np.hypot(x, y), cosine)
    scale = RADIUS * np.where(angle > 0.0, angle / np.sin(np.maximum(angle, 1e-12)), 1.0)
    return scale * x, scale * y


@pytest.mark.parametrize("step", [10.0, 5.0])
def test_a_polar_stereographic_tiff_is_read_where_it_lies(tmp_path, rasterio, step):
    from rasterio.transform import from_origin
    from rasterio.warp import transform

    moon = f"+proj=longlat +R={RADIUS} +no_defs"
    (x0,), (y0,) = transform(moon, STEREOGRAPHIC, [LONGITUDE], [LATITUDE])
    size = round(8000.0 / step)
    grid = from_origin(x0 - 4000.0, y0 + 4000.0, step, step)
    x = x0 - 4000.0 + (np.arange(size) + 0.5) * step
    y = y0 + 4000.0 - (np.arange(size) + 0.5) * step
    xx, yy = np.meshgrid(x, y)
    lon, lat = transform(STEREOGRAPHIC, moon, xx.ravel(), yy.ravel())
    z = hill(*places_of(np.array(lat), np.array(lon))).reshape(size, size).astype(np.float32)
    path = tmp_path / "polar.tif"
    with rasterio.open(
        path, "w", driver="GTiff", width=size, height=size, count=1, crs=STEREOGRAPHIC,
        transform=grid, dtype="float32",
    ) as dataset:  # fmt: skip
        dataset.write(z, 1)
    assert_is_the_hill(load(path), atol=0.5)


@pytest.mark.parametrize("left", [0.0, -180.0])
def test_degrees_scale_offset_and_gaps_are_understood(tmp_path, rasterio, left):
    """Whole numbers of half metres above an offset, as LOLA's grids have, in degrees."""
    from rasterio.transform import from_origin

    where = (20.0, -15.0)
    step = 1.0 / 512.0
    west = (where[1] - 0.25 - left) % 360.0 + left
    grid = from_origin(west, where[0] + 0.25, step, step)
    offset = (np.arange(256) + 0.5) * step - 0.25
    metre = math.radians(1.0) * RADIUS
    z = hill(offset[None, :] * metre * math.cos(math.radians(where[0])), -offset[:, None] * metre)
    whole = np.round((z - 1000.0) / 0.5).astype(np.int16)
    whole[0, 0] = -32768
    path = tmp_path / "degrees.tif"
    with rasterio.open(
        path, "w", driver="GTiff", width=256, height=256, count=1, transform=grid,
        crs=f"+proj=longlat +R={RADIUS} +no_defs", dtype="int16", nodata=-32768,
    ) as dataset:  # fmt: skip
        dataset.write(whole, 1)
        dataset.scales, dataset.offsets = (0.5,), (1000.0,)
    measured = load(path, where, 40.0)
    east, north = np.random.default_rng(0).uniform(-1500.0, 1500.0, (2, 2000))
    # Half metres, cells of 59 m, and meridians that are not parallel.
    expected = hill(east, north) - hill(0.0, 0.0)
    np.testing.assert_allclose(seen(measured, east, north), expected, atol=2.5)


def test_a_tiff_elsewhere_is_refused(tmp_path, rasterio):
    from rasterio.transform import from_origin

    path = tmp_path / "elsewhere.tif"
    with rasterio.open(
        path, "w", driver="GTiff", width=64, height=64, count=1, dtype="float32",
        transform=from_origin(100.0, 50.0, 0.01, 0.01),
        crs=f"+proj=longlat +R={RADIUS} +no_defs",
    ) as dataset:  # fmt: skip
        dataset.write(np.ones((64, 64), dtype=np.float32), 1)
    with pytest.raises(ConfigError, match="does not cover the window"):
        load(path)
    path.write_bytes(b"not a picture")
    with pytest.raises(ConfigError, match="cannot be read"):
        load(path)
