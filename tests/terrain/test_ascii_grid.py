"""ESRI ASCII grids, in all the forms that the format has."""

import numpy as np
import pytest

from lunar_env.errors import ConfigError
from lunar_env.terrain.ascii_grid import AsciiGrid
from lunar_env.terrain.raster import Places
from tests.terrain.dem_files import assert_same_relief, load

HEAD = "ncols 3\nnrows 2\nxllcorner 100\nyllcorner 50\ncellsize 10\nNODATA_value -1\n"
BODY = "1 2 3\n4 -1 6\n"


def grid_of(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "grid.asc"
    path.write_text(text, encoding=encoding)
    return AsciiGrid(path)


def place_of_first(grid):
    """East and north at which a grid has its first value, the north-western."""
    origin, step = (
        Places(*(np.full(1, value) for value in (east, north, 0.0, 0.0)))
        for east, north in ((0.0, 0.0), (1.0, 1.0))
    )
    (u0, v0), (u1, v1) = grid.locate(origin), grid.locate(step)
    return float((-u0 / (u1 - u0))[0]), float((-v0 / (v1 - v0))[0])


def test_rows_come_from_the_north_and_gaps_are_nan(tmp_path):
    grid = grid_of(tmp_path, HEAD + BODY)
    np.testing.assert_array_equal(grid.read((0, 2), (0, 3)), [[1.0, 2.0, 3.0], [4.0, np.nan, 6.0]])
    np.testing.assert_array_equal(grid.read((1, 2), (2, 3)), [[6.0]])
    assert place_of_first(grid) == pytest.approx((105.0, 65.0))


@pytest.mark.parametrize(
    ("head", "first"),
    [
        (HEAD.replace("corner", "center"), (100.0, 60.0)),
        (HEAD.replace("xllcorner", "XLLCENTER"), (100.0, 65.0)),
        (HEAD.replace("cellsize 10", "dx 10\ndy 4"), (105.0, 56.0)),
        (HEAD.upper(), (105.0, 65.0)),
        ("\n".join(reversed(HEAD.split("\n")[:-1])) + "\n", (105.0, 65.0)),
        (HEAD.replace(" ", "\t  ").replace("\n", "\r\n"), (105.0, 65.0)),
        ("\ufeff" + HEAD, (105.0, 65.0)),
    ],
    ids=["center", "mixed", "dx-dy", "upper", "order", "spaces", "bom"],
)
def test_headers_of_all_variants_are_read(tmp_path, head, first):
    grid = grid_of(tmp_path, head + BODY)
    assert place_of_first(grid) == pytest.approx(first)
    np.testing.assert_array_equal(grid.read((0, 2), (0, 1)), [[1.0], [4.0]])
    assert np.isnan(grid.read((1, 2), (1, 2))).all()


def test_gaps_are_minus_9999_by_default(tmp_path):
    head = HEAD.replace("NODATA_value -1\n", "")
    grid = grid_of(tmp_path, head + "1 2 3\n4 -9999 -1\n")
    np.testing.assert_array_equal(grid.read((0, 2), (0, 3)), [[1.0, 2.0, 3.0], [4.0, np.nan, -1.0]])


@pytest.mark.parametrize("body", ["1\n2 3 4 -1\n\n6", "1 2 3 4 -1 6", "nan 2 3\n4 -1 6\n"])
def test_numbers_may_be_on_any_line(tmp_path, body):
    grid = grid_of(tmp_path, HEAD + body)
    values = grid.read((0, 2), (0, 3))
    np.testing.assert_array_equal(values[:, 2], [3.0, 6.0])
    assert np.isnan(values[0, 0]) == body.startswith("nan")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "its header has no nrows"),
        ("ncols 3\n", "its header has no nrows"),
        ("ncols 3\nnrows 2\n1 2 3 4 5 6", "no cellsize or dx"),
        (HEAD.replace("xllcorner", "xcorner") + BODY, "has 'xcorner 100', must have a key"),
        (HEAD.replace("yllcorner 50\n", "") + BODY, "no yllcorner or yllcenter"),
        (HEAD.replace("ncols 3", "ncols 2.5") + BODY, "ncols = 2.5 must be a whole number"),
        (HEAD.replace("nrows 2", "nrows -2") + BODY, "nrows = -2 must be positive"),
        (HEAD.replace("cellsize 10", "cellsize 0") + BODY, "cellsize = 0 must be positive"),
        (HEAD.replace("cellsize 10", "cellsize nan") + BODY, "cellsize = nan must be positive"),
        (HEAD.replace("xllcorner 100", "xllcorner inf") + BODY, "xllcorner = inf must be finite"),
        (HEAD + "1 2 3\n4 5\n", "it has 5 heights, must have 2 x 3"),
        (HEAD + "1 2 3\n4 5 6\n7", "it has more than 2 x 3 heights"),
        (HEAD + "1 2 3\n4 five 6\n", "could not convert string to float: 'five'"),
        (HEAD.replace("ncols 3", "ncols 1e12") + BODY, "2 x 1000000000000 heights cannot be in"),
    ],
)
def test_errors_in_grids_are_named(tmp_path, text, reason):
    with pytest.raises(ConfigError, match=f"is not an ESRI ASCII grid: .*{reason}"):
        grid_of(tmp_path, text)


def test_bytes_that_are_not_text_are_an_error(tmp_path):
    path = tmp_path / "grid.asc"
    path.write_bytes(b"ncols \xff\xfe 3\n")
    with pytest.raises(ConfigError, match=r"grid.asc: is not an ESRI ASCII grid: 'utf-8' codec"):
        load(path)


def test_a_single_row_is_an_error(tmp_path):
    path = tmp_path / "grid.asc"
    path.write_text(HEAD.replace("nrows 2", "nrows 1") + "1 2 3\n", encoding="ascii")
    with pytest.raises(ConfigError, match=r"must have 2 rows and columns at least"):
        load(path)


def test_cells_need_not_be_square(tmp_path):
    """Twice as many rows as columns over the same ground, placed by the centre of a pixel."""

    def slope(east, north):
        return 0.1 * east + 0.02 * north

    x, y = (np.arange(350) + 0.5 - 175.0) * 20.0, (np.arange(700) + 0.5 - 350.0) * 10.0
    z = slope(x[None, :], y[::-1, None])
    head = f"ncols 350\nnrows 700\nxllcenter {x[0]}\nyllcenter {y[0]}\ndx 20\ndy 10\n"
    path = tmp_path / "GRID.ASC"
    text = "\n".join(" ".join(f"{value:.4f}" for value in row) for row in z)
    path.write_text(head + text, encoding="ascii")
    assert_same_relief(load(path), slope, atol=1e-3)
