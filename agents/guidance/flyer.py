"""Flying polynomial plans: searched, put off while that is cheaper, counted down, handed over.

A plan of this family spreads its thrust over the whole time of flight, which the optimum does not:
it idles and then burns hard. Therefore the search also asks what the plan would cost if the engine
idled for some seconds first, and puts it off as long as one of the answers is cheaper and can be
flown. On the three reference landings that saves E-guidance 6 % of its propellant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from .polynomial import command
from .search import find_times, follow_times, near_times, take
from .terminal import descend, idle_share

if TYPE_CHECKING:
    from ..base import BoolArray, Float64Array, PilotState
    from .polynomial import Shape
    from .search import SearchGains
    from .types import Motion, TerminalGains

__all__ = ["fly_plan", "start_plan"]

# How much later a plan is tried too [s]. The shortest alone would stop at the first moment from
# which a second more is no gain, though ten are.
_WAITS_S: Final = (1.0, 3.0, 9.0)
# Times that a plan which is kept may change to, over the present one.
_KEPT: Final = np.array([0.98, 0.99, 1.0, 1.01, 1.02])
# A plan that has run out this far above its end [m] was overtaken by a new height: plan again.
_ABOVE_M: Final = 5.0
_OVER_S: Final = 0.3  # less than this to go and the plan has been flown


def start_plan(rows: int) -> PilotState:
    """Memory without a plan: its end [s], when it was searched [s], and whether it is put off."""
    return np.full(rows, np.nan), np.full(rows, -np.inf), np.zeros(rows, dtype=np.bool_)


def fly_plan(
    motion: Motion,
    memory: PilotState,
    shape: Shape,
    gains: SearchGains,
    terminal: TerminalGains,
    *,
    keeps: bool = False,
) -> tuple[Float64Array, PilotState]:
    """Follow the plan down to its end, then descend at a constant rate.

    One that `keeps` its plan is not led away from it by a height that has moved: it tries only
    times near the present one, in the last `settled_s` none, and flies as well as the engine can.

    Returns
    -------
    ndarray of float64, shape (n, 3)
        Thrust acceleration [m/s^2, L].
    tuple of ndarray
        The new memory, see `start_plan`.
    """
    end, searched, waiting = memory
    room = motion.moon.height(motion.r_m) - motion.moon.height(motion.end_m)
    end = np.where((end - motion.time_s < _OVER_S) & (room > _ABOVE_M), np.nan, end)
    last = _flown(motion, end, room)
    end, searched, waiting = _searched(motion, (end, searched, waiting), room, shape, gains, keeps)

    t_go = np.maximum(np.where(np.isnan(end), 0.0, end - motion.time_s), gains.shortest_s)
    thrust = command(motion, t_go, shape)
    put_off = waiting & ~last
    if put_off.any():
        thrust[put_off] *= _idle_scale(take(motion, np.flatnonzero(put_off)), thrust[put_off])
    if last.any():
        rows = np.flatnonzero(last)
        thrust[rows] = descend(take(motion, rows), terminal)
    return thrust, (end, searched, waiting)


def _flown(motion: Motion, end: Float64Array, room: Float64Array) -> BoolArray:
    """Whether the plan is at its end, in height or in time."""
    flown: BoolArray = (room <= 0.0) | (end - motion.time_s < _OVER_S)
    return flown


def _searched(
    motion: Motion,
    memory: PilotState,
    room: Float64Array,
    shape: Shape,
    gains: SearchGains,
    keeps: bool,
) -> PilotState:
    """Search where a plan is due; the last seconds of one are flown as they stand."""
    end, searched, waiting = memory
    fresh, last = np.isnan(end), _flown(motion, end, room)
    due = fresh | (motion.time_s - searched >= gains.period_s - 1e-6)
    settled = end - motion.time_s < gains.settled_s
    due &= ~last & ~settled
    # So near the end a search would only put it off: hovering above the hand-over.
    held = np.flatnonzero(settled & ~last & (room > _ABOVE_M))
    end, waiting = end.copy(), waiting.copy()
    if held.size and not keeps:
        # Unless the height has moved under them, and they ask for more than there is.
        part = take(motion, held)
        t_go = np.maximum(end[held] - part.time_s, gains.shortest_s)
        size = np.linalg.norm(command(part, t_go, shape), axis=1)
        fresh[held] = due[held] = size > part.thrust_m_s2
        end[held[due[held]]] = np.nan
    if not due.any():
        return memory
    for rows in (np.flatnonzero(due & fresh), np.flatnonzero(due & ~fresh)):
        if rows.size:
            part = take(motion, rows)
            t_go, waiting[rows] = _plan(part, end[rows] - part.time_s, shape, gains, keeps)
            end[rows] = part.time_s + t_go
    return end, np.where(due, motion.time_s, searched), waiting


def _plan(
    motion: Motion, t_go: Float64Array, shape: Shape, gains: SearchGains, keeps: bool
) -> tuple[Float64Array, BoolArray]:
    """Time to go, and whether the plan would be cheaper if the engine idled first."""
    if np.isnan(t_go).any():
        now = find_times(motion, shape, gains)
    elif keeps:
        now = near_times(motion, t_go, shape, gains, _KEPT)
    else:
        now = follow_times(motion, t_go, shape, gains)
    thrust = command(motion, now.t_go_s, shape)
    thrust *= _idle_scale(motion, thrust)
    pull = thrust + motion.g_m_s2
    idle = idle_share(motion.throttle_min) * motion.thrust_m_s2
    cheaper = np.zeros(len(t_go), dtype=np.bool_)
    for wait in _WAITS_S:
        later = motion._replace(
            r_m=motion.r_m + wait * motion.v_m_s + 0.5 * wait**2 * pull,
            v_m_s=motion.v_m_s + wait * pull,
        )
        put_off = near_times(later, now.t_go_s - wait, shape, gains)
        cheaper |= put_off.feasible & (put_off.cost_m_s + idle * wait < now.cost_m_s)
    return now.t_go_s, now.feasible & cheaper


def _idle_scale(motion: Motion, thrust: Float64Array) -> Float64Array:
    """Factor (n, 1) that shrinks a command to what keeps the engine burning."""
    idle = idle_share(motion.throttle_min) * motion.thrust_m_s2
    scale: Float64Array = idle / np.maximum(np.linalg.norm(thrust, axis=1), 1e-9)
    return scale[:, np.newaxis]
