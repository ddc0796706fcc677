"""Apollo 11's descent as its computer flew it: P63 and P64 to the targets of its pad load.

Acceleration is quadratic in the time T, which counts up to zero at a program's target::

    a = a_t + 12 (r_t - r) / T^2 + 6 (v_t + v) / T

and T follows from one more condition, the jerk j_t along the downrange axis z::

    j_t T^3 + 6 a_t T^2 + (18 v_t + 6 v) T + 24 (r_t - r) = 0

Each program hands over before its target is reached, the last one to the rate of descent of
`terminal.py`, or to the manual flight of the crew: segments as in `schedule.py`, after an approach
to a point at some distance from where they landed. The engine idles from ignition, where the
mission begins, to a given downrange position. Then it has a fixed throttle position and a throttle
range below it: P63 is full thrust in the commanded direction, until the law commands less than the
upper end of that range.

References
----------
Klumpp, "Apollo lunar descent guidance", Automatica 10(2), 1974. Targets and their sources:
``lunar_env/data/guidance/apollo-11.toml``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from ..base import Z
from .schedule import ScheduleLaw
from .search import select_rows
from .targets import Schedule, Target
from .terminal import descend, idle_frac
from .types import TerminalGains

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..base import BoolArray, Float64Array, PilotState
    from .segments import Segment
    from .types import VectorInput

__all__ = ["ByHand", "LunarModuleLaw"]

_P63, _P64, _P66 = 0, 1, 2
_FAR_M: Final = 20e3  # a descent that begins nearer than this to the target begins with P64
_NEWTON_STEPS: Final = 8
_LONGEST_S: Final = 1000.0
# The plane of the descent is fixed when the distance that defines it is less than this.
_HELD_M: Final = 500.0


class ByHand(NamedTuple):
    """Manual flight of a crew in P66, instead of a vertical descent from the end of P64."""

    segments: tuple[Segment, ...]
    below_m: float = 0.0  # height at which they took over
    aim_m: tuple[float, float] = (0.0, 0.0)  # target of the programs before, east and north [L]


class _Plan(NamedTuple):
    """Memory; times since the start of the episode."""

    end_s: Float64Array  # (n,), when the target would be reached; nan before the first command
    program: NDArray[np.int8]  # (n,)
    throttled_up: BoolArray  # (n,), throttled up after the idle that follows ignition
    full: BoolArray  # (n,), engine in its fixed throttle position
    downrange: Float64Array  # (n, 2), horizontal unit vector [-, L]


_WIDTH: Final = len(_Plan._fields)


@dataclass(frozen=True, slots=True)
class LunarModuleLaw:
    """P63, P64 and a rate of descent; the law `apollo` of missions that have targets."""

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

    def command(self, inputs: VectorInput, memory: PilotState) -> tuple[Float64Array, PilotState]:
        """Return the thrust acceleration (n, 3) [m/s^2, L] and the new memory."""
        if self.by_hand:  # relative to the target of the programs
            inputs = inputs._replace(r_m=inputs.r_m - np.array([*self.by_hand.aim_m, 0.0]))
        t, plan = self._times(inputs, _Plan(*memory[:_WIDTH]))
        commanded = self._quadratic(inputs, plan, t)
        thrust, plan = self._throttled(inputs, plan, commanded)
        last, manual = np.flatnonzero(plan.program == _P66), memory[_WIDTH:]
        if last.size and self.by_hand:
            manual = tuple(np.array(part) for part in manual)
            flown = self._manual.command(
                select_rows(inputs, last), tuple(part[last] for part in manual)
            )
            thrust[last] = flown[0]
            for stored, new in zip(manual, flown[1], strict=True):
                stored[last] = new
        elif last.size:
            thrust[last] = descend(select_rows(inputs, last), self.terminal)
        return thrust, (*plan, *manual)

    @property
    def _manual(self) -> ScheduleLaw:
        """Law of the manual flight that follows the programs."""
        segments = self.by_hand.segments if self.by_hand else ()
        return ScheduleLaw(segments, terminal=self.terminal)

    def _times(self, inputs: VectorInput, plan: _Plan) -> tuple[Float64Array, _Plan]:
        """Time T (n,) [s], negative, and the memory with the present program and direction."""
        both = self.schedule.braking, self.schedule.approach
        far = np.linalg.norm(inputs.r_m[:, :2], axis=1) > _FAR_M
        fresh = np.isnan(plan.end_s)
        program = np.where(fresh, np.where(far, _P63, _P64), plan.program).astype(np.int8)
        t = np.where(fresh, _first(inputs, _numbers(both, program)), inputs.time_s - plan.end_s)
        downrange = _downrange(inputs, t, plan.downrange, fresh)
        for _ in both:
            target = _numbers(both, program)
            root = _newton(inputs, downrange, target, t)
            complete = (root > target.switch_s) & (program < _P66)
            program = np.where(complete, program + 1, program).astype(np.int8)
            t = np.where(complete & (program == _P64), both[1].first_s, root)
        below = np.maximum(inputs.end_m[:, Z], self.by_hand.below_m if self.by_hand else 0.0)
        low = inputs.moon.height(inputs.r_m) <= below
        program = np.where(low, _P66, program).astype(np.int8)
        return t, plan._replace(end_s=inputs.time_s - t, program=program, downrange=downrange)

    def _quadratic(self, inputs: VectorInput, plan: _Plan, t: Float64Array) -> Float64Array:
        """Thrust acceleration (n, 3) [m/s^2, L] of the quadratic, `lead_s` from now."""
        target = _numbers((self.schedule.braking, self.schedule.approach), plan.program)
        r = _in_l(target.r_x_m, target.r_z_m, plan.downrange) - inputs.r_m
        v = _in_l(target.v_x_m_s, target.v_z_m_s, plan.downrange)
        a = _in_l(target.a_x_m_s2, target.a_z_m_s2, plan.downrange)
        t = t[:, np.newaxis]
        # Share of T that remains after the lead; 1 gives the equation above.
        x = (t + self.schedule.lead_s) / t
        total = (
            (3.0 * x * x - 2.0 * x) * 12.0 / t**2 * r
            + (4.0 * x * x - 3.0 * x) * 6.0 / t * v
            + (2.0 * x * x - x) * 6.0 / t * inputs.v_m_s
            + (6.0 * x * x - 6.0 * x + 1.0) * a
        )
        thrust: Float64Array = total - inputs.g_m_s2
        return thrust

    def _throttled(
        self, inputs: VectorInput, plan: _Plan, commanded: Float64Array
    ) -> tuple[Float64Array, _Plan]:
        """Thrust (n, 3) [m/s^2, L] that the engine can be set to, in the commanded direction."""
        engine = self.schedule
        along = np.sum(inputs.r_m[:, :2] * plan.downrange, axis=1)
        throttled_up = plan.throttled_up | (plan.program != _P63) | (along >= engine.full_z_m)
        size = np.linalg.norm(commanded, axis=1) / inputs.thrust_m_s2
        full = np.where(plan.full, size > engine.low_frac, size >= engine.high_frac) & throttled_up
        share = np.where(full, engine.full_frac, np.minimum(size, engine.high_frac))
        share = np.maximum(np.where(throttled_up, share, 0.0), idle_frac(inputs.throttle_min))
        scale = share / np.maximum(size, 1e-9)
        return commanded * scale[:, np.newaxis], plan._replace(throttled_up=throttled_up, full=full)


def _numbers(
    both: tuple[Target[float], Target[float]], program: NDArray[np.int8]
) -> Target[Float64Array]:
    """Target of each row's program, arrays (n,); P66 has that of P64."""
    table = np.array(both)[np.minimum(program, _P64)]
    return Target(*table.T)


