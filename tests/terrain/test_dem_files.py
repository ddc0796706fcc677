"""Elevation models of other bodies, without a place, cut off, or larger than they should be."""

import numpy as np
import pytest

from lunar_env.errors import ConfigError
from tests.terrain.dem_files import (
    CELL,
    SOUTH,
    WHERE,
    assert_same_relief,
    degrees,
    digest,
    expected,
    hill,
    load,
    middle,
    places_of,
    projected,
    square,
    write,
)
from tests.terrain.grounds import RADIUS


@pytest.mark.parametrize(
    ("crs", "name"),
    [
        ("EPSG:4326", r"EPSG:4326 \(WGS 84\) is of a body with a radius of 6378.1 km"),
        ("EPSG:32633", r"EPSG:32633 \(WGS 84 / UTM zone 33N\) is of a body"),
        (
            "IAU_2015:49900",
            r"IAU_2015:49900 \(Mars \(2015\).*\) is of a body with a radius of 3396",
        ),
        (
            "+proj=longlat +a=1738100 +b=1736000",
            r"'unknown' is of an ellipsoid flattened by 2100 m",
        ),
        (
            'LOCAL_CS["site",UNIT["metre",1]]',
            r"'site' does not describe a body, must be one of the Moon",
        ),
        (f"+proj=ortho +lat_0=90 +R={RADIUS}", r"'unknown' does not show all of the target's"),
    ],
)
def test_reference_systems_that_are_not_of_the_moon_are_an_error(tmp_path, crs, name):
    grid, lat, lon = degrees(WHERE, CELL, 300, 3600)
    z = hill(*places_of(lat, lon)).astype("float32")
    with pytest.raises(ConfigError, match=f"coordinate reference system {name}") as caught:
        load(write(tmp_path / "map.tif", z, grid, crs))
    assert "\n" not in str(caught.value)


def test_grids_without_reference_system_are_centred_on_the_target(tmp_path):
    grid, east, north = square()
    z = hill(east, north).astype("float32")
    assert_same_relief(load(write(tmp_path / "map.tif", z, grid, None)), hill, atol=0.5)
    away, _, _ = degrees((20.0, 30.0), CELL, 400)
    with pytest.raises(ConfigError, match=r"covers 0% .* it has no coordinate reference system"):
        load(write(tmp_path / "away.tif", z, away, None))


@pytest.mark.filterwarnings("ignore:The given matrix is equal to Affine.identity")
def test_an_image_is_an_error(tmp_path):
    from rasterio.transform import Affine

    z = np.zeros((64, 64), np.uint8)
    path = write(tmp_path / "picture.png", z, Affine.identity(), None, driver="PNG")
    with pytest.raises(ConfigError, match="does not state where its pixels lie"):
        load(path)


def test_a_grid_with_a_separate_projection_file_is_read(tmp_path):
    """Programs for maps write grids with a .prj file; GDAL reads both."""
    from rasterio.crs import CRS

    grid, lat, lon = projected(SOUTH, WHERE, 20.0, 350)
    z = hill(*places_of(lat, lon))
    path = tmp_path / "map.asc"
    head = f"ncols 350\nnrows 350\nxllcorner {grid.c}\nyllcorner {grid.f - 7000.0}\ncellsize 20\n"
    path.write_text(head + "\n".join(" ".join(f"{v:.3f}" for v in row) for row in z), "ascii")
    path.with_suffix(".prj").write_text(CRS.from_string(SOUTH).to_wkt(version="WKT1_ESRI"), "ascii")
    assert_same_relief(load(path), hill, atol=0.5)


def test_truncated_or_unknown_files_are_an_error(tmp_path):
    grid, lat, _ = degrees(WHERE, CELL, 300, 3600)
    path = write(tmp_path / "map.tif", (0.0 * lat).astype("float32"), grid)
    whole = path.read_bytes()
    for data in (whole[: len(whole) // 2], whole[:200], b"not a picture", b""):
        path.write_bytes(data)
        with pytest.raises(ConfigError, match=r"map.tif: cannot be read: \S") as caught:
            load(path)
        assert "\n" not in str(caught.value)
        assert "See previous exception" not in str(caught.value)


def test_only_the_needed_part_of_a_huge_file_is_read(tmp_path):
    import rasterio
    from rasterio.transform import from_origin

    size, path = 400_000, tmp_path / "huge.tif"

    def claim(step):
        grid = from_origin(-0.5 * size * step, 0.5 * size * step, step, step)
        options = {"tiled": True, "blockxsize": 4096, "blockysize": 4096, "SPARSE_OK": True}
        shape = {"width": size, "height": size, "count": 1, "dtype": "float32"}
        with rasterio.open(path, "w", transform=grid, BIGTIFF="YES", **shape, **options):
            pass

    claim(CELL)
    assert np.abs(load(path).tile).max() == 0.0
    claim(0.01)
    with pytest.raises(ConfigError, match=r"has 400000 x 400000 pixels, must have 4294967296 at"):
        load(path)


def test_the_digest_is_of_the_file(tmp_path):
    grid, east, north = square()
    path = write(tmp_path / "map.tif", hill(east, north).astype("float32"), grid, None)
    before = digest(path)
    first = load(path)
    write(path, (2.0 * hill(east, north)).astype("float32"), grid, None)
    assert digest(path) != before
    np.testing.assert_allclose(load(path).tile, 2.0 * first.tile, atol=1e-3)
    np.testing.assert_allclose(expected(hill).std(), middle(first).std(), rtol=0.02)
