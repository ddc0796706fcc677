"""What the values of elevation models mean: units, radii, scales, gaps that no tag marks."""

import numpy as np
import pytest

from lunar_env.errors import ConfigError
from lunar_env.terrain.heights import metres_per_unit
from tests.terrain.dem_files import (
    CELL,
    METRE,
    WHERE,
    assert_same_relief,
    degrees,
    hill,
    load,
    middle,
    places_of,
    square,
    write,
)
from tests.terrain.grounds import RADIUS

ATOL = 0.5  # rounding to half metres, and pixels of the size of the cells
FILLS = [-32768, 32767, -9999, -3.4028235e38, -1e32, 1e30, np.inf, -np.inf, np.nan]


def hill_file(path, change=lambda z: z, dtype="float32", **tags):
    """The hill in metres, changed before it is written."""
    transform, east, north = square()
    z = np.asarray(change(hill(east, north)))
    if np.issubdtype(dtype, np.integer):
        z = np.round(z)
    return write(path, z.astype(dtype), transform, crs=None, **tags)


def with_fill(fill):
    """Put a mark of gaps beside the target, in a corner and along an edge."""

    def change(z):
        z = z.copy()
        z[180:184, 210:214] = z[5, 7] = z[:, -3:] = fill
        return z

    return change


@pytest.mark.parametrize("fill", FILLS)
def test_impossible_elevations_are_gaps(tmp_path, fill):
    """Four pixels beside the target are as if they were measured, give or take their relief."""
    dtype = "int16" if fill in FILLS[:3] else "float32"
    measured = load(hill_file(tmp_path / "fill.tif", with_fill(fill), dtype))
    assert_same_relief(measured, hill, atol=6.0)
    assert -60.0 < measured.tile.min() < measured.tile.max() < 100.0


def test_untagged_gaps_are_not_averaged_with_ground(tmp_path):
    """Pixels of 5 m, four to a cell each way: every other row is a mark of a gap."""
    transform, east, _ = square(step=5.0, size=1200)
    z = 0.05 * east
    z[::2] = -32768.0
    path = write(tmp_path / "half.tif", z.astype("float32"), transform, crs=None)
    assert_same_relief(load(path), lambda east, north: 0.05 * east + 0.0 * north, atol=1e-3)


def test_a_target_in_an_untagged_gap_is_an_error_with_value_place_and_count(tmp_path):
    def change(z):
        z = z.copy()
        z[190:210, 195:205] = -32768.0
        return z

    path = hill_file(tmp_path / "target.tif", change)
    pattern = (
        r"not the target.*; 200 values outside -9900 to 11500 m count as gaps, the first is"
        r" -32768 m at row 190, column 195$"
    )
    with pytest.raises(ConfigError, match=pattern):
        load(path)


@pytest.mark.parametrize(
    ("factor", "unit"),
    [(1.0, "m"), (1.0, "metre"), (1.0, "METERS"), (1000.0, "km"), (1000.0, "Kilometre"), (1.0, "")],
)
def test_heights_are_read_in_the_unit_of_the_band(tmp_path, factor, unit):
    path = hill_file(tmp_path / "unit.tif", lambda z: z / factor, units=(unit,))
    assert_same_relief(load(path), hill, atol=ATOL)


@pytest.mark.parametrize("unit", ["feet", "US survey foot", "degree", "DN", "N/A"])
def test_other_units_are_an_error(tmp_path, unit):
    with pytest.raises(ConfigError, match=f"the unit of its heights is '{unit}', must be m or km"):
        load(hill_file(tmp_path / "unit.tif", units=(unit,)))


def test_names_of_units_are_recognised():
    assert [metres_per_unit(name) for name in ("METER", "'KILOMETER'", "<km>")] == [1.0, 1e3, 1e3]


