"""Convex guidance: the propellant-optimal plan, solved again every second on board.

The lossless convexification of `lossless.py` is planned on a share of the thrust, so that there is
something left to follow it with, and its time of flight is sought near the last one. Between plans
E-guidance flies to the state that the plan reaches a few seconds ahead, with the plan's own mean
acceleration on the way there: that tracks a plan with a switch in it without smoothing the switch.

Each row is solved by itself, some 0.1 s of work a second of flight: for studies, not for benches
of ten thousand.

References
----------
Acikmese and Ploen, JGCD 30(5), 2007; Acikmese, Carson and Blackmore, "Lossless convexification of
nonconvex control bound and pointing constraints of the soft landing optimal control problem",
IEEE TCST 21(6), 2013.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from .lossless import Descent, Problem, shared_program
from .optimum import best_descent, first_guess, walk_times
from .search import take
from .terminal import descend
from .types import TerminalGains

if TYPE_CHECKING:
    from ..base import Float64Array, PilotState
    from .types import Motion

__all__ = ["ConvexGains", "ConvexLaw"]

_INTERVALS: Final = 30
_COMMAND_S: Final = 0.1  # half a control period: a command is the plan's mean over it
_STRIDE: Final = 1.01  # of the time of flight, from plan to plan
_OVER_S: Final = 0.3  # less than this to go and the plan has been flown
_ABOVE_M: Final = 5.0  # run out this far above its end, a plan was overtaken by a new height


@dataclass(frozen=True, slots=True)
class ConvexGains:
    """Numbers of the law, each with the reason for its value."""

    # Share of the installed thrust that is planned with: the rest follows the plan.
    peak_frac: float = 0.97
    # Between plans; flight projects solve at 0.5 to 1 Hz.
    period_s: float = 1.0
    # The plan is met again after so long: the gains are 6/t^2 and 4/t.
    track_s: float = 3.0
    # A plan with less time to go than this is not solved again.
    settled_s: float = 4.0


class _Plan(NamedTuple):
    """Memory: the plans of all rows; times since the start of the episode."""

    begin_s: Float64Array  # (n,), nan without a plan
    time_s: Float64Array  # (n,), time of flight
    thrust_m_s2: Float64Array  # (n, N, 3)
    log_mass: Float64Array  # (n, N + 1)
    r_m: Float64Array  # (n, N + 1, 3)
    v_m_s: Float64Array  # (n, N + 1, 3)


@dataclass(frozen=True, slots=True)
class ConvexLaw:
    """Optimal plan on board, re-planned and tracked."""

    gains: ConvexGains = field(default_factory=ConvexGains)
    terminal: TerminalGains = field(default_factory=TerminalGains)
    name: str = "convex"

    def start(self, rows: int) -> PilotState:
        """Return a memory without plans."""
        n, nodes = _INTERVALS, np.zeros((rows, _INTERVALS + 1, 3))
        never = np.full(rows, np.nan)
        empty = np.zeros((rows, n, 3)), np.zeros((rows, n + 1)), nodes, nodes
        return tuple(_Plan(never, np.zeros(rows), *empty))

    def command(self, motion: Motion, memory: PilotState) -> tuple[Float64Array, PilotState]:
        """Return the thrust acceleration (n, 3) [m/s^2, L] and the new memory.

        Raises
        ------
        MissingExtra
            Without cvxpy and Clarabel.
        """
        plan, now = _Plan(*memory), motion.time_s
        room = motion.moon.height(motion.r_m) - motion.end_m[:, 2]
        over = plan.begin_s + plan.time_s - now < _OVER_S
        last = (room <= 0.0) | (over & (room <= _ABOVE_M))
        age, left = now - plan.begin_s, plan.begin_s + plan.time_s - now
        fresh = np.isnan(plan.begin_s) | over
        due = fresh | ((age >= self.gains.period_s - 1e-6) & (left >= self.gains.settled_s))
        rows = np.flatnonzero(due & ~last)
        if rows.size:
            plan = _Plan(*(a.copy() for a in plan))
            for row in rows:
                self._replan(motion, plan, int(row), bool(fresh[row]))
        thrust = self._tracked(motion, plan)
        rows = np.flatnonzero(last | np.isnan(plan.begin_s))
        if rows.size:
            thrust[rows] = descend(take(motion, rows), self.terminal)
        return thrust, tuple(plan)

    def _replan(self, motion: Motion, plan: _Plan, row: int, fresh: bool) -> None:
        """Solve one row anew, and write its plan; where that fails the old one stays."""
        program, now = shared_program(_INTERVALS), float(motion.time_s[row])
        most = float(motion.thrust_m_s2[row])
        problem = Problem(
            r_m=motion.r_m[row],
            v_m_s=motion.v_m_s[row],
            end_m=motion.end_m[row],
            end_m_s=motion.end_m_s[row],
            place_free=not motion.steered,
            thrust_min_m_s2=most * min(float(motion.throttle_min[row]), self.gains.peak_frac),
            thrust_max_m_s2=most * self.gains.peak_frac,
            v_e_m_s=float(motion.v_e_m_s[row]),
        )
        if fresh:
            guess = first_guess(problem, motion.moon)
            found = best_descent(program, problem, motion.moon, guess)
        else:
            guess = _remainder(plan, row, now)
            found = walk_times(program, problem, motion.moon, guess, _STRIDE)[0]
        if np.isfinite(found.cost):
            plan.begin_s[row], plan.time_s[row] = now, found.time_s
            plan.thrust_m_s2[row], plan.log_mass[row] = found.thrust_m_s2, found.log_mass
            plan.r_m[row], plan.v_m_s[row] = found.r_m, found.v_m_s

    def _tracked(self, motion: Motion, plan: _Plan) -> Float64Array:
        """Thrust of the plan now, and E-guidance back to it from where the lander is."""
        rows = np.arange(len(plan.begin_s))
        step = np.maximum(plan.time_s, 1e-3) / _INTERVALS
        since = np.nan_to_num(motion.time_s - plan.begin_s)
        place = np.clip((since / step).astype(np.intp), 0, _INTERVALS - 1)
        dt = (since - place * step)[:, np.newaxis]
        pull = plan.thrust_m_s2[rows, place] + motion.g_m_s2
        v = plan.v_m_s[rows, place] + dt * pull
        r = plan.r_m[rows, place] + dt * plan.v_m_s[rows, place] + 0.5 * dt**2 * pull
        soon = np.clip(((since + _COMMAND_S) / step).astype(np.intp), 0, _INTERVALS - 1)
        t = self.gains.track_s
        back = 6.0 / t**2 * (r - motion.r_m) + 4.0 / t * (v - motion.v_m_s)
        thrust: Float64Array = plan.thrust_m_s2[rows, soon] + back
        return thrust


def _remainder(plan: _Plan, row: int, now_s: float) -> Descent:
    """Rest of a plan, to expand the next one about."""
    old = np.linspace(0.0, plan.time_s[row], _INTERVALS + 1)
    since = min(now_s - plan.begin_s[row], 0.9 * plan.time_s[row])
    new = np.linspace(since, plan.time_s[row], _INTERVALS + 1)
    log_mass = np.interp(new, old, plan.log_mass[row])
    path = np.stack([np.interp(new, old, plan.r_m[row, :, k]) for k in range(3)], axis=1)
    nothing, time = np.zeros((_INTERVALS, 3)), float(plan.time_s[row] - since)
    return Descent(np.inf, time, nothing, log_mass - log_mass[0], path, path, 0.0, 0.0)
