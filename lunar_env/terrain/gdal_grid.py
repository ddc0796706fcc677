"""Elevation models in the formats of GDAL: GeoTIFF, PDS labels with their images, ISIS cubes."""

from __future__ import annotations

import re
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lunar_env.data.constants import R_MOON
from lunar_env.errors import ConfigError, MissingExtra
from lunar_env.reading import from_json
from lunar_env.terrain.heights import metres_per_unit
from lunar_env.terrain.meridians import find_meridians

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lunar_env.terrain.raster import Float64Array, Places

__all__ = ["GdalGrid", "open_gdal_grid"]

_RADIUS_FRAC = 0.01  # by which reference systems of the Moon differ in its radius
_ROUND_M = 10.0  # of flattening that moves nothing by a pixel
_NO_CRS = (
    "; it has no coordinate reference system and is taken to be in metres east and north of the"
    " target"
)
# Drivers whose images are plain numbers, unless they are in files of these kinds. GDAL reads zeros
# beyond the end of a plain file.
_PLAIN = ("EHdr", "ENVI", "ISIS2", "ISIS3", "PDS", "PDS4", "VICAR")
_COMPRESSED = (".jp2", ".jpg", ".tif", ".tiff")


@contextmanager
def open_gdal_grid(path: Path) -> Iterator[GdalGrid]:
    """Open an elevation model that rasterio reads.

    Raises
    ------
    ConfigError
        If it cannot be read or is not an elevation model of the Moon; also while it is open.
    MissingExtra
        If rasterio is not installed.
    """
    try:
        import rasterio
        from rasterio._err import CPLE_BaseError
        from rasterio.errors import CRSError, NotGeoreferencedWarning, RasterioError
    except ImportError:
        raise MissingExtra("dem", needed_for=f"reading {path}") from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            dataset = rasterio.open(path)
        with dataset:
            yield GdalGrid(dataset)
    except (RasterioError, CRSError, CPLE_BaseError) as error:
        reason = error.__cause__ or error  # rasterio's own words may only point to GDAL's
        raise ConfigError(f"cannot be read: {' '.join(str(reason).split())}") from None


