"""What a guidance law is told, and the protocol it answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from agents.base import BoolArray, Float64Array, PilotState
    from agents.guidance.moon import Moon
    from agents.guidance.terminal import TerminalGains

__all__ = ["GuidanceLaw", "Motion", "Scheduled", "Situation", "VectorLaw"]


class Situation(NamedTuple):
    """Where the law has to bring the lander down from; arrays of shape (n,), SI units.

    Height and speeds are those at which a new command begins to act: the present carried on by the
    engine's lag at the present thrust.
    """

    height: Float64Array  # m, of the footpads, on the low side of the uncertainty while blind
    descent: Float64Array  # m/s, downwards
    lateral: Float64Array  # m/s
    descent_sigma: Float64Array  # m/s
    blind_rate: Float64Array  # m/s, descend no slower at the end; zero once the ground was seen
    thrust_ratio: Float64Array  # [-], installed thrust over the present weight
    throttle_min: Float64Array  # [-], floor of the throttle band
    v_e: Float64Array  # m/s, exhaust velocity
    gravity: Float64Array  # m/s^2, at the target


@runtime_checkable
class GuidanceLaw(Protocol):
    """Chooses a throttle; the only memory is whether the braking burn has begun."""

    @property
    def name(self) -> str:
        """Name used in a pilot's name, ``law+filter``."""

    def start(self, rows: int) -> PilotState:
        """Return the memory of rows that begin an episode: no burn yet."""

    def throttle(self, situation: Situation, burning: BoolArray) -> tuple[Float64Array, BoolArray]:
        """Return the throttle in [0, 1] of installed thrust, and the new `burning`."""


class Motion(NamedTuple):
    """What a law that commands a vector is told; rows of the batch first, SI units.

    Place and velocity are in the target's frame L, and those at which a new command begins to act.
    """

    r_m: Float64Array  # (n, 3), of the footpads
    v_m_s: Float64Array  # (n, 3)
    end_m: Float64Array  # (n, 3), where the last metres begin
    end_m_s: Float64Array  # (n, 3), velocity there and from there on
    g_m_s2: Float64Array  # (n, 3), gravity here
    thrust_m_s2: Float64Array  # (n,), installed thrust over the present mass
    throttle_min: Float64Array  # (n,), floor of the throttle band
    v_e_m_s: Float64Array  # (n,), exhaust velocity
    time_s: Float64Array  # (n,), since the start of the episode
    steered: bool  # whether the horizontal place of the end counts
    moon: Moon


class VectorLaw(Protocol):
    """Chooses a thrust vector; its memory is a flat tuple of arrays, one element per row."""

    @property
    def name(self) -> str:
        """Name used in a pilot's name, ``law+filter``."""

    @property
    def terminal(self) -> TerminalGains:
        """Numbers of the last metres."""

    def start(self, rows: int) -> PilotState:
        """Return the memory of rows that begin an episode."""

    def command(self, motion: Motion, memory: PilotState) -> tuple[Float64Array, PilotState]:
        """Return the thrust acceleration wanted, (n, 3) [m/s^2, L], and the new memory.

        It may exceed what the engines can give: see `agents.guidance.steering.within`.
        """


@runtime_checkable
class Scheduled(Protocol):
    """A law that tells which part of the descent it flies."""

    @property
    def programs(self) -> tuple[str, ...]:
        """Names of the parts, in their order."""

    def program(self, memory: PilotState) -> NDArray[np.integer[Any]]:
        """Return the number of the part that each row flew last, (n,)."""
