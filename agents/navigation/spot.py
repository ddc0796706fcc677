"""The spot of the rangefinder's beam: the vertical axis is the height above the ground there.

A range measures the height above the ground at its spot. That changes with the slope of the ground
as the spot moves, which it does not while the lander flies along its beam. The height above the
ground below the lander differs from it by the relief over their distance, which is not known.
Before the first range, the spot is below the lander.
"""

import math
from typing import Final

import numpy as np

from lunar_env.kernel.compile import inline_kernel

from .axis import AXIS, CROSS, Axis, driven, rougher
from .gains import KalmanGains
from .ground import relief
from .history import Past, local_vertical
from .inputs import ROW
from .memory import (
    BEAM_COSINE,
    GROUNDED,
    MAP_SIGMA,
    ON_MAP,
    SLOPE_SIGMA,
    SLOPES,
    SPOT,
    SPOTTED,
    UP,
    UP_SLOPE,
    Spot,
    load_spot,
    store_spot,
)

__all__ = ["below_lander", "move_spot", "over_ground"]

# A beam more than 84 degrees from the vertical does not measure the height.
MIN_COSINE: Final = 0.1
# Mean speeds of the spot, which trembles with the attitude, are over as long as ranges are old.
_MEAN_S: Final = 0.5
_QW, _QX, _QY, _QZ = ROW["q_w"], ROW["q_x"], ROW["q_y"], ROW["q_z"]
# The target's place is known to some 10 m: its ground decorrelates no faster than that so far off.
_NEAR_M: Final = 10.0


@inline_kernel
def move_spot(table: np.ndarray, m: np.ndarray, i: int, now: Past, dt: float) -> None:
    """Find the spot and its speed over the ground since `dt` [s] ago.

    A beam along the body axis leads away from its tilt; the direction of a canted one is not known.
    """
    last, known = load_spot(m, i, SPOT), m[i, BEAM_COSINE] == 0.0
    c = max(now.cos_tilt if known else m[i, BEAM_COSINE], MIN_COSINE)
    away = max(now.height + m[i, UP], 0.0) * math.sqrt(max(1.0 - c * c, 0.0)) / c
    x, y, up = now.x, now.y, local_vertical(now)
    if known:
        w, a, b, k = table[_QW, i], table[_QX, i], table[_QY, i], table[_QZ, i]
        east = 2.0 * (a * k + w * b) - now.cos_tilt * up.x
        north = 2.0 * (b * k - w * a) - now.cos_tilt * up.y
        share = away / max(math.sqrt(east * east + north * north), 1e-6)
        x, y = x - share * east, y - share * north
    if dt < 1e-3:
        store_spot(m, i, SPOT, Spot(x, y, away, 0.0, 0.0, 0.0))
        return
    dx, dy = x - last.x, y - last.y
    if not known:
        dx, dy = math.hypot(dx, away - last.away), dy
    new, speed = min(dt / _MEAN_S, 1.0), math.sqrt(dx * dx + dy * dy) / dt
    v_x, v_y = last.v_x + (dx / dt - last.v_x) * new, last.v_y + (dy / dt - last.v_y) * new
    store_spot(m, i, SPOT, Spot(x, y, away, v_x, v_y, speed))


@inline_kernel
def over_ground(s: Axis, m: np.ndarray, i: int, now: Past, dt: float, g: KalmanGains) -> Axis:
    """Vertical axis after `dt` [s] over ground that slopes.

    Each part of the slope is a first-order Gauss-Markov process over the distance that the spot
    moves.
    """
    spot = load_spot(m, i, SPOT)
    if m[i, GROUNDED] == 0.0:
        return s
    beam = m[i, SPOTTED] > 0.0
    v_x, v_y = (spot.v_x, spot.v_y) if beam else (now.v_x, now.v_y)
    speed = spot.speed if beam else math.sqrt(v_x * v_x + v_y * v_y)
    short = math.exp(-dt * speed / g.slope_short_m)
    long = math.exp(-dt * speed / g.slope_long_m)
    for k in range(2 * SLOPES):
        c, climb = UP + AXIS + CROSS * (UP_SLOPE + k), m[i, SLOPE_SIGMA + k // 2]
        s = driven(s, m, i, c, climb * (v_x if k % 2 == 0 else v_y), 0.0, dt)
        forget(m, i, c, short if k < 2 else long)
    if m[i, MAP_SIGMA] > 0.0:
        from_target = math.hypot(spot.x, spot.y) + _NEAR_M
        forget(m, i, ON_MAP, math.exp(-dt * speed / (g.relief_length * from_target)))
    return s


@inline_kernel
def forget(m: np.ndarray, i: int, at: int, kept: float) -> None:
    """Keep this part of the covariances that begin at column `at`."""
    for k in range(CROSS):
        m[i, at + k] *= kept


@inline_kernel
def below_lander(s: Axis, m: np.ndarray, i: int, g: KalmanGains) -> Axis:
    """Vertical axis above the ground below the lander, that of the spot being `s`."""
    away = load_spot(m, i, SPOT).away
    return rougher(s, relief(m, i, away, g)) if m[i, SPOTTED] > 0.0 else s
