"""Time to go: the cheapest of many candidates whose plan the lander can fly, then counted down.

A plan can be flown when its thrust stays below a share of what is installed, which leaves the rest
to errors, and its path above the ground. Every second the times around the present one are tried
again, so that a plan follows what the sensors say; where none of them can be flown, all are.
Where there is none at all, the plan that asks for least is taken: that is braking in full.

References
----------
D'Souza, "An optimal guidance law for planetary landing", AIAA 97-3709, for the quartic whose root
scales the candidates.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from .polynomial import try_times
from .types import Motion

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..base import BoolArray, Float64Array
    from .polynomial import Shape, Trial

__all__ = [
    "Found",
    "SearchGains",
    "energy_time",
    "find_times",
    "follow_times",
    "near_times",
    "take",
]

# Times of the cheapest landings are 0.5 to 1.1 of the quartic's; a lander that is too low needs
# less, one that has just been told of ground far below needs more.
_WIDE: Final = np.geomspace(0.2, 2.5, 56)
_FINE: Final = np.geomspace(0.96, 1.04, 9)  # between the neighbours of the best of these
_NEAR: Final = np.array([0.8, 0.9, 0.95, 0.98, 1.0, 1.02, 1.05, 1.1, 1.25])
_NEWTON_STEPS: Final = 12


@dataclass(frozen=True, slots=True)
class SearchGains:
    """Numbers of the search, each with the reason for its value."""

    # Largest thrust of a plan over the installed one: a tenth is left to errors.
    peak_frac: float = 0.9
    # Between searches; a plan that is flown as planned hardly changes.
    period_s: float = 1.0
    # The gains grow as 1/t^2: below this time they would amplify noise and lag.
    shortest_s: float = 0.6
    # A plan with less time to go than this is not searched again.
    settled_s: float = 4.0
    # The path may dip this much below the end or the start, whichever is lower.
    dip_m: float = 0.5


class Found(NamedTuple):
    """The best plan of each row, (n,)."""

    t_go_s: Float64Array
    cost_m_s: Float64Array
    feasible: BoolArray  # it can be flown as planned


def energy_time(motion: Motion) -> Float64Array:
    """Time of flight of least integral of squared thrust, (n,).

    Positive root of ``g^2/2 t^4 - 2 v.v t^2 - 12 v.r t - 18 r.r = 0``, the end at rest.
    """
    r, v = motion.r_m - motion.end_m, motion.v_m_s - motion.end_m_s
    if not motion.steered:
        r, v = r[:, 2:], v
    g2 = np.sum(motion.g_m_s2**2, axis=1)
    rr, vv = np.sum(r * r, axis=1), np.sum(v * v, axis=1)
    vr = np.sum(r * v[:, -r.shape[1] :], axis=1)
    # From above every root: the quartic is convex there and Newton monotone.
    t: Float64Array = (
        2.0 * np.sqrt(vv / g2) + 3.0 * np.sqrt(np.sqrt(rr / g2)) + 3.0 * np.cbrt(np.abs(vr) / g2)
    )
    t = 2.0 * np.maximum(t, 1.0)
    for _ in range(_NEWTON_STEPS):
        value = 0.5 * g2 * t**4 - 2.0 * vv * t**2 - 12.0 * vr * t - 18.0 * rr
        slope = 2.0 * g2 * t**3 - 4.0 * vv * t - 12.0 * vr
        t = np.maximum(t - value / np.maximum(slope, 1e-9), 0.5)
    return t


def find_times(motion: Motion, shape: Shape, gains: SearchGains) -> Found:
    """Search all times of flight."""
    wide = _best(motion, energy_time(motion)[:, np.newaxis] * _WIDE, shape, gains)
    return _best(motion, wide.t_go_s[:, np.newaxis] * _FINE, shape, gains)


def follow_times(motion: Motion, t_go: Float64Array, shape: Shape, gains: SearchGains) -> Found:
    """Search around the present times to go (n,); all of them where no near plan can be flown."""
    found = near_times(motion, t_go, shape, gains)
    lost = np.flatnonzero(~found.feasible)
    if lost.size:
        for column, value in zip(found, find_times(take(motion, lost), shape, gains), strict=True):
            column[lost] = value
    return found


def near_times(
    motion: Motion,
    t_go: Float64Array,
    shape: Shape,
    gains: SearchGains,
    factors: Float64Array = _NEAR,
) -> Found:
    """Search around times to go (n,) only."""
    return _best(motion, t_go[:, np.newaxis] * factors, shape, gains)


def take(motion: Motion, rows: slice | NDArray[np.intp]) -> Motion:
    """Return some rows of a motion."""
    return Motion._make(a[rows] if isinstance(a, np.ndarray) else a for a in motion)


def _best(motion: Motion, t: Float64Array, shape: Shape, gains: SearchGains) -> Found:
    """Choose among candidates (n, c)."""
    t = np.maximum(t, gains.shortest_s)
    trial = try_times(motion, t, shape)
    excess = _excess(trial, gains)
    good = excess <= 0.0
    # No plan costs as much as this: one that cannot be flown comes after all that can.
    order = np.where(good, trial.cost_m_s, 1e9 * (1.0 + excess))
    at = np.arange(len(t)), np.argmin(order, axis=1)
    return Found(t[at], trial.cost_m_s[at], good[at])


def _excess(trial: Trial, gains: SearchGains) -> Float64Array:
    """By how much plans break the limits; zero where they can be flown."""
    over = np.maximum(trial.peak / gains.peak_frac - 1.0, 0.0)
    low = np.maximum(-gains.dip_m - trial.lowest_m, 0.0)
    return over + 0.01 * low
