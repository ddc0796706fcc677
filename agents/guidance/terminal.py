"""The last metres: descent at a constant rate until contact.

Below the hand-over height only the speed counts, so that a range error of a metre costs a second of
propellant instead of a leg. The law is that of the Lunar Module's P66:
``a = g + (v - v_ref) / tau``.

References
----------
Klumpp, "Apollo lunar descent guidance", Automatica 10(2), 1974, section on P66.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from ..base import Z

if TYPE_CHECKING:
    from ..base import Float64Array, PilotState
    from .types import TerminalGains, ThrottleInput, VectorInput

__all__ = [
    "descend",
    "final_rate",
    "idle_frac",
    "idle_throttle",
    "lateral_excess",
    "max_lean",
    "rate_of_descent",
    "start_burn",
    "with_final_descent",
]

# Nearly no thrust, but not zero: an engine that cannot restart has to keep burning.
_IDLE_FRAC: Final = 0.02


def idle_throttle(inputs: ThrottleInput) -> Float64Array:
    """Lowest throttle that keeps the engine burning, (n,) [-]."""
    return idle_frac(inputs.throttle_min)


def idle_frac(throttle_min: Float64Array) -> Float64Array:
    """Lowest share of the installed thrust that keeps engines burning, (n,) [-].

    `throttle_min` is the lower end of their throttle band, (n,) [-].
    """
    idle: Float64Array = np.maximum(_IDLE_FRAC, throttle_min)
    return idle


def final_rate(inputs: ThrottleInput, gains: TerminalGains) -> Float64Array:
    """Rate of descent at the hand-over, (n,) [m/s]: of the touchdown, or of the blind descent."""
    known = gains.touchdown_m_s + gains.doubt * inputs.descent_sigma
    rate: Float64Array = np.maximum(known, inputs.blind_rate)
    return rate


def rate_of_descent(inputs: ThrottleInput, gains: TerminalGains) -> Float64Array:
    """Throttle (n,) [-] that brings the descent to its final rate with time constant `tau_s`."""
    excess = inputs.descent - final_rate(inputs, gains)
    acceleration = inputs.gravity + excess / gains.tau_s
    share = acceleration / (inputs.gravity * inputs.thrust_to_weight)
    throttle: Float64Array = np.clip(share, idle_throttle(inputs), 1.0)
    return throttle


def start_burn(rows: int) -> PilotState:
    """Memory (n,) of a law that commands a throttle: the braking burn has not begun."""
    return (np.zeros(rows, dtype=np.bool_),)


def with_final_descent(
    throttle: Float64Array, inputs: ThrottleInput, gains: TerminalGains
) -> Float64Array:
    """Throttle (n,) [-] of a law above the hand-over height, of `rate_of_descent` below it."""
    low = inputs.height - gains.handover_m <= 0.0
    return np.where(low, rate_of_descent(inputs, gains), throttle)


def descend(inputs: VectorInput, gains: TerminalGains) -> Float64Array:
    """Thrust acceleration (n, 3) [m/s^2, L] that holds the rate of descent and flies to the target.

    The rate is that at the end of the plan. Where the horizontal position is not steered, only the
    horizontal velocity is nulled.
    """
    velocity = inputs.end_m_s.copy()
    if inputs.steered:
        drift = gains.place_gain_per_s * (inputs.end_m - inputs.r_m)[:, :2]
        size = np.linalg.norm(drift, axis=1, keepdims=True)
        velocity[:, Z] *= 1.0 - np.minimum(lateral_excess(inputs.v_m_s[:, :2], gains), 1.0)
        velocity[:, :2] += drift * np.minimum(1.0, gains.lateral_most_m_s / np.maximum(size, 1e-9))
    tau = np.array([gains.lateral_tau_s, gains.lateral_tau_s, gains.tau_s])
    thrust: Float64Array = (velocity - inputs.v_m_s) / tau - inputs.g_m_s2
    return thrust


def max_lean(v_m_s: Float64Array, up: Float64Array, gains: TerminalGains) -> Float64Array:
    """Largest angle (n,) [rad] of the thrust from the vertical in the last metres.

    `v_m_s` (n, 3) is the velocity [m/s, L], `up` (n, 3) the local vertical [-, L].
    """
    climb = np.sum(v_m_s * up, axis=1, keepdims=True)
    fast = np.minimum(lateral_excess(v_m_s - climb * up, gains), 1.0)
    limit: Float64Array = np.radians(
        gains.lean_most_deg + fast * max(gains.lean_fast_deg - gains.lean_most_deg, 0.0)
    )
    return limit


def lateral_excess(lateral_m_s: Float64Array, gains: TerminalGains) -> Float64Array:
    """Horizontal speed (n,) [m/s] over that of a touchdown; velocities are (n, 2) or (n, 3)."""
    speed = np.linalg.norm(lateral_m_s, axis=1)
    excess: Float64Array = np.maximum(speed - gains.sideways_m_s, 0.0)
    return excess
