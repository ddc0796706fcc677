"""The ground as the filter assumes it: how much heights differ over a distance. Compiled."""

import math
from typing import Final

import numpy as np

from lunar_env.kernel.compile import inline_kernel

from ..sheet import SHEET_ROW
from .axis import AXIS, CROSS
from .gains import KalmanGains
from .memory import FLOWN, SHEET, SPOT, SPOT_WIDTH, UP, Spot, load_spot, store_spot

__all__ = ["relief", "renew", "slope_sigma"]

_BASELINE_M: Final = 100.0  # of the relief in the data sheet
# Beyond about this distance roughness saturates, with this exponent (Rosenburg et al. 2011).
_BREAK_M: Final = 1000.0
_HURST_BEYOND: Final = 0.3
# The slope of a whole site is that of a hillside of some hundred metres ...
_SITE_M: Final = 300.0
# ... which rises in one direction: its mean square over all directions is half.
_ANY_DIRECTION: Final = 0.5
_RELIEF, _HURST = SHEET + SHEET_ROW["ground_relief_m"], SHEET + SHEET_ROW["ground_hurst"]
_SLOPE = SHEET + SHEET_ROW["ground_slope_frac"]


@inline_kernel
def relief(m: np.ndarray, i: int, distance: float, g: KalmanGains) -> float:
    """Variance [m^2] of the difference in height of the ground over a distance [m].

    A power of the distance, as of fractional Brownian motion, that bends smoothly at the break.
    """
    hurst, d = m[i, _HURST], max(distance, 1e-3)
    bend = (_HURST_BEYOND - hurst) * math.log(1.0 + (d / _BREAK_M) ** 2)
    rise2 = m[i, _RELIEF] ** 2 * math.exp(2.0 * hurst * math.log(d / _BASELINE_M) + bend)
    site = m[i, _SLOPE] * min(distance, _SITE_M)
    variance: float = g.relief_frac**2 * (rise2 + _ANY_DIRECTION * site * site)
    return variance


@inline_kernel
def slope_sigma(m: np.ndarray, i: int, g: KalmanGains) -> float:
    """Sigma of the slope [-], a Gauss-Markov process that has the relief over its length.

    Over the distance d heights differ by ``2 (s L)^2 (d/L - 1 + exp(-d/L))``.
    """
    length = g.slope_length_m
    return math.sqrt(relief(m, i, length, g) / (2.0 * math.exp(-1.0))) / length


@inline_kernel
def renew(m: np.ndarray, i: int, considered: int, distance: float, g: KalmanGains) -> None:
    """Forget part of a considered relief: the ground at the end of `distance` [m] has changed.

    It is a first-order Gauss-Markov process over the distance flown, by the lander and by the spot,
    whose correlation length is proportional to the distance between them.
    """
    at, last = SPOT + SPOT_WIDTH * considered, load_spot(m, i, SPOT + SPOT_WIDTH * considered)
    flown = m[i, FLOWN] - last.flown + abs(distance - last.distance)
    kept = math.exp(-flown / (g.relief_length * max(min(distance, last.distance), 1.0)))
    for k in range(CROSS):
        m[i, UP + AXIS + CROSS * considered + k] *= kept
    store_spot(m, i, at, Spot(m[i, FLOWN], distance))
