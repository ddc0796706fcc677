"""Measurement models of the sensors: errors of dead reckoning. Compiled, for one row.

The height is that above the ground below the lander. A tilted beam meets the ground elsewhere, the
lander has moved since the time stamp, a map has the ground at the estimated position: each time the
ground may differ by its slope times a distance, which is treated as noise (`relief`).
"""

import math
from typing import Final

import numpy as np

from lunar_env.kernel.compile import inline_kernel
from lunar_env.kernel.records import Blocks

from .axis import (
    AXIS,
    CHANNEL_WIDTH,
    Axis,
    Gate,
    Measurement,
    initial_axis,
    load_axis,
    store_axis,
    updated,
)
from .gains import KalmanGains
from .history import NEWEST, PAST, SPAN_S, local_vertical, look_back, vertical_velocity
from .inputs import ROW, SLOTS, load_camera, load_radar, load_velocity

# Memory of a row: three axes, a channel for each sensor and component, and flags.
COMPONENTS: Final = 3
_MEMORY: Final = Blocks()
UP: Final = _MEMORY.room(AXIS)
EAST: Final = _MEMORY.room(AXIS)
NORTH: Final = _MEMORY.room(AXIS)
RANGE: Final = _MEMORY.room(CHANNEL_WIDTH)
RADAR: Final = _MEMORY.room(CHANNEL_WIDTH)
VELOCITY: Final = _MEMORY.room(COMPONENTS * CHANNEL_WIDTH)
CAMERA: Final = _MEMORY.room(COMPONENTS * CHANNEL_WIDTH)
_UP_CHANNEL: Final = (COMPONENTS - 1) * CHANNEL_WIDTH  # the vertical component comes last
AIDED_UP: Final = _MEMORY.room()  # 1 after the first vertical measurement was used ...
AIDED_LEVEL: Final = _MEMORY.room()  # ... and after the first horizontal one
SIGHTED: Final = _MEMORY.room()  # 1 after the first range was used
TIME: Final = _MEMORY.room()
MEMORY: Final = _MEMORY.end

_MIN_COSINE: Final = (
    0.1  # a beam more than 84 degrees from the vertical does not measure the height
)
_NOW: Final = ROW["elapsed_s"]
_X, _Y, _H = ROW["x_m"], ROW["y_m"], ROW["height_m"]
_VX, _VY, _VZ = ROW["v_x_m_s"], ROW["v_y_m_s"], ROW["v_z_m_s"]
_HORIZONTAL_SIGMA, _HEIGHT_SIGMA = ROW["horizontal_sigma_m"], ROW["height_sigma_m"]
_LATERAL_SIGMA, _VERTICAL_SIGMA = ROW["v_lateral_sigma_m_s"], ROW["v_z_sigma_m_s"]
_ATTITUDE_SIGMA, _EST = ROW["attitude_sigma_rad"], ROW["est_height_m"]
_THRUST, _RATIO = ROW["thrust_frac"], ROW["thrust_to_weight"]
_G = ROW["gravity_m_s2"]
_MOUNT, _COM = ROW["mount_offset_m"], ROW["com_height_m"]
_SLANT, _AGE, _VALID, _BEAM = ROW["range_m"], ROW["age_s"], ROW["valid"], ROW["beam"]


@inline_kernel
def relief(distance: float, g: KalmanGains) -> float:
    """Variance [m^2] of the difference in height of the ground over a distance [m].

    The square of slope times distance over short distances, a random walk over long ones.
    """
    rise = g.slope * distance
    return rise * rise / (1.0 + distance / g.slope_length_m)


@inline_kernel
def gate_of(g: KalmanGains) -> Gate:
    """When a measurement is rejected."""
    return Gate(g.gate_sigmas, g.recover_after, g.latches)


@inline_kernel
def unaided_vertical(table: np.ndarray, i: int, g: KalmanGains) -> Axis:
    """Vertical errors as dead reckoning states them, and of the ground relative to the target."""
    from_target = math.hypot(table[_X, i], table[_Y, i]) + table[_HORIZONTAL_SIGMA, i]
    height = table[_HEIGHT_SIGMA, i] ** 2 + relief(from_target, g)
    return initial_axis(height, table[_VERTICAL_SIGMA, i] ** 2, g.accel_sigma_m_s2**2)


@inline_kernel
def unaided_level(table: np.ndarray, i: int, g: KalmanGains) -> Axis:
    """Errors along one horizontal axis as dead reckoning states them."""
    position, speed = table[_HORIZONTAL_SIGMA, i], table[_LATERAL_SIGMA, i]
    return initial_axis(position * position, speed * speed, g.accel_sigma_m_s2**2)


