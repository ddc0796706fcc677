"""Flying a polynomial plan: the time to go is searched, counted down and tried again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from agents.guidance.polynomial import command
from agents.guidance.search import find_times, follow_times, take
from agents.guidance.terminal import idle_share

if TYPE_CHECKING:
    from agents.base import BoolArray, Float64Array, PilotState
    from agents.guidance.polynomial import Shape
    from agents.guidance.search import SearchGains
    from agents.guidance.types import Motion

__all__ = ["fly_plan", "start_plan"]


def start_plan(rows: int) -> PilotState:
    """Memory without a plan: its end [s], when it was searched [s], and whether it is put off."""
    return np.full(rows, np.nan), np.full(rows, -np.inf), np.zeros(rows, dtype=np.bool_)


def fly_plan(
    motion: Motion, memory: PilotState, shape: Shape, gains: SearchGains
) -> tuple[Float64Array, PilotState]:
    """Thrust acceleration (n, 3) of the plan, and the memory with what is left of it."""
    end, searched, waiting = memory
    due = motion.time_s - searched >= gains.period_s - 1e-6
    if due.any():
        end, waiting = end.copy(), waiting.copy()
        fresh = np.isnan(end)
        for rows in (np.flatnonzero(due & fresh), np.flatnonzero(due & ~fresh)):
            if rows.size:
                part = take(motion, rows)
                t_go, waiting[rows] = _plan(part, end[rows] - part.time_s, shape, gains)
                end[rows] = part.time_s + t_go
        searched = np.where(due, motion.time_s, searched)
    t_go = np.maximum(end - motion.time_s, gains.shortest_s)
    thrust = command(motion, t_go, shape)
    idle = idle_share(motion.throttle_min) * motion.thrust_m_s2
    size = np.maximum(np.linalg.norm(thrust, axis=1), 1e-9)
    thrust = np.where(waiting[:, np.newaxis], thrust * (idle / size)[:, np.newaxis], thrust)
    return thrust, (end, searched, waiting)


def _plan(
    motion: Motion, t_go: Float64Array, shape: Shape, gains: SearchGains
) -> tuple[Float64Array, BoolArray]:
    """Time to go, and whether the plan would be cheaper if it began at the next search."""
    if np.isnan(t_go).any():
        now = find_times(motion, shape, gains)
    else:
        now = follow_times(motion, t_go, shape, gains)
    if gains.wait_s <= 0.0:
        return now.t_go_s, np.zeros(len(t_go), dtype=np.bool_)
    idle = idle_share(motion.throttle_min) * motion.thrust_m_s2
    first = command(motion, now.t_go_s, shape)
    first *= (idle / np.maximum(np.linalg.norm(first, axis=1), 1e-9))[:, np.newaxis]
    pull, dt = first + motion.g_m_s2, gains.wait_s
    later = motion._replace(
        r_m=motion.r_m + dt * motion.v_m_s + 0.5 * dt * dt * pull, v_m_s=motion.v_m_s + dt * pull
    )
    put_off = follow_times(later, np.maximum(now.t_go_s - dt, 1.0), shape, gains)
    cheaper = put_off.cost_m_s + idle * dt < now.cost_m_s - gains.wait_gain_m_s
    return now.t_go_s, now.feasible & put_off.feasible & cheaper
