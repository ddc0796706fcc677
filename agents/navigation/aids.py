"""Measurement models of velocimeter, radar and camera: errors of dead reckoning. Compiled.

A map has the ground at the target, a radar sees that within its beam: the ground below the lander
differs by its relief over a distance, which is a considered error, as are the constant errors.
"""

import math
from typing import Final

import numpy as np

from lunar_env.kernel.compile import inline_kernel

from ..sheet import SHEET_ROW
from .axis import AXIS, CROSS, Cross, Measurement, load_axis, store_cross
from .gains import KalmanGains
from .ground import relief, renew
from .history import SPAN_S, local_vertical, look_back
from .inputs import ROW, load_camera, load_radar, load_velocity
from .memory import (
    AIDED_UP,
    CAMERA,
    EAST,
    LEVEL_MAP,
    LEVEL_SPEED,
    RADAR,
    SENSITIVITY,
    SHEET,
    UP,
    UP_CHANNEL,
    UP_MAP,
    UP_RADAR_RELIEF,
    UP_RADAR_SCALE,
    UP_SPEED,
    VELOCITY,
)
from .samples import begin_level, clear_sensitivity, use_level, use_up, vertical_now

# A radar sees the ground smoothed over 0.3 of its range.
_RADAR_SPOT: Final = 0.15
_NOW, _COM, _ATTITUDE_SIGMA = ROW["elapsed_s"], ROW["com_height_m"], ROW["attitude_sigma_rad"]
_TOLD: Final = {name: SHEET + row for name, row in SHEET_ROW.items()}
_RADAR_NOISE, _RADAR_FRAC = _TOLD["ralt_noise_sigma_m"], _TOLD["ralt_noise_sigma_frac"]
_RADAR_SCALE, _RADAR_WIDTH = _TOLD["ralt_scale_sigma_frac"], _TOLD["ralt_half_width_rad"]
_RADAR_MOUNT = _TOLD["ralt_mount_offset_m"]
_DVL_NOISE, _DVL_FRAC = _TOLD["dvl_noise_sigma_m_s"], _TOLD["dvl_noise_sigma_frac"]
_DVL_CANT = _TOLD["dvl_cant_rad"]
_CAM_NOISE, _CAM_HEIGHT_NOISE = _TOLD["cam_noise_sigma_m"], _TOLD["cam_noise_height_sigma_m"]
_CAM_BIAS, _CAM_HEIGHT_BIAS = _TOLD["cam_bias_sigma_m"], _TOLD["cam_bias_height_sigma_m"]


@inline_kernel
def use_velocity(
    table: np.ndarray, history: np.ndarray, m: np.ndarray, i: int, g: KalmanGains
) -> None:
    """Use the newest velocity, in L by the estimated attitude, whose error is considered.

    Three beams canted by an angle have noises of their own, which are less along the body axis, by
    ``sqrt(3) cos``, than across it, by ``sqrt(3/2) sin``.
    """
    sample = load_velocity(table, i)
    age = sample.dvl_age_s
    if sample.dvl_new < 0.5 or age > SPAN_S:
        return
    past = look_back(history, i, table[_NOW, i] - age)
    x, y = sample.dvl_v_x_m_s - past.v_x, sample.dvl_v_y_m_s - past.v_y
    z, up = sample.dvl_v_z_m_s - past.v_z, local_vertical(past)
    level2 = past.v_x**2 + past.v_y**2
    noise = m[i, _DVL_NOISE] ** 2 + m[i, _DVL_FRAC] ** 2 * (level2 + past.v_z**2)
    along = noise / (3.0 * math.cos(m[i, _DVL_CANT]) ** 2)
    across = noise / (1.5 * math.sin(max(m[i, _DVL_CANT], 1e-3)) ** 2)
    upright = past.cos_tilt * past.cos_tilt
    level = 0.5 * (along * (1.0 - upright) + across * (1.0 + upright))
    climb = x * up.x + y * up.y + z * up.z
    z_up = Measurement(climb, along * upright + across * (1.0 - upright), age, 0.0, g.agree_m_s)
    clear_sensitivity(m, i)
    m[i, SENSITIVITY + UP_SPEED] = table[_ATTITUDE_SIGMA, i] * math.sqrt(level2)
    use_up(vertical_now(table, m, i, g), z_up, g, m, i, VELOCITY + UP_CHANNEL, 0.0)
    begin_level(table, m, i)
    for k in range(2):
        other = past.v_y if k == 0 else past.v_x
        clear_sensitivity(m, i)
        m[i, SENSITIVITY + LEVEL_SPEED] = table[_ATTITUDE_SIGMA, i] * math.hypot(past.v_z, other)
        use_level(
            Measurement(x if k == 0 else y, level, age, 0.0, g.agree_m_s), g, m, i, k, VELOCITY
        )