@pytest.mark.parametrize(
    ("change", "tags"),
    [
        (lambda z: z + RADIUS, {"dtype": "float64"}),
        (lambda z: (z + RADIUS) / 1000.0, {"dtype": "float64", "units": ("km",)}),
        (lambda z: z / 0.5, {"dtype": "int16", "scales": (0.5,), "offsets": (RADIUS,)}),
        (lambda z: (z - 1000.0) / 0.5, {"dtype": "int16", "scales": (0.5,), "offsets": (1000.0,)}),
        (lambda z: z / 1000.0, {"units": ("km",), "offsets": (RADIUS / 1000.0,)}),
    ],
    ids=["radius-m", "radius-km", "radius-offset", "offset", "radius-km-offset"],
)
@pytest.mark.parametrize("fill", [None, -32768])
def test_radii_scales_and_offsets_are_applied(tmp_path, change, tags, fill):
    """LOLA's products have a radius in OFFSET; ISIS's hold radii; a gap stays one in all."""

    def changed(z):
        return change(z) if fill is None else with_fill(fill)(change(z))

    measured = load(hill_file(tmp_path / "radius.tif", changed, **tags))
    assert_same_relief(measured, hill, atol=ATOL if fill is None else 6.0)


def test_zero_radii_are_gaps(tmp_path):
    path = hill_file(tmp_path / "zero.tif", lambda z: with_fill(0.0)(z + RADIUS), "float64")
    assert_same_relief(load(path), hill, atol=6.0)


def test_radii_in_kilometres_without_a_unit_are_an_error(tmp_path):
    path = hill_file(tmp_path / "radius.tif", lambda z: (z + RADIUS) / 1000.0, "float64")
    with pytest.raises(ConfigError, match=r"like 1737.4\d*, may be radii in km or heights in m"):
        load(path)
    # The same numbers as heights: a plain at 1737.4 m, where the file says that they are metres.
    path = hill_file(tmp_path / "m.tif", lambda z: (z + RADIUS) / 1e3, "float64", units=("m",))
    assert np.abs(middle(load(path))).max() < 0.1


def test_a_scale_of_zero_is_an_error(tmp_path):
    with pytest.raises(ConfigError, match="scale 0 and offset 0"):
        load(hill_file(tmp_path / "flat.tif", scales=(0.0,)))


LABEL = """PDS_VERSION_ID = "PDS3"
RECORD_TYPE = FIXED_LENGTH
RECORD_BYTES = {record}
FILE_RECORDS = {size}
^IMAGE = "MAP.IMG"
OBJECT = IMAGE
  NAME = HEIGHT
  LINES = {size}
  LINE_SAMPLES = {size}
  SAMPLE_TYPE = {kind}
  SAMPLE_BITS = {bits}
  UNIT = {unit}
  SCALING_FACTOR = {scale}
  OFFSET = {offset}
END_OBJECT = IMAGE
OBJECT = IMAGE_MAP_PROJECTION
  MAP_PROJECTION_TYPE = "SIMPLE CYLINDRICAL"
  A_AXIS_RADIUS = 1737.4 <km>
  B_AXIS_RADIUS = 1737.4 <km>
  C_AXIS_RADIUS = 1737.4 <km>
  CENTER_LATITUDE = 0.0 <deg>
  CENTER_LONGITUDE = 0.0 <deg>
  MAP_RESOLUTION = {per_degree} <pix/deg>
  MAP_SCALE = {scale_km} <km/pix>
  LINE_FIRST_PIXEL = 1
  LINE_LAST_PIXEL = {size}
  SAMPLE_FIRST_PIXEL = 1
  SAMPLE_LAST_PIXEL = {size}
  LINE_PROJECTION_OFFSET = {middle}
  SAMPLE_PROJECTION_OFFSET = {middle}
END_OBJECT = IMAGE_MAP_PROJECTION
END
"""


