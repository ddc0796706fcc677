"""From the parameters of a terrain to the arrays that kernels read."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lunar_env.errors import ConfigError
from lunar_env.physics.landforms import (
    CHOICES,
    FEATURE,
    FEATURE_WIDTH,
    FEATURES,
    FIXED,
    HEADER_WIDTH,
    MAX_FEATURES,
    MAX_SLOPE,
    PATTERN,
    SCALE,
    SPAN,
)
from lunar_env.physics.rows import BANDS
from lunar_env.terrain import craters, rocks
from lunar_env.terrain.features import Crater, Hillside
from lunar_env.terrain.fractal import roughen

if TYPE_CHECKING:
    from lunar_env.terrain.dem import MeasuredGround
    from lunar_env.terrain.parameters import TerrainParameters

__all__ = ["Ground", "Landform", "build", "flat", "inclined"]

Tiles = NDArray[np.float32]
Ground = tuple[Tiles, NDArray[np.float64]]
Landform = Crater | Hillside

CELLS_M = (0.25, 4.0, 64.0, 1024.0)
"""Cell of each band; each is 16 times the finer one, as far as a band's wavelengths reach."""
TILE_CELLS = 256
WAVES_CELLS = (4.0, 64.0)
"""Wavelengths of a band's roughness and diameters of its craters; the outermost have no limit."""
_FINEST_WAVE_CELLS = 2.0


def flat() -> Ground:
    """Return level ground: the sphere through the target."""
    return _assemble(_level(), CELLS_M, ())


def inclined(slope_rad: float, azimuth_rad: float) -> Ground:
    """Return ground that rises by `slope_rad` toward `azimuth_rad`, clockwise from north."""
    # So long that it levels out nowhere near.
    hillside = Hillside(0.0, 0.0, math.degrees(slope_rad), math.degrees(azimuth_rad), 1e8)
    return _assemble(_level(), CELLS_M, (hillside,))


def build(
    parameters: TerrainParameters,
    landforms: tuple[Landform, ...] = (),
    measured: MeasuredGround | None = None,
) -> Ground:
    """Return tiles and header of a terrain.

    Parameters
    ----------
    parameters : TerrainParameters
        What the ground is made of; tiles are made once for equal ones.
    landforms : tuple of Crater or Hillside
        Up to 4 landforms in fixed places.
    measured : MeasuredGround, optional
        A measured elevation model around the target. It lies where it is in all episodes and takes
        the place of all relief that it resolves; only finer relief is made.

    Returns
    -------
    tiles : ndarray of float32, shape (4, n, n)
        Relief [m] of each band, from fine to coarse. Shared by all who ask for the same: it must
        not be written to.
    terrain : ndarray of float64, shape (HEADER_WIDTH,)
        The header, see `lunar_env.physics.landforms`.
    """
    if len(landforms) > MAX_FEATURES:
        raise ConfigError(f"{len(landforms)} landforms: at most {MAX_FEATURES}")
    if measured is None:
        return _assemble(_make(parameters, math.inf), CELLS_M, landforms)
    tile, cell = measured
    finer = _make(parameters, WAVES_CELLS[0] * cell)
    repeats = tile.shape[0] // TILE_CELLS
    tiles = np.concatenate([np.tile(finer.tiles[:-1], (1, repeats, repeats)), tile[None]])
    relief = _Made(tiles, (*finer.steepest[:-1], _steepest(tile, cell)))
    return _assemble(relief, (*CELLS_M[:-1], cell), landforms, last_is_fixed=True)


class _Made(NamedTuple):
    """Tiles and the steepest slope of each."""

    tiles: Tiles
    steepest: tuple[float, ...]


def _level() -> _Made:
    return _Made(np.zeros((BANDS, 2, 2), dtype=np.float32), (0.0,) * BANDS)


@lru_cache(maxsize=16)
def _make(parameters: TerrainParameters, longest_m: float) -> _Made:
    """Make all bands, without relief of `longest_m` and longer."""
    tiles = np.stack([_tile(parameters, band, longest_m) for band in range(BANDS)])
    return _Made(tiles, tuple(map(_steepest, tiles, CELLS_M)))


def _tile(parameters: TerrainParameters, band: int, longest_m: float) -> NDArray[np.float32]:
    """Stamp the craters and rocks of a band's size and fill up with roughness to the law."""
    cell = CELLS_M[band]
    width = TILE_CELLS * cell
    rng = np.random.default_rng((parameters.seed, band))
    tile = np.zeros((TILE_CELLS, TILE_CELLS))
    sizes = (WAVES_CELLS[0] * cell, min(WAVES_CELLS[1] * cell, longest_m))
    craters.stamp(tile, cell, craters.draw(parameters.craters, width, sizes, rng))
    shortest, longest = sizes
    if band == 0:
        shortest = _FINEST_WAVE_CELLS * cell
        rocks.stamp(tile, cell, rocks.draw(parameters.rocks, width, sizes[1], rng))
    if band == BANDS - 1:
        longest = longest_m
    tile = roughen(tile, parameters.relief, cell, (shortest, longest), rng)
    centred: NDArray[np.float32] = (tile - tile.mean()).astype(np.float32)
    return centred


def _assemble(
    relief: _Made,
    cells_m: tuple[float, ...],
    landforms: tuple[Landform, ...],
    last_is_fixed: bool = False,
) -> Ground:
    """Write the header for relief and landforms."""
    tiles, slopes = relief
    header = np.zeros(HEADER_WIDTH)
    header[SCALE : SCALE + BANDS] = 1.0 / np.array(cells_m)
    header[FIXED : FIXED + BANDS][-1] = float(last_is_fixed)
    # From the coarsest band to the finest, each adds what it can do.
    landforms_alone = sum(landform.steepest for landform in landforms)
    steepest = np.cumsum([landforms_alone, *reversed(slopes)])[::-1]
    header[MAX_SLOPE : MAX_SLOPE + CHOICES] = steepest
    header[SPAN : SPAN + CHOICES] = [0.0, *np.cumsum(np.ptp(tiles, axis=(1, 2)))]
    header[FEATURES] = len(landforms)
    rough = float(tiles[-1].std())
    header[PATTERN] = 1.0 / rough if rough > 0.0 else 0.0
    for k, landform in enumerate(landforms):
        row = FEATURE + k * FEATURE_WIDTH
        header[row : row + FEATURE_WIDTH] = landform.row()
    return tiles, header


def _steepest(tile: NDArray[np.float32], cell_m: float) -> float:
    """Return the steepest slope that bilinear interpolation of a periodic tile can give."""
    z = tile.astype(np.float64)
    along = np.abs(np.roll(z, -1, axis=1) - z)
    across = np.abs(np.roll(z, -1, axis=0) - z)
    # In a cell, each component of the slope lies between those along its two opposite sides.
    along = np.maximum(along, np.roll(along, -1, axis=0))
    across = np.maximum(across, np.roll(across, -1, axis=1))
    return float(np.hypot(along, across).max() / cell_m)
