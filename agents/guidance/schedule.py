"""A mission's own descent: the segments that it flew, one after the other.

What the segments are is in `segments.py`, what a mission flew in ``lunar_env/data/guidance``. An
episode that begins further down begins with the first segment that ends below it.

References
----------
The laws are those of `e_guidance.py`, `velocity_profile.py` and `terminal.py`; the schedules have
theirs beside each number.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from .flyer import fly_plan, start_plan
from .polynomial import Shape
from .search import SearchGains, find_times, take
from .segments import (
    Segment,
    SegmentGains,
    along_profile,
    end_state,
    fallen_way,
    hovering,
    sideways,
    to_velocity,
)
from .steering import leaning
from .terminal import descend
from .types import TerminalGains

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..base import BoolArray, Float64Array, PilotState
    from .types import Motion

__all__ = ["ScheduleLaw"]

_LINEAR: Final = Shape(0.0, 1.0)
# A plan with less to go than this has been flown: the next segment's feedback does the rest.
_OVER_S: Final = 0.5
_FAR_OVER_S: Final = 2.0  # of one that only hands over, on the way: its last gains are steep
# One that only hands over is not searched again with less than 20 s to go, nor are its gains those
# of less than 8 s: the first range, which may move the ground by hundreds of metres, would have it
# start all over just before its end, or throw the lander about.
_SETTLED_S: Final = 20.0
_STEEP_S: Final = 8.0
# Nor is it flown on by a lander that is slower over the ground than it should be at the end: what
# is left of the height is the next segment's. Plans themselves dip below their end by a little.
_SLOW_FRAC: Final = 0.97
_NEAR_S: Final = 60.0
# The first search of a plan that ends at a velocity allows for more thrust than there is, in units
# of the installed one: a start that is a little too near would have it fly a detour otherwise.
_FIRST_FRAC: Final = 1.3
_OFF_M_S2: Final = 1e-3  # no thrust, but a direction to point it
_PLAN: Final = slice(-3, None)  # memory of the plan


class _Progress(NamedTuple):
    """Memory, one element per row."""

    program: NDArray[np.int16]  # (n,), number of the segment; -1 before the first command
    begun_s: Float64Array  # (n,), since the start of the episode
    target: Float64Array  # (n, 2), where to land [m, L]
    ahead: Float64Array  # (n, 2), direction of flight at the start
    way: Float64Array  # (n, 3), direction of the last command
    plan_end_s: Float64Array  # (n,), and the rest of the memory of a plan, see `start_plan`
    searched_s: Float64Array  # (n,)
    waiting: BoolArray  # (n,)


@dataclass(frozen=True, slots=True)
class ScheduleLaw:
    """Segments in turn; what `own` flies."""

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
        flat, space = np.zeros((rows, 2)), np.zeros((rows, 3))
        return tuple(_Progress(none, np.zeros(rows), flat, flat, space, *start_plan(rows)))

    def command(self, motion: Motion, memory: PilotState) -> tuple[Float64Array, PilotState]:
        """Return the thrust acceleration (n, 3) [m/s^2, L] and the new memory."""
        now = self._advanced(motion, _Progress(*(np.array(part) for part in memory)))
        thrust = np.zeros_like(motion.r_m)
        for number in np.unique(now.program):
            rows = np.flatnonzero(now.program == number)
            fly = self._plan if self.segments[number].kind == "plan" else self._steady
            thrust[rows] = fly(number, take(motion, rows), now, rows)
        size = np.linalg.norm(thrust, axis=1, keepdims=True)
        now.way[:] = np.where(size > 1e-6, thrust / np.maximum(size, 1e-6), now.way)
        return thrust, tuple(now)

    def _advanced(self, motion: Motion, now: _Progress) -> _Progress:
        """Begin the segments that are due, in place."""
        height = motion.moon.height(motion.r_m)
        fresh = now.program < 0
        if fresh.any():
            now.ahead[fresh] = _heading(motion)[fresh]
            self._begin(0, fresh, motion, now)
        for number in range(len(self.segments) - 1):
            flown = self._flown(number, motion, now, height)
            due = flown | (fresh & self._passed(number, motion, height))
            self._begin(number + 1, (now.program == number) & due, motion, now)
        return now

    def _begin(self, number: int, due: BoolArray, motion: Motion, now: _Progress) -> None:
        """Put rows into a segment, in place."""
        if not due.any():
            return
        segment = self.segments[number]
        now.program[due], now.begun_s[due] = number, motion.time_s[due]
        now.target[due] += (segment.divert_east_m, segment.divert_north_m)
        for kept, new in zip(now[_PLAN], start_plan(int(due.sum())), strict=True):
            kept[due] = new

    def _flown(
        self, number: int, motion: Motion, now: _Progress, height: Float64Array
    ) -> BoolArray:
        """Whether rows that fly a segment are at its end, (n,)."""
        segment = self.segments[number]
        lasted: BoolArray = motion.time_s - now.begun_s >= segment.lasts_s - 1e-6
        if segment.kind in ("hold", "hover"):
            return lasted
        low = height <= segment.end_height_m
        if segment.kind == "plan":
            left = now.plan_end_s - motion.time_s
            slowest = _SLOW_FRAC * segment.end_forward_m_s
            slow = np.linalg.norm(motion.v_m_s[:, :2], axis=1) < slowest
            over = _FAR_OVER_S if segment.end_forward_m_s > 0.0 else _OVER_S
            low |= (left < over) | (slow & (left < _NEAR_S))
        return low

    def _passed(self, number: int, motion: Motion, height: Float64Array) -> BoolArray:
        """Whether an episode begins behind a segment: too low for it, or too near the target."""
        segment = self.segments[number]
        passed: BoolArray = height <= segment.end_height_m
        if segment.kind == "plan" and motion.steered:
            passed = passed | (np.linalg.norm(motion.r_m[:, :2], axis=1) < segment.end_downrange_m)
        return passed | (segment.kind == "hold")

    def _plan(
        self, number: int, motion: Motion, now: _Progress, rows: NDArray[np.intp]
    ) -> Float64Array:
        """Fly rows by E-guidance; the memory of their plans is renewed in place."""
        segment = self.segments[number]
        end, velocity = end_state(segment, motion, now.target[rows], now.ahead[rows])
        memory = tuple(part[rows] for part in now[_PLAN])
        # The next one has time to mend what is left.
        keeps = segment.end_forward_m_s > 0.0 or segment.free_s > 0.0
        gains = SearchGains(peak_frac=segment.peak_frac)
        if keeps:
            gains = replace(gains, settled_s=_SETTLED_S, shortest_s=_STEEP_S)
        asked = motion._replace(end_m=end, end_m_s=velocity)
        fresh = np.flatnonzero(np.isnan(memory[0]))
        if fresh.size and segment.free_s > 0.0:
            part, first = take(asked, fresh), replace(gains, peak_frac=_FIRST_FRAC)
            memory[0][fresh] = part.time_s + find_times(part, _LINEAR, first).t_go_s
        left = memory[0] - motion.time_s
        free = left < segment.free_s
        thrust = to_velocity(motion, velocity, np.where(free, np.maximum(left, _OVER_S), 1.0))
        held = np.flatnonzero(~free)
        if held.size:
            thrust[held], memory = fly_plan(
                take(asked, held),
                tuple(part[held] for part in memory),
                *(_LINEAR, gains, self.terminal),
                keeps=keeps,
            )
            for kept, new in zip(now[_PLAN], memory, strict=True):
                kept[rows[held]] = new
        return thrust

    def _steady(
        self, number: int, motion: Motion, now: _Progress, rows: NDArray[np.intp]
    ) -> Float64Array:
        """Fly rows by feedback: hold, profile, hover or sink."""
        segment, target = self.segments[number], now.target[rows]
        if segment.kind == "hold":
            return now.way[rows] * (segment.throttle_frac * motion.thrust_m_s2)[:, np.newaxis]
        # What the last metres add to their rate: doubt about the speed, or the search for ground.
        extra = np.maximum(-motion.end_m_s[:, 2] - self.terminal.touchdown_m_s, 0.0)
        if segment.kind in ("sink", "fall"):
            end = np.column_stack((target, motion.end_m[:, 2]))
            rate = np.zeros_like(end)
            rate[:, 2] = -segment.end_descent_m_s - extra
            thrust = descend(motion._replace(end_m=end, end_m_s=rate), self.terminal)
            drift = np.linalg.norm(motion.v_m_s[:, :2], axis=1)
            still = (segment.kind == "fall") & (drift <= segment.lateral_most_m_s)
            way = fallen_way(segment, motion.moon.up(motion.r_m))
            return np.where(still[:, np.newaxis], _OFF_M_S2 * way, thrust)
        if segment.kind == "profile":
            rise = along_profile(segment, motion, extra, self.gains)
        else:
            rise = hovering(segment, motion, self.gains)
        across = sideways(segment, motion, target, self.gains)
        up = motion.moon.up(motion.r_m)
        flat = np.column_stack((across, np.zeros(len(rows))))
        flat -= np.sum(flat * up, axis=1, keepdims=True) * up
        lean = np.full(len(rows), math.radians(segment.lean_most_deg))
        return leaning(rise[:, np.newaxis] * up + flat, up, lean)


def _heading(motion: Motion) -> Float64Array:
    """Direction of flight over the ground, unit vectors (n, 2); north for one that falls."""
    v = motion.v_m_s[:, :2]
    size = np.linalg.norm(v, axis=1, keepdims=True)
    return np.where(size > 1.0, v / np.maximum(size, 1.0), np.array([0.0, 1.0]))
