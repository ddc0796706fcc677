"""Hoverslam: free fall, then one burn that ends at the ground.

The engine ignites at the height from which a vertical burn at a share of full thrust, mass loss
included, still stops the lander. From there the thrust-to-weight ratio of the gravity turn is
solved again in each cycle from the height to go, which distributes errors of thrust, mass and
navigation over the rest of the burn.

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
from .terminal import final_rate, idle_throttle, start_burn, with_final_descent
from .types import TerminalGains

if TYPE_CHECKING:
    from ..base import BoolArray, Float64Array, PilotState
    from .types import ThrottleInput

__all__ = ["HoverslamGains", "HoverslamLaw"]


@dataclass(frozen=True, slots=True)
class HoverslamGains:
    """Numbers of the burn, each with the reason for its value."""

    # Share of full thrust that the plan uses; 0.8 to 0.9 is usual. At 0.9 the naive filter loses
    # 5 % more landings under `noisy`, at 0.8 nothing is gained.
    use_frac: float = 0.85
    # The burn is interrupted when less than this share is needed: the ground is lower than planned.
    # At 0.55 a late first fix led to a descent so long that dead reckoning drifted horizontally.
    resume_frac: float = 0.75
    # Added to the ignition height, besides the distance flown in `reaction_s`.
    margin_m: float = 2.0
    # Half of the control period: ignition can be this late.
    reaction_s: float = 0.1


@dataclass(frozen=True, slots=True)
class HoverslamLaw:
    """Coast, ignite at the stopping height, then closed-loop gravity turn."""

    gains: HoverslamGains = field(default_factory=HoverslamGains)
    terminal: TerminalGains = field(default_factory=TerminalGains)
    name: str = "hoverslam"

    def start(self, rows: int) -> PilotState:
        """Return the memory of rows that begin an episode."""
        return start_burn(rows)

    def throttle(self, inputs: ThrottleInput, burning: BoolArray) -> tuple[Float64Array, BoolArray]:
        """Return the throttle in [0, 1] of installed thrust, and whether the burn is on."""
        gains, now = self.gains, inputs
        height_to_go = now.height - self.terminal.handover_m
        final = final_rate(now, self.terminal)
        speed = np.hypot(now.descent, now.lateral)
        # Psi is measured from the vertical; a climbing lander is treated as one at rest.
        fall = np.maximum(now.descent, 0.0)
        tan_half = now.lateral / np.maximum(speed + fall, 1e-6)

        ratio = gravity_turn_ratio(height_to_go, speed, tan_half, final, now.gravity)
        needed = ratio / now.thrust_to_weight
        use = gains.use_frac * now.thrust_to_weight
        stop = vertical_burn_height(speed, final, use, now.v_e, now.gravity)
        late = height_to_go <= stop + speed * gains.reaction_s + gains.margin_m
        burning = np.where(burning, needed > gains.resume_frac, late & (fall > final))

        idle = idle_throttle(now)
        braking = np.where(burning, np.clip(needed, idle, 1.0), idle)
        throttle = with_final_descent(braking, now, self.terminal)
        return throttle, burning & ~(height_to_go <= 0.0)
