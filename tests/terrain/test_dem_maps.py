"""Where elevation models lie: projections, spacing of axes, seams, poles, other bodies."""

import math

import numpy as np
import pytest

from lunar_env.errors import ConfigError
from lunar_env.terrain.dem import to_latitude_longitude
from tests.terrain.dem_files import (
    CELL,
    LATITUDE,
    METRE,
    MOON,
    SOUTH,
    WHERE,
    assert_same_relief,
    degrees,
    hill,
    load,
    middle,
    places_of,
    projected,
    write,
)
from tests.terrain.grounds import RADIUS

RIDGE, APART = 10.0, 200.0  # m


def ridges(along):
    return 0.5 * RIDGE * np.sin(2.0 * np.pi * along / APART)


def height_of_ridges(measured):
    return 2.0 * math.sqrt(2.0) * middle(measured).std()


def about_the_ridge(step=CELL):
    """Straight lines between points cut off 1 - cos(pi step / length) of a wave at worst.

    A mean over a cell takes off 1.6 % besides.
    """
    loss = RIDGE * (1.016 - math.cos(math.pi * max(step, CELL) / APART))
    return pytest.approx(RIDGE, abs=loss)


@pytest.mark.parametrize("direction", ["east", "north"])
@pytest.mark.parametrize("latitude", [0.0, 60.0, 80.0, 84.8, -89.0])
def test_ridges_keep_their_height_at_every_latitude(tmp_path, latitude, direction):
    where = (latitude, 30.0)
    columns = math.ceil(300 / math.cos(math.radians(abs(latitude) + 0.1)))
    grid, lat, lon = degrees(where, CELL, 300, columns)
    east, north = places_of(lat, lon, where)
    z = ridges(east if direction == "east" else north).astype("float32")
    measured = load(write(tmp_path / "ridges.tif", z, grid), where)
    assert height_of_ridges(measured) == about_the_ridge()


@pytest.mark.parametrize(
    ("latitude", "axis"), [(75.0, "columns"), (89.0, "columns"), (60.0, "rows")]
)
def test_pixels_between_points_are_averaged_not_skipped(tmp_path, latitude, axis):
    """Every other column, or row, is 20 m high: the mean is level, each alone is not."""
    where = (latitude, 30.0)
    step = CELL if axis == "columns" else CELL / 4.0
    rows = round(6000.0 / step)
    columns = math.ceil(6000.0 / step / math.cos(math.radians(latitude + 0.1)))
    grid, lat, _ = degrees(where, step, rows, columns)
    k = np.arange(columns)[None, :] if axis == "columns" else np.arange(rows)[:, None]
    z = (20.0 * (k % 2) + 0.0 * lat).astype("float32")
    heights = middle(load(write(tmp_path / "comb.tif", z, grid), where))
    # 3.9 columns are at worst 0.05 away from the mean of two.
    assert np.abs(heights - heights.mean()).max() < 1.1


@pytest.mark.parametrize("step", [5.0, 10.0, 30.0])
@pytest.mark.parametrize("latitude", [LATITUDE, -20.0])
def test_polar_stereographic_maps_have_their_scale(tmp_path, step, latitude):
    """At 20 degrees south a metre of the ground has 1.49 of the map."""
    where = (latitude, 30.0)
    scale = 2.0 / (1.0 + math.sin(math.radians(-latitude)))
    grid, lat, lon = projected(SOUTH, where, step, round(7000.0 * scale / step))
    z = hill(*places_of(lat, lon, where)).astype("float32")
    measured = load(write(tmp_path / "polar.tif", z, grid, SOUTH), where)
    assert_same_relief(measured, hill, atol=0.5)
    z = ridges(places_of(lat, lon, where)[0]).astype("float32")
    measured = load(write(tmp_path / "ridges.tif", z, grid, SOUTH), where)
    assert height_of_ridges(measured) == about_the_ridge(step / scale)


