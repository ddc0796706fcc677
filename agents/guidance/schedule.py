"""A mission's recorded descent: the segments that it flew, one after the other.

The kinds of segments are described in `segments.py`, the schedules of the missions are in
``lunar_env/data/guidance``. An episode that begins lower begins with the first segment that ends
below its start.

References
----------
The laws are those of `e_guidance.py`, `velocity_profile.py` and `terminal.py`; the source of
each number of a schedule is in its file.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from ..base import Z
from .flyer import fly_plan, start_plan
from .polynomial import Shape
from .search import SearchGains, find_times, select_rows
from .segments import (
    Segment,
    SegmentGains,
    end_state,
    fall_axis,
    hover_acceleration,
    lateral_acceleration,
    match_velocity,
    segment_acceleration,
)
from .steering import limit_lean
from .terminal import descend
from .types import TerminalGains

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..base import BoolArray, Float64Array, PilotState
    from .types import VectorInput

__all__ = ["ScheduleLaw"]

_LINEAR: Final = Shape(0.0, 1.0)
# A plan with less to go than this is complete: the feedback of the next segment does the rest.
_COMPLETE_S: Final = 0.5
# The same of a plan that ends with a velocity along the ground: its last gains are high.
_FAR_COMPLETE_S: Final = 2.0
# Such a plan is not searched again with less than 20 s to go, nor are its gains those of less than
# 8 s: the first range, which may change the height by hundreds of metres, would start a new plan
# just before the end of this one, or command large accelerations.
_SETTLED_S: Final = 20.0
_STEEP_S: Final = 8.0
# It also ends early when the horizontal velocity falls below that of its end: the next segment
# flies the rest of the height. Plans themselves undershoot that velocity slightly.
_SLOW_FRAC: Final = 0.97
_NEAR_S: Final = 60.0
# The first search of a plan that ends at a velocity allows more than the installed thrust: a start
# slightly too near the target would lead to a detour otherwise.
_FIRST_FRAC: Final = 1.3
# A plan that has just been found, or would end so much later than before, is compared with one that
# may end anywhere. It overflies its target if it takes this many times as long.
_LATER_S: Final = 5.0
_DETOUR: Final = 1.3
_OFF_M_S2: Final = 1e-3  # negligible thrust, which only gives the direction
_PLAN: Final = slice(-3, None)  # memory of the plan


class _Progress(NamedTuple):
    """Memory, one element per row."""

    program: NDArray[np.int16]  # (n,), number of the segment; -1 before the first command
    begun_s: Float64Array  # (n,), since the start of the episode
    target: Float64Array  # (n, 2), where to land [m, L]
    heading: Float64Array  # (n, 2), direction of flight at the start [-, L]
    direction: Float64Array  # (n, 3), direction of the last command [-, L]
    plan_end_s: Float64Array  # (n,), and the rest of the memory of a plan, see `start_plan`
    searched_s: Float64Array  # (n,)
    waiting: BoolArray  # (n,)


@dataclass(frozen=True, slots=True)
class ScheduleLaw:
    """Segments in turn; the law of the pilot `own`."""

    segments: tuple[Segment, ...]
    gains: SegmentGains = field(default_factory=SegmentGains)
    terminal: TerminalGains = field(default_factory=TerminalGains)
    name: str = "schedule"

    @property
    def programs(self) -> tuple[str, ...]:
        """Names of the segments."""
        return tuple(segment.name for segment in self.segments)

    def program(self, memory: PilotState) -> NDArray[np.int16]:
        """Return the number of the segment that each row flew last, (n,)."""
        return _Progress(*memory).program

    def start(self, rows: int) -> PilotState:
        """Return the memory of rows that begin an episode."""
        none = np.full(rows, -1, dtype=np.int16)
        horizontal, space = np.zeros((rows, 2)), np.zeros((rows, 3))
        return tuple(
            _Progress(none, np.zeros(rows), horizontal, horizontal, space, *start_plan(rows))
        )

    def command(self, inputs: VectorInput, memory: PilotState) -> tuple[Float64Array, PilotState]:
        """Return the thrust acceleration (n, 3) [m/s^2, L] and the new memory."""
        now = self._advanced(inputs, _Progress(*(np.array(part) for part in memory)))
        thrust = np.zeros_like(inputs.r_m)
        for number in np.unique(now.program):
            rows = np.flatnonzero(now.program == number)
            fly = self._plan if self.segments[number].kind == "plan" else self._steady
            thrust[rows] = fly(number, select_rows(inputs, rows), now, rows)
        size = np.linalg.norm(thrust, axis=1, keepdims=True)
        now.direction[:] = np.where(size > 1e-6, thrust / np.maximum(size, 1e-6), now.direction)
        return thrust, tuple(now)

    def _advanced(self, inputs: VectorInput, now: _Progress) -> _Progress:
        """Begin the segments that are due; `now` is changed in place."""
        height = inputs.moon.height(inputs.r_m)
        fresh = now.program < 0
        if fresh.any():
            now.heading[fresh] = _heading(inputs)[fresh]
            self._begin(0, fresh, inputs, now)
        for number in range(len(self.segments) - 1):
            flown = self._flown(number, inputs, now, height)
            due = flown | (fresh & self._passed(number, inputs, height))
            self._begin(number + 1, (now.program == number) & due, inputs, now)
        return now

    def _begin(self, number: int, due: BoolArray, inputs: VectorInput, now: _Progress) -> None:
        """Begin a segment in the rows that are due; `now` is changed in place."""
        if not due.any():
            return
        segment = self.segments[number]
        now.program[due], now.begun_s[due] = number, inputs.time_s[due]
        now.target[due] += (segment.divert_east_m, segment.divert_north_m)
        for stored, new in zip(now[_PLAN], start_plan(int(due.sum())), strict=True):
            stored[due] = new

    def _flown(
        self, number: int, inputs: VectorInput, now: _Progress, height: Float64Array
    ) -> BoolArray:
        """Whether a segment is complete, (n,)."""
        segment = self.segments[number]
        lasted: BoolArray = inputs.time_s - now.begun_s >= segment.lasts_s - 1e-6
        if segment.kind in ("hold", "hover"):
            return lasted
        low = height <= segment.end_height_m
        if segment.kind == "plan":
            left = now.plan_end_s - inputs.time_s
            slowest = _SLOW_FRAC * segment.end_forward_m_s
            slow = np.linalg.norm(inputs.v_m_s[:, :2], axis=1) < slowest
            complete_s = _FAR_COMPLETE_S if segment.end_forward_m_s > 0.0 else _COMPLETE_S
            low |= (left < complete_s) | (slow & (left < _NEAR_S))
        return low

    def _passed(self, number: int, inputs: VectorInput, height: Float64Array) -> BoolArray:
        """Whether an episode begins after a segment: too low, or too near the target, (n,)."""
        segment = self.segments[number]
        passed: BoolArray = height <= segment.end_height_m
        if segment.kind == "plan" and inputs.steered:
            passed = passed | (np.linalg.norm(inputs.r_m[:, :2], axis=1) < segment.end_downrange_m)
        return passed | (segment.kind == "hold")

    def _plan(
        self, number: int, inputs: VectorInput, now: _Progress, rows: NDArray[np.intp]
    ) -> Float64Array:
        """Thrust (n, 3) of a plan, by E-guidance; the memory of the plans is changed in place."""
        segment = self.segments[number]
        end, velocity = end_state(segment, inputs, now.target[rows], now.heading[rows])
        memory = tuple(part[rows] for part in now[_PLAN])
        # The next one has time to mend what is left.
        keeps_plan = segment.end_forward_m_s > 0.0 or segment.free_s > 0.0
        gains = SearchGains(peak_frac=segment.peak_frac, lean_price_frac=0.0)
        if keeps_plan:
            gains = replace(gains, settled_s=_SETTLED_S, shortest_s=_STEEP_S)
        target_input = inputs._replace(end_m=end, end_m_s=velocity)
        fresh = np.flatnonzero(np.isnan(memory[0]))
        if fresh.size and segment.free_s > 0.0:
            part, first = select_rows(target_input, fresh), replace(gains, peak_frac=_FIRST_FRAC)
            memory[0][fresh] = part.time_s + find_times(part, _LINEAR, first).t_go_s
        left = memory[0] - inputs.time_s
        free = left < segment.free_s
        thrust = match_velocity(
            inputs, velocity, np.where(free, np.maximum(left, _COMPLETE_S), 1.0)
        )
        held = np.flatnonzero(~free)
        if held.size:
            thrust[held], memory = fly_plan(
                select_rows(target_input, held),
                tuple(part[held] for part in memory),
                _LINEAR,
                gains,
                self.terminal,
                recorded=True,
                keeps_plan=keeps_plan,
            )
            before = now.plan_end_s[rows[held]]
            later = np.flatnonzero(np.isnan(before) | (memory[0] > before + _LATER_S))
            for stored, new in zip(now[_PLAN], memory, strict=True):
                stored[rows[held]] = new
            self._divert(now, select_rows(target_input, held[later]), rows[held[later]], gains)
        return thrust

    def _divert(
        self, now: _Progress, inputs: VectorInput, rows: NDArray[np.intp], gains: SearchGains
    ) -> None:
        """Move the target of rows that would overfly it; `now` is changed in place.

        Their plan passes over the target, climbs and comes back. One that may end anywhere stops
        beyond it in a much shorter time: there is the new target. `inputs` and `rows` are those
        of plans that have just been found.
        """
        if not rows.size:
            return
        free = find_times(inputs._replace(steered=False), _LINEAR, gains)
        v = inputs.v_m_s[:, :2]
        stops = inputs.r_m[:, :2] + 0.5 * free.t_go_s[:, np.newaxis] * (v + inputs.end_m_s[:, :2])
        ahead = v / np.maximum(np.linalg.norm(v, axis=1, keepdims=True), 1e-9)
        beyond = np.sum((stops - inputs.end_m[:, :2]) * ahead, axis=1)
        detour = now.plan_end_s[rows] - inputs.time_s > _DETOUR * free.t_go_s
        over = np.flatnonzero(detour & free.feasible & (beyond > 0.0))
        now.target[rows[over]] += beyond[over, np.newaxis] * ahead[over]
        now.plan_end_s[rows[over]] = inputs.time_s[over] + free.t_go_s[over]

    def _steady(
        self, number: int, inputs: VectorInput, now: _Progress, rows: NDArray[np.intp]
    ) -> Float64Array:
        """Thrust (n, 3) of the other kinds: hold, profile, hover, sink or fall."""
        segment, target = self.segments[number], now.target[rows]
        if segment.kind == "hold":
            return now.direction[rows] * (segment.throttle_frac * inputs.thrust_m_s2)[:, np.newaxis]
        # What the last metres add to their rate: for the error of the speed, or the blind descent.
        extra = np.maximum(-inputs.end_m_s[:, Z] - self.terminal.touchdown_m_s, 0.0)
        if segment.kind in ("sink", "fall"):
            end = np.column_stack((target, inputs.end_m[:, Z]))
            rate = np.zeros_like(end)
            rate[:, Z] = -segment.end_descent_m_s - extra
            thrust = descend(inputs._replace(end_m=end, end_m_s=rate), self.terminal)
            drift = np.linalg.norm(inputs.v_m_s[:, :2], axis=1)
            off = (segment.kind == "fall") & (drift <= segment.lateral_most_m_s)
            direction = fall_axis(segment, inputs.moon.up(inputs.r_m))
            return np.where(off[:, np.newaxis], _OFF_M_S2 * direction, thrust)
        if segment.kind == "profile":
            vertical = segment_acceleration(segment, inputs, extra, self.gains)
        else:
            vertical = hover_acceleration(segment, inputs, self.gains)
        across = lateral_acceleration(segment, inputs, target, self.gains)
        up = inputs.moon.up(inputs.r_m)
        horizontal = np.column_stack((across, np.zeros(len(rows))))
        horizontal -= np.sum(horizontal * up, axis=1, keepdims=True) * up
        lean = np.full(len(rows), math.radians(segment.lean_most_deg))
        return limit_lean(vertical[:, np.newaxis] * up + horizontal, up, lean)


def _heading(inputs: VectorInput) -> Float64Array:
    """Horizontal direction of flight, unit vectors (n, 2) [-, L]; north for a vertical fall."""
    v = inputs.v_m_s[:, :2]
    size = np.linalg.norm(v, axis=1, keepdims=True)
    return np.where(size > 1.0, v / np.maximum(size, 1.0), np.array([0.0, 1.0]))
