"""Direction of the thrust of a law that commands a throttle, where the lander is steered.

Against the velocity, which is a gravity turn, as long as that ends above the ground. A lander that
is low for its horizontal speed would fly into the ground before the turn is complete: it lifts its
thrust just so far that its descent ends with its height.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from .stopping import gravity_turn_ratio

if TYPE_CHECKING:
    from ..base import Float64Array

__all__ = ["Braking", "braking_axis"]

_UPRIGHT_M_S: Final = 5.0  # slower than this the axis leaves the velocity for the vertical
# Share of full thrust that the gravity turn needs: from the first the thrust is lifted, from the
# second so far that the descent ends with the height.
_LIFTS_FRAC: Final = 0.8
_LIFTED_FRAC: Final = 0.95
_USE_FRAC: Final = 0.9  # of full thrust, for the descent that ends with the height
_LEAST_M: Final = 1.0


class Braking(NamedTuple):
    """State of a lander that brakes; rows first, SI units, frame L."""

    v_m_s: Float64Array  # (n, 3)
    up: Float64Array  # (n, 3), local vertical
    height_to_go_m: Float64Array  # (n,), down to where the last metres begin
    final_m_s: Float64Array  # (n,), descent rate there
    gravity_m_s2: Float64Array  # (n,)
    thrust_m_s2: Float64Array  # (n,), installed thrust over the present mass


def braking_axis(now: Braking) -> Float64Array:
    """Return the thrust axis, unit vectors (n, 3) [-, L]."""
    climb = np.sum(now.v_m_s * now.up, axis=1)
    horizontal = now.v_m_s - climb[:, np.newaxis] * now.up
    lateral = np.linalg.norm(horizontal, axis=1)
    down = np.maximum(-climb, _UPRIGHT_M_S)
    turned = down / np.hypot(down, lateral)  # cosine of the gravity turn
    lifted = _lifted(now, np.maximum(-climb, 0.0), lateral)
    cosine = turned + lifted[0] * np.maximum(lifted[1] - turned, 0.0)
    across = horizontal / np.maximum(lateral, 1e-9)[:, np.newaxis]
    sine = np.sqrt(np.maximum(1.0 - cosine**2, 0.0))
    axis = cosine[:, np.newaxis] * now.up - sine[:, np.newaxis] * across
    unit: Float64Array = axis / np.linalg.norm(axis, axis=1, keepdims=True)
    return unit


def _lifted(
    now: Braking, descent: Float64Array, lateral: Float64Array
) -> tuple[Float64Array, Float64Array]:
    """How far the thrust is lifted, 0 to 1 (n,), and the cosine of its angle then (n,)."""
    height = np.maximum(now.height_to_go_m, _LEAST_M)
    speed = np.hypot(descent, lateral)
    tan_half = lateral / np.maximum(speed + descent, 1e-6)
    ratio = gravity_turn_ratio(height, speed, tan_half, now.final_m_s, now.gravity_m_s2)
    needed = ratio * now.gravity_m_s2 / now.thrust_m_s2
    share = np.clip((needed - _LIFTS_FRAC) / (_LIFTED_FRAC - _LIFTS_FRAC), 0.0, 1.0)
    stops = now.gravity_m_s2 + np.maximum(descent**2 - now.final_m_s**2, 0.0) / (2.0 * height)
    return share, np.minimum(stops / (_USE_FRAC * now.thrust_m_s2), 1.0)
