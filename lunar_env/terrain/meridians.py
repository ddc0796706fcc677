"""Maps whose columns are meridians: they go on around the Moon, and beyond a pole."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lunar_env.data.constants import R_MOON
from lunar_env.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

    from lunar_env.terrain.raster import Float64Array

    Locate = Callable[[Float64Array, Float64Array], tuple[Float64Array, Float64Array]]

__all__ = ["Meridians", "find_meridians"]

# A map is taken to go all the way round if no more than this share of a turn, or half a column, is
# missing: labels state their scale with few digits.
_CLOSED_FRAC = 1e-4


class Meridians(NamedTuple):
    """How the columns and rows of a map follow longitude and latitude."""

    shape: tuple[int, int]
    """Rows and columns of the file."""
    columns_per_degree: float
    """Negative where columns go west."""
    rows: Float64Array
    """Rows of `latitudes`, rising."""
    latitudes: Float64Array
    """Some latitudes [degrees]."""

    @property
    def turn(self) -> int:
        """Columns once round the Moon."""
        exact = 360.0 * abs(self.columns_per_degree)
        if self.shape[1] > exact - max(0.5, _CLOSED_FRAC * exact):
            return min(self.shape[1], round(exact))
        return round(exact)

    @property
    def mirrors(self) -> tuple[int | None, int | None]:
        """Sum of the indices of two rows that mirror each other in the pole at an edge.

        Before the first row and beyond the last one; None where that edge is not at a pole.
        """
        pole = np.array([
            row
            for row, latitude in zip(self.rows[[0, -1]], self.latitudes[[0, -1]], strict=True)
            if abs(latitude) == 90.0
        ])  # fmt: skip
        at_edge = [pole[np.abs(pole - edge) < 0.8] for edge in (-0.25, self.shape[0] - 0.75)]
        first, last = (round(2.0 * float(at[0])) if at.size else None for at in at_edge)
        return first, last

    @property
    def bounds(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """First and end of rows and of columns, including those that go on beyond the file."""
        size = self.shape[0]
        first, last = self.mirrors
        rows = 0 if first is None else 1 - size + first, size if last is None else last + 1
        return rows, (-2 * self.turn, 3 * self.turn)

    def unwrap(self, u: Float64Array, longitude: Float64Array) -> Float64Array:
        """Return columns that follow longitude from the middle place, which is in the file.

        Projections jump at the edge of their map, where the file may go on.
        """
        middle = (len(u) // 2, len(u) // 2)
        circle = 360.0 * abs(self.columns_per_degree)
        turns = np.round((u[middle] - 0.5 * (self.shape[1] - 1)) / circle)
        east = (longitude - longitude[middle]) * self.columns_per_degree
        columns: Float64Array = u[middle] - turns * circle + east
        return columns

    def columns_per_metre(self, rows: Float64Array) -> Float64Array:
        """Return the columns of a metre along rows, at most a full turn."""
        first, last = self.mirrors
        if first is not None:
            rows = np.where(rows < 0, first - rows, rows)
        if last is not None:
            rows = np.where(rows >= self.shape[0], last - rows, rows)
        latitude = np.interp(rows, self.rows, self.latitudes)
        circle = 2.0 * math.pi * R_MOON * np.cos(np.radians(latitude))
        return self.turn / np.maximum(circle, 1.0)


def find_meridians(locate: Locate, shape: tuple[int, int]) -> Meridians | None:
    """Return how columns and rows follow longitude and latitude, None if they do not.

    Parameters
    ----------
    locate : callable
        Returns columns and rows of longitudes and latitudes [degrees]; raises ConfigError where the
        map does not show them.
    shape : tuple of int
        Rows and columns of the file.
    """
    longitude = np.arange(3.0, 360.0, 10.0)  # where maps have no edge
    try:
        u, away = (locate(longitude, np.full_like(longitude, at))[0] for at in (0.0, 45.0))
    except ConfigError:
        return None
    steps = np.diff(u, append=u[:1])
    step = float(np.median(steps))
    near = 1e-6 * abs(step)
    if np.abs(u - away).max() > near or np.count_nonzero(np.abs(steps - step) > near) > 1:
        return None
    for limit in (90.0, 89.0):
        latitudes = np.linspace(-limit, limit, 361)
        try:
            rows = locate(np.full_like(latitudes, longitude[0]), latitudes)[1]
        except ConfigError:
            continue
        order = np.argsort(rows)
        return Meridians(shape, step / 10.0, rows[order], latitudes[order])
    return None
