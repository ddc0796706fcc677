"""Apollo 11's descent as its computer flew it: P63 and P64 to the targets it was loaded with.

Acceleration is quadratic in the time T, which counts up to zero at a program's target::

    a = a_t + 12 (r_t - r) / T^2 + 6 (v_t + v) / T

and T follows from one more condition, the jerk j_t along the track z::

    j_t T^3 + 6 a_t T^2 + (18 v_t + 6 v) T + 24 (r_t - r) = 0

Each program hands over before its target is reached, the last one to the rate of descent of
`terminal.py`, or to what the crew flew by hand: segments as in `schedule.py`, after an approach to
a place beside the one where they landed. The engine idles from ignition, where the mission begins,
to a place along the track. Then it has a fixed position and a range below it: P63 is full thrust in
the direction that the law asks for, until the law asks for less than the range's end.

References
----------
Klumpp, "Apollo lunar descent guidance", Automatica 10(2), 1974. Targets and their sources:
``lunar_env/data/guidance/apollo-11.toml``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from .schedule import ScheduleLaw
from .search import take
from .targets import Schedule, Target
from .terminal import descend, idle_share
from .types import TerminalGains

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..base import BoolArray, Float64Array, PilotState
    from .segments import Segment
    from .types import Motion

__all__ = ["ByHand", "LunarModuleLaw"]

_P63, _P64, _P66 = 0, 1, 2
_FAR_M: Final = 20e3  # a descent that begins nearer to the target begins with P64
_NEWTON_STEPS: Final = 8
_LONGEST_S: Final = 1000.0
# The plane of the descent is held when less than this is left for the jerk along the track.
_HELD_M: Final = 500.0


class ByHand(NamedTuple):
    """What a crew did in P66, instead of letting the lander down where P64 had brought it."""

    segments: tuple[Segment, ...]
    below_m: float = 0.0  # height at which they took over
    aim_m: tuple[float, float] = (0.0, 0.0)  # where the programs before would land, east and north


class _Plan(NamedTuple):
    """Memory; times since the start of the episode."""

    end_s: Float64Array  # (n,), when the target would be reached; nan before the first command
    program: NDArray[np.int8]  # (n,)
    begun: BoolArray  # (n,), no longer at idle after the ignition
    full: BoolArray  # (n,), engine in its fixed position
    ahead: Float64Array  # (n, 2), downrange, a horizontal unit vector


_WIDTH: Final = len(_Plan._fields)


@dataclass(frozen=True, slots=True)
class LunarModuleLaw:
    """P63, P64 and a rate of descent; what `apollo` means where a mission has targets."""

    schedule: Schedule
    terminal: TerminalGains = field(default_factory=TerminalGains)
    by_hand: ByHand | None = None
    name: str = "apollo"

    @property
    def programs(self) -> tuple[str, ...]:
        """Names of its programs."""
        last = self._manual.programs if self.by_hand else ("P66",)
        return ("P63", "P64", *last)

    def program(self, memory: PilotState) -> NDArray[np.int16]:
        """Return the number of the program that each row flew last, (n,)."""
        number = _Plan(*memory[:_WIDTH]).program.astype(np.int16)
        if self.by_hand:
            number += np.maximum(self._manual.program(memory[_WIDTH:]), 0)
        return number

    def start(self, rows: int) -> PilotState:
        """Return a memory before the first command."""
        never = np.full(rows, np.nan)
        no = np.zeros(rows, dtype=np.bool_)
        plan = _Plan(never, np.zeros(rows, dtype=np.int8), no, no, np.zeros((rows, 2)))
        return (*plan, *(self._manual.start(rows) if self.by_hand else ()))

    def command(self, motion: Motion, memory: PilotState) -> tuple[Float64Array, PilotState]:
        """Return the thrust acceleration (n, 3) [m/s^2, L] and the new memory."""
        if self.by_hand:  # seen from where the programs aim
            motion = motion._replace(r_m=motion.r_m - np.array([*self.by_hand.aim_m, 0.0]))
        t, plan = self._times(motion, _Plan(*memory[:_WIDTH]))
        wanted = self._quadratic(motion, plan, t)
        thrust, plan = self._throttled(motion, plan, wanted)
        last, manual = np.flatnonzero(plan.program == _P66), memory[_WIDTH:]
        if last.size and self.by_hand:
            manual = tuple(np.array(part) for part in manual)
            flown = self._manual.command(take(motion, last), tuple(part[last] for part in manual))
            thrust[last] = flown[0]
            for kept, new in zip(manual, flown[1], strict=True):
                kept[last] = new
        elif last.size:
            thrust[last] = descend(take(motion, last), self.terminal)
        return thrust, (*plan, *manual)

    @property
    def _manual(self) -> ScheduleLaw:
        """What follows the programs."""
        segments = self.by_hand.segments if self.by_hand else ()
        return ScheduleLaw(segments, terminal=self.terminal)

    def _times(self, motion: Motion, plan: _Plan) -> tuple[Float64Array, _Plan]:
        """Time T of each row, the program that is due then, and the plane of the descent."""
        both = self.schedule.braking, self.schedule.approach
        far = np.linalg.norm(motion.r_m[:, :2], axis=1) > _FAR_M
        fresh = np.isnan(plan.end_s)
        program = np.where(fresh, np.where(far, _P63, _P64), plan.program).astype(np.int8)
        t = np.where(fresh, _first(motion, _numbers(both, program)), motion.time_s - plan.end_s)
        ahead = _downrange(motion, t, plan.ahead, fresh)
        for _ in both:
            target = _numbers(both, program)
            found = _newton(motion, ahead, target, t)
            over = (found > target.switch_s) & (program < _P66)
            program = np.where(over, program + 1, program).astype(np.int8)
            t = np.where(over & (program == _P64), both[1].first_s, found)
        below = np.maximum(motion.end_m[:, 2], self.by_hand.below_m if self.by_hand else 0.0)
        low = motion.moon.height(motion.r_m) <= below
        program = np.where(low, _P66, program).astype(np.int8)
        return t, plan._replace(end_s=motion.time_s - t, program=program, ahead=ahead)

    def _quadratic(self, motion: Motion, plan: _Plan, t: Float64Array) -> Float64Array:
        """Thrust acceleration of the quadratic at `lead_s` from now, (n, 3)."""
        target = _numbers((self.schedule.braking, self.schedule.approach), plan.program)
        r = _in_l(target.r_x_m, target.r_z_m, plan.ahead) - motion.r_m
        v = _in_l(target.v_x_m_s, target.v_z_m_s, plan.ahead)
        a = _in_l(target.a_x_m_s2, target.a_z_m_s2, plan.ahead)
        t = t[:, np.newaxis]
        # Share of T that is left at the lead; one gives the equation above.
        x = (t + self.schedule.lead_s) / t
        total = (
            (3.0 * x * x - 2.0 * x) * 12.0 / t**2 * r
            + (4.0 * x * x - 3.0 * x) * 6.0 / t * v
            + (2.0 * x * x - x) * 6.0 / t * motion.v_m_s
            + (6.0 * x * x - 6.0 * x + 1.0) * a
        )
        thrust: Float64Array = total - motion.g_m_s2
        return thrust

    def _throttled(
        self, motion: Motion, plan: _Plan, wanted: Float64Array
    ) -> tuple[Float64Array, _Plan]:
        """Thrust that the engine can be set to, in the direction wanted."""
        engine = self.schedule
        along = np.sum(motion.r_m[:, :2] * plan.ahead, axis=1)
        begun = plan.begun | (plan.program != _P63) | (along >= engine.full_z_m)
        size = np.linalg.norm(wanted, axis=1) / motion.thrust_m_s2
        full = np.where(plan.full, size > engine.low_frac, size >= engine.high_frac) & begun
        share = np.where(full, engine.full_frac, np.minimum(size, engine.high_frac))
        share = np.maximum(np.where(begun, share, 0.0), idle_share(motion.throttle_min))
        scale = share / np.maximum(size, 1e-9)
        return wanted * scale[:, np.newaxis], plan._replace(begun=begun, full=full)


def _numbers(
    both: tuple[Target[float], Target[float]], program: NDArray[np.int8]
) -> Target[Float64Array]:
    """Target of each row's program as a tuple of arrays; P66 keeps that of P64."""
    table = np.array(both)[np.minimum(program, _P64)]
    return Target(*table.T)


