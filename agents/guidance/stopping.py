"""How high a burn has to begin, for batches: the closed forms of gravity turn and vertical burn.

The scalar counterparts, compiled, are in `lunar_env.kernel.closed_forms`; a test compares them.
Speeds are positive downwards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ..base import Float64Array

__all__ = ["gravity_turn_height", "gravity_turn_ratio", "vertical_burn_height"]

_NEWTON_STEPS = 6


def gravity_turn_height(
    speed: Float64Array, tan_half: Float64Array, ratio: Float64Array, g: Float64Array | float
) -> Float64Array:
    """Height of a gravity turn to rest at constant thrust over weight `ratio` above one.

    ``h = V^2 / (g (1 + w^2)^2) [1 / (2 (N - 1)) - w^4 / (2 (N + 1))]`` with ``w = tan(psi / 2)``,
    psi the angle of the velocity from the vertical (Culler and Fried 1957).
    """
    w2 = tan_half**2
    height: Float64Array = (
        speed**2 / (g * (1.0 + w2) ** 2) * (0.5 / (ratio - 1.0) - 0.5 * w2**2 / (ratio + 1.0))
    )
    return height


def gravity_turn_ratio(
    height: Float64Array,
    speed: Float64Array,
    tan_half: Float64Array,
    final_speed: Float64Array,
    g: Float64Array | float,
) -> Float64Array:
    """Thrust over weight whose gravity turn uses up `height`, ending vertical at `final_speed`.

    `gravity_turn_height` less the height that the final speed would still need is a quadratic in
    N; its larger root is the answer. Zero or negative where no thrust is needed, inf where no
    height is left.
    """
    w2 = tan_half**2
    scale = np.maximum(speed, 1e-9) ** 2 / (g * (1.0 + w2) ** 2)
    y = 2.0 * height / scale
    head = 1.0 - final_speed**2 / (g * scale)
    w4 = w2**2
    half = head - w4
    root = np.sqrt(np.maximum(half**2 + 4.0 * y * (y + head + w4), 0.0))
    room = y > 0.0
    ratio: Float64Array = np.where(room, (half + root) / np.where(room, 2.0 * y, 1.0), np.inf)
    return ratio


def vertical_burn_height(
    speed: Float64Array,
    final_speed: Float64Array,
    ratio: Float64Array,
    v_e: Float64Array,
    g: Float64Array | float,
) -> Float64Array:
    """Height that constant thrust needs to brake a vertical fall, with the mass it loses.

    `ratio` is thrust over the weight at the beginning; inf where the thrust cannot brake.
    Newton's method on ``speed - final + g t = -v_e ln(1 - t / burn)`` from above (Meditch 1964).
    """
    can = ratio > 1.0
    n = np.where(can, ratio, 2.0)
    whole = v_e / (n * g)  # s, in which the whole mass would be burned
    excess = np.maximum(speed - final_speed, 0.0)
    t = np.minimum(excess / (g * (n - 1.0)), 0.9 * whole)
    for _ in range(_NEWTON_STEPS):
        left = 1.0 - t / whole
        residual = excess + g * t + v_e * np.log(left)
        t = np.clip(t - residual / (g - n * g / left), 0.0, 0.95 * whole)
    log_ratio = -np.log(1.0 - t / whole)
    height = speed * t + 0.5 * g * t * t - v_e * (t - (whole - t) * log_ratio)
    return np.where(can, height, np.inf)
