"""Hoverslam: fall, then one burn that ends at the ground.

Ignition is where a vertical burn at a share of full thrust, mass loss included, would still stop
the lander; from there the gravity turn's thrust-to-weight ratio is solved anew each cycle from the
height that is left, so that errors of thrust, mass and navigation are spread over what remains.

References
----------
Culler and Fried, "Universal gravity turn trajectories", J. Appl. Phys. 28(6), 1957.
Meditch, "On the problem of optimal thrust programming for a lunar soft landing", IEEE TAC 9(4),
1964.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from .stopping import gravity_turn_ratio, vertical_burn_height
from .terminal import final_rate, idle_throttle, rate_of_descent
from .types import TerminalGains

if TYPE_CHECKING:
    from ..base import BoolArray, Float64Array, PilotState
    from .types import Situation

__all__ = ["HoverslamGains", "HoverslamLaw"]


@dataclass(frozen=True, slots=True)
class HoverslamGains:
    """Numbers of the burn, each with the reason for its value."""

    # Share of full thrust that is planned with; 0.8 to 0.9 is usual. At 0.9 the naive filter loses
    # 5 % more landings under `noisy`, at 0.8 nothing is gained.
    use_frac: float = 0.85
    # The burn is broken off when less than this share is needed: the ground turned out lower. At
    # 0.55 a late first fix was followed by a descent so long that dead reckoning drifted sideways.
    resume_frac: float = 0.75
    # Added to the ignition height: half a control period at the speed, plus this.
    margin_m: float = 2.0
    # Half of the control period: ignition can come that much late.
    reaction_s: float = 0.1


@dataclass(frozen=True, slots=True)
class HoverslamLaw:
    """Coast, ignite at the stopping height, close the loop on the gravity turn."""

    gains: HoverslamGains = field(default_factory=HoverslamGains)
    terminal: TerminalGains = field(default_factory=TerminalGains)
    name: str = "hoverslam"

    def start(self, rows: int) -> PilotState:
        """Return the memory of rows that begin an episode."""
        return (np.zeros(rows, dtype=np.bool_),)

    def throttle(self, situation: Situation, burning: BoolArray) -> tuple[Float64Array, BoolArray]:
        """Return the throttle in [0, 1] of installed thrust, and whether the burn is on."""
        gains, now = self.gains, situation
        room = now.height - self.terminal.handover_m
        final = final_rate(now, self.terminal)
        speed = np.hypot(now.descent, now.lateral)
        # Psi from the vertical; a lander that climbs is treated as falling at rest.
        fall = np.maximum(now.descent, 0.0)
        tan_half = now.lateral / np.maximum(speed + fall, 1e-6)

        ratio = gravity_turn_ratio(room, speed, tan_half, final, now.gravity)
        needed = ratio / now.thrust_ratio
        use = gains.use_frac * now.thrust_ratio
        stop = vertical_burn_height(speed, final, use, now.v_e, now.gravity)
        late = room <= stop + speed * gains.reaction_s + gains.margin_m
        burning = np.where(burning, needed > gains.resume_frac, late & (fall > final))

        idle = idle_throttle(now)
        braking = np.where(burning, np.clip(needed, idle, 1.0), idle)
        slow = rate_of_descent(now, self.terminal)
        last = room <= 0.0
        return np.where(last, slow, braking), burning & ~last
