"""Measured ground: a window of a digital elevation model as a periodic tile around the target.

GeoTIFF, PDS images with their labels and what else GDAL knows are read by rasterio (extra ``dem``);
grids in the ASCII format of ESRI need nothing. The tile has the target at its first point, as the
map of the kernels has, and fades into its own mean towards the edges of the window: beyond them it
repeats, and nothing should meet a seam there.
"""

from __future__ import annotations

import hashlib
import math
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lunar_env.data.constants import R_MOON
from lunar_env.errors import ConfigError, MissingExtra
from lunar_env.terrain.raster import Float64Array, Raster, read_ascii_grid

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["MeasuredGround", "load_dem", "to_latitude_longitude"]

# Share of the window's width over which it fades out, at each edge.
_FADE_SHARE = 0.125
# A window with less of it measured is taken for a wrong place.
_LEAST_COVER = 0.5
_MOON = f"+proj=longlat +R={R_MOON:.1f} +no_defs"


class MeasuredGround(NamedTuple):
    """A periodic tile of measured elevation; its first point is the target."""

    tile: NDArray[np.float32]  # m
    cell_m: float


@lru_cache(maxsize=4)
def load_dem(
    path: str,
    sha256: str,
    latitude_deg: float,
    longitude_deg: float,
    cell_m: float,
    cells: int,
) -> MeasuredGround:
    """Cut a window out of an elevation model.

    Parameters
    ----------
    path : str
        The file. Elevations are in metres, after the scale and offset that it states.
    sha256 : str
        Digest of the file in hexadecimal, so that a result can name the ground it belongs to.
    latitude_deg, longitude_deg : float
        Place of the target. A grid without a coordinate reference system is taken to be in metres
        east and north of the target.
    cell_m : float
        Distance between the points of the window.
    cells : int
        Points along each side of the window; a power of two.

    Returns
    -------
    MeasuredGround
        The window.

    Raises
    ------
    ConfigError
        If the file cannot be read, is not the one meant, or does not cover the target.
    MissingExtra
        If the format needs rasterio and it is not installed.
    """
    _check_digest(Path(path), sha256)
    offset = (np.arange(cells) + cells // 2) % cells - cells // 2
    east, north = np.meshgrid(offset * cell_m, offset * cell_m)
    if Path(path).suffix.lower() == ".asc":
        heights = read_ascii_grid(Path(path)).sample(east, north)
    else:
        latitude, longitude = to_latitude_longitude(east, north, latitude_deg, longitude_deg)
        heights = _sample_file(path, (east, north), (latitude, longitude))
    known = np.isfinite(heights)
    if not known[0, 0] or known.mean() < _LEAST_COVER:
        raise ConfigError(
            f"{path}: covers {known.mean():.0%} of the window around latitude {latitude_deg:g},"
            f" longitude {longitude_deg:g}, must cover the target and {_LEAST_COVER:.0%}"
        )
    mean = float(heights[known].mean())
    share = np.abs(offset) / cells
    fade = 0.5 - 0.5 * np.cos(np.pi * np.clip((0.5 - share) / _FADE_SHARE, 0.0, 1.0))
    relief = np.where(known, heights - mean, 0.0) * fade[None, :] * fade[:, None]
    return MeasuredGround(relief.astype(np.float32), cell_m)


def to_latitude_longitude(
    east: Float64Array, north: Float64Array, latitude_deg: float, longitude_deg: float
) -> tuple[Float64Array, Float64Array]:
    """Return degrees of latitude and longitude of places on the map around a target.

    Inverse of the azimuthal equidistant projection (Snyder 1987, eqs. 20-14 and 20-15).
    """
    distance = np.hypot(east, north)
    angle = distance / R_MOON
    sine = np.sinc(angle / np.pi) / R_MOON  # sin(angle) over the distance
    phi = math.radians(latitude_deg)
    latitude = np.arcsin(
        np.clip(np.cos(angle) * math.sin(phi) + north * sine * math.cos(phi), -1.0, 1.0)
    )
    longitude = np.arctan2(
        east * sine, np.cos(angle) * math.cos(phi) - north * sine * math.sin(phi)
    )
    return np.degrees(latitude), longitude_deg + np.degrees(longitude)


def _check_digest(path: Path, sha256: str) -> None:
    try:
        found = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    if found != sha256.lower():
        raise ConfigError(f"{path}: has sha256 {found!r}, not {sha256!r}")


def _sample_file(
    path: str,
    metres: tuple[Float64Array, Float64Array],
    degrees: tuple[Float64Array, Float64Array],
) -> Float64Array:
    """Sample a file that rasterio reads, in whatever coordinates it has."""
    try:
        import rasterio
        from rasterio.errors import RasterioError
    except ImportError:
        raise MissingExtra("dem", needed_for=f"reading {path}") from None
    try:
        with rasterio.open(path) as dataset:
            x, y = _to_file(dataset, metres, degrees)
            return _window(dataset, x, y).sample(x, y)
    except RasterioError as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from None


def _to_file(
    dataset: Any, metres: tuple[Float64Array, Float64Array], degrees: tuple[Float64Array, ...]
) -> tuple[Float64Array, Float64Array]:
    """Return places in the coordinates of a file."""
    from rasterio.crs import CRS
    from rasterio.warp import transform

    latitude, longitude = degrees
    if dataset.crs is None:
        return metres
    if dataset.crs.is_geographic:
        # Some files count longitude from 0 to 360, some from -180.
        left = dataset.bounds.left
        return left + np.mod(longitude - left, 360.0), latitude
    moon = CRS.from_string(_MOON)
    x, y = transform(moon, dataset.crs, longitude.ravel(), latitude.ravel())
    return np.reshape(x, latitude.shape), np.reshape(y, latitude.shape)


def _window(dataset: Any, x: Float64Array, y: Float64Array) -> Raster:
    """Read the part of a file around places, averaged to about the distance between them."""
    from rasterio.enums import Resampling
    from rasterio.windows import Window

    grid = dataset.transform
    if grid.b != 0.0 or grid.d != 0.0:
        raise ConfigError(f"{dataset.name}: its rows must run along its axes")
    columns, rows = (x - grid.c) / grid.a, (y - grid.f) / grid.e
    first_column, first_row = (max(0, math.floor(v.min()) - 2) for v in (columns, rows))
    last_column = min(dataset.width, math.ceil(columns.max()) + 2)
    last_row = min(dataset.height, math.ceil(rows.max()) + 2)
    width, height = last_column - first_column, last_row - first_row
    if min(width, height) < 2:
        raise ConfigError(f"{dataset.name}: does not cover the window")
    # Pixels that lie between two points of the window are averaged, not skipped.
    spacing = math.hypot(columns[0, 1] - columns[0, 0], rows[0, 1] - rows[0, 0])
    every = max(1, math.floor(spacing))
    shape = max(2, height // every), max(2, width // every)
    read = dataset.read(
        1,
        window=Window(first_column, first_row, width, height),
        out_shape=shape,
        resampling=Resampling.average,
        masked=True,
    )
    heights = read.astype(np.float64).filled(np.nan) * dataset.scales[0] + dataset.offsets[0]
    step_x, step_y = grid.a * width / shape[1], grid.e * height / shape[0]
    return Raster(
        heights,
        grid.c + grid.a * first_column + 0.5 * step_x,
        grid.f + grid.e * first_row + 0.5 * step_y,
        step_x,
        step_y,
    )
