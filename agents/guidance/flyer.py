"""Flying polynomial plans: search, delay while that is cheaper, count down, hand over.

A plan of this family distributes its thrust over the whole time of flight. The optimum does not: it
idles and then burns hard. Therefore the search also evaluates the plan that starts after some
seconds of idling, and delays the burn as long as that is cheaper and feasible. On the three
reference landings that saves E-guidance 6 % of its propellant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from .final import final_cost, final_descent, is_captured, near_upright, raise_end
from .polynomial import command
from .search import find_times, follow_times, near_times, select_rows
from .terminal import descend, idle_frac

if TYPE_CHECKING:
    from ..base import BoolArray, Float64Array, PilotState
    from .polynomial import Shape
    from .search import SearchGains
    from .types import TerminalGains, VectorInput

__all__ = ["fly_plan", "start_plan"]

# Delays that are evaluated [s]. The shortest alone would end the delay where one more second is no
# gain, though ten are.
_WAITS_S: Final = (1.0, 3.0, 9.0)
# Times to go that are tried for a plan that is retained, over the present one.
_RETAINED: Final = np.array([0.98, 0.99, 1.0, 1.01, 1.02])
# A plan that completes this far above its end [m] is outdated, the height has changed: plan again.
_ABOVE_M: Final = 5.0
# With less than this to go a steered lander does not idle: it would have to lean more afterwards.
_NO_DELAY_S: Final = 20.0
# A plan near the ground that would end so much later than before is given up for the last metres,
# wherever they end: it would climb, and circle over its end until the propellant is spent. Its end
# is then in the past, until the lander is this high above it after all.
_LONGER_S: Final = 2.0
_CAPTURED: Final = -np.inf
_FAR_ABOVE_M: Final = 200.0
_OVER_S: Final = 0.3  # a plan with less than this to go is complete


def start_plan(rows: int) -> PilotState:
    """Memory (n,) without a plan: its end [s], time of its search [s], whether it is delayed."""
    return np.full(rows, np.nan), np.full(rows, -np.inf), np.zeros(rows, dtype=np.bool_)


def fly_plan(
    inputs: VectorInput,
    memory: PilotState,
    shape: Shape,
    gains: SearchGains,
    terminal: TerminalGains,
    *,
    recorded: bool = False,
    keeps_plan: bool = False,
) -> tuple[Float64Array, PilotState]:
    """Follow the plan down to its end, then the last metres.

    Parameters
    ----------
    inputs : VectorInput
        Present state, end and lander of each row.
    memory : tuple of ndarray
        See `start_plan`.
    shape : Shape
        Powers of the time to go.
    gains : SearchGains
        Of the search.
    terminal : TerminalGains
        Of the last metres.
    recorded : bool, optional
        A segment of a recorded descent: it ends where its file says, and a descent at a constant
        rate follows.
    keeps_plan : bool, optional
        Retain the plan when the height estimate changes: only times near the present one are
        tried, and none in the last `settled_s`, even if the thrust saturates.

    Returns
    -------
    ndarray of float64, shape (n, 3)
        Thrust acceleration [m/s^2, L].
    tuple of ndarray
        The new memory, see `start_plan`.
    """
    if not recorded:
        inputs = _to_last_metres(inputs, terminal)
    end, searched, waiting = memory
    height_to_go = inputs.moon.height(inputs.r_m) - inputs.moon.height(inputs.end_m)
    most = np.where(end == _CAPTURED, _FAR_ABOVE_M, _ABOVE_M)
    end = np.where((end - inputs.time_s < _OVER_S) & (height_to_go > most), np.nan, end)
    before = end
    end, searched, waiting = _searched(
        inputs, (end, searched, waiting), height_to_go, shape, gains, keeps_plan, recorded
    )
    if inputs.steered and not recorded:
        end = np.where((end > before + _LONGER_S) & is_captured(inputs, terminal), _CAPTURED, end)
    last = _is_flown(inputs, end, height_to_go)

    t_go = np.maximum(np.where(np.isnan(end), 0.0, end - inputs.time_s), gains.shortest_s)
    thrust = command(inputs, t_go, shape)
    delayed = waiting & ~last
    if inputs.steered and not recorded:
        thrust = near_upright(inputs, thrust, t_go)
        delayed &= t_go > _NO_DELAY_S
    if delayed.any():
        thrust[delayed] *= _idle_scale(
            select_rows(inputs, np.flatnonzero(delayed)), thrust[delayed]
        )
    if last.any():
        rows = np.flatnonzero(last)
        sink = descend if recorded else final_descent
        thrust[rows] = sink(select_rows(inputs, rows), terminal)
    return thrust, (end, searched, waiting)


def _to_last_metres(inputs: VectorInput, terminal: TerminalGains) -> VectorInput:
    """Let the plan end where the last metres begin, with the propellant that they need."""
    inputs = raise_end(inputs, terminal)
    return inputs._replace(dv_left_m_s=inputs.dv_left_m_s - final_cost(inputs, terminal))


def _is_flown(inputs: VectorInput, end: Float64Array, height_to_go: Float64Array) -> BoolArray:
    """Whether the plan is complete, in height or in time, (n,)."""
    flown: BoolArray = (height_to_go <= 0.0) | (end - inputs.time_s < _OVER_S)
    return flown


def _searched(
    inputs: VectorInput,
    memory: PilotState,
    height_to_go: Float64Array,
    shape: Shape,
    gains: SearchGains,
    keeps_plan: bool,
    recorded: bool,
) -> PilotState:
    """Search where a new search is due; the last seconds of a plan are flown without one.

    Also where no engine can fly the plan: its height has changed since it was found, and until the
    next regular search the lander would idle, or not brake as hard as it now must.
    """
    end, searched, waiting = memory
    fresh, last = np.isnan(end), _is_flown(inputs, end, height_to_go)
    due = fresh | (inputs.time_s - searched >= gains.period_s - 1e-6)
    if not recorded:
        due |= _is_outdated(inputs, end, shape, gains)
    settled = end - inputs.time_s < gains.settled_s
    due &= ~last & ~settled
    # So near the end a search would only delay it: the lander would hover above the hand-over.
    near_end = np.flatnonzero(settled & ~last & (height_to_go > _ABOVE_M))
    end, waiting = end.copy(), waiting.copy()
    if near_end.size and not keeps_plan:
        # Unless the height has changed, and the plan asks for more thrust than is installed.
        selected = select_rows(inputs, near_end)
        t_go = np.maximum(end[near_end] - selected.time_s, gains.shortest_s)
        size = np.linalg.norm(command(selected, t_go, shape), axis=1)
        fresh[near_end] = due[near_end] = size > selected.thrust_m_s2
        end[near_end[due[near_end]]] = np.nan
    if not due.any():
        return memory
    for rows in (np.flatnonzero(due & fresh), np.flatnonzero(due & ~fresh)):
        if rows.size:
            selected = select_rows(inputs, rows)
            t_go, waiting[rows] = _plan(
                selected, end[rows] - selected.time_s, shape, gains, keeps_plan
            )
            end[rows] = selected.time_s + t_go
    return end, np.where(due, inputs.time_s, searched), waiting


def _is_outdated(
    inputs: VectorInput, end: Float64Array, shape: Shape, gains: SearchGains
) -> BoolArray:
    """Whether a plan asks for more than the installed thrust, or to be pushed down, (n,)."""
    t_go = np.maximum(np.where(np.isfinite(end), end - inputs.time_s, 0.0), gains.shortest_s)
    thrust = command(inputs, t_go, shape)
    too_much = np.linalg.norm(thrust, axis=1) > inputs.thrust_m_s2
    outdated: BoolArray = too_much | (np.sum(thrust * inputs.moon.up(inputs.r_m), axis=1) < 0.0)
    return outdated


def _plan(
    inputs: VectorInput, t_go: Float64Array, shape: Shape, gains: SearchGains, keeps_plan: bool
) -> tuple[Float64Array, BoolArray]:
    """Time to go [s], and whether the plan is cheaper if the engine idles first; both (n,)."""
    if np.isnan(t_go).any():
        now = find_times(inputs, shape, gains)
    elif keeps_plan:
        now = near_times(inputs, t_go, shape, gains, _RETAINED)
    else:
        now = follow_times(inputs, t_go, shape, gains)
    thrust = command(inputs, now.t_go_s, shape)
    thrust *= _idle_scale(inputs, thrust)
    acceleration = thrust + inputs.g_m_s2
    idle = idle_frac(inputs.throttle_min) * inputs.thrust_m_s2
    cheaper = np.zeros(len(t_go), dtype=np.bool_)
    for wait in _WAITS_S:
        after = inputs._replace(
            r_m=inputs.r_m + wait * inputs.v_m_s + 0.5 * wait**2 * acceleration,
            v_m_s=inputs.v_m_s + wait * acceleration,
        )
        plans = near_times(after, now.t_go_s - wait, shape, gains)
        cheaper |= plans.feasible & (plans.cost_m_s + idle * wait < now.cost_m_s)
    return now.t_go_s, now.feasible & cheaper


def _idle_scale(inputs: VectorInput, thrust: Float64Array) -> Float64Array:
    """Factor (n, 1) [-] that reduces a command to the lowest thrust of a burning engine."""
    idle = idle_frac(inputs.throttle_min) * inputs.thrust_m_s2
    scale: Float64Array = idle / np.maximum(np.linalg.norm(thrust, axis=1), 1e-9)
    return scale[:, np.newaxis]
