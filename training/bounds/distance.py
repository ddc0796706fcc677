"""How far a pilot is from the attainable share: a paired difference with its interval."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Mean", "distance_to_attainable", "mean_difference"]

_Z = NormalDist().inv_cdf(0.975)


class Mean(NamedTuple):
    """A mean with its 95 % interval."""

    value: float
    low: float
    high: float


def mean_difference(first: Sequence[np.ndarray], second: Sequence[np.ndarray]) -> Mean:
    """Return the mean over tasks of the difference of two shares of the same landings.

    Parameters
    ----------
    first, second : sequence of ndarray of bool, shape (n,)
        Success in each task.

    Returns
    -------
    Mean
        First minus second, with the normal interval of a paired difference, by landing as for
        `mean_over_tasks`; without tasks NaN.
    """
    if not first:
        return Mean(math.nan, math.nan, math.nan)
    by_landing = np.mean(np.subtract(first, second, dtype=np.float64), axis=0)
    value, count = float(by_landing.mean()), len(by_landing)
    spread = _Z * float(by_landing.std(ddof=1)) / math.sqrt(count) if count > 1 else 1.0
    return Mean(value, value - spread, value + spread)


def distance_to_attainable(
    landed: Sequence[np.ndarray], attainable: Sequence[np.ndarray]
) -> dict[str, float]:
    """Return the mean difference of attainable and landed shares as JSON content.

    Parameters
    ----------
    landed, attainable : sequence of ndarray of bool, shape (n,)
        Success in each task.

    Returns
    -------
    dict
        ``to_attainable`` and the ends ``_low`` and ``_high`` of its 95 % interval; without tasks
        NaN.
    """
    mean = mean_difference(attainable, landed)
    names = ("to_attainable", "to_attainable_low", "to_attainable_high")
    return dict(zip(names, mean, strict=True))
