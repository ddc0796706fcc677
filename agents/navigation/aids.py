"""Measurement models of velocimeter, radar and camera: errors of dead reckoning. Compiled.

The vertical axis is the height above the ground at the spot of the rangefinder, see `spot.py`. A
map has the ground at the target, a radar sees that within its beam: the ground at the spot differs
by its relief over a distance, which is a considered error, as are the constant errors.
"""

import math
from typing import Final

import numpy as np

from lunar_env.kernel.compile import inline_kernel

from ..sheet import SHEET_ROW
from .axis import Measurement, load_axis
from .begin import begin_level, ground_below, vertical_now
from .gains import KalmanGains
from .ground import hillside, relief
from .history import SPAN_S, Past, local_vertical, look_back
from .inputs import ROW, load_camera, load_radar, load_velocity
from .memory import (
    CAMERA,
    EAST,
    GAIN_ACCEL,
    GROUNDED,
    LEVEL_MAP,
    LEVEL_SPEED,
    MAP_SIGMA,
    OTHERS,
    RADAR,
    ROUGH_VAR,
    SENSITIVITY,
    SHEET,
    SPOT,
    SPOTTED,
    UP_CHANNEL,
    UP_MAP,
    UP_RADAR,
    UP_SPEED,
    VELOCITY,
    load_spot,
)
from .samples import clear_sensitivity, use_height, use_level, use_up
from .spot import Way, below, distance, follow, height_of, nearest_spot, place_of, way

# A radar sees the ground smoothed over 0.3 of its range: what it sees slopes as over a sixth of
# that. The waves that it does not see, shorter than a quarter of it, have half of the relief over a
# fifth of their length: this part of that over the former.
_SEEN: Final = 0.05
_UNSEEN: Final = 0.06
# Part of the variance of the ground where the radar looks, less that at a spot farther on, which
# the slope of its plane causes: 0.3 to 0.8 on generated ground.
_APART: Final = 0.5
_NOW, _COM, _ATTITUDE_SIGMA = ROW["elapsed_s"], ROW["com_height_m"], ROW["attitude_sigma_rad"]
_HEIGHT_SIGMA, _HORIZONTAL_SIGMA = ROW["height_sigma_m"], ROW["horizontal_sigma_m"]
_VERTICAL_SIGMA, _LATERAL_SIGMA = ROW["v_z_sigma_m_s"], ROW["v_lateral_sigma_m_s"]
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
    prior_up, prior_level = table[_VERTICAL_SIGMA, i] ** 2, table[_LATERAL_SIGMA, i] ** 2
    noise_up = along * upright + across * (1.0 - upright)
    stamp, accel = table[_NOW, i] - age, m[i, GAIN_ACCEL]
    z_up = Measurement(climb, noise_up, age, 0.0, stamp, g.false_m_s, prior_up, accel, 0.0)
    clear_sensitivity(m, i)
    m[i, SENSITIVITY + UP_SPEED] = table[_ATTITUDE_SIGMA, i] * math.sqrt(level2)
    use_up(vertical_now(table, m, i), z_up, g, m, i, VELOCITY + UP_CHANNEL, 0.0)
    begin_level(table, m, i)
    for k in range(2):
        other = past.v_y if k == 0 else past.v_x
        clear_sensitivity(m, i)
        m[i, SENSITIVITY + LEVEL_SPEED] = table[_ATTITUDE_SIGMA, i] * math.hypot(past.v_z, other)
        residual = x if k == 0 else y
        z_level = Measurement(
            residual, level, age, 0.0, stamp, g.false_m_s, prior_level, accel, 0.0
        )
        use_level(z_level, g, m, i, k, VELOCITY)