def _first(inputs: VectorInput, target: Target[Float64Array]) -> Float64Array:
    """First guess of T (n,) [s]: from the pad load, or of constant braking if that is nearer."""
    speed = np.linalg.norm(inputs.v_m_s[:, :2], axis=1)
    distance = np.linalg.norm(inputs.r_m[:, :2], axis=1)
    constant: Float64Array = np.maximum(target.first_s, -2.0 * distance / np.maximum(speed, 1.0))
    return np.minimum(constant, target.switch_s)


def _in_l(up: Float64Array, on: Float64Array, downrange: Float64Array) -> Float64Array:
    """Vectors (n, 3) [L] from their components in the guidance frame."""
    return np.concatenate((on[:, np.newaxis] * downrange, up[:, np.newaxis]), axis=1)


def _downrange(
    inputs: VectorInput, t: Float64Array, before: Float64Array, fresh: BoolArray
) -> Float64Array:
    """Downrange direction (n, 2) [-, L]: that with no crossrange jerk at the target."""
    distance = 0.25 * t[:, np.newaxis] * inputs.v_m_s[:, :2] - inputs.r_m[:, :2]
    size = np.linalg.norm(distance, axis=1)
    changes = (size > _HELD_M) | fresh
    unit = distance / np.maximum(size, 1e-9)[:, np.newaxis]
    return np.where(changes[:, np.newaxis], unit, before)


def _newton(
    inputs: VectorInput, downrange: Float64Array, target: Target[Float64Array], guess: Float64Array
) -> Float64Array:
    """Root (n,) [s] of the cubic in T near a guess."""
    z = np.sum(inputs.r_m[:, :2] * downrange, axis=1)
    v = np.sum(inputs.v_m_s[:, :2] * downrange, axis=1)
    j, a = target.j_z_m_s3, 6.0 * target.a_z_m_s2
    b, c = 18.0 * target.v_z_m_s + 6.0 * v, 24.0 * (target.r_z_m - z)
    t: Float64Array = guess
    for _ in range(_NEWTON_STEPS):
        slope = (3.0 * j * t + 2.0 * a) * t + b
        slope = np.where(np.abs(slope) < 1e-3, 1e-3, slope)
        t = np.clip(t - (((j * t + a) * t + b) * t + c) / slope, -_LONGEST_S, -1.0)
    return t
