"""The last metres: descent at a constant rate until contact.

Below the hand-over the height matters no longer, only the speed does, so that a range wrong by a
metre costs a second of propellant instead of a leg. The law is that of the Lunar Module's P66:
``a = g + (v - v_ref) / tau``.

References
----------
Klumpp, "Apollo lunar descent guidance", Automatica 10(2), 1974, section on P66.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from ..base import Float64Array
    from .types import Motion, Situation, TerminalGains

__all__ = [
    "descend",
    "final_rate",
    "idle_share",
    "idle_throttle",
    "lean_limit",
    "rate_of_descent",
]

# As good as no thrust; never none, because an engine that cannot restart has to stay lit.
_IDLE_FRAC: Final = 0.02


def idle_throttle(situation: Situation) -> Float64Array:
    """Least throttle that keeps the engine burning, (n,)."""
    return idle_share(situation.throttle_min)


def idle_share(throttle_min: Float64Array) -> Float64Array:
    """Least share of the installed thrust that keeps engines with such a floor burning, (n,)."""
    idle: Float64Array = np.maximum(_IDLE_FRAC, throttle_min)
    return idle


def final_rate(situation: Situation, gains: TerminalGains) -> Float64Array:
    """Rate of descent at the hand-over [m/s]: that of the touchdown, or of the search, (n,)."""
    known = gains.touchdown_m_s + gains.doubt * situation.descent_sigma
    rate: Float64Array = np.maximum(known, situation.blind_rate)
    return rate


def rate_of_descent(situation: Situation, gains: TerminalGains) -> Float64Array:
    """Throttle that brings the descent to its final rate within about `tau_s`, shape (n,)."""
    excess = situation.descent - final_rate(situation, gains)
    wanted = situation.gravity + excess / gains.tau_s
    share = wanted / (situation.gravity * situation.thrust_ratio)
    throttle: Float64Array = np.clip(share, idle_throttle(situation), 1.0)
    return throttle


def descend(motion: Motion, gains: TerminalGains) -> Float64Array:
    """Thrust acceleration (n, 3) [m/s^2, L] that holds the rate of descent and moves to the target.

    The rate is that of the end of the plan before; where no place is steered to, sideways motion
    is only stopped.
    """
    wanted = motion.end_m_s.copy()
    if motion.steered:
        drift = gains.place_gain_per_s * (motion.end_m - motion.r_m)[:, :2]
        size = np.linalg.norm(drift, axis=1, keepdims=True)
        wanted[:, 2] *= 1.0 - _haste(motion.v_m_s[:, :2], gains)
        wanted[:, :2] += drift * np.minimum(1.0, gains.lateral_most_m_s / np.maximum(size, 1e-9))
    tau = np.array([gains.lateral_tau_s, gains.lateral_tau_s, gains.tau_s])
    thrust: Float64Array = (wanted - motion.v_m_s) / tau - motion.g_m_s2
    return thrust


def lean_limit(v_m_s: Float64Array, up: Float64Array, gains: TerminalGains) -> Float64Array:
    """Largest lean of the thrust in the last metres [rad], (n,), at velocities (n, 3)."""
    climb = np.sum(v_m_s * up, axis=1, keepdims=True)
    fast = _haste(v_m_s - climb * up, gains)
    limit: Float64Array = np.radians(
        gains.lean_most_deg + fast * max(gains.lean_fast_deg - gains.lean_most_deg, 0.0)
    )
    return limit


def _haste(lateral_m_s: Float64Array, gains: TerminalGains) -> Float64Array:
    """From zero, slow enough sideways to touch down, to one, (n,)."""
    speed = np.linalg.norm(lateral_m_s, axis=1)
    haste: Float64Array = np.clip(speed - gains.sideways_m_s, 0.0, 1.0)
    return haste
