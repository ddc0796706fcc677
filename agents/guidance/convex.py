"""Convex guidance: the propellant-optimal plan, solved again every second on board.

The lossless convexification of `lossless.py` is planned with part of the thrust, so that a margin
is left for tracking, and its time of flight is searched near the last one. Between plans, feedback
with the gains of E-guidance leads back to the planned state, on top of the planned thrust: that
tracks a plan in which the thrust switches without smoothing the switch. A lander that has left its
plan gets another at once, and one that no plan stops above the ground brakes with all its thrust.

Each row is solved alone, about 0.1 s of work per second of flight: for studies, not for benchmarks
of ten thousand landings.

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

from ..base import Z
from .braking import Braking, braking_axis
from .final import final_descent, is_captured, raise_end
from .lossless import Descent, Problem, shared_program
from .optimum import best_descent, bracket_time, first_guess
from .search import select_rows
from .types import TerminalGains

if TYPE_CHECKING:
    from ..base import BoolArray, Float64Array, PilotState
    from .types import VectorInput

__all__ = ["ConvexGains", "ConvexLaw"]

_INTERVALS: Final = 30
_COMMAND_S: Final = 0.1  # half a control period: a command is the plan's mean over it
_STRIDE: Final = 1.01  # of the time of flight, from plan to plan
_OVER_S: Final = 0.3  # a plan with less than this to go is complete
_ABOVE_M: Final = (
    5.0  # a plan that completes this far above its end is outdated: the height has changed
)
# Share of the installed thrust: a lander whose feedback is more than this has left its plan, as its
# height has changed. Feedback to a plan that is near the limit of the thrust brakes less after a
# change up and hardly more after one down: the lander ends too low, 7 of 12 by the thrust vector.
_LEFT_FRAC: Final = 0.1


@dataclass(frozen=True, slots=True)
class ConvexGains:
    """Numbers of the law, each with the reason for its value."""

    # Share of the installed thrust that plans use: the rest is the margin for tracking.
    peak_frac: float = 0.97
    # Between plans; flight projects solve at 0.5 to 1 Hz.
    period_s: float = 1.0
    # Time constant of the feedback to the plan: the gains are 6/t^2 and 4/t.
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
    """Optimal plan, solved again each second and tracked."""

    gains: ConvexGains = field(default_factory=ConvexGains)
    terminal: TerminalGains = field(default_factory=TerminalGains)
    name: str = "convex"

    def start(self, rows: int) -> PilotState:
        """Return a memory without plans."""
        n, nodes = _INTERVALS, np.zeros((rows, _INTERVALS + 1, 3))
        never = np.full(rows, np.nan)
        empty = np.zeros((rows, n, 3)), np.zeros((rows, n + 1)), nodes, nodes
        return tuple(_Plan(never, np.zeros(rows), *empty))

    def command(self, inputs: VectorInput, memory: PilotState) -> tuple[Float64Array, PilotState]:
        """Return the thrust acceleration (n, 3) [m/s^2, L] and the new memory.

        Raises
        ------
        MissingExtra
            Without cvxpy and Clarabel.
        """
        inputs = raise_end(inputs, self.terminal)
        plan, now = _Plan(*memory), inputs.time_s
        height_to_go = inputs.moon.height(inputs.r_m) - inputs.end_m[:, Z]
        over = plan.begin_s + plan.time_s - now < _OVER_S
        last = (height_to_go <= 0.0) | (over & (height_to_go <= _ABOVE_M))
        age, left = now - plan.begin_s, plan.begin_s + plan.time_s - now
        fresh = np.isnan(plan.begin_s) | over
        due = (age >= self.gains.period_s - 1e-6) | self._has_left(inputs, plan)
        due = fresh | (due & (left >= self.gains.settled_s))
        rows = np.flatnonzero(due & ~last)
        if rows.size:
            plan = _Plan(*(a.copy() for a in plan))
            for row in rows:
                self._replan(inputs, plan, int(row), bool(fresh[row]))
        planned, feedback = self._tracked(inputs, plan)
        thrust = planned + feedback
        without = np.isnan(plan.begin_s) & ~last
        last |= without & is_captured(inputs, self.terminal)
        rows = np.flatnonzero(last)
        if rows.size:
            thrust[rows] = final_descent(select_rows(inputs, rows), self.terminal)
        rows = np.flatnonzero(without & ~last)
        if rows.size:
            thrust[rows] = _full_braking(select_rows(inputs, rows))
        return thrust, tuple(plan)

    def _has_left(self, inputs: VectorInput, plan: _Plan) -> BoolArray:
        """Whether rows (n,) are further from their plan than feedback may lead back."""
        feedback = self._tracked(inputs, plan)[1]
        has_left: BoolArray = np.linalg.norm(feedback, axis=1) > _LEFT_FRAC * inputs.thrust_m_s2
        return has_left

    def _replan(self, inputs: VectorInput, plan: _Plan, row: int, fresh: bool) -> None:
        """Solve one row again and store its plan; if that fails, remove the old one."""
        program, now = shared_program(_INTERVALS), float(inputs.time_s[row])
        thrust_max = float(inputs.thrust_m_s2[row])
        problem = Problem(
            r_m=inputs.r_m[row],
            v_m_s=inputs.v_m_s[row],
            end_m=inputs.end_m[row],
            end_m_s=inputs.end_m_s[row],
            place_free=not inputs.steered,
            thrust_min_m_s2=thrust_max * min(float(inputs.throttle_min[row]), self.gains.peak_frac),
            thrust_max_m_s2=thrust_max * self.gains.peak_frac,
            v_e_m_s=float(inputs.v_e_m_s[row]),
        )
        if fresh:
            guess = first_guess(problem, inputs.moon)
            solution = best_descent(program, problem, inputs.moon, guess)
        else:
            guess = _remainder(plan, row, now)
            solution = bracket_time(program, problem, inputs.moon, guess, _STRIDE)[0]
        if np.isfinite(solution.cost):
            plan.begin_s[row], plan.time_s[row] = now, solution.time_s
            plan.thrust_m_s2[row], plan.log_mass[row] = solution.thrust_m_s2, solution.log_mass
            plan.r_m[row], plan.v_m_s[row] = solution.r_m, solution.v_m_s
        else:
            plan.begin_s[row] = np.nan

    def _tracked(self, inputs: VectorInput, plan: _Plan) -> tuple[Float64Array, Float64Array]:
        """Thrust of the plan now, and feedback to the planned state, (n, 3) each."""
        rows = np.arange(len(plan.begin_s))
        step = np.maximum(plan.time_s, 1e-3) / _INTERVALS
        since = np.nan_to_num(inputs.time_s - plan.begin_s)
        interval = np.clip((since / step).astype(np.intp), 0, _INTERVALS - 1)
        dt = (since - interval * step)[:, np.newaxis]
        acceleration = plan.thrust_m_s2[rows, interval] + inputs.g_m_s2
        v = plan.v_m_s[rows, interval] + dt * acceleration
        r = plan.r_m[rows, interval] + dt * plan.v_m_s[rows, interval] + 0.5 * dt**2 * acceleration
        next_interval = np.clip(((since + _COMMAND_S) / step).astype(np.intp), 0, _INTERVALS - 1)
        t = self.gains.track_s
        feedback = 6.0 / t**2 * (r - inputs.r_m) + 4.0 / t * (v - inputs.v_m_s)
        return plan.thrust_m_s2[rows, next_interval], feedback


def _full_braking(inputs: VectorInput) -> Float64Array:
    """All thrust (n, 3) [m/s^2, L] along a gravity turn, or higher where that would end too low."""
    height_m = inputs.moon.height(inputs.r_m)
    now = Braking(
        v_m_s=inputs.v_m_s,
        up=inputs.moon.up(inputs.r_m),
        height_to_go_m=height_m - inputs.end_m[:, Z],
        final_m_s=-inputs.end_m_s[:, Z],
        gravity_m_s2=np.linalg.norm(inputs.g_m_s2, axis=1),
        thrust_m_s2=inputs.thrust_m_s2,
        to_target_m=inputs.end_m - inputs.r_m,
    )
    thrust: Float64Array = inputs.thrust_m_s2[:, np.newaxis] * braking_axis(now)
    return thrust


def _remainder(plan: _Plan, row: int, now_s: float) -> Descent:
    """Remainder of a plan, as the reference for the linearisation of the next one."""
    old = np.linspace(0.0, plan.time_s[row], _INTERVALS + 1)
    since = min(now_s - plan.begin_s[row], 0.9 * plan.time_s[row])
    new = np.linspace(since, plan.time_s[row], _INTERVALS + 1)
    log_mass = np.interp(new, old, plan.log_mass[row])
    path = np.stack([np.interp(new, old, plan.r_m[row, :, k]) for k in range(3)], axis=1)
    no_thrust, time = np.zeros((_INTERVALS, 3)), float(plan.time_s[row] - since)
    return Descent(np.inf, time, no_thrust, log_mass - log_mass[0], path, path, 0.0, 0.0)
