"""What a guidance law is told, and the protocol it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..base import BoolArray, Float64Array, PilotState
    from .moon import Moon

__all__ = ["GuidanceLaw", "Motion", "Scheduled", "Situation", "TerminalGains", "VectorLaw"]


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


@dataclass(frozen=True, slots=True)
class TerminalGains:
    """Numbers of the last metres."""

    # Half of the nominal tier's 2 m/s: leaves 1 m/s to noise, slope and thrust error.
    touchdown_m_s: float = 1.0
    # Standard deviations of the speed added to it, or a lander whose speed is wrong by as much as
    # the touchdown speed would hover until its tanks are dry (1 in 1000 on dead reckoning alone).
    doubt: float = 1.5
    # Twice the worst lag plus half a control period (0.4 s) keeps the loop well damped, and still
    # settles within two metres.
    tau_s: float = 0.8
    # The same sideways, where thrust has to turn first: a lander as slow to turn as Apollo's, three
    # seconds for ten degrees, swings under 0.8 s until it tips.
    lateral_tau_s: float = 3.0
    # Room for the naive filter's error at low speed: from 3.5 m it loses a third more landings
    # under `noisy`. Twelve metres would cost another half kilogram of propellant.
    handover_m: float = 9.0
    # 1/s and m/s: a vector also takes out what is left of the miss. The usual 0.8 m/s leaves
    # nothing of the 1 m/s that legs survive to the error of the velocity, 0.3 m/s and more.
    place_gain_per_s: float = 0.15
    lateral_most_m_s: float = 0.2
    # Largest lean of a commanded vector there: legs want to come down together. A lander that is
    # still `sideways_m_s` fast sinks more slowly, at one more not at all, and leans as it needs to.
    lean_most_deg: float = 6.0
    lean_fast_deg: float = 20.0
    sideways_m_s: float = 0.5


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

        It may exceed what the engines can give: see `steering.py`.
        """


@runtime_checkable
class Scheduled(Protocol):
    """A law that tells which part of the descent it flies."""

    @property
    def programs(self) -> tuple[str, ...]:
        """Names of the parts, in their order."""

    def program(self, memory: PilotState) -> NDArray[np.integer[Any]]:
        """Return the number of the part that each row flew last, (n,)."""
