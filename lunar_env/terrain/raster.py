"""A regular grid of elevations in some plane, and the one format that needs no library."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lunar_env.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Raster", "read_ascii_grid"]

Float64Array = NDArray[np.float64]
_HEADER = ("ncols", "nrows", "xllcorner", "yllcorner", "cellsize")


@dataclass(frozen=True, slots=True)
class Raster:
    """Elevations at the centres of the cells of a grid; nan where there are none."""

    heights: Float64Array
    """Elevation [m], a row for each y."""
    x: float
    """Of the first column."""
    y: float
    """Of the first row."""
    step_x: float
    """From column to column."""
    step_y: float
    """From row to row; negative where the first row is the northernmost."""

    def sample(self, x: Float64Array, y: Float64Array) -> Float64Array:
        """Return elevations between the points, bilinear; nan outside and beside gaps."""
        rows, columns = self.heights.shape
        u, v = (x - self.x) / self.step_x, (y - self.y) / self.step_y
        outside = (u < 0.0) | (u > columns - 1) | (v < 0.0) | (v > rows - 1)
        column = np.clip(np.floor(u), 0, columns - 2).astype(np.intp)
        row = np.clip(np.floor(v), 0, rows - 2).astype(np.intp)
        u, v = u - column, v - row
        z = self.heights
        low = z[row, column] + u * (z[row, column + 1] - z[row, column])
        high = z[row + 1, column] + u * (z[row + 1, column + 1] - z[row + 1, column])
        return np.where(outside, np.nan, low + v * (high - low))


def read_ascii_grid(path: Path) -> Raster:
    """Read a grid in the ASCII format of ESRI: six lines of header, then rows from the north."""
    try:
        lines = path.read_text(encoding="ascii").split("\n", 6)
        header = {key.lower(): float(number) for key, number in map(str.split, lines[:6])}
        columns, rows, left, bottom, step = (header[key] for key in _HEADER)
        heights = np.array(lines[6].split(), dtype=np.float64).reshape(int(rows), int(columns))
    except (UnicodeDecodeError, ValueError, KeyError, IndexError) as error:
        raise ConfigError(f"{path}: is not an ESRI ASCII grid: {error}") from None
    if min(heights.shape) < 2:
        raise ConfigError(f"{path}: must have 2 rows and columns at least")
    heights[heights == header.get("nodata_value")] = np.nan
    return Raster(heights, left + 0.5 * step, bottom + (rows - 0.5) * step, step, -step)
