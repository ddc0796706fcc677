"""Statistics for benchmarks of landings.

Proportions have Wilson score intervals (`lunar_env.proportion`). Touchdown speeds are reported as
order statistics, which are observed values without interpolation. Two pilots that flew the same
episodes are compared by McNemar's exact test.

References
----------
S. Holm (1979), "A simple sequentially rejective multiple test procedure", Scand. J. Stat. 6, 65-70.
Q. McNemar (1947), "Note on the sampling error of the difference between correlated proportions or
percentages", Psychometrika 12, 153-157.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

__all__ = [
    "Comparison",
    "holm",
    "mcnemar",
    "order_statistic",
    "sign_test",
]


class Comparison(NamedTuple):
    """McNemar's exact test of two pilots on the same episodes."""

    only_first: int  # episodes that only the first pilot landed
    only_second: int
    p_value: float  # two-sided


def order_statistic(values: ArrayLike, fraction: float) -> float:
    """Return the smallest observed value with at least `fraction` of the sample at or below it.

    Parameters
    ----------
    values : array_like
        The sample; NaN entries are ignored.
    fraction : float
        Between 0 (the minimum) and 1 (the maximum).

    Returns
    -------
    float
        NaN for an empty sample.
    """
    sample = np.asarray(values, dtype=np.float64)
    sample = sample[~np.isnan(sample)]
    if sample.size == 0:
        return math.nan
    return float(np.quantile(sample, fraction, method="inverted_cdf"))


def mcnemar(first: ArrayLike, second: ArrayLike) -> Comparison:
    """Compare two pilots that flew the same episodes, by McNemar's exact test.

    Parameters
    ----------
    first, second : array_like of bool
        Success by episode, in the same order.

    Returns
    -------
    Comparison
        Counts of the discordant episodes and the p-value. Under the null hypothesis each of these
        episodes is equally likely to be landed by either pilot.

    Raises
    ------
    ValueError
        If the samples differ in length.
    """
    a = np.asarray(first, dtype=np.bool_)
    b = np.asarray(second, dtype=np.bool_)
    if a.shape != b.shape:
        raise ValueError(f"the samples differ in length: {a.shape} and {b.shape}")
    only_first = int(np.sum(a & ~b))
    only_second = int(np.sum(~a & b))
    return Comparison(only_first, only_second, sign_test(only_first, only_second))


def sign_test(heads: int, tails: int) -> float:
    """Return the two-sided p-value of the exact sign test.

    Parameters
    ----------
    heads, tails : int
        Counts of two outcomes that are equally likely under the null hypothesis.

    Returns
    -------
    float
        In (0, 1].
    """
    total = heads + tails
    log_all = total * math.log(2)
    tail = math.fsum(
        math.exp(math.lgamma(total + 1) - math.lgamma(k + 1) - math.lgamma(total - k + 1) - log_all)
        for k in range(min(heads, tails) + 1)
    )
    return min(1.0, 2 * tail)


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjust p-values of several tests, so that any false rejection is as rare as of one test.

    Parameters
    ----------
    p_values : sequence of float
        Of the single tests.

    Returns
    -------
    list of float
        In the same order; each is at most 1.

    Examples
    --------
    >>> holm([0.02, 0.5, 0.01])
    [0.04, 0.5, 0.03]
    """
    adjusted, largest = [0.0] * len(p_values), 0.0
    for rank, k in enumerate(sorted(range(len(p_values)), key=lambda k: p_values[k])):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[k]))
        adjusted[k] = largest
    return adjusted
