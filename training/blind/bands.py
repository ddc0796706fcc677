"""Curves over many flights: the median and the middle 80 %, where enough of them get."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from agents.base import BoolArray, Float64Array

__all__ = ["Band", "band", "first_at", "stop_curve"]

_SHARES: Final = (10.0, 50.0, 90.0)
_BEYOND_M: Final = 1e5  # a stop that takes more is none


class Band(NamedTuple):
    """A quantity over another; arrays of equal length, without gaps."""

    at: Float64Array
    low: Float64Array  # 10 % of the flights are below
    middle: Float64Array  # median
    high: Float64Array  # 90 % are below
    flights: Float64Array  # number of flights that get there

    def value(self, at: float) -> float:
        """Return the median, interpolated; NaN beyond the ends."""
        if not len(self.at):
            return float("nan")
        order = np.argsort(self.at)
        edges = {"left": np.nan, "right": np.nan}
        return float(np.interp(at, self.at[order], self.middle[order], **edges))

    def to_dict(self) -> dict[str, Any]:
        """Return the curve as JSON content."""
        return {name: column.tolist() for name, column in self._asdict().items()}


def first_at(
    reached: Float64Array, grid: Float64Array, during: BoolArray, values: Float64Array
) -> Float64Array:
    """Return what a quantity was when another first reached each point of a grid.

    Parameters
    ----------
    reached : ndarray of float64, shape (steps, flights)
        The quantity that reaches.
    grid : ndarray of float64, shape (points,)
        In the direction of flight: decreasing for a height, increasing for an age.
    during : ndarray of bool, shape (steps, flights)
        Steps that count.
    values : ndarray of float64, shape (steps, flights)
        The quantity that is read.

    Returns
    -------
    ndarray of float64, shape (points, flights)
        NaN for flights that do not get there, or are already beyond at the first step that counts:
        each flight is counted once at every point, however long it stays.
    """
    falls = grid[-1] < grid[0]
    read = np.full((len(grid), reached.shape[1]), np.nan)
    flights = np.arange(reached.shape[1])
    first = during.argmax(axis=0)
    begins = reached[first, flights]
    for k, point in enumerate(grid):
        there = during & ((reached <= point) if falls else (reached >= point))
        step = there.argmax(axis=0)
        before = begins >= point if falls else begins <= point
        got = there.any(axis=0) & before
        read[k, got] = values[step[got], flights[got]]
    return read


def band(grid: Float64Array, read: Float64Array, least: int) -> Band:
    """Return median and middle 80 % at the points that at least `least` flights reach.

    Parameters
    ----------
    grid : ndarray of float64, shape (points,)
        The points.
    read : ndarray of float64, shape (points, flights)
        As from `first_at`.
    least : int
        Number of flights, 1 or more.
    """
    flights = np.sum(~np.isnan(read), axis=1)
    kept = flights >= max(1, least)
    low, middle, high = (
        np.nanpercentile(read[kept], _SHARES, axis=1) if kept.any() else np.empty((3, 0))
    )
    return Band(grid[kept], low, middle, high, flights[kept].astype(np.float64))


def stop_curve(stop_m: Float64Array, descent_m_s: Float64Array, points: int = 40) -> Band:
    """Return the height that the fastest stop takes, over the descent speed.

    Parameters
    ----------
    stop_m, descent_m_s : ndarray of float64, of equal shape
        Of many states in flight; NaN if unknown.
    points : int, optional
        Number of intervals of the speed.
    """
    known = np.isfinite(stop_m) & (stop_m < _BEYOND_M) & (descent_m_s > 0.0)
    speed, height = descent_m_s[known], stop_m[known]
    if not len(speed):
        return band(np.empty(0), np.empty((0, 1)), 1)
    edges = np.linspace(0.0, speed.max(), points + 1)
    place = np.clip(np.digitize(speed, edges) - 1, 0, points - 1)
    read = np.full((points, len(speed)), np.nan)
    read[place, np.arange(len(speed))] = height
    return band(0.5 * (edges[1:] + edges[:-1]), read, 1)
