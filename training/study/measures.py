"""Interquartile means of few runs, with bootstrap intervals.

The interquartile mean (IQM) leaves out the lowest and the highest quarter of the runs, rounded down
to whole runs: one of five at each end, none of three. Intervals are percentiles of the statistic
over resamples of the runs of each task, which are drawn with replacement separately for each task.

References
----------
Agarwal, Schwarzer, Castro, Courville and Bellemare, "Deep reinforcement learning at the edge of the
statistical precipice", NeurIPS 2021.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from scipy import stats

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Float64Array = NDArray[np.float64]

__all__ = ["Estimate", "curve_at", "difference", "iqm", "mean_of_iqms"]

_RESAMPLES: Final = 10_000
_QUARTER: Final = 0.25


class Estimate(NamedTuple):
    """A value with its 95 % interval."""

    value: float
    low: float
    high: float


def iqm(runs: Float64Array, axis: int = -1) -> Float64Array:
    """Return the interquartile mean.

    Parameters
    ----------
    runs : ndarray of float64
        Scores of runs.
    axis : int, optional
        The axis of the runs.

    Returns
    -------
    ndarray of float64
        Without that axis.

    Examples
    --------
    >>> round(float(iqm(np.array([0.0, 0.7, 0.8, 0.9, 1.0]))), 9)
    0.8
    """
    mean: Float64Array = stats.trim_mean(runs, _QUARTER, axis=axis)
    return mean


def mean_of_iqms(by_task: Sequence[Sequence[float]]) -> Estimate:
    """Return the mean over tasks of the interquartile mean over runs.

    Parameters
    ----------
    by_task : sequence of sequence of float
        Scores of the runs on each task; at least one run each.

    Returns
    -------
    Estimate
        Without any spread, as of a single run, the interval has no width.
    """
    samples = [_resampled(scores, number) for number, scores in enumerate(by_task)]
    means = np.mean(samples, axis=0)
    return Estimate(_mean(by_task), *_interval(means))


def difference(first: Sequence[Sequence[float]], second: Sequence[Sequence[float]]) -> Estimate:
    """Return the difference of two means of `mean_of_iqms`, the first less the second.

    Parameters
    ----------
    first, second : sequence of sequence of float
        Scores of the runs on the same tasks.

    Returns
    -------
    Estimate
        The runs of both are resampled independently.
    """
    tasks = len(first)
    ours = [_resampled(scores, number) for number, scores in enumerate(first)]
    theirs = [_resampled(scores, tasks + number) for number, scores in enumerate(second)]
    gaps = np.mean(ours, axis=0) - np.mean(theirs, axis=0)
    return Estimate(_mean(first) - _mean(second), *_interval(gaps))


def curve_at(seconds: Sequence[float], landed: Sequence[float], at: Float64Array) -> Float64Array:
    """Return a learning curve at given times: the latest point not after each of them.

    Parameters
    ----------
    seconds, landed : sequence of float
        Points of the curve, by increasing time.
    at : ndarray of float64, shape (n,)
        Times [s].

    Returns
    -------
    ndarray of float64, shape (n,)
        NaN before the first point.
    """
    index = np.searchsorted(np.asarray(seconds), at, side="right") - 1
    values = np.asarray(landed, dtype=np.float64)
    return np.where(index >= 0, values[np.maximum(index, 0)], np.nan)


def _mean(by_task: Sequence[Sequence[float]]) -> float:
    return float(np.mean([iqm(np.asarray(scores)) for scores in by_task]))


def _resampled(scores: Sequence[float], stream: int) -> Float64Array:
    """Return interquartile means of resamples of the runs; the same ones for the same stream."""
    drawn = np.random.default_rng(stream).integers(len(scores), size=(_RESAMPLES, len(scores)))
    return iqm(np.asarray(scores, dtype=np.float64)[drawn])


def _interval(values: Float64Array) -> tuple[float, float]:
    low, high = np.quantile(values, (0.025, 0.975))
    return float(low), float(high)
