"""A share of successes with its Wilson score interval.

References
----------
E. B. Wilson (1927), "Probable inference, the law of succession, and statistical inference",
J. Am. Stat. Assoc. 22, 209-212.
R. G. Newcombe (1998), "Two-sided confidence intervals for the single proportion: comparison of
seven methods", Statistics in Medicine 17, 857-872.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import NamedTuple

__all__ = ["Proportion", "wilson", "wilson_bounds"]


class Proportion(NamedTuple):
    """A share of successes with its interval."""

    successes: int
    trials: int
    value: float  # NaN without trials
    low: float
    high: float


def wilson(successes: int, trials: int, confidence: float = 0.95) -> Proportion:
    """Return a proportion with its Wilson score interval.

    Parameters
    ----------
    successes, trials : int
        Counts, ``0 <= successes <= trials``.
    confidence : float, optional
        Coverage of the two-sided interval.

    Returns
    -------
    Proportion
        Without trials the value is NaN and the interval is [0, 1].

    Examples
    --------
    >>> share = wilson(81, 263)
    >>> f"{share.low:.4f} {share.high:.4f}"
    '0.2553 0.3662'
    """
    if not 0 <= successes <= trials:
        raise ValueError(f"successes = {successes} is outside 0 .. trials = {trials}")
    if trials == 0:
        return Proportion(0, 0, math.nan, 0.0, 1.0)
    share = successes / trials
    return Proportion(successes, trials, share, *wilson_bounds(share, trials, confidence))


def wilson_bounds(share: float, trials: float, confidence: float = 0.95) -> tuple[float, float]:
    """Return the Wilson score interval of a share.

    Parameters
    ----------
    share : float
        In [0, 1].
    trials : float
        Number of independent trials that it is a mean of, above 0; an effective number need not be
        whole.
    confidence : float, optional
        Coverage of the two-sided interval.

    Returns
    -------
    tuple of float
        Its bounds.
    """
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    centre = share + z * z / (2 * trials)
    spread = z * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    scale = 1 + z * z / trials
    # At the ends the bound is exact; rounding would leave it 1e-17 off.
    low = 0.0 if share == 0.0 else (centre - spread) / scale
    high = 1.0 if share == 1.0 else (centre + spread) / scale
    return low, high
