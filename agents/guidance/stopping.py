"""Ignition heights of batches: closed forms of the gravity turn and the vertical burn.

The scalar counterparts, compiled, are in `lunar_env.kernel.closed_forms`; a test compares them.
Speeds are positive downwards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ..base import Float64Array

__all__ = [
    "gravity_turn_distance",
    "gravity_turn_height",
    "gravity_turn_ratio",
    "gravity_turn_time",
    "vertical_burn_height",
]

_NEWTON_STEPS = 6


def gravity_turn_height(
    speed: Float64Array, tan_half: Float64Array, ratio: Float64Array, g: Float64Array | float
) -> Float64Array:
    """Height (n,) [m] of a gravity turn to rest at constant thrust over weight `ratio` above one.

    ``h = V^2 / (g (1 + w^2)^2) [1 / (2 (N - 1)) - w^4 / (2 (N + 1))]`` with ``w = tan(psi / 2)``,
    psi the angle of the velocity from the vertical (Culler and Fried 1957).
    """
    w2 = tan_half**2
    height: Float64Array = (
        speed**2 / (g * (1.0 + w2) ** 2) * (0.5 / (ratio - 1.0) - 0.5 * w2**2 / (ratio + 1.0))
    )
    return height


def gravity_turn_distance(
    speed: Float64Array, tan_half: Float64Array, ratio: Float64Array, g: Float64Array | float
) -> Float64Array:
    """Distance (n,) [m] along the ground of a gravity turn to rest; see `gravity_turn_height`.

    ``x = 2 V^2 w / (g (1 + w^2)^2) [1 / (2 N - 1) + w^2 / (2 N + 1)]``, the integral of V^2 / g
    over psi.
    """
    w2 = tan_half**2
    scale = 2.0 * speed**2 * tan_half / (g * (1.0 + w2) ** 2)
    distance: Float64Array = scale * (1.0 / (2.0 * ratio - 1.0) + w2 / (2.0 * ratio + 1.0))
    return distance


def gravity_turn_time(
    speed: Float64Array, tan_half: Float64Array, ratio: Float64Array, g: Float64Array | float
) -> Float64Array:
    """Time (n,) [s] of a gravity turn to rest; see `gravity_turn_height`.

    ``t = V / (g (1 + w^2)) [1 / (N - 1) + w^2 / (N + 1)]``.
    """
    w2 = tan_half**2
    time: Float64Array = speed / (g * (1.0 + w2)) * (1.0 / (ratio - 1.0) + w2 / (ratio + 1.0))
    return time


def gravity_turn_ratio(
    height: Float64Array,
    speed: Float64Array,
    tan_half: Float64Array,
    final_speed: Float64Array,
    g: Float64Array | float,
) -> Float64Array:
    """Thrust over weight (n,) [-] whose gravity turn over `height` ends at `final_speed`, vertical.

    `gravity_turn_height` of the speed less that of the final speed is a quadratic in N; the result
    is its larger root. Zero or negative where no thrust is needed, inf where `height` is not
    positive.
    """
    w2 = tan_half**2
    scale = np.maximum(speed, 1e-9) ** 2 / (g * (1.0 + w2) ** 2)
    y = 2.0 * height / scale
    head = 1.0 - final_speed**2 / (g * scale)
    w4 = w2**2
    half = head - w4
    root = np.sqrt(np.maximum(half**2 + 4.0 * y * (y + head + w4), 0.0))
    possible = y > 0.0
    ratio: Float64Array = np.where(
        possible, (half + root) / np.where(possible, 2.0 * y, 1.0), np.inf
    )
    return ratio


def vertical_burn_height(
    speed: Float64Array,
    final_speed: Float64Array,
    ratio: Float64Array,
    v_e: Float64Array,
    g: Float64Array | float,
) -> Float64Array:
    """Height (n,) [m] that constant thrust needs to brake a vertical fall, mass loss included.

    `ratio` is the thrust over the weight at ignition; the height is inf where it is not above one.
    Newton's method on ``speed - final + g t = -v_e ln(1 - t / burn)`` from above (Meditch 1964).
    """
    brakes = ratio > 1.0
    n = np.where(brakes, ratio, 2.0)
    burn_time = v_e / (n * g)  # s, in which the whole mass would be burned
    excess = np.maximum(speed - final_speed, 0.0)
    t = np.minimum(excess / (g * (n - 1.0)), 0.9 * burn_time)
    for _ in range(_NEWTON_STEPS):
        left = 1.0 - t / burn_time
        residual = excess + g * t + v_e * np.log(left)
        t = np.clip(t - residual / (g - n * g / left), 0.0, 0.95 * burn_time)
    log_ratio = -np.log(1.0 - t / burn_time)
    height = speed * t + 0.5 * g * t * t - v_e * (t - (burn_time - t) * log_ratio)
    return np.where(brakes, height, np.inf)