class GdalGrid:
    """A band of elevations; see `lunar_env.terrain.raster.Grid`.

    Parameters
    ----------
    dataset : rasterio.DatasetReader
        The file. Without a coordinate reference system it is taken to be in metres east and north
        of the target.

    Raises
    ------
    ConfigError
        If it is not an elevation model of the Moon.
    """

    def __init__(self, dataset: Any) -> None:
        self._alphas = _find_alphas(dataset)
        _check_size(dataset)
        if dataset.transform.is_identity or dataset.transform.determinant == 0.0:
            raise ConfigError("does not state where its pixels lie and how large they are")
        self._dataset = dataset
        self._scale, self._offset, self.unit_is_stated = _to_metres(dataset)
        self._crs = dataset.crs
        self._moon = None if self._crs is None else _moon_of(self._crs)
        self.note = _NO_CRS if self._crs is None else ""
        self._meridians = None if self._crs is None else find_meridians(self._place, self.shape)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the file."""
        rows, columns = self._dataset.shape
        return rows, columns

    @property
    def bounds(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """First and end of rows and of columns, including those that go on beyond the file."""
        rows, columns = self.shape
        return self._meridians.bounds if self._meridians else ((0, rows), (0, columns))

    def locate(self, places: Places) -> tuple[Float64Array, Float64Array]:
        """Return columns and rows of places."""
        if self._crs is None:
            return self._index(places.east, places.north)
        u, v = self._place(places.longitude, places.latitude)
        return (self._meridians.unwrap(u, places.longitude), v) if self._meridians else (u, v)

    def columns_per_metre(self, rows: Float64Array) -> Float64Array | None:
        """Return the columns of a metre along rows; None where all have the same."""
        return self._meridians.columns_per_metre(rows) if self._meridians else None

    def read(self, rows: tuple[int, int], columns: tuple[int, int]) -> Float64Array:
        """Return values [m] from the first row and column to before the last; nan in gaps."""
        size = self.shape[0]
        values = [self._read(max(rows[0], 0), min(rows[1], size), columns)]
        if self._meridians:
            # Rows beyond a pole are those before it, seen from the other side.
            first, last = self._meridians.mirrors
            across = columns[0] + self._meridians.turn // 2, columns[1] + self._meridians.turn // 2
            if first is not None and rows[0] < 0:
                values.insert(
                    0, self._read(first + 1 - min(rows[1], 0), first + 1 - rows[0], across)[::-1]
                )
            if last is not None and rows[1] > size:
                values.append(
                    self._read(last + 1 - rows[1], last + 1 - max(rows[0], size), across)[::-1]
                )
        return np.concatenate(values) * self._scale + self._offset

    def _read(self, first_row: int, end_row: int, columns: tuple[int, int]) -> Float64Array:
        """Return stored values of rows in the file; columns may go on around the Moon."""
        from rasterio.windows import Window

        height, width = max(0, end_row - first_row), self.shape[1]
        values = np.full((height, columns[1] - columns[0]), np.nan)
        turn = self._meridians.turn if self._meridians else width
        for start in range(columns[0] // turn * turn, columns[1], turn):
            first, end = max(columns[0], start), min(columns[1], start + min(turn, width))
            if first < end and height:
                window = Window(first - start, first_row, end - first, height)
                part = self._dataset.read(1, window=window, masked=True).astype(np.float64)
                part = part.filled(np.nan)
                for band in self._alphas:  # GDAL heeds those of bytes only
                    part[self._dataset.read(band, window=window) == 0] = np.nan
                values[:, first - columns[0] : end - columns[0]] = part
        return values

    def _index(self, x: Float64Array, y: Float64Array) -> tuple[Float64Array, Float64Array]:
        """Return columns and rows of places in the coordinates of the file."""
        back = ~self._dataset.transform
        u, v = back.a * x + back.b * y + back.c, back.d * x + back.e * y + back.f
        return u - 0.5, v - 0.5

    def _place(
        self, longitude: Float64Array, latitude: Float64Array
    ) -> tuple[Float64Array, Float64Array]:
        """Return columns and rows of longitudes and latitudes."""
        from rasterio._err import CPLE_BaseError
        from rasterio.warp import transform

        try:
            x, y = transform(self._moon, self._crs, longitude.ravel(), latitude.ravel())
        except CPLE_BaseError as error:
            raise ConfigError(
                f"its coordinate reference system {_name_of(self._crs)} does not show all of the"
                f" target's surroundings: {' '.join(str(error).split())}"
            ) from None
        return self._index(np.reshape(x, latitude.shape), np.reshape(y, latitude.shape))


def _find_alphas(dataset: Any) -> list[int]:
    """Return the bands that say which pixels are transparent.

    Raises
    ------
    ConfigError
        If the others are not a single band of real numbers, the first.
    """
    kinds = [kind.name for kind in dataset.colorinterp]
    bands = [k for k, kind in enumerate(kinds) if kind != "alpha"]
    if bands != [0]:
        raise ConfigError(f"has {len(bands)} bands, must have one of elevations")
    if kinds[0] == "palette":
        raise ConfigError("is a picture with a palette, must have elevations")
    if dataset.dtypes[0].startswith("complex"):
        raise ConfigError(f"its values are {dataset.dtypes[0]}, must be real")
    return list(range(2, len(kinds) + 1))


def _check_size(dataset: Any) -> None:
    """Raise ConfigError if an uncompressed image is cut off, where GDAL would read zeros."""
    files = [Path(name) for name in dataset.files]
    if dataset.driver not in _PLAIN or any(f.suffix.lower() in _COMPRESSED for f in files):
        return
    found = max((f.stat().st_size for f in files if f.is_file()), default=0)
    least = dataset.height * dataset.width * np.dtype(dataset.dtypes[0]).itemsize
    if found < least:
        raise ConfigError(
            f"its image has {found} bytes, must have {least} at least: is it cut off?"
        )


def _to_metres(dataset: Any) -> tuple[float, float, bool]:
    """Return factor and offset from stored values to metres, and whether the unit is stated."""
    unit = dataset.units[0] or (_unit_of_label(dataset) if dataset.driver == "PDS" else None)
    metres = metres_per_unit(unit) if unit else 1.0
    scale, offset = float(dataset.scales[0]), float(dataset.offsets[0])
    if scale == 0.0 or not np.isfinite([scale, offset]).all():
        raise ConfigError(f"its heights have scale {scale:g} and offset {offset:g}")
    return scale * metres, offset * metres, bool(unit)


def _unit_of_label(dataset: Any) -> str | None:
    """Return the unit that a PDS3 label states for its image, which GDAL does not pass on."""
    tags = dataset.tags(ns="json:PDS")
    # GDAL's list of "key:value" has the label as its only entry, parted at the first colon.
    label = from_json(":".join(next(iter(tags.items()))), "its label") if tags else {}

    def search(part: dict[str, Any]) -> str | None:
        for key, value in part.items():
            if isinstance(value, dict):
                found = value.get("UNIT") if key == "IMAGE" else search(value)
                if found is not None:
                    return str(found)
        return None

    return search(label)


def _moon_of(crs: Any) -> Any:
    """Return longitude and latitude on the sphere of a reference system of the Moon.

    Raises
    ------
    ConfigError
        If the system is another body's, or its body is not a sphere.
    """
    from rasterio.crs import CRS

    found = re.search(r'(?:SPHEROID|ELLIPSOID)\["[^"]*",([^,\]]+),([^,\]]+)', crs.to_wkt())
    if found is None or not (crs.is_geographic or crs.is_projected):
        raise ConfigError(
            f"its coordinate reference system {_name_of(crs)} does not describe a body, must be"
            " one of the Moon"
        )
    radius, flattening = map(float, found.groups())  # the reciprocal; 0 for a sphere
    if abs(radius / R_MOON - 1.0) > _RADIUS_FRAC:
        raise ConfigError(
            f"its coordinate reference system {_name_of(crs)} is of a body with a radius of"
            f" {radius / 1000.0:.1f} km, must be of the Moon ({R_MOON / 1000.0:.1f} km); if only"
            f" the tag is wrong: rio edit-info --crs '+proj=longlat +R={R_MOON:.0f}' FILE"
        )
    if flattening > 0.0 and radius / flattening > _ROUND_M:
        raise ConfigError(
            f"its coordinate reference system {_name_of(crs)} is of an ellipsoid flattened by"
            f" {radius / flattening:.0f} m, must be of a sphere"
        )
    return CRS.from_string(f"+proj=longlat +R={radius!r} +no_defs")


def _name_of(crs: Any) -> str:
    """Return a reference system's short name: its code and what people call it."""
    name = re.search(r'"([^"]*)"', crs.to_wkt())
    code = crs.to_authority()
    title = name.group(1) if name else "without a name"
    return f"{':'.join(code)} ({title})" if code else repr(title)
