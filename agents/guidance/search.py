"""Time to go: the cheapest feasible one of many candidates, then counted down.

A plan is feasible when its thrust stays below a share of the installed thrust, which leaves a
margin for errors, its path above the ground, and its cost within the propellant. Every second the
times around the present one are tried again, so that a plan follows the measurements; where none of
them is feasible, all are tried. Where no plan is feasible, that with the smallest excess is chosen:
full braking.

References
----------
D'Souza, "An optimal guidance law for planetary landing", AIAA 97-3709, for the quartic whose root
scales the candidates.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from .polynomial import evaluate_times
from .types import VectorInput

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..base import BoolArray, Float64Array
    from .polynomial import PlanChecks, Shape

__all__ = [
    "SearchGains",
    "TimedPlan",
    "energy_time",
    "find_times",
    "follow_times",
    "near_times",
    "select_rows",
]

# Times of the cheapest landings are 0.5 to 1.1 of the quartic's; a lander that is too low needs
# less, one whose first range has just shown the ground far below needs more.
_WIDE: Final = np.geomspace(0.2, 2.5, 56)
_FINE: Final = np.geomspace(0.96, 1.04, 9)  # between the neighbours of the best of these
_NEAR: Final = np.array([0.8, 0.9, 0.95, 0.98, 1.0, 1.02, 1.05, 1.1, 1.25])
_NEWTON_STEPS: Final = 12
_LEAN_FREE: Final = math.tan(math.radians(25.0))
_LEAN_MOST: Final = 5.0  # a plan that ends nearly horizontally is not ranked by how nearly


@dataclass(frozen=True, slots=True)
class SearchGains:
    """Numbers of the search, each with the reason for its value."""

    # Largest thrust of a plan over the installed thrust: a tenth is the margin for errors.
    peak_frac: float = 0.9
    # Time between searches; a plan that is flown without errors hardly changes.
    period_s: float = 1.0
    # The gains grow as 1/t^2: below this time they would amplify noise and lag.
    shortest_s: float = 0.6
    # A plan with less time to go than this is not searched again.
    settled_s: float = 4.0
    # Price of a plan that leans at its end: share of its cost for each unit of the tangent over
    # `_LEAN_FREE`: a lander that takes three seconds for ten degrees is not upright at the ground.
    # As a limit instead of a price it left short approaches without a plan.
    lean_price_frac: float = 0.3
    # A plan may cost this share of the change of velocity that the propellant allows: the rest is
    # for the last metres and errors. Without this limit a lander without a feasible plan climbs,
    # and is without propellant at the top.
    spend_frac: float = 0.9
    # The path may dip this much below the end or the start, whichever is lower.
    dip_m: float = 0.5


class TimedPlan(NamedTuple):
    """The best plan of each row; arrays (n,)."""

    t_go_s: Float64Array
    cost_m_s: Float64Array  # integral of the thrust acceleration, and the price of its last lean
    feasible: BoolArray


def energy_time(inputs: VectorInput) -> Float64Array:
    """Time of flight (n,) [s] of the least integral of squared thrust.

    Positive root of ``g^2/2 t^4 - 2 v.v t^2 - 12 v.r t - 18 r.r = 0``, the end at rest.
    """
    r, v = inputs.r_m - inputs.end_m, inputs.v_m_s - inputs.end_m_s
    if not inputs.steered:
        r, v = r[:, 2:], v
    g2 = np.sum(inputs.g_m_s2**2, axis=1)
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


def find_times(inputs: VectorInput, shape: Shape, gains: SearchGains) -> TimedPlan:
    """Search all times of flight; see `follow_times`."""
    wide = _best(inputs, energy_time(inputs)[:, np.newaxis] * _WIDE, shape, gains)
    return _best(inputs, wide.t_go_s[:, np.newaxis] * _FINE, shape, gains)


def follow_times(
    inputs: VectorInput, t_go: Float64Array, shape: Shape, gains: SearchGains
) -> TimedPlan:
    """Search around the present times to go, and all times where no near plan is feasible.

    Parameters
    ----------
    inputs : VectorInput
        Present state, end and lander of each row.
    t_go : ndarray of float64, shape (n,)
        Present times to go [s].
    shape : Shape
        Powers of the time to go.
    gains : SearchGains
        Limits of a feasible plan.

    Returns
    -------
    TimedPlan
        The best plan of each row.
    """
    plans = near_times(inputs, t_go, shape, gains)
    infeasible = np.flatnonzero(~plans.feasible)
    if infeasible.size:
        for column, value in zip(
            plans, find_times(select_rows(inputs, infeasible), shape, gains), strict=True
        ):
            column[infeasible] = value
    return plans


def near_times(
    inputs: VectorInput,
    t_go: Float64Array,
    shape: Shape,
    gains: SearchGains,
    factors: Float64Array = _NEAR,
) -> TimedPlan:
    """Search around times to go (n,) [s] only; see `follow_times`."""
    return _best(inputs, t_go[:, np.newaxis] * factors, shape, gains)


def select_rows(inputs: VectorInput, rows: slice | NDArray[np.intp]) -> VectorInput:
    """Return some rows of the inputs."""
    return VectorInput._make(a[rows] if isinstance(a, np.ndarray) else a for a in inputs)


def _best(inputs: VectorInput, t: Float64Array, shape: Shape, gains: SearchGains) -> TimedPlan:
    """Choose among candidates for the time to go, (n, c) [s]."""
    t = np.maximum(t, gains.shortest_s)
    checks = evaluate_times(inputs, t, shape)
    excess = _excess(checks, gains, inputs.dv_left_m_s)
    good = excess <= 0.0
    lean = np.clip(checks.end_lean - _LEAN_FREE, 0.0, _LEAN_MOST)
    cost = checks.cost_m_s * (1.0 + gains.lean_price_frac * lean)
    # No plan costs as much as this: infeasible plans rank after all feasible ones.
    order = np.where(good, cost, 1e9 * (1.0 + excess))
    at = np.arange(len(t)), np.argmin(order, axis=1)
    return TimedPlan(t[at], cost[at], good[at])


def _excess(checks: PlanChecks, gains: SearchGains, dv_left: Float64Array | float) -> Float64Array:
    """Excess (n, c) [-] of plans over the limits; zero where they are feasible.

    `dv_left` is the change of velocity [m/s] that the propellant allows, (n,).
    """
    over = np.maximum(checks.peak / gains.peak_frac - 1.0, 0.0)
    low = np.maximum(-gains.dip_m - checks.lowest_m, 0.0)
    spent = checks.cost_m_s / np.maximum(np.atleast_1d(dv_left), 1.0)[:, np.newaxis]
    short = np.maximum(spent / gains.spend_frac - 1.0, 0.0)
    excess: Float64Array = over + short + 0.01 * low
    return excess
