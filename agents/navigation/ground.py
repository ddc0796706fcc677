"""The ground as the filter assumes it: how much heights differ over a distance. Compiled."""

import math
from typing import Final, NamedTuple

import numpy as np

from lunar_env.kernel.compile import inline_kernel

from ..sheet import SHEET_ROW
from .gains import KalmanGains
from .memory import EAST, FINE_SLOPE2, NORTH, ROUGH_VAR, SHEET, SLOPE_SIGMA, SLOPES

__all__ = ["climb", "hillside", "relief", "slope_length", "survey"]

_BASELINE_M: Final = 100.0  # of the relief in the data sheet
# Beyond about this distance roughness saturates, with this exponent (Rosenburg et al. 2011).
_BREAK_M: Final = 1000.0
_HURST_BEYOND: Final = 0.3
_RELIEF, _HURST = SHEET + SHEET_ROW["ground_relief_m"], SHEET + SHEET_ROW["ground_hurst"]
_EAST = SHEET + SHEET_ROW["ground_slope_east_frac"]
_NORTH = SHEET + SHEET_ROW["ground_slope_north_frac"]
_REACH = SHEET + SHEET_ROW["ground_slope_reach_m"]


@inline_kernel
def relief(m: np.ndarray, i: int, distance: float, g: KalmanGains) -> float:
    """Variance [m^2] of the difference in height of the ground over a distance [m].

    A power of the distance, as of fractional Brownian motion, that bends smoothly at the break.
    """
    hurst, d = m[i, _HURST], max(distance, 1e-3)
    share = (d / _BREAK_M) ** 2
    # Near by, the logarithm is its argument, within half a percent.
    bend = (_HURST_BEYOND - hurst) * (math.log(1.0 + share) if share > 0.01 else share)
    rise2 = m[i, _RELIEF] ** 2 * math.exp(2.0 * hurst * math.log(d / _BASELINE_M) + bend)
    variance: float = g.relief_frac**2 * rise2
    return variance


@inline_kernel
def hillside(m: np.ndarray, i: int, x: float, y: float) -> tuple[float, float]:
    """Height [m] and squared slope [-] of the hillside on the map, at a dead-reckoned place [m, L].

    Zero where the map has none.
    """
    reach = m[i, _REACH]
    if reach == 0.0:
        return 0.0, 0.0
    slope = max(math.hypot(m[i, _EAST], m[i, _NORTH]), 1e-9)
    climb = m[i, _EAST] * (x + m[i, EAST]) + m[i, _NORTH] * (y + m[i, NORTH])
    t = math.tanh(climb / (slope * reach))
    return slope * reach * t, (slope * (1.0 - t * t)) ** 2


@inline_kernel
def rise2(distance: float, length: float) -> float:
    """Mean square rise [m^2] over a distance [m] of ground whose slope has unit variance.

    The slope is a first-order Gauss-Markov process with the correlation length `length` [m].
    """
    share = distance / length
    return 2.0 * length * length * (share - 1.0 + math.exp(-share))


class Climb(NamedTuple):
    """Rise over a distance along which the slope, of unit variance, is a Gauss-Markov process."""

    kept: float  # [-], part of the slope at the begin that is left at the end
    along: float  # m, rise where that slope is 1
    rest_var: float  # m^2, of the rise that does not depend on it


@inline_kernel
def climb(distance: float, length: float) -> Climb:
    """Rise over a distance [m], for the correlation length `length` [m]."""
    share = distance / length
    kept = math.exp(-share)
    along = length * (1.0 - kept)
    return Climb(kept, along, max(2.0 * length * (distance - along) - along * along, 0.0))


@inline_kernel
def slope_length(j: int, g: KalmanGains) -> float:
    """Correlation length [m] of a part of the slope."""
    length: float = g.slope_short_m if j == 0 else g.slope_long_m
    return length


@inline_kernel
def survey(m: np.ndarray, i: int, g: KalmanGains) -> None:
    """Set what is constant of the ground.

    The parts of the slope have the relief over both of their lengths.
    """
    m[i, ROUGH_VAR] = 0.5 * relief(m, i, g.rough_m, g)
    m[i, FINE_SLOPE2] = relief(m, i, g.spot_m, g) / (g.spot_m * g.spot_m)
    a, b = g.slope_short_m, g.slope_long_m
    over_a, over_b = relief(m, i, a, g), relief(m, i, b, g)
    aa, ab, ba, bb = rise2(a, a), rise2(a, b), rise2(b, a), rise2(b, b)
    short2 = max((over_a * bb - over_b * ab) / (aa * bb - ab * ba), 0.0)
    long2 = max((over_b - short2 * ba) / bb, 0.0)
    for k in range(SLOPES):
        m[i, SLOPE_SIGMA + k] = math.sqrt(short2 if k == 0 else long2)
