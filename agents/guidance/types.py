"""Inputs of guidance laws, and the protocols that the laws implement."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..base import BoolArray, Float64Array, PilotState
    from .moon import Moon

__all__ = ["GuidanceLaw", "Scheduled", "TerminalGains", "ThrottleInput", "VectorInput", "VectorLaw"]


class ThrottleInput(NamedTuple):
    """Input of a law that commands a throttle; arrays of shape (n,), SI units.

    Height and speeds are predicted to when a new command begins to act: over the engine's lag, at
    the present thrust.
    """

    height: (
        Float64Array  # m, of the footpads above the ground; on the low side before the first range
    )
    descent: Float64Array  # m/s, downwards
    lateral: Float64Array  # m/s
    descent_sigma: Float64Array  # m/s
    blind_rate: Float64Array  # m/s, least descent rate at the end; zero after the first range
    thrust_to_weight: Float64Array  # [-], installed thrust over the present weight
    throttle_min: Float64Array  # [-], floor of the throttle band
    v_e: Float64Array  # m/s, exhaust velocity
    gravity: Float64Array  # m/s^2, at the target


@runtime_checkable
class GuidanceLaw(Protocol):
    """Commands a throttle; its only memory is whether the braking burn has begun."""

    @property
    def name(self) -> str:
        """Name used in a pilot's name, ``law+filter``."""

    @property
    def terminal(self) -> TerminalGains:
        """Numbers of the last metres."""

    def start(self, rows: int) -> PilotState:
        """Return the memory of rows that begin an episode: no burn yet."""

    def throttle(self, inputs: ThrottleInput, burning: BoolArray) -> tuple[Float64Array, BoolArray]:
        """Return the throttle in [0, 1] of installed thrust, and the new `burning`."""


class VectorInput(NamedTuple):
    """Input of a law that commands a thrust vector; rows of the batch first, SI units.

    Position and velocity are in the target's frame L, predicted to when a new command begins to
    act.
    """

    r_m: Float64Array  # (n, 3), of the footpads
    v_m_s: Float64Array  # (n, 3)
    end_m: Float64Array  # (n, 3), where the last metres begin
    end_m_s: Float64Array  # (n, 3), velocity there and from there on
    g_m_s2: Float64Array  # (n, 3), gravity at r_m
    thrust_m_s2: Float64Array  # (n,), installed thrust over the present mass
    throttle_min: Float64Array  # (n,), floor of the throttle band
    v_e_m_s: Float64Array  # (n,), exhaust velocity
    time_s: Float64Array  # (n,), since the start of the episode
    steered: bool  # whether the horizontal position of the end counts
    moon: Moon
    dv_left_m_s: Float64Array | float = math.inf  # (n,), of the propellant; inf if not known


@dataclass(frozen=True, slots=True)
class TerminalGains:
    """Numbers of the last metres."""

    # Half of the nominal tier's 2 m/s: leaves 1 m/s for noise, slope and thrust error.
    touchdown_m_s: float = 1.0
    # Standard deviations of the speed added to it: with none, a lander whose speed is wrong by the
    # touchdown speed would hover until its propellant is spent (1 in 1000 on dead reckoning alone).
    doubt: float = 1.5
    # Twice the longest lag plus half a control period (0.4 s): well damped, and settled within two
    # metres.
    tau_s: float = 0.8
    # The same horizontally, where the attitude has to change first: a lander as slow to turn as
    # Apollo's, three seconds for ten degrees, oscillates with 0.8 s until it tips.
    lateral_tau_s: float = 3.0
    # Margin for the naive filter's error at low speed: from 3.5 m it loses a third more landings
    # under `noisy`. Twelve metres would cost another half kilogram of propellant.
    handover_m: float = 9.0
    # Steered landers only, `final.py`. A plan brakes along the ground until its end, leaning by 15
    # to 40 degrees: ended at 9 m it loses up to 70 % of the landings of a lander that takes three
    # seconds for ten degrees. Down from here it turns upright ...
    upright_m: float = 30.0
    # ... and slows down with this time constant: shorter than the turn it would be of no use, and
    # longer it costs propellant.
    flare_s: float = 5.0
    # 1/s and m/s: a vector command also reduces the rest of the miss. The usual 0.8 m/s leaves no
    # margin of the 1 m/s that legs survive for the error of the velocity, 0.3 m/s and more.
    place_gain_per_s: float = 0.15
    lateral_most_m_s: float = 0.2
    # Largest angle of the thrust from the vertical there, so that the legs touch down together. A
    # lander faster than `sideways_m_s` horizontally descends more slowly, from 1 m/s more not at
    # all, and may use `lean_fast_deg`.
    lean_most_deg: float = 6.0
    lean_fast_deg: float = 20.0
    sideways_m_s: float = 0.5


class VectorLaw(Protocol):
    """Commands a thrust vector; its memory is a flat tuple of arrays, one element per row."""

    @property
    def name(self) -> str:
        """Name used in a pilot's name, ``law+filter``."""

    @property
    def terminal(self) -> TerminalGains:
        """Numbers of the last metres."""

    def start(self, rows: int) -> PilotState:
        """Return the memory of rows that begin an episode."""

    def command(self, inputs: VectorInput, memory: PilotState) -> tuple[Float64Array, PilotState]:
        """Return the thrust acceleration, (n, 3) [m/s^2, L], and the new memory.

        It may exceed the installed thrust: `limit_thrust` is applied to it.
        """


@runtime_checkable
class Scheduled(Protocol):
    """A law that reports which part of the descent it flies."""

    @property
    def programs(self) -> tuple[str, ...]:
        """Names of the parts, in their order."""

    def program(self, memory: PilotState) -> NDArray[np.integer[Any]]:
        """Return the number of the part that each row flew last, (n,)."""
