"""The relief of the ground: bands of periodic tiles, placed at random in every episode.

A footprint is the diameter of the area over which the ground is averaged, 0 for a point. Bands of
shorter wavelength fade out as it grows, so that elevation is a continuous function of it. Between
the grid points of a tile elevation is bilinear: slopes jump by some degrees from cell to cell, as
they do from metre to metre on rough ground.
"""

import math
from typing import Final

import numpy as np

from lunar_env.kernel.compile import inline_kernel, kernel
from lunar_env.kernel.rng import STREAM_TERRAIN, uniform
from lunar_env.physics.landforms import FEATURES, FIXED, PATTERN, SCALE, landforms
from lunar_env.physics.rows import (
    BAND_EAST,
    BAND_NORTH,
    BAND_TURN,
    BANDS,
    DATUM,
    TERRAIN_STEP,
    Lander,
)
from lunar_env.physics.types import Patch

# A band fades out as the footprint grows from FADE_FROM to FADE_TO grid cells; its relief has
# wavelengths of 4 to 64 cells.
FADE_FROM: Final = 8.0
FADE_TO: Final = 32.0
_FADE: Final = 1.0 / (FADE_TO - FADE_FROM)
_ONE: Final = np.uint64(1)
TERRAIN_STEP_SLOPE: Final = 1.0  # [-], of the ramp of a terrain step


@inline_kernel
def _linear(tiles: np.ndarray, band: int, u: float, v: float) -> Patch:
    """Bilinear interpolation of a tile at grid coordinates: elevation [m], slopes [m per cell]."""
    column, row = math.floor(u), math.floor(v)
    u -= column
    v -= row
    # Unsigned: a mask then wraps negative numbers too, and Numba adds no check for them.
    b, mask = np.uint64(band), np.uint64(tiles.shape[1]) - _ONE
    x0, y0 = np.uint64(np.int64(column)) & mask, np.uint64(np.int64(row)) & mask
    x1, y1 = (x0 + _ONE) & mask, (y0 + _ONE) & mask
    z00, z01 = np.float64(tiles[b, y0, x0]), np.float64(tiles[b, y0, x1])
    z10, z11 = np.float64(tiles[b, y1, x0]), np.float64(tiles[b, y1, x1])
    low, high = z00 + u * (z01 - z00), z10 + u * (z11 - z10)
    slope_u = (z01 - z00) + v * ((z11 - z10) - (z01 - z00))
    return Patch(low + v * (high - low), slope_u, high - low)


@inline_kernel
def _band(lander: Lander, band: int, east: float, north: float) -> Patch:
    """Elevation and slopes of one band, with this episode's offset, rotation and reflection.

    Without branches: every row has its own orientation, which no processor could predict.
    """
    memory, tiles, terrain, i = lander.memory, lander.tiles, lander.terrain, lander.i
    scale = terrain[SCALE + band]
    turn = int(memory[i, BAND_TURN + band])
    x = (east + memory[i, BAND_EAST + band]) * scale
    y = (north + memory[i, BAND_NORTH + band]) * scale
    swapped = float(turn & 1) > 0.0
    sign_u, sign_v = 1.0 - float(turn & 2), 1.0 - 0.5 * float(turn & 4)
    part = _linear(tiles, band, sign_u * (y if swapped else x), sign_v * (x if swapped else y))
    slope_u, slope_v = sign_u * part.slope_east, sign_v * part.slope_north
    slope_east, slope_north = slope_v if swapped else slope_u, slope_u if swapped else slope_v
    return Patch(part.elevation, slope_east * scale, slope_north * scale)