@inline_kernel
def ground_apart(
    m: np.ndarray, i: int, past: Past, lean: float, tilted2: float, g: KalmanGains
) -> float:
    """Variance [m^2] of the ground that a radar sees over that which the vertical axis refers to.

    It looks `lean` [-] aside over downwards, on a slope that rises by `tilted2` [m^2] to there.
    Before the first range the axis follows the ground below the lander.
    """
    if m[i, SPOTTED] > 0.0:  # that of the rangefinder is elsewhere
        apart = distance(way(m, i, load_spot(m, i, SPOT), nearest_spot(past, lean)))
        return relief(m, i, apart, g) + _APART * tilted2
    if m[i, GROUNDED] > 0.0:
        follow(m, i, below(past), g)
    return tilted2


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
    noise = c * c * (m[i, _RADAR_NOISE] ** 2 + (m[i, _RADAR_FRAC] * r) ** 2)
    seen = max(_SEEN * r, 1e-3)
    ground = relief(m, i, seen, g)
    slope2 = ground / (seen * seen)  # of one component
    noise += m[i, ROUGH_VAR] + _UNSEEN * ground
    site, steep2 = hillside(m, i, past.x, past.y)
    # The nearest point of ground that slopes by s is at ``r (1 - s^2/2)`` below the lander, but a
    # tilted radar sees along the edge of its beam.
    nearer = r * c * slope2 if aside == 0.0 else 0.0
    height = (
        height_of(r * c, offset) * (1.0 + 0.5 * steep2)
        + nearer
        - (table[_COM, i] - m[i, _RADAR_MOUNT]) * past.cos_tilt
    )
    error2 = (m[i, _RADAR_SCALE] * r * c) ** 2 + nearer * nearer
    error2 += (table[_ATTITUDE_SIGMA, i] * offset) ** 2
    error2 += ground_apart(m, i, past, offset / max(r * c, 1e-3), slope2 * offset * offset, g)
    clear_sensitivity(m, i)
    m[i, SENSITIVITY + UP_RADAR] = math.sqrt(error2)
    prior = table[_HEIGHT_SIGMA, i] ** 2 + ground_below(table, m, i, g)
    stamp, rate_var = table[_NOW, i] - age, table[_VERTICAL_SIGMA, i] ** 2
    residual = height + site - past.height
    z = Measurement(residual, noise, age, 1.0, stamp, g.false_m, prior, rate_var, 0.0)
    use_height(table, m, i, z, g, RADAR, below(past), 0.0)


@inline_kernel
def use_camera(
    table: np.ndarray, history: np.ndarray, m: np.ndarray, i: int, g: KalmanGains
) -> None:
    """Use the newest position of the camera; its height is above the target, not the ground."""
    sample = load_camera(table, i)
    age = sample.cam_age_s
    if sample.cam_new < 0.5 or age > SPAN_S:
        return
    m[i, OTHERS] = 1.0  # its data sheet may be all zeros
    past = look_back(history, i, table[_NOW, i] - age)
    stamp, noise = table[_NOW, i] - age, m[i, _CAM_NOISE] ** 2
    prior, rate_var = table[_HORIZONTAL_SIGMA, i] ** 2, table[_LATERAL_SIGMA, i] ** 2
    begin_level(table, m, i)
    clear_sensitivity(m, i)
    m[i, SENSITIVITY + LEVEL_MAP] = m[i, _CAM_BIAS]
    for k in range(2):
        residual = sample.cam_x_m - past.x if k == 0 else sample.cam_y_m - past.y
        z = Measurement(residual, noise, age, 1.0, stamp, g.false_m, prior, rate_var, 0.0)
        use_level(z, g, m, i, k, CAMERA)
    s = vertical_now(table, m, i)
    m[i, MAP_SIGMA] = m[i, _CAM_HEIGHT_BIAS]
    if m[i, GROUNDED] > 0.0:
        place = Way(sample.cam_x_m, sample.cam_y_m)
        if m[i, SPOTTED] > 0.0:
            place = place_of(m, i, load_spot(m, i, SPOT))
        from_target = distance(place) + math.sqrt(load_axis(m, i, EAST).p_ee)
        ground = relief(m, i, from_target, g)
        m[i, MAP_SIGMA] = math.sqrt(m[i, _CAM_HEIGHT_BIAS] ** 2 + ground)
    clear_sensitivity(m, i)
    m[i, SENSITIVITY + UP_MAP] = m[i, MAP_SIGMA]
    noise, residual = m[i, _CAM_HEIGHT_NOISE] ** 2, sample.cam_z_m - past.height
    prior, rate_var = table[_HEIGHT_SIGMA, i] ** 2, table[_VERTICAL_SIGMA, i] ** 2
    z = Measurement(residual, noise, age, 1.0, stamp, g.false_m, prior, rate_var, 0.0)
    use_up(s, z, g, m, i, CAMERA + UP_CHANNEL, 0.0)
