"""Direction of the thrust: attitude to axis, limits of a commanded vector, axis to action.

Vectors are (n, 3) in the target's frame L; `up` is the local vertical, an axis is a unit vector.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from ..base import X, Y, Z

if TYPE_CHECKING:
    from ..base import Float64Array
    from ..observation import Reading

__all__ = [
    "body_axis",
    "from_local_vertical",
    "limit_lean",
    "limit_thrust",
    "retrograde_axis",
    "tilt_action",
]

# The autopilot of the `throttle` control is upright near the ground; so is a law that commands a
# throttle where it has to command the direction as well.
_UPRIGHT_M_S: Final = 5.0  # slower than this the axis leaves the velocity for the vertical
_LEAN_LOW: Final = math.tan(math.radians(4.0))  # below 10 m
_LEAN_HIGH: Final = math.tan(math.radians(45.0))  # from 100 m ...
_FREE_M: Final = 2000.0  # ... to here; above it the axis lies against the velocity


def body_axis(reading: Reading) -> Float64Array:
    """Thrust axis (n, 3) [-, L] of the estimated attitude."""
    w, x, y, z = reading.q_w, reading.q_x, reading.q_y, reading.q_z
    axis: Float64Array = np.stack(
        (2.0 * (x * z + w * y), 2.0 * (y * z - w * x), 1.0 - 2.0 * (x * x + y * y)), axis=1
    )
    return axis


def retrograde_axis(v_m_s: Float64Array, up: Float64Array, height_m: Float64Array) -> Float64Array:
    """Axis (n, 3) [-, L] against the velocity, upright near the ground and when slow.

    Parameters
    ----------
    v_m_s, up : ndarray of float64, shape (n, 3)
        Velocity [m/s, L] and local vertical [-, L].
    height_m : ndarray of float64, shape (n,)
        Above the ground [m].
    """
    climb = np.sum(v_m_s * up, axis=1, keepdims=True)
    horizontal = v_m_s - climb * up
    down = np.maximum(-climb, _UPRIGHT_M_S)
    height = height_m[:, np.newaxis]
    blend = np.clip((height - 10.0) / 90.0, 0.0, 1.0)
    limit = down * (_LEAN_LOW + blend * (_LEAN_HIGH - _LEAN_LOW))
    lateral = np.linalg.norm(horizontal, axis=1, keepdims=True)
    unlimited = (height >= _FREE_M) | (lateral <= limit)
    scale = np.where(unlimited, 1.0, limit / np.maximum(lateral, 1e-9))
    axis = down * up - scale * horizontal
    unit: Float64Array = axis / np.linalg.norm(axis, axis=1, keepdims=True)
    return unit


def limit_thrust(thrust: Float64Array, thrust_max: Float64Array, up: Float64Array) -> Float64Array:
    """Thrust acceleration (n, 3) [m/s^2, L] within the installed thrust (n,) [m/s^2].

    The horizontal part is reduced first: a lander that misses its target has landed, one that
    gives up the vertical part has not. A command downwards keeps its direction.
    """
    size = np.linalg.norm(thrust, axis=1)
    over = size > thrust_max
    if not over.any():
        return thrust
    thrust_max = thrust_max[:, np.newaxis]
    vertical_part = np.sum(thrust * up, axis=1, keepdims=True)
    across = thrust - vertical_part * up
    vertical = np.minimum(vertical_part, thrust_max)
    lateral_max = np.sqrt(np.maximum(thrust_max**2 - vertical**2, 0.0))
    across *= lateral_max / np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-9)
    scaled = thrust * (thrust_max / np.maximum(size, 1e-9)[:, np.newaxis])
    limited = np.where(vertical_part > 0.0, vertical * up + across, scaled)
    return np.where(over[:, np.newaxis], limited, thrust)


def limit_lean(thrust: Float64Array, up: Float64Array, lean_max_rad: Float64Array) -> Float64Array:
    """Thrust within angles (n,) [rad] of the vertical, with the same vertical part."""
    vertical_part = np.sum(thrust * up, axis=1, keepdims=True)
    across = thrust - vertical_part * up
    limit = np.tan(lean_max_rad)[:, np.newaxis] * np.maximum(vertical_part, 0.0)
    size = np.linalg.norm(across, axis=1, keepdims=True)
    lean: Float64Array = vertical_part * up + across * np.minimum(
        1.0, limit / np.maximum(size, 1e-9)
    )
    return lean


def from_local_vertical(a: Float64Array, up: Float64Array) -> Float64Array:
    """Components of vectors (n, 3) of L in L turned along the great circle until z is `up`."""
    s = a[:, Z] + (up[:, X] * a[:, X] + up[:, Y] * a[:, Y]) / (1.0 + up[:, Z])
    turned = a - s[:, np.newaxis] * up
    turned[:, Z] = np.sum(up * a, axis=1)
    return turned


def tilt_action(axis: Float64Array, up: Float64Array, tilt_max_rad: float) -> Float64Array:
    """Actions tilt_east and tilt_north (n, 2) [-] that point the thrust along `axis`."""
    local = from_local_vertical(axis, up)
    angle = np.arccos(np.clip(local[:, Z], -1.0, 1.0))
    size = np.minimum(angle / tilt_max_rad, 1.0)
    horizontal = np.linalg.norm(local[:, :2], axis=1)
    share = size / np.maximum(horizontal, 1e-9)
    tilt: Float64Array = local[:, :2] * np.where(horizontal > 1e-9, share, 0.0)[:, np.newaxis]
    return tilt
