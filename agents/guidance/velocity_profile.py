"""Velocity profile: follow the speed from which a constant deceleration would just stop.

``v_ref(h) = sqrt(v_td^2 + 2 a_b h)``; the command is the acceleration of the profile itself plus
feedback on the speed error, ``a = g + a_b v / v_ref + K_v (v - v_ref)``. It is the law of most
planned descents: simple, never at the edge, and dearer than a late burn.

References
----------
Klumpp, "Apollo lunar descent guidance", Automatica 10(2), 1974, for the reference profile of the
approach. ispace's Mission 2 planned a constant deceleration from 3 km.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from .terminal import final_rate, idle_throttle, rate_of_descent
from .types import TerminalGains

if TYPE_CHECKING:
    from ..base import BoolArray, Float64Array, PilotState
    from .types import Situation

__all__ = ["VelocityProfileGains", "VelocityProfileLaw"]


@dataclass(frozen=True, slots=True)
class VelocityProfileGains:
    """Numbers of the profile, each with the reason for its value."""

    # Deceleration as a share of what full thrust leaves over gravity. The usual 0.5-0.6 cannot
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
        return (np.zeros(rows, dtype=np.bool_),)

    def throttle(self, situation: Situation, burning: BoolArray) -> tuple[Float64Array, BoolArray]:
        """Return the throttle in [0, 1] of installed thrust; `burning` is passed on."""
        gains, now = self.gains, situation
        room = now.height - self.terminal.handover_m
        final = final_rate(now, self.terminal)
        brake = gains.brake_frac * now.gravity * np.maximum(now.thrust_ratio - 1.0, 0.0)
        v_ref = np.sqrt(final**2 + 2.0 * brake * np.maximum(room, 0.0))
        # On the profile v_ref falls at a_b v / v_ref; off it the feedback leads back.
        feed = brake * np.clip(now.descent / v_ref, 0.0, 1.0)
        wanted = now.gravity + feed + gains.gain_per_s * (now.descent - v_ref)
        profile = np.clip(wanted / (now.gravity * now.thrust_ratio), idle_throttle(now), 1.0)
        slow = rate_of_descent(now, self.terminal)
        return np.where(room <= 0.0, slow, profile), burning