def _first(motion: Motion, target: Target[Float64Array]) -> Float64Array:
    """Time (n,) at which to look for the first: as loaded, or that of an even braking if nearer."""
    speed = np.linalg.norm(motion.v_m_s[:, :2], axis=1)
    way = np.linalg.norm(motion.r_m[:, :2], axis=1)
    even: Float64Array = np.maximum(target.first_s, -2.0 * way / np.maximum(speed, 1.0))
    return np.minimum(even, target.switch_s)


def _in_l(up: Float64Array, on: Float64Array, ahead: Float64Array) -> Float64Array:
    """Vectors (n, 3) of L from their components in the guidance frame."""
    return np.concatenate((on[:, np.newaxis] * ahead, up[:, np.newaxis]), axis=1)


def _downrange(
    motion: Motion, t: Float64Array, before: Float64Array, fresh: BoolArray
) -> Float64Array:
    """Direction of the track: that in which no jerk across it is left over at the target."""
    way = 0.25 * t[:, np.newaxis] * motion.v_m_s[:, :2] - motion.r_m[:, :2]
    size = np.linalg.norm(way, axis=1)
    turned = (size > _HELD_M) | fresh
    unit = way / np.maximum(size, 1e-9)[:, np.newaxis]
    return np.where(turned[:, np.newaxis], unit, before)


def _newton(
    motion: Motion, ahead: Float64Array, target: Target[Float64Array], guess: Float64Array
) -> Float64Array:
    """Root of the cubic in T near a guess, (n,)."""
    z = np.sum(motion.r_m[:, :2] * ahead, axis=1)
    v = np.sum(motion.v_m_s[:, :2] * ahead, axis=1)
    j, a = target.j_z_m_s3, 6.0 * target.a_z_m_s2
    b, c = 18.0 * target.v_z_m_s + 6.0 * v, 24.0 * (target.r_z_m - z)
    t: Float64Array = guess
    for _ in range(_NEWTON_STEPS):
        slope = (3.0 * j * t + 2.0 * a) * t + b
        slope = np.where(np.abs(slope) < 1e-3, 1e-3, slope)
        t = np.clip(t - (((j * t + a) * t + b) * t + c) / slope, -_LONGEST_S, -1.0)
    return t
