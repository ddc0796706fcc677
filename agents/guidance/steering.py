"""Where thrust points: attitude to axis, vectors to what engines give, axis to action.

Rows first. `up` is the local vertical in L, (n, 3); an axis is a unit vector.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from ..base import Float64Array
    from ..observation import Reading

__all__ = [
    "body_axis",
    "from_local_vertical",
    "leaning",
    "retrograde_axis",
    "tilt_action",
    "within",
]

# The autopilot of the `throttle` control stands upright near the ground; so does a law that
# commands a throttle only when it has to point as well.
_UPRIGHT_M_S: Final = 5.0  # slower than this the axis leaves the velocity for the vertical
_LEAN_LOW: Final = math.tan(math.radians(4.0))  # below 10 m
_LEAN_HIGH: Final = math.tan(math.radians(45.0))  # from 100 m ...
_FREE_M: Final = 2000.0  # ... to here; above it the axis lies against the velocity


def body_axis(reading: Reading) -> Float64Array:
    """Thrust axis (n, 3) in L, from the believed attitude."""
    w, x, y, z = reading.q_w, reading.q_x, reading.q_y, reading.q_z
    axis: Float64Array = np.stack(
        (2.0 * (x * z + w * y), 2.0 * (y * z - w * x), 1.0 - 2.0 * (x * x + y * y)), axis=1
    )
    return axis


def retrograde_axis(v_m_s: Float64Array, up: Float64Array, height_m: Float64Array) -> Float64Array:
    """Axis against the velocity, upright near the ground and when slow."""
    climb = np.sum(v_m_s * up, axis=1, keepdims=True)
    flat = v_m_s - climb * up
    down = np.maximum(-climb, _UPRIGHT_M_S)
    height = height_m[:, np.newaxis]
    blend = np.clip((height - 10.0) / 90.0, 0.0, 1.0)
    limit = down * (_LEAN_LOW + blend * (_LEAN_HIGH - _LEAN_LOW))
    lateral = np.linalg.norm(flat, axis=1, keepdims=True)
    free = (height >= _FREE_M) | (lateral <= limit)
    scale = np.where(free, 1.0, limit / np.maximum(lateral, 1e-9))
    axis = down * up - scale * flat
    unit: Float64Array = axis / np.linalg.norm(axis, axis=1, keepdims=True)
    return unit


def within(thrust: Float64Array, most: Float64Array, up: Float64Array) -> Float64Array:
    """Thrust acceleration that the engines can give: what is too much is taken off sideways.

    A lander that arrives beside its target has landed; one that saves its sideways part and lets
    the vertical part go has not. A command downwards keeps its direction.
    """
    size = np.linalg.norm(thrust, axis=1)
    over = size > most
    if not over.any():
        return thrust
    most = most[:, np.newaxis]
    rise = np.sum(thrust * up, axis=1, keepdims=True)
    across = thrust - rise * up
    kept = np.minimum(rise, most)
    room = np.sqrt(np.maximum(most**2 - kept**2, 0.0))
    across *= room / np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-9)
    shrunk = thrust * (most / np.maximum(size, 1e-9)[:, np.newaxis])
    limited = np.where(rise > 0.0, kept * up + across, shrunk)
    return np.where(over[:, np.newaxis], limited, thrust)


def leaning(thrust: Float64Array, up: Float64Array, most_rad: Float64Array) -> Float64Array:
    """Thrust that leans from the vertical by no more than angles (n,), its vertical part kept."""
    rise = np.sum(thrust * up, axis=1, keepdims=True)
    across = thrust - rise * up
    limit = np.tan(most_rad)[:, np.newaxis] * np.maximum(rise, 0.0)
    size = np.linalg.norm(across, axis=1, keepdims=True)
    lean: Float64Array = rise * up + across * np.minimum(1.0, limit / np.maximum(size, 1e-9))
    return lean


def from_local_vertical(a: Float64Array, up: Float64Array) -> Float64Array:
    """Vectors (n, 3) of L in axes of which z is `up`, turned along the great circle from L's."""
    s = a[:, 2] + (up[:, 0] * a[:, 0] + up[:, 1] * a[:, 1]) / (1.0 + up[:, 2])
    turned = a - s[:, np.newaxis] * up
    turned[:, 2] = np.sum(up * a, axis=1)
    return turned


def tilt_action(axis: Float64Array, up: Float64Array, tilt_max_rad: float) -> Float64Array:
    """Actions tilt_east and tilt_north (n, 2) that point the thrust along `axis`."""
    local = from_local_vertical(axis, up)
    angle = np.arccos(np.clip(local[:, 2], -1.0, 1.0))
    size = np.minimum(angle / tilt_max_rad, 1.0)
    flat = np.linalg.norm(local[:, :2], axis=1)
    share = size / np.maximum(flat, 1e-9)
    tilt: Float64Array = local[:, :2] * np.where(flat > 1e-9, share, 0.0)[:, np.newaxis]
    return tilt
