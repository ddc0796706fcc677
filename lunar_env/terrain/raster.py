"""Grids of elevations: what a file of them offers, and a part of it that can be sampled.

Places on a grid are columns and rows: fractional indices, whole at the centres of the pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["Float64Array", "Grid", "Places", "Raster"]

Float64Array = NDArray[np.float64]


class Places(NamedTuple):
    """A square of places on the map around a target; arrays of one shape, the target at the middle.

    Rows go north, columns east, both from `-n // 2` cells off the target.
    """

    east: Float64Array  # m
    north: Float64Array  # m
    latitude: Float64Array  # degrees
    longitude: Float64Array  # degrees, continuous from the target's


class Grid(Protocol):
    """A file of elevations."""

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""

    @property
    def bounds(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """First and end of the rows and of the columns that can be read.

        Beyond the file's own where the grid goes on around the Moon.
        """

    @property
    def unit_is_stated(self) -> bool:
        """Whether the file states the unit of its values."""

    @property
    def note(self) -> str:
        """What was assumed about where the grid lies, as the end of a sentence; often empty."""

    def locate(self, places: Places) -> tuple[Float64Array, Float64Array]:
        """Return columns and rows of places."""

    def columns_per_metre(self, rows: Float64Array) -> Float64Array | None:
        """Return the columns of a metre along rows; None where all have the same."""

    def read(self, rows: tuple[int, int], columns: tuple[int, int]) -> Float64Array:
        """Return values [m] from the first row and column to before the last; nan in gaps."""


@dataclass(frozen=True, slots=True)
class Raster:
    """Elevations at regular places of a plane; nan where there are none."""

    heights: Float64Array
    """Elevation [m], a row for each y."""
    x: float
    """Of the first column."""
    y: float
    """Of the first row."""
    step_x: float
    """From column to column."""
    step_y: float
    """From row to row."""

    def sample(self, x: Float64Array, y: Float64Array) -> Float64Array:
        """Return elevations between the points: bilinear, constant up to half a step outside.

        They are nan farther outside and next to gaps.
        """
        rows, columns = self.heights.shape
        u, v = (x - self.x) / self.step_x, (y - self.y) / self.step_y
        inside = (u >= -0.5) & (u <= columns - 0.5) & (v >= -0.5) & (v <= rows - 0.5)
        u = np.clip(np.where(inside, u, 0.0), 0.0, columns - 1.0)
        v = np.clip(np.where(inside, v, 0.0), 0.0, rows - 1.0)
        column, row = np.floor(u).astype(np.intp), np.floor(v).astype(np.intp)
        right, below = np.minimum(column + 1, columns - 1), np.minimum(row + 1, rows - 1)
        u, v = u - column, v - row
        z = self.heights
        low = z[row, column] + u * (z[row, right] - z[row, column])
        high = z[below, column] + u * (z[below, right] - z[below, column])
        return np.where(inside, low + v * (high - low), np.nan)