def write_pds3(path, stored, unit, scale, offset):
    """A label with its image around latitude and longitude 0, as LOLA's are."""
    size = len(stored)
    kind, bits = ("PC_REAL", 32) if stored.dtype == np.float32 else ("LSB_INTEGER", 16)
    (path.parent / "MAP.IMG").write_bytes(stored.tobytes())
    path.write_text(
        LABEL.format(
            **{"record": size * bits // 8, "size": size, "kind": kind, "bits": bits, "unit": unit},
            **{"scale": scale, "offset": offset, "middle": size / 2 - 0.5},
            **{"per_degree": METRE / CELL, "scale_km": CELL / 1000.0},
        ),
        encoding="ascii",
    )
    return path


@pytest.mark.parametrize(
    ("unit", "scale", "offset", "dtype"),
    [
        ("KILOMETER", 1.0, 1737.4, "<f4"),
        ("KILOMETER", 1.0, 0.0, "<f4"),
        ('"KM"', 0.001, 1737.4, "<f4"),
        ("METER", 0.5, 1737400.0, "<i2"),
        ("METERS", 1.0, 0.0, "<f4"),
    ],
)
def test_pds_labels_are_read_in_their_unit(tmp_path, unit, scale, offset, dtype):
    _, east, north = square()
    in_metres = 1.0 if unit.startswith("METER") else 1000.0
    datum = RADIUS if offset else 0.0
    stored = ((hill(east, north) + datum) / in_metres - offset) / scale
    stored = (np.round(stored) if dtype == "<i2" else stored).astype(dtype)
    path = write_pds3(tmp_path / "map.lbl", stored, unit, scale, offset)
    assert_same_relief(load(path, where=(0.0, 0.0)), hill, atol=ATOL)


def test_a_truncated_pds_image_is_an_error(tmp_path):
    """GDAL reads zeros beyond its end."""
    _, east, north = square()
    path = write_pds3(tmp_path / "map.lbl", hill(east, north).astype("<f4"), "METER", 1.0, 0.0)
    image = tmp_path / "MAP.IMG"
    image.write_bytes(image.read_bytes()[:400_000])
    with pytest.raises(ConfigError, match="its image has 400000 bytes, must have 640000 at least"):
        load(path, where=(0.0, 0.0))


def test_pds_labels_in_other_units_are_an_error(tmp_path):
    path = write_pds3(tmp_path / "map.lbl", np.zeros((400, 400), "<f4"), '"FOOT"', 1.0, 0.0)
    with pytest.raises(ConfigError, match="the unit of its heights is 'FOOT', must be m or km"):
        load(path, where=(0.0, 0.0))


@pytest.mark.parametrize(("unit", "factor"), [("m", 1.0), ("km", 1000.0)])
def test_pds4_labels_are_read_in_their_unit(tmp_path, unit, factor):
    transform, latitude, longitude = degrees(WHERE, CELL, 300, 3600)
    z = hill(*places_of(latitude, longitude)) / factor
    path = tmp_path / "map.xml"
    write(path, z.astype("float32"), transform, driver="PDS4", units=(unit,))
    assert_same_relief(load(path), hill, atol=ATOL)


@pytest.mark.parametrize("dtype", ["float32", "int16", "uint16"])
def test_transparent_pixels_are_gaps(tmp_path, dtype):
    def holed(z):
        bands = np.stack([z + 100.0, np.full_like(z, 255.0)])
        bands[:, 180:184, 210:214] = [[[5000.0]], [[0.0]]]
        return bands

    path = hill_file(tmp_path / "alpha.tif", holed, dtype, alpha="YES")
    assert_same_relief(load(path), hill, atol=6.0)


def test_masked_pixels_are_gaps(tmp_path):
    """Zeros that only a mask in the file, or the value of a tag, tells from ground."""
    import rasterio

    path = hill_file(tmp_path / "mask.tif", lambda z: with_fill(0.0)(z + 3000.0))
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(path, "r+") as dataset:
        dataset.write_mask(dataset.read(1) != 0.0)
    assert_same_relief(load(path), hill, atol=6.0)
    path = hill_file(tmp_path / "tag.tif", lambda z: with_fill(0.0)(z + 3000.0), nodata=0.0)
    assert_same_relief(load(path), hill, atol=6.0)


@pytest.mark.parametrize(
    ("change", "dtype", "reason"),
    [
        (lambda z: np.stack([z, z, z]), "float32", "has 3 bands, must have one of elevations"),
        (lambda z: z, "complex64", "its values are complex64, must be real"),
        (lambda z: z[:1, :1], "float32", "must have 2 rows and columns at least"),
    ],
)
def test_a_file_without_a_single_band_of_heights_is_an_error(tmp_path, change, dtype, reason):
    with pytest.raises(ConfigError, match=reason):
        load(hill_file(tmp_path / "bands.tif", change, dtype))


@pytest.mark.parametrize("dtype", ["float32", "float64", "int16", "int32", "uint16"])
def test_heights_of_every_numeric_type_are_read(tmp_path, dtype):
    raised = 100.0 if dtype == "uint16" else 0.0
    path = hill_file(tmp_path / "type.tif", lambda z: np.round(z + raised), dtype)
    assert_same_relief(load(path), hill, atol=1.5)