@pytest.mark.parametrize(
    ("crs", "where"),
    [
        (f"+proj=eqc +lat_ts=40 +R={RADIUS} +units=m", (40.0, -20.0)),
        (f"+proj=eqc +lat_ts=40 +lon_0=170 +R={RADIUS} +units=km", (40.0, -20.0)),
        (f"+proj=merc +R={RADIUS}", (-50.0, 30.0)),
        (f"+proj=tmerc +lon_0=29 +R={RADIUS}", (45.0, 30.0)),
        (f"+proj=sinu +R={RADIUS}", (45.0, 30.0)),
        (f"+proj=ortho +lat_0=40 +lon_0=30 +R={RADIUS}", (45.0, 30.0)),
        ("+proj=stere +lat_0=-90 +R=1738000", (-85.0, 30.0)),
        ("IAU_2015:30100", (10.0, 30.0)),
        ("IAU_2015:30135", (-88.0, 30.0)),
    ],
)
def test_maps_of_other_projections_and_spheres_are_read(tmp_path, crs, where):
    from rasterio.crs import CRS

    system = CRS.from_user_input(crs)
    if system.is_geographic:
        grid, lat, lon = degrees(where, 10.0, 700, 720)
    else:
        unit = 1000.0 if "km" in crs else 1.0
        stretch = 2.0 if "merc" in crs or "ortho" in crs else 1.4
        grid, lat, lon = projected(crs, where, 15.0 / unit, round(5200.0 * stretch / 15.0))
    z = hill(*places_of(lat, lon, where)).astype("float32")
    assert_same_relief(load(write(tmp_path / "map.tif", z, grid, system), where), hill, atol=0.6)


@pytest.mark.parametrize("turn_deg", [30.0, 90.0, 200.0])
@pytest.mark.parametrize("crs", [None, SOUTH])
def test_rows_may_run_in_any_direction(tmp_path, turn_deg, crs):
    from rasterio.transform import Affine
    from rasterio.warp import transform

    size, step = 900, 10.0
    (x0,), (y0,) = ([0.0], [0.0]) if crs is None else transform(MOON, crs, [WHERE[1]], [LATITUDE])
    grid = Affine.translation(x0, y0) @ Affine.rotation(turn_deg) @ Affine.scale(step, -step)
    grid = grid @ Affine.translation(-size / 2, -size / 2)
    k, row = np.meshgrid(np.arange(size) + 0.5, np.arange(size) + 0.5)
    x, y = grid.a * k + grid.b * row + grid.c, grid.d * k + grid.e * row + grid.f
    if crs is not None:
        lon, lat = transform(crs, MOON, x.ravel(), y.ravel())
        x, y = places_of(np.reshape(lat, x.shape), np.reshape(lon, x.shape))
    path = write(tmp_path / "turned.tif", hill(x, y).astype("float32"), grid, crs)
    assert_same_relief(load(path), hill, atol=0.5)


def test_rows_may_go_north_and_columns_west(tmp_path):
    from rasterio.transform import Affine

    grid, lat, lon = degrees(WHERE, CELL, 300, 3600)
    z = hill(*places_of(lat, lon))[::-1, ::-1].astype("float32")
    far = grid @ (3600, 300)
    turned = Affine(-grid.a, 0.0, far[0], 0.0, -grid.e, far[1])
    assert_same_relief(load(write(tmp_path / "map.tif", z, turned)), hill, atol=0.5)


PER_DEGREE = 16


def globe(latitude, longitude):
    """A smooth relief all over the Moon, 40 km from crest to crest."""
    phi, lam = np.radians(latitude), np.radians(longitude)
    x, y, z = np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)
    return 200.0 * np.sin(300.0 * x) + 150.0 * np.sin(300.0 * y) + 100.0 * np.sin(300.0 * z)