@inline_kernel
def vertical_now(table: np.ndarray, m: np.ndarray, i: int, g: KalmanGains) -> Axis:
    """The vertical axis, that of dead reckoning before the first measurement."""
    return load_axis(m, i, UP) if m[i, AIDED_UP] > 0.0 else unaided_vertical(table, i, g)


@inline_kernel
def begin_level(table: np.ndarray, m: np.ndarray, i: int, g: KalmanGains) -> None:
    """Begin the horizontal axes with their first measurement."""
    if m[i, AIDED_LEVEL] == 0.0:
        store_axis(m, i, EAST, unaided_level(table, i, g))
        store_axis(m, i, NORTH, unaided_level(table, i, g))
        m[i, AIDED_LEVEL] = 1.0


@inline_kernel
def use_up(
    s: Axis, z: Measurement, g: KalmanGains, m: np.ndarray, i: int, channel: int, sight: float
) -> None:
    """Update the vertical axis; `sight` is 1 for a sensor that measures the range to the ground."""
    s, used = updated(s, z, gate_of(g), m, i, channel)
    if used:
        store_axis(m, i, UP, s)
        m[i, AIDED_UP] = 1.0
        m[i, SIGHTED] = max(m[i, SIGHTED], sight)


@inline_kernel
def use_level(z: Measurement, g: KalmanGains, m: np.ndarray, i: int, k: int, channels: int) -> None:
    """Update east (0) or north (1)."""
    axis, _ = updated(
        load_axis(m, i, EAST + k * AXIS), z, gate_of(g), m, i, channels + CHANNEL_WIDTH * k
    )
    store_axis(m, i, EAST + k * AXIS, axis)


@inline_kernel
def cosine_from_autopilot(table: np.ndarray, i: int, slot: int, cos_tilt: float) -> float:
    """Cosine between the newest beam and the vertical, inferred from the autopilot's height.

    The autopilot knows how its beams are mounted, which is not observed; but its height is
    ``slant cos_beam - offset cos_tilt``, propagated from the time stamp with the present speed and
    acceleration. Where that agrees with a beam along the body axis, the result is nan.
    """
    slant, age = table[_SLANT + slot, i], table[_AGE + slot, i]
    acceleration = table[_G, i] * (table[_THRUST, i] * table[_RATIO, i] * cos_tilt - 1.0)
    travel = age * (table[_VZ, i] - 0.5 * age * acceleration)
    at_stamp = table[_EST, i] - travel
    cos_beam = (at_stamp + (table[_COM, i] - table[_MOUNT, i]) * cos_tilt) / max(slant, 1e-3)
    slack = 0.1 + 0.05 * age * age + 0.01 * slant
    known = abs(cos_beam - cos_tilt) * slant > slack and _MIN_COSINE < cos_beam <= 1.0
    return cos_beam if known else math.nan


@inline_kernel
def use_range(
    table: np.ndarray,
    history: np.ndarray,
    m: np.ndarray,
    i: int,
    slot: int,
    cos_beam: float,
    g: KalmanGains,
) -> None:
    """Use the range of a slot; `cos_beam` is the cosine of its beam, nan along the body axis."""
    slant, age = table[_SLANT + slot, i], table[_AGE + slot, i]
    past = look_back(history, i, table[_NOW, i] - age)
    known = cos_beam == cos_beam
    c = cos_beam if known else past.cos_tilt
    if age > SPAN_S or c < _MIN_COSINE:
        return
    height = slant * c - (table[_COM, i] - table[_MOUNT, i]) * past.cos_tilt
    offset = slant * math.sqrt(max(1.0 - c * c, 0.0))
    travel = age * math.hypot(past.v_x, past.v_y)
    # The cosine of an inferred beam is that of now: the attitude has changed since the time stamp.
    turn_error = slant * (history[i, NEWEST, PAST.cos_tilt] - past.cos_tilt) if known else 0.0
    climb = vertical_velocity(past)
    noise = g.range_sigma_m**2 + (g.range_sigma_frac * slant) ** 2
    noise += (g.stamp_sigma_s * climb) ** 2 + (offset * table[_ATTITUDE_SIGMA, i]) ** 2
    noise += turn_error * turn_error + relief(offset + travel, g)
    agree = g.agree_m + g.agree_s * abs(climb)
    z = Measurement(height - past.height, noise, age, 1.0, agree)
    use_up(vertical_now(table, m, i, g), z, g, m, i, RANGE, 1.0)


