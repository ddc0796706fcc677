"""Elevations of a file at places of another spacing: pixels between two places are averaged.

Each axis is averaged by its own spacing, columns row by row: where columns are meridians, a cell
near a pole is as wide as many of them.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from lunar_env.errors import ConfigError
from lunar_env.terrain.heights import Heights
from lunar_env.terrain.raster import Float64Array, Grid, Places, Raster

__all__ = ["resample"]

_STRIPE_PIXELS = 4_000_000  # read at once
_MOST_PIXELS = 2**32  # minutes of reading
_NEAR = 16  # pixels to each side of the target by which radii are distinguished from heights


class _Window(NamedTuple):
    """The part of a file that places need, and how much of it makes one point."""

    rows: tuple[int, int]
    columns: tuple[int, int]
    every_row: int
    every_column: int
    width: Float64Array  # of the mean along each row [columns]


def resample(grid: Grid, places: Places, cell_m: float) -> tuple[Float64Array, Heights]:
    """Return elevations of places, and how the values of the file were understood.

    Parameters
    ----------
    grid : Grid
        The file.
    places : Places
        Where elevations are wanted.
    cell_m : float
        Distance between neighbouring places [m].

    Returns
    -------
    elevations : ndarray
        Elevation [m] of each place; nan outside the file and in gaps.
    heights : Heights
        What the values count from, and which were taken for gaps.

    Raises
    ------
    ConfigError
        If the file has a single row or column, its values cannot be understood, or the window has
        too many pixels.
    """
    if min(grid.shape) < 2:
        raise ConfigError("must have 2 rows and columns at least")
    u, v = grid.locate(places)
    middle = (len(u) // 2, len(u) // 2)
    near = [_extent(grid, axis, index[middle], _NEAR) for axis, index in enumerate((v, u))]
    heights = Heights(grid.read(*near), grid.unit_is_stated, grid.shape[1])
    window = _window(grid, u, v, cell_m)
    if window is None:
        return np.full(u.shape, np.nan), heights
    return _averaged(grid, window, heights).sample(u, v), heights


def _extent(grid: Grid, axis: int, index: Float64Array, margin: int) -> tuple[int, int]:
    """Return first index and end of what is around indices, as far as it can be read."""
    low, high = grid.bounds[axis]
    first, end = math.floor(np.min(index)) - margin, math.ceil(np.max(index)) + margin + 1
    return min(max(low, first), high), max(low, min(end, high))


def _window(grid: Grid, u: Float64Array, v: Float64Array, cell_m: float) -> _Window | None:
    """Return the part of the file that places at columns `u` and rows `v` need, if it has one."""
    every_row = max(1, math.floor(_steps_per_cell(v) + 0.1))  # 3.99 are four
    rows = _extent(grid, 0, v, every_row + 1)
    if rows[0] >= rows[1]:
        return None
    per_metre = grid.columns_per_metre(np.arange(*rows, dtype=np.float64))
    if per_metre is None:
        width = np.full(rows[1] - rows[0], _steps_per_cell(u))
    else:
        width = per_metre * cell_m
    every_column = max(1, math.floor(width.min()))
    columns = _extent(grid, 1, u, math.ceil(width.max() / 2) + every_column + 1)
    if columns[0] >= columns[1]:
        return None
    count = rows[1] - rows[0], columns[1] - columns[0]
    if count[0] * count[1] > _MOST_PIXELS:
        raise ConfigError(
            f"the window has {count[0]} x {count[1]} pixels, must have {_MOST_PIXELS} at most:"
            " choose fewer or smaller cells, or a coarser file"
        )
    return _Window(rows, columns, every_row, every_column, np.maximum(width, every_column))


def _steps_per_cell(index: Float64Array) -> float:
    """Return by how many columns, or rows, a grid goes on from place to place."""
    return float(np.median(np.hypot(*np.gradient(index))))


def _averaged(grid: Grid, window: _Window, heights: Heights) -> Raster:
    """Read a window in stripes of rows, so that memory does not grow with the file."""
    rows, columns, every_row, every_column, width = window
    stripe = every_row * max(1, _STRIPE_PIXELS // (every_row * (columns[1] - columns[0])))
    parts = []
    for first in range(rows[0], rows[1], stripe):
        end = min(first + stripe, rows[1])
        values = heights(grid.read((first, end), columns), first, columns[0])
        means = _means_of_rows(values, every_row)
        parts.append(
            _means_along_rows(
                means, every_column, width[first - rows[0] : end - rows[0] : every_row]
            )
        )
    return Raster(
        np.concatenate(parts),
        columns[0] + 0.5 * (every_column - 1),
        rows[0] + 0.5 * (every_row - 1),
        every_column,
        every_row,
    )


def _means_of_rows(values: Float64Array, every: int) -> Float64Array:
    """Return means of as many rows; nan where less than half is known."""
    if every == 1:
        return values
    missing = -len(values) % every
    rows = np.pad(values, ((0, missing), (0, 0)), constant_values=np.nan)
    blocks = rows.reshape(-1, every, values.shape[1])
    known = np.isfinite(blocks)
    return _mean(np.where(known, blocks, 0.0).sum(axis=1), known.sum(axis=1), every)


def _means_along_rows(values: Float64Array, every: int, width: Float64Array) -> Float64Array:
    """Return a mean over its row's `width` for each `every` columns; nan as above."""
    if width.max() <= 1.0:
        return values
    size = values.shape[1]
    centre = (np.arange(math.ceil(size / every)) + 0.5) * every
    known = np.isfinite(values)
    total, count = (
        _integral(part, centre + 0.5 * width[:, None])
        - _integral(part, centre - 0.5 * width[:, None])
        for part in (np.where(known, values, 0.0), known)
    )
    return _mean(total, count, width[:, None])


def _integral(values: Float64Array, to: Float64Array) -> Float64Array:
    """Return the integral of each row, whose columns have width 1, from its start."""
    sums = np.pad(np.cumsum(values, axis=1, dtype=np.float64), ((0, 0), (1, 0)))
    to = np.clip(to, 0.0, values.shape[1])
    whole = np.minimum(to.astype(np.intp), values.shape[1] - 1)
    low, high = (np.take_along_axis(sums, whole + k, axis=1) for k in (0, 1))
    integral: Float64Array = low + (to - whole) * (high - low)
    return integral


def _mean(total: Float64Array, count: Float64Array, size: float | Float64Array) -> Float64Array:
    """Return totals over counts; nan where less than half of the size is known."""
    enough = count >= 0.5 * size
    mean: Float64Array = np.where(enough, total / np.where(enough, count, 1.0), np.nan)
    return mean