@pytest.fixture(scope="module")
def globes(tmp_path_factory):
    """The whole Moon in degrees and in metres, from different meridians on."""
    from rasterio.transform import from_origin

    folder, step = tmp_path_factory.mktemp("globes"), 1.0 / PER_DEGREE
    latitude = (90.0 - (np.arange(180 * PER_DEGREE) + 0.5) * step)[:, None]
    longitude = ((np.arange(360 * PER_DEGREE) + 0.5) * step)[None, :]
    paths = {}
    for left in (0.0, -180.0):
        z = globe(latitude, longitude + left).astype("float32")
        paths[f"degrees from {left:g}"] = write(
            folder / f"degrees{left}.tif", z, from_origin(left, 90.0, step, step)
        )
        crs = f"+proj=eqc +lon_0={left + 180.0} +R={RADIUS} +units=m"
        rounded = round(step * METRE, 1)  # as labels state it
        grid = from_origin(-2880 * rounded, 1440 * rounded, rounded, rounded)
        paths[f"metres from {left:g}"] = write(folder / f"metres{left}.tif", z, grid, crs)
    z = np.hstack([z, z[:, :1]])
    paths["a column twice"] = write(folder / "twice.tif", z, from_origin(-180, 90, step, step))
    return paths


SEAMS = [(0.0, -0.05), (0.0, 359.95), (20.0, 180.0), (20.0, -179.97), (89.9, 10.0), (-90.0, 30.0)]
MORE = [(0.0, 0.0), (0.0, 0.05), (20.0, -180.0), (-85.0, 0.02), (90.0, 0.0)]


@pytest.mark.parametrize(
    ("name", "where"),
    [
        *(("degrees from 0", where) for where in (*SEAMS, *MORE)),
        *(("degrees from -180", where) for where in SEAMS),
        *(("metres from 0", where) for where in SEAMS),
        *(("metres from -180", where) for where in SEAMS),
        *(("a column twice", where) for where in SEAMS),
    ],
)
def test_the_whole_moon_has_no_seam(globes, name, where):
    """Linear between pixels of 1.9 km: 2 m of the relief's curvature, and as much of rounding."""

    def relief(east, north):
        return globe(*to_latitude_longitude(east, north, *where))

    measured = load(globes[name], where, cell=100.0)
    assert_same_relief(measured, relief, atol=6.0, cell=100.0)


def test_a_gap_beyond_the_seam_is_reported_at_its_position_in_the_file(tmp_path):
    from rasterio.transform import from_origin

    z = np.zeros((180, 360), np.float32)
    z[88:92, 355:] = -32768.0
    path = write(tmp_path / "gap.tif", z, from_origin(0.0, 90.0, 1.0, 1.0))
    with pytest.raises(ConfigError, match=r"the first is -32768 m at row 88, column 355$"):
        load(path, (0.0, -2.0), 100.0)


def test_a_part_of_the_moon_is_found_from_any_longitude(tmp_path):
    """350 to 370 degrees: 5, 365 and -355 are the same place, 340 is not in it."""
    from rasterio.transform import from_origin

    step = 0.01
    lat, lon = np.meshgrid(
        1.0 - (np.arange(200) + 0.5) * step, 350.0 + (np.arange(2000) + 0.5) * step, indexing="ij"
    )
    z = globe(lat, lon).astype("float32")
    path = write(tmp_path / "part.tif", z, from_origin(350.0, 1.0, step, step))
    first = load(path, (0.0, 5.0), 100.0)
    for longitude in (365.0, -355.0):
        same = load(path, (0.0, longitude), 100.0)
        np.testing.assert_allclose(same.tile, first.tile, atol=1e-3)
    with pytest.raises(ConfigError, match="covers 0% of the window"):
        load(path, (0.0, 340.0), 100.0)
    with pytest.raises(ConfigError, match=r"covers 4[89]% of the window.* and not the target"):
        load(path, (0.0, 349.99), 100.0)