@inline_kernel
def use_ranges(
    table: np.ndarray, history: np.ndarray, m: np.ndarray, i: int, g: KalmanGains
) -> None:
    """Use the ranges of the step from one beam: the mounting is inferred only for the newest."""
    newest = -1
    for slot in range(SLOTS):
        if table[_VALID + slot, i] > 0.5 and table[_BEAM + slot, i] > 0.5:  # 0: `use_radar`
            newest = slot
    if newest < 0:
        return
    cos_beam = cosine_from_autopilot(
        table, i, newest, np.float64(history[i, NEWEST, PAST.cos_tilt])
    )
    for slot in range(newest + 1):
        same = table[_BEAM + slot, i] == table[_BEAM + newest, i]
        if table[_VALID + slot, i] > 0.5 and same:
            use_range(table, history, m, i, slot, cos_beam, g)


@inline_kernel
def use_velocity(
    table: np.ndarray, history: np.ndarray, m: np.ndarray, i: int, g: KalmanGains
) -> None:
    """Use the newest velocity, in L by the estimated attitude, whose error is part of the noise."""
    sample = load_velocity(table, i)
    age = sample.dvl_age_s
    if sample.dvl_new < 0.5 or age > SPAN_S:
        return
    past = look_back(history, i, table[_NOW, i] - age)
    x, y = sample.dvl_v_x_m_s - past.v_x, sample.dvl_v_y_m_s - past.v_y
    z, up = sample.dvl_v_z_m_s - past.v_z, local_vertical(past)
    speed = math.sqrt(past.v_x**2 + past.v_y**2 + past.v_z**2)
    frac = g.velocity_sigma_frac**2 + table[_ATTITUDE_SIGMA, i] ** 2
    noise = g.velocity_sigma_m_s**2 + frac * speed * speed
    climb = x * up.x + y * up.y + z * up.z
    z_up = Measurement(climb, noise, age, 0.0, g.agree_m_s)
    use_up(vertical_now(table, m, i, g), z_up, g, m, i, VELOCITY + _UP_CHANNEL, 0.0)
    begin_level(table, m, i, g)
    for k in range(2):
        across = Measurement(
            x if k == 0 else y, g.velocity_across**2 * noise, age, 0.0, g.agree_m_s
        )
        use_level(across, g, m, i, k, VELOCITY)


@inline_kernel
def use_radar(
    table: np.ndarray, history: np.ndarray, m: np.ndarray, i: int, g: KalmanGains
) -> None:
    """Use the newest range of the radar: to the nearest ground in a beam of unknown width."""
    sample, s = load_radar(table, i), vertical_now(table, m, i, g)
    r, age = sample.ralt_range_m, sample.ralt_age_s
    scale = (g.radar_scale_frac * r) ** 2
    # The scale factor error does not average out: a smaller variance cannot be reached.
    if sample.ralt_new < 0.5 or age > SPAN_S or s.p_ee <= scale:
        return
    past = look_back(history, i, table[_NOW, i] - age)
    tilt = math.acos(min(max(past.cos_tilt, 0.0), 1.0))
    high = r * math.cos(max(tilt - g.radar_wide_rad, 0.0))
    low = r * math.cos(max(tilt - g.radar_narrow_rad, 0.0))
    height = 0.5 * (high + low) - (table[_COM, i] - table[_MOUNT, i]) * past.cos_tilt
    noise = g.radar_sigma_m**2 + (g.radar_sigma_frac * r) ** 2 + (high - low) ** 2 / 12.0 + scale
    agree = g.agree_m + 2.0 * g.radar_sigma_frac * r
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
    noise = g.place_sigma_m**2
    begin_level(table, m, i, g)
    for k in range(2):
        residual = sample.cam_x_m - past.x if k == 0 else sample.cam_y_m - past.y
        use_level(Measurement(residual, noise, age, 1.0, g.agree_m), g, m, i, k, CAMERA)
    s = vertical_now(table, m, i, g)
    from_target = math.hypot(sample.cam_x_m, sample.cam_y_m)
    ground = relief(from_target + math.sqrt(load_axis(m, i, EAST).p_ee), g)
    if s.p_ee > ground:  # the variance of the ground does not average out
        z = Measurement(sample.cam_z_m - past.height, noise + ground, age, 1.0, g.agree_m)
        use_up(s, z, g, m, i, CAMERA + _UP_CHANNEL, 0.0)
