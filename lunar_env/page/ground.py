"""The ground under a flight, as grids that become finer toward the place of its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from lunar_env.page.places import Places

__all__ = ["Elevations", "Grid", "grids_of"]

Numbers = NDArray[np.float64]

POINTS = 49
"""Along each side of a grid."""
FINER = 4.0
FINEST_M = 12.0
"""Each grid is this much narrower than the last, down to this half width or the one before it."""
BESIDE = 0.8
"""The widest grid reaches at least this many heights of the start to each side of the end."""


class Elevations(Protocol):
    """Looks the ground of an episode up."""

    def __call__(self, places_m: Numbers, footprint_m: float) -> Numbers:
        """Return elevations [m] at places (n, 2) on the map [m], smoothed over a footprint."""


class Grid(NamedTuple):
    """Elevations at the points of a square grid."""

    east_m: Numbers  # (n,)
    north_m: Numbers  # (n,)
    elevation_m: Numbers  # (n, n), the row is the place north; NaN where a finer grid is


def grids_of(places: Places, elevations: Elevations) -> list[Grid]:
    """Return the ground, the widest grid first.

    Parameters
    ----------
    places : Places
        The flight; the grids lie around its end, and the widest contains all of it.
    elevations : callable
        Looks the ground up.
    """
    east, north = places.east_m[-1], places.north_m[-1]
    away = np.hypot(places.east_m - east, places.north_m - north).max()
    width = max(1.1 * away, BESIDE * float(places.altitude_m.max()), FINEST_M)
    grids: list[Grid] = []
    while True:
        finer = width / FINER
        last = finer < FINEST_M
        grids.append(_grid(east, north, width, 0.0 if last else finer, elevations))
        if last:
            return grids
        width = finer


def _grid(east: float, north: float, width: float, hole: float, elevations: Elevations) -> Grid:
    line = np.linspace(-width, width, POINTS)
    x, y = np.meshgrid(east + line, north + line)
    places = np.stack([x.ravel(), y.ravel()], axis=1)
    found = elevations(places, float(line[1] - line[0])).reshape(x.shape)
    # One cell of overlap hides the seam.
    inside = np.abs(line) < hole - 1.01 * (line[1] - line[0])
    found[np.ix_(inside, inside)] = np.nan
    return Grid(east + line, north + line, found)
