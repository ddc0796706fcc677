"""Velocity profile: follow the speed from which a constant deceleration would just stop.

``v_ref(h) = sqrt(v_td^2 + 2 a_b h)``; the command is the acceleration of the profile itself plus
feedback on the speed error, ``a = g + a_b v / v_ref + K_v (v - v_ref)``. Most planned
descents use it: simple, with a margin of thrust throughout, and more costly than a late burn.

References
----------
Klumpp, "Apollo lunar descent guidance", Automatica 10(2), 1974, for the reference profile of the
approach. ispace's Mission 2 planned a constant deceleration from 3 km.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .terminal import final_rate, idle_throttle, start_burn, with_final_descent
from .types import TerminalGains

if TYPE_CHECKING:
    from ..base import BoolArray, Float64Array, PilotState
    from .types import ThrottleInput

__all__ = [
    "Profile",
    "VelocityProfileGains",
    "VelocityProfileLaw",
    "profile_acceleration",
    "turned",
]


class Profile(NamedTuple):
    """Speed over height, and the feedback that follows it; numbers or arrays (n,)."""

    height_to_go: Float64Array  # m, down to the end of the profile
    final: Float64Array  # m/s, descent rate at the end
    brake: Float64Array | float  # m/s^2, deceleration
    gain_per_s: float  # 1/s, of the speed error
    turn: Float64Array | float = 1.0  # speed squared over that of a vertical descent, see `turned`


def profile_acceleration(
    profile: Profile, descent: Float64Array, gravity: Float64Array
) -> Float64Array:
    """Upward thrust acceleration (n,) [m/s^2] that follows a profile.

    Parameters
    ----------
    profile : Profile
        Speed over height, and the feedback.
    descent : ndarray of float64, shape (n,)
        Descent rate [m/s].
    gravity : ndarray of float64, shape (n,)
        Its size [m/s^2].

    Returns
    -------
    ndarray of float64, shape (n,)
        Along the local vertical; it may be negative, or exceed the installed thrust.
    """
    brake, height = profile.brake, np.maximum(profile.height_to_go, 0.0)
    v_ref = np.sqrt(profile.final**2 + 2.0 * brake * profile.turn * height)
    # On the profile v_ref falls at a_b v / v_ref; off it the feedback leads back.
    feed_forward = brake * np.clip(descent / np.maximum(v_ref, 1e-3), 0.0, 1.0)
    thrust: Float64Array = gravity + feed_forward + profile.gain_per_s * (descent - v_ref)
    return thrust


def turned(speed: Float64Array, now: ThrottleInput, brake: Float64Array) -> Float64Array:
    """Square of the speed that a gravity turn stops over that which a vertical descent does, (n,).

    Both over the same height and with the same thrust, ``g + brake``: see `gravity_turn_height`. 1
    for a lander that falls or climbs vertically, more for one that flies along the ground, where
    its thrust does not work against gravity.
    """
    tan_half = now.lateral / np.maximum(speed + np.maximum(now.descent, 0.0), 1e-6)
    w2 = np.minimum(tan_half, 1.0) ** 2
    ratio = 1.0 + brake / now.gravity
    slowed = 1.0 - w2**2 * (ratio - 1.0) / (ratio + 1.0)
    turn: Float64Array = np.where(now.descent > 0.0, (1.0 + w2) ** 2 / slowed, 1.0)
    return turn


@dataclass(frozen=True, slots=True)
class VelocityProfileGains:
    """Numbers of the profile, each with the reason for its value."""

    # Deceleration as a share of full thrust less gravity. The usual 0.5-0.6 cannot
    # stop 106 m/s in 3 km with a thrust of 2.4 weights; 0.82 is that mission's own plan.
    brake_frac: float = 0.82
    # 1/s; with a lag of 0.3 s and a period of 0.2 s, below the 1.2 where it begins to ring.
    gain_per_s: float = 0.8


@dataclass(frozen=True, slots=True)
class VelocityProfileLaw:
    """Constant-deceleration profile with feedback on the descent speed."""

    gains: VelocityProfileGains = field(default_factory=VelocityProfileGains)
    terminal: TerminalGains = field(default_factory=TerminalGains)
    name: str = "velocity-profile"

    def start(self, rows: int) -> PilotState:
        """Return the memory of rows that begin an episode."""
        return start_burn(rows)

    def throttle(self, inputs: ThrottleInput, burning: BoolArray) -> tuple[Float64Array, BoolArray]:
        """Return the throttle in [0, 1] of installed thrust; `burning` is returned as it is."""
        gains, now = self.gains, inputs
        height_to_go = now.height - self.terminal.handover_m
        final = final_rate(now, self.terminal)
        brake = gains.brake_frac * now.gravity * np.maximum(now.thrust_to_weight - 1.0, 0.0)
        speed = np.hypot(now.descent, now.lateral)
        turn = turned(speed, now, brake)
        profile = Profile(height_to_go, final, brake, gains.gain_per_s, turn)
        acceleration = profile_acceleration(profile, speed, now.gravity)
        thrust_max = now.gravity * now.thrust_to_weight
        throttle = np.clip(acceleration / thrust_max, idle_throttle(now), 1.0)
        return with_final_descent(throttle, now, self.terminal), burning
