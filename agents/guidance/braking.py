"""Direction of the thrust of a law that commands a throttle, where the lander is steered.

Against the velocity, which is a gravity turn, as long as that ends above the ground. The closed
form of the turn gives where it ends: the thrust leans from it so far that this becomes the target,
as far as a small share of the thrust suffices. A lander that is low for its horizontal speed would
fly into the ground before the turn is complete: it lifts its thrust just so far that its descent
ends with its height.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from .stopping import gravity_turn_distance, gravity_turn_ratio, gravity_turn_time

if TYPE_CHECKING:
    from ..base import Float64Array

__all__ = ["Braking", "braking_axis"]

_UPRIGHT_M_S: Final = 5.0  # slower than this the axis leaves the velocity for the vertical
# Share of full thrust that the gravity turn needs: from the first the thrust is lifted, from the
# second so far that the descent ends with the height.
_LIFTS_FRAC: Final = 0.8
_LIFTED_FRAC: Final = 0.95
_USE_FRAC: Final = 0.9  # of full thrust, for the descent that ends with the height
# m; with less height to go the last metres have begun or are about to: this keeps the closed form,
# which divides by the height, from a thrust that no lander has.
_LEAST_M: Final = 1.0
# Of the steering: 6 is E-guidance's gain of a miss, which it corrects early in the time left, with
# at most this share of the installed thrust.
_STEER_GAIN: Final = 6.0
_STEER_FRAC: Final = 0.5
_STEER_S: Final = 10.0  # with less than this left the lander turns upright, from twice this fading
_STEER_M_S: Final = 400.0  # faster than this the ground is not a plane, as the closed form has it
# Thrust over weight from which the closed form is used: at 1 it has a pole, since such a turn never
# ends. At 1.2 it ends within five times the speed over gravity. An estimate, not tuned: a turn that
# needs less has height to spare, and its end is found again in every step.
_LEAST_RATIO: Final = 1.2


class Braking(NamedTuple):
    """State of a lander that brakes; rows first, SI units, frame L."""

    v_m_s: Float64Array  # (n, 3)
    up: Float64Array  # (n, 3), local vertical
    height_to_go_m: Float64Array  # (n,), down to where the last metres begin
    final_m_s: Float64Array  # (n,), descent rate there
    gravity_m_s2: Float64Array  # (n,)
    thrust_m_s2: Float64Array  # (n,), installed thrust over the present mass
    to_target_m: Float64Array  # (n, 3)


class _Turn(NamedTuple):
    """The gravity turn that ends with the height; arrays (n,)."""

    speed: Float64Array  # m/s
    tan_half: Float64Array  # of half the angle of the velocity from the vertical
    ratio: Float64Array  # of its thrust over the weight


def braking_axis(now: Braking) -> Float64Array:
    """Return the thrust axis, unit vectors (n, 3) [-, L]."""
    climb = np.sum(now.v_m_s * now.up, axis=1)
    horizontal = now.v_m_s - climb[:, np.newaxis] * now.up
    lateral = np.linalg.norm(horizontal, axis=1)
    turn = _turn(now, np.maximum(-climb, 0.0), lateral)
    against = np.maximum(-climb, _UPRIGHT_M_S)[:, np.newaxis] * now.up - horizontal
    axis = _unit(_unit(against) + _steering(now, turn, horizontal))
    lifted = _lifted(now, turn, np.maximum(-climb, 0.0))
    cosine = np.sum(axis * now.up, axis=1)
    across = _unit(axis - cosine[:, np.newaxis] * now.up)
    cosine += lifted[0] * np.maximum(lifted[1] - cosine, 0.0)
    sine = np.sqrt(np.maximum(1.0 - cosine**2, 0.0))
    return _unit(cosine[:, np.newaxis] * now.up + sine[:, np.newaxis] * across)


def _turn(now: Braking, descent: Float64Array, lateral: Float64Array) -> _Turn:
    """Return the gravity turn that ends with the height."""
    height = np.maximum(now.height_to_go_m, _LEAST_M)
    speed = np.hypot(descent, lateral)
    tan_half = lateral / np.maximum(speed + descent, 1e-6)
    ratio = gravity_turn_ratio(height, speed, tan_half, now.final_m_s, now.gravity_m_s2)
    return _Turn(speed, tan_half, ratio)


def _steering(now: Braking, turn: _Turn, horizontal: Float64Array) -> Float64Array:
    """Share (n, 3) of the thrust of the turn that moves its end to the target, horizontal."""
    thrust = np.maximum(turn.ratio, _LEAST_RATIO)
    motion = turn.speed, turn.tan_half, thrust, now.gravity_m_s2
    ends = gravity_turn_distance(*motion)[:, np.newaxis] * _unit(horizontal)
    miss = now.to_target_m - ends
    miss -= np.sum(miss * now.up, axis=1, keepdims=True) * now.up
    left = np.maximum(gravity_turn_time(*motion), _STEER_S)
    needed = (_STEER_GAIN * np.linalg.norm(miss, axis=1)) / left**2
    most = _STEER_FRAC * now.thrust_m_s2 * np.minimum(left / _STEER_S - 1.0, 1.0)
    size = np.where(turn.speed < _STEER_M_S, np.minimum(needed, most), 0.0)
    share: Float64Array = (size / (thrust * now.gravity_m_s2))[:, np.newaxis] * _unit(miss)
    return share


def _lifted(now: Braking, turn: _Turn, descent: Float64Array) -> tuple[Float64Array, Float64Array]:
    """How far the thrust is lifted, 0 to 1 (n,), and the cosine of its angle then (n,)."""
    height = np.maximum(now.height_to_go_m, _LEAST_M)
    needed = turn.ratio * now.gravity_m_s2 / now.thrust_m_s2
    share = np.clip((needed - _LIFTS_FRAC) / (_LIFTED_FRAC - _LIFTS_FRAC), 0.0, 1.0)
    stops = now.gravity_m_s2 + np.maximum(descent**2 - now.final_m_s**2, 0.0) / (2.0 * height)
    return share, np.minimum(stops / (_USE_FRAC * now.thrust_m_s2), 1.0)


def _unit(vectors: Float64Array) -> Float64Array:
    """Return unit vectors of (n, 3); zero for zero."""
    size = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Float64Array = vectors / np.maximum(size, 1e-9)
    return unit
