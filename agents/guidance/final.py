"""The last metres of a steered lander: upright in time, slower as it nears the ground.

Plans end `upright_m` above the ground, leaning, because a plan brakes along the ground until its
end. Below that height the lander turns upright while it still descends fast, and slows down until
it is `handover_m` above the ground. It descends no faster than its horizontal speed allows: the
time that is left must suffice to brake it at the lean that is permitted.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from ..base import Z
from .steering import limit_lean
from .terminal import lateral_excess, max_lean

if TYPE_CHECKING:
    from ..base import BoolArray, Float64Array
    from .types import TerminalGains, VectorInput

__all__ = [
    "begins_m",
    "final_cost",
    "final_descent",
    "flare_rate",
    "is_captured",
    "near_upright",
    "raise_end",
]

# Time that is left over the least that the horizontal braking takes: the lander has to turn first.
_SPARE: Final = 2.0
# A lander this much faster than it may touch down [m/s] may lean as far as its thrust allows ...
_FAST_M_S: Final = 5.0
_STEEPEST_RAD: Final = math.radians(45.0)  # ... up to this
# Largest lean at the end of a plan, and how much more it may be for each second before: the slowest
# landers, Apollo's, turn by ten degrees in three seconds.
_END_LEAN_RAD: Final = math.radians(40.0)
_TURN_RAD_S: Final = math.radians(4.0)
_FREE_LEAN_RAD: Final = math.radians(80.0)
_CAPTURED_M: Final = 100.0
_SLOWEST_M_S: Final = 0.2  # descent rate, to divide by
_CLIMB_PER_S: Final = 0.2
_CLIMB_MOST_M_S: Final = 2.0
_HOLDING_FRAC: Final = 0.9  # of the installed thrust, for a lander that leans and keeps its height


def begins_m(gains: TerminalGains) -> float:
    """Height at which the last metres of a steered lander begin [m]."""
    return max(gains.upright_m, gains.handover_m)


def flare_rate(height_m: Float64Array, gains: TerminalGains) -> Float64Array:
    """Descent rate (n,) [m/s] at heights (n,) [m], over that at the ground."""
    rate: Float64Array = np.maximum(height_m - gains.handover_m, 0.0) / gains.flare_s
    return rate


def final_cost(inputs: VectorInput, gains: TerminalGains) -> Float64Array:
    """Change of velocity (n,) [m/s] that the last metres cost: the weight over their time.

    ``dh/dt = -v - (h - h_0) / T`` down to the hand-over height h_0, then v to the ground. `inputs`
    are those that `raise_end` returns.
    """
    at_ground = -inputs.end_m_s[:, Z] - flare_rate(inputs.end_m[:, Z], gains)
    rate = np.maximum(at_ground, _SLOWEST_M_S)
    flare = gains.flare_s * np.log1p(flare_rate(inputs.end_m[:, Z], gains) / rate)
    weight = np.linalg.norm(inputs.g_m_s2, axis=1)
    cost: Float64Array = weight * (flare + np.minimum(gains.handover_m, inputs.end_m[:, Z]) / rate)
    return cost


def is_captured(inputs: VectorInput, gains: TerminalGains) -> BoolArray:
    """Whether the last metres can begin here, (n,): low, and slow enough to be stopped in time.

    `inputs` are those that `raise_end` returns.
    """
    height = np.maximum(inputs.moon.height(inputs.r_m), 0.0)
    descent = -np.sum(inputs.v_m_s * inputs.moon.up(inputs.r_m), axis=1)
    at_ground = -inputs.end_m_s[:, Z] - flare_rate(inputs.end_m[:, Z], gains)
    over = np.maximum(descent, 0.0) ** 2 - at_ground**2
    weight = np.linalg.norm(inputs.g_m_s2, axis=1)
    brakes = _HOLDING_FRAC * inputs.thrust_m_s2 - weight
    stops = over <= 2.0 * brakes * np.maximum(height - gains.handover_m, 0.0)
    slow = lateral_excess(inputs.v_m_s[:, :2], gains) <= _FAST_M_S
    captured: BoolArray = (height <= _CAPTURED_M) & stops & slow
    return captured


def raise_end(inputs: VectorInput, gains: TerminalGains) -> VectorInput:
    """Let the plan of a steered lander end where it has to begin to turn upright."""
    if not inputs.steered:
        return inputs
    end, velocity = inputs.end_m.copy(), inputs.end_m_s.copy()
    end[:, Z] = begins_m(gains)
    velocity[:, Z] -= flare_rate(end[:, Z], gains)
    return inputs._replace(end_m=end, end_m_s=velocity)


def near_upright(inputs: VectorInput, thrust: Float64Array, t_go: Float64Array) -> Float64Array:
    """Limit the lean of a plan's thrust (n, 3) [m/s^2, L] shortly before its end.

    A plan that asks for more there, to reach its very place and velocity, is given up horizontally:
    the last metres can brake what is left, a lander on its side cannot.

    Parameters
    ----------
    inputs : VectorInput
        Of a steered lander.
    thrust : ndarray of float64, shape (n, 3)
        Of the plan [m/s^2, L].
    t_go : ndarray of float64, shape (n,)
        Time to its end [s].
    """
    limit = _END_LEAN_RAD + _TURN_RAD_S * t_go
    near = np.flatnonzero(limit < _FREE_LEAN_RAD)
    if near.size:
        up = inputs.moon.up(inputs.r_m[near])
        thrust[near] = limit_lean(thrust[near], up, limit[near])
    return thrust


def final_descent(inputs: VectorInput, gains: TerminalGains) -> Float64Array:
    """Thrust acceleration (n, 3) [m/s^2, L] of the last metres.

    Parameters
    ----------
    inputs : VectorInput
        As returned by `raise_end`, or of a lander that is not steered: that only nulls its
        horizontal velocity and keeps its rate.
    gains : TerminalGains
        Of the last metres.

    Returns
    -------
    ndarray of float64, shape (n, 3)
        Within the permitted lean where the lander is steered.
    """
    velocity = inputs.end_m_s.copy()
    if inputs.steered:
        lean = _lean(inputs, gains)
        velocity[:, Z] = -_descent_rate(inputs, gains, lean)
        drift = gains.place_gain_per_s * (inputs.end_m - inputs.r_m)[:, :2]
        size = np.linalg.norm(drift, axis=1, keepdims=True)
        velocity[:, :2] += drift * np.minimum(1.0, gains.lateral_most_m_s / np.maximum(size, 1e-9))
    tau = np.array([gains.lateral_tau_s, gains.lateral_tau_s, gains.tau_s])
    thrust: Float64Array = (velocity - inputs.v_m_s) / tau - inputs.g_m_s2
    return limit_lean(thrust, inputs.moon.up(inputs.r_m), lean) if inputs.steered else thrust


def _descent_rate(
    inputs: VectorInput, gains: TerminalGains, lean_rad: Float64Array
) -> Float64Array:
    """Descent rate (n,) [m/s] that leaves time to brake horizontally."""
    height = np.maximum(inputs.moon.height(inputs.r_m), 0.0)
    at_ground = -inputs.end_m_s[:, Z] - flare_rate(inputs.end_m[:, Z], gains)
    weight = np.linalg.norm(inputs.g_m_s2, axis=1)
    brakes_s = lateral_excess(inputs.v_m_s[:, :2], gains) / (weight * np.tan(lean_rad))
    slowest = height / np.maximum(_SPARE * brakes_s, 1e-6)
    rate = at_ground + flare_rate(height, gains)
    # Not even that slows down a lander that may nearly touch down: its height is not that certain.
    slows = np.minimum(lateral_excess(inputs.v_m_s[:, :2], gains), 1.0)
    least = np.maximum(np.minimum(rate, slowest), (1.0 - slows) * rate)
    # A fast one that is already low climbs: hills are ahead.
    climb = np.minimum(_CLIMB_PER_S * (begins_m(gains) - height), _CLIMB_MOST_M_S)
    descent: Float64Array = least - _fast_share(inputs, gains) * np.maximum(climb, 0.0)
    return descent


def _lean(inputs: VectorInput, gains: TerminalGains) -> Float64Array:
    """Largest angle (n,) [rad] of the thrust from the vertical."""
    slow = max_lean(inputs.v_m_s, inputs.moon.up(inputs.r_m), gains)
    weight = np.linalg.norm(inputs.g_m_s2, axis=1)
    share = weight / np.maximum(_HOLDING_FRAC * inputs.thrust_m_s2, 1e-9)
    holds = np.minimum(np.arccos(np.clip(share, 0.0, 1.0)), _STEEPEST_RAD)
    lean: Float64Array = slow + _fast_share(inputs, gains) * np.maximum(holds - slow, 0.0)
    return lean


def _fast_share(inputs: VectorInput, gains: TerminalGains) -> Float64Array:
    """From 0, slow enough horizontally to touch down, to 1, `_FAST_M_S` more, (n,) [-]."""
    excess = lateral_excess(inputs.v_m_s[:, :2], gains)
    share: Float64Array = np.minimum(excess / _FAST_M_S, 1.0)
    return share
