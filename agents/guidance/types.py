"""What a guidance law is told, and the protocol it answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from agents.base import BoolArray, Float64Array

__all__ = ["GuidanceLaw", "Situation"]


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


class GuidanceLaw(Protocol):
    """Chooses a throttle; the only memory is whether the braking burn has begun."""

    @property
    def name(self) -> str:
        """Name used in a pilot's name, ``law+filter``."""

    def throttle(self, situation: Situation, burning: BoolArray) -> tuple[Float64Array, BoolArray]:
        """Return the throttle in [0, 1] of installed thrust, and the new `burning`."""