@inline_kernel
def use_radar(
    table: np.ndarray, history: np.ndarray, m: np.ndarray, i: int, g: KalmanGains
) -> None:
    """Use the newest range of the radar: to the nearest ground in its beam."""
    sample = load_radar(table, i)
    r, age = sample.ralt_range_m, sample.ralt_age_s
    if sample.ralt_new < 0.5 or age > SPAN_S:
        return
    past = look_back(history, i, table[_NOW, i] - age)
    tilt = math.acos(min(max(past.cos_tilt, 0.0), 1.0))
    aside = max(tilt - m[i, _RADAR_WIDTH], 0.0)
    c, offset = math.cos(aside), r * math.sin(aside)
    height = r * c - (table[_COM, i] - m[i, _RADAR_MOUNT]) * past.cos_tilt
    noise = c * c * (m[i, _RADAR_NOISE] ** 2 + (m[i, _RADAR_FRAC] * r) ** 2)
    away = offset + _RADAR_SPOT * r + age * math.hypot(past.v_x, past.v_y) + g.rough_m
    ground = relief(m, i, away, g)
    # The nearest point of ground that slopes by s is at ``r (1 - s^2/2)`` below the lander.
    slope2 = ground / (away * away)
    ground += (0.5 * r * slope2) ** 2 + (table[_ATTITUDE_SIGMA, i] * offset) ** 2
    clear_sensitivity(m, i)
    renew(m, i, UP_RADAR_RELIEF, away, g)
    m[i, SENSITIVITY + UP_RADAR_SCALE] = m[i, _RADAR_SCALE] * r * c
    m[i, SENSITIVITY + UP_RADAR_RELIEF] = math.sqrt(ground)
    agree = g.agree_m + 2.0 * m[i, _RADAR_FRAC] * r
    s = vertical_now(table, m, i, g)
    use_up(s, Measurement(height - past.height, noise, age, 1.0, agree), g, m, i, RADAR, 1.0)


@inline_kernel
def use_camera(
    table: np.ndarray, history: np.ndarray, m: np.ndarray, i: int, g: KalmanGains
) -> None:
    """Use the newest position of the camera; its height is above the target, not the ground."""
    sample = load_camera(table, i)
    age = sample.cam_age_s
    if sample.cam_new < 0.5 or age > SPAN_S:
        return
    past = look_back(history, i, table[_NOW, i] - age)
    noise = m[i, _CAM_NOISE] ** 2
    begin_level(table, m, i)
    clear_sensitivity(m, i)
    m[i, SENSITIVITY + LEVEL_MAP] = m[i, _CAM_BIAS]
    for k in range(2):
        residual = sample.cam_x_m - past.x if k == 0 else sample.cam_y_m - past.y
        use_level(Measurement(residual, noise, age, 1.0, g.agree_m), g, m, i, k, CAMERA)
    from_target = math.hypot(sample.cam_x_m, sample.cam_y_m) + math.sqrt(load_axis(m, i, EAST).p_ee)
    ground = relief(m, i, from_target, g)
    error = math.sqrt(m[i, _CAM_HEIGHT_BIAS] ** 2 + ground)
    clear_sensitivity(m, i)
    m[i, SENSITIVITY + UP_MAP] = error
    if m[i, AIDED_UP] > 0.0:
        renew(m, i, UP_MAP, from_target, g)
    else:  # the height above the ground has the error of the ground itself
        unknown = Cross(-ground / max(error, 1e-6), 0.0, 0.0)
        store_cross(m, i, UP + AXIS + CROSS * UP_MAP, unknown)
    z = Measurement(sample.cam_z_m - past.height, m[i, _CAM_HEIGHT_NOISE] ** 2, age, 1.0, g.agree_m)
    use_up(vertical_now(table, m, i, g), z, g, m, i, CAMERA + UP_CHANNEL, 0.0)
