"""Descent before the first range: the part of a pilot that decides this benchmark.

The *trusting* variant flies its plan on dead reckoning. The default brakes as if the ground were
`sigmas` standard deviations higher than estimated. If that height is used up and there is still no
range, it continues down, slowly enough to stop within the range of the sensor, and fast enough not
to run out of propellant before the lowest ground that is expected.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .propellant import hover_time

if TYPE_CHECKING:
    from ..base import Float64Array
    from ..navigation.types import Estimate
    from ..observation import Reading
    from .propellant import Budget

__all__ = ["BlindGains", "blind_descent"]


@dataclass(frozen=True, slots=True)
class BlindGains:
    """Margins of the descent before the first range."""

    # Standard deviations by which the estimated height is lowered. Where they are the true ones 2.5
    # is enough (`late-acquisition`); where the estimate is worse than it says, 3.5 saves four of a
    # hundred landings more and costs 0.05 kg. With `fastest_m_s` 25, as below, 5 saves no more but
    # loses landings for want of propellant (`overconfident-and-late`, `low-and-late`, 300 landings
    # each); with 45 it is the better choice in throttle control (`agents/gains`).
    sigmas: float = 3.5
    # The ground is not expected more than this many standard deviations lower than estimated.
    deep_sigmas: float = 2.0
    # Share of the hover time available to the blind descent; the rest is for the landing.
    # Between 0.35 and 0.7 the landings are the same, with 0.5 kg more left than at 0.7.
    spend_frac: float = 0.5
    # m/s; slower does not help the sensor: an echo accumulated for half a second is sharp here.
    slowest_m_s: float = 8.0
    # m/s; full thrust stops this within 200 m, less than the range of any working rangefinder.
    fastest_m_s: float = 25.0


def blind_descent(
    estimate: Estimate, reading: Reading, budget: Budget, gains: BlindGains
) -> Float64Array:
    """Descent rate (n,) [m/s] of a lander that used up its low-side height without a range."""
    hover_s = hover_time(reading, budget)
    deepest = np.maximum(estimate.height_m + gains.deep_sigmas * estimate.height_sigma_m, 0.0)
    rate = deepest / np.maximum(gains.spend_frac * hover_s, 1.0)
    return np.clip(rate, gains.slowest_m_s, gains.fastest_m_s)
