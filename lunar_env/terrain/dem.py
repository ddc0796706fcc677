"""Measured ground: a window of a digital elevation model as a periodic tile around the target.

GeoTIFF, PDS images with their labels and what else GDAL knows are read by rasterio (extra ``dem``);
grids in the ASCII format of ESRI need nothing. The tile has the target at its first point, as the
map of the kernels has, and fades into its own mean towards the edges of the window: beyond them it
repeats, and nothing should meet a seam there.
"""

from __future__ import annotations

import hashlib
import math
import sys
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lunar_env.data.constants import R_MOON
from lunar_env.errors import ConfigError
from lunar_env.reading import open_regular
from lunar_env.terrain.ascii_grid import AsciiGrid
from lunar_env.terrain.gaps import fill_gaps
from lunar_env.terrain.gdal_grid import open_gdal_grid
from lunar_env.terrain.raster import Float64Array, Grid, Places
from lunar_env.terrain.resample import resample

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from lunar_env.terrain.heights import Heights

__all__ = ["MeasuredGround", "load_dem", "to_latitude_longitude"]

# Share of the window's width over which it fades out, at each edge.
_FADE_SHARE = 0.125
# A window with less of it measured is taken for a wrong place.
_LEAST_COVER = 0.5


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
        The file, with one band of heights or radii in the unit that it states, after its scale and
        offset; in metres where it states none. Values that no place on the Moon has are gaps, and
        gaps are filled smoothly from what is around them.
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
        If the file cannot be read, is not the one meant, is not of the Moon, is in an unknown unit,
        or does not cover the target and half of the window.
    MissingExtra
        If the format needs rasterio and it is not installed.
    """
    offset = np.arange(cells) - cells // 2
    east, north = np.meshgrid(offset * cell_m, offset * cell_m)
    latitude, longitude = to_latitude_longitude(east, north, latitude_deg, longitude_deg)
    _check_digest(Path(path), sha256)
    try:
        with _open_grid(Path(path)) as grid:
            places = Places(east, north, latitude, longitude)
            elevations, heights = resample(grid, places, cell_m)
            _check_cover(elevations, grid, heights, (latitude_deg, longitude_deg), cell_m)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None
    mean = float(np.nanmean(elevations))
    share = np.abs(offset) / cells
    fade = 0.5 - 0.5 * np.cos(np.pi * np.clip((0.5 - share) / _FADE_SHARE, 0.0, 1.0))
    relief = (fill_gaps(elevations) - mean) * fade[None, :] * fade[:, None]
    return MeasuredGround(np.fft.ifftshift(relief).astype(np.float32), cell_m)


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
    with open_regular(path, most=sys.maxsize) as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != sha256.lower():
        raise ConfigError(f"{path}: has sha256 {found!r}, not {sha256!r}")


@contextmanager
def _open_grid(path: Path) -> Iterator[Grid]:
    # Only GDAL can use the reference system that some programs write in a file next to a grid.
    if path.suffix.lower() == ".asc" and not path.with_suffix(".prj").exists():
        yield AsciiGrid(path)
    else:
        with open_gdal_grid(path) as grid:
            yield grid


def _check_cover(
    elevations: Float64Array,
    grid: Grid,
    heights: Heights,
    target: tuple[float, float],
    cell_m: float,
) -> None:
    """Raise ConfigError if the target or more than half of the window is not measured."""
    known = np.isfinite(elevations)
    target_is_known = known[len(known) // 2, len(known) // 2]
    if target_is_known and known.mean() >= _LEAST_COVER:
        return
    target_too = "" if target_is_known else "not "
    raise ConfigError(
        f"covers {known.mean():.0%} of the window of {len(known) * cell_m:g} m around latitude"
        f" {target[0]:g}, longitude {target[1]:g} and {target_too}the target,"
        f" must cover {_LEAST_COVER:.0%} and the target: choose a smaller window or a file that"
        f" reaches farther{grid.note}{heights.explain()}"
    )