@inline_kernel
def _terrain_step(memory: np.ndarray, i: int, east: float, north: float) -> Patch:
    """Elevation and slope of the terrain step: a ramp of slope `TERRAIN_STEP_SLOPE`."""
    rise = memory[i, TERRAIN_STEP.rise]
    along_east, along_north = memory[i, TERRAIN_STEP.east], memory[i, TERRAIN_STEP.north]
    distance = along_east * east + along_north * north - memory[i, TERRAIN_STEP.position]
    half = 0.5 * abs(rise) / TERRAIN_STEP_SLOPE
    if distance <= -half:
        return Patch(rise, 0.0, 0.0)
    if distance >= half:
        return Patch(0.0, 0.0, 0.0)
    slope = -math.copysign(TERRAIN_STEP_SLOPE, rise)
    return Patch(0.5 * rise + slope * distance, slope * along_east, slope * along_north)


@inline_kernel
def brightness(lander: Lander, east: float, north: float) -> float:
    """Albedo deviation from the mean at a map position [m], in standard deviations of the contrast.

    The pattern is the coarsest band half a tile away: of the same spectrum, but uncorrelated.
    """
    tiles, terrain = lander.tiles, lander.terrain
    last = BANDS - 1
    half = 0.5 * tiles.shape[1] / terrain[SCALE + last]
    part = _band(lander, last, east + half, north + half)
    return part.elevation * terrain[PATTERN]


@kernel
def elevation(lander: Lander, east: float, north: float, footprint: float) -> float:
    """Elevation [m] above the sphere through the target, averaged over a `footprint` [m]."""
    memory, terrain, i = lander.memory, lander.terrain, lander.i
    height = 0.0
    for band in range(BANDS):
        share = (FADE_TO - footprint * terrain[SCALE + band]) * _FADE
        if share > 0.0:
            part = _band(lander, band, east, north)
            height += min(1.0, share) * part.elevation
    if terrain[FEATURES] > 0.0:
        height += landforms(terrain, east, north).elevation
    if memory[i, TERRAIN_STEP.rise] != 0.0:
        height += _terrain_step(memory, i, east, north).elevation
    return height - memory[i, DATUM]


@kernel
def patch(lander: Lander, east: float, north: float, footprint: float) -> Patch:
    """`elevation` with the slopes [-] toward east and north."""
    memory, terrain, i = lander.memory, lander.terrain, lander.i
    height, slope_east, slope_north = 0.0, 0.0, 0.0
    for band in range(BANDS):
        share = (FADE_TO - footprint * terrain[SCALE + band]) * _FADE
        if share > 0.0:
            share = min(1.0, share)
            part = _band(lander, band, east, north)
            height += share * part.elevation
            slope_east += share * part.slope_east
            slope_north += share * part.slope_north
    if terrain[FEATURES] > 0.0:
        form = landforms(terrain, east, north)
        height += form.elevation
        slope_east += form.slope_east
        slope_north += form.slope_north
    if memory[i, TERRAIN_STEP.rise] != 0.0:
        step = _terrain_step(memory, i, east, north)
        height += step.elevation
        slope_east += step.slope_east
        slope_north += step.slope_north
    return Patch(height - memory[i, DATUM], slope_east, slope_north)


@kernel
def place_terrain(lander: Lander, key: np.uint64) -> None:
    """Draw offset and orientation of the bands for the episode `key`; zero at the target."""
    memory, tiles, terrain, i = lander.memory, lander.tiles, lander.terrain, lander.i
    for band in range(BANDS):
        free = 1.0 - terrain[FIXED + band]
        period = free * tiles.shape[1] / terrain[SCALE + band]
        draw = 3 * band
        memory[i, BAND_EAST + band] = period * uniform(key, STREAM_TERRAIN, draw)
        memory[i, BAND_NORTH + band] = period * uniform(key, STREAM_TERRAIN, draw + 1)
        turn = math.floor(8.0 * uniform(key, STREAM_TERRAIN, draw + 2))
        memory[i, BAND_TURN + band] = free * turn
    memory[i, DATUM] = 0.0
    memory[i, DATUM] = elevation(lander, 0.0, 0.0, 0.0)
