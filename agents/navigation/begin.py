"""How the axes begin: with dead reckoning, and with the first height above the ground. Compiled.

Until a rangefinder or a radar has seen the ground, the vertical axis is the height above the
target, as dead reckoning and the map of a camera state it; then it is that above the ground.
"""

import math

import numpy as np

from lunar_env.kernel.compile import inline_kernel

from ..sheet import SHEET_ROW
from .axis import (
    Axis,
    Cross,
    initial_axis,
    load_axis,
    load_cross,
    rougher,
    store_axis,
    store_cross,
)
from .gains import KalmanGains
from .ground import hillside, relief
from .inputs import ROW
from .memory import (
    AIDED_LEVEL,
    AIDED_UP,
    EAST,
    GAIN_ACCEL,
    GROUNDED,
    MAP_SIGMA,
    NORTH,
    ON_MAP,
    SHEET,
    SPOT,
    SPOTTED,
    UP,
    Spot,
    load_spot,
    store_spot,
)
from .spot import distance, way

__all__ = [
    *("begin_level", "ground_below", "see_ground", "see_spot", "unaided_level"),
    *("update_accel_variance", "vertical_now"),
]

_X, _Y = ROW["x_m"], ROW["y_m"]
_HORIZONTAL_SIGMA, _HEIGHT_SIGMA = ROW["horizontal_sigma_m"], ROW["height_sigma_m"]
_LATERAL_SIGMA, _VERTICAL_SIGMA = ROW["v_lateral_sigma_m_s"], ROW["v_z_sigma_m_s"]
_THRUST, _RATIO, _G = ROW["thrust_frac"], ROW["thrust_to_weight"], ROW["gravity_m_s2"]
_IMU_BIAS = SHEET + SHEET_ROW["imu_bias_sigma_m_s2"]
_IMU_SCALE = SHEET + SHEET_ROW["imu_scale_sigma_frac"]
_MAP_BIAS = SHEET + SHEET_ROW["cam_bias_height_sigma_m"]


@inline_kernel
def update_accel_variance(table: np.ndarray, m: np.ndarray, i: int) -> None:
    """Variance of the error of acceleration: bias, and what is in proportion to the thrust."""
    force = table[_THRUST, i] * table[_RATIO, i] * table[_G, i]
    m[i, GAIN_ACCEL] = m[i, _IMU_BIAS] ** 2 + (m[i, _IMU_SCALE] * force) ** 2


@inline_kernel
def unaided_level(table: np.ndarray, m: np.ndarray, i: int) -> Axis:
    """Errors along one horizontal axis as dead reckoning states them."""
    position, speed = table[_HORIZONTAL_SIGMA, i], table[_LATERAL_SIGMA, i]
    return initial_axis(position * position, speed * speed, m[i, GAIN_ACCEL])


@inline_kernel
def begin_level(table: np.ndarray, m: np.ndarray, i: int) -> None:
    """Begin the horizontal axes, for a measurement that may be the first that is used."""
    if m[i, AIDED_LEVEL] == 0.0:
        store_axis(m, i, EAST, unaided_level(table, m, i))
        store_axis(m, i, NORTH, unaided_level(table, m, i))


@inline_kernel
def vertical_now(table: np.ndarray, m: np.ndarray, i: int) -> Axis:
    """Return the vertical axis, that of dead reckoning before the first measurement."""
    if m[i, AIDED_UP] > 0.0:
        return load_axis(m, i, UP)
    height, speed = table[_HEIGHT_SIGMA, i], table[_VERTICAL_SIGMA, i]
    return initial_axis(height * height, speed * speed, m[i, GAIN_ACCEL])


@inline_kernel
def ground_below(table: np.ndarray, m: np.ndarray, i: int, g: KalmanGains) -> float:
    """Variance [m^2] of the height of the ground below the lander over that on the map.

    Of the relief since the target, and of the place on a hillside.
    """
    x, y, sigma = table[_X, i], table[_Y, i], table[_HORIZONTAL_SIGMA, i]
    place2, steep2 = sigma * sigma, hillside(m, i, x, y)[1]
    if m[i, AIDED_LEVEL] > 0.0:
        place2 = 0.5 * (load_axis(m, i, EAST).p_ee + load_axis(m, i, NORTH).p_ee)
    variance: float = relief(m, i, math.hypot(x, y) + sigma, g) + steep2 * place2
    return variance


@inline_kernel
def see_ground(table: np.ndarray, m: np.ndarray, i: int, g: KalmanGains) -> None:
    """With the first height above the ground, the axis is that, which has the ground's error.

    The ground adds to the error of the map: the covariances with that are of another unit.
    """
    if m[i, GROUNDED] > 0.0:
        return
    ground, c = ground_below(table, m, i, g), load_cross(m, i, ON_MAP)
    store_axis(m, i, UP, rougher(vertical_now(table, m, i), ground))
    m[i, MAP_SIGMA] = math.sqrt(m[i, _MAP_BIAS] ** 2 + ground)
    sigma = max(m[i, MAP_SIGMA], 1e-3)
    e, share = (c.e * m[i, _MAP_BIAS] - ground) / sigma, m[i, _MAP_BIAS] / sigma
    store_cross(m, i, ON_MAP, Cross(e, share * c.b, share * c.a))
    m[i, GROUNDED] = 1.0


@inline_kernel
def see_spot(m: np.ndarray, i: int, spot: Spot, g: KalmanGains) -> None:
    """With the first range, the axis is the height above the ground at its spot."""
    apart = distance(way(m, i, load_spot(m, i, SPOT), spot))
    store_axis(m, i, UP, rougher(load_axis(m, i, UP), relief(m, i, apart, g)))
    store_spot(m, i, SPOT, spot)
    m[i, SPOTTED] = 1.0
