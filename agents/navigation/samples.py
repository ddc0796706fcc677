"""What a sample of each sensor says of the errors of dead reckoning. Compiled, for one row.

The height that matters is that over the ground below. A beam that leans meets the ground aside of
it, the lander has moved on since, a map knows the ground where the lander is believed to be: each
time the ground may differ by its slope times a distance, which is taken for noise (`relief`).
"""

import math
from typing import Final

import numpy as np

from lunar_env.kernel.compile import kernel
from lunar_env.kernel.records import Blocks

from .axis import (
    AXIS,
    CHANNEL_WIDTH,
    Axis,
    Gate,
    Sample,
    fresh_axis,
    load_axis,
    store_axis,
    updated,
)
from .gains import KalmanGains
from .history import NEWEST, PAST, SPAN_S, climb_of, look_back, up_of
from .inputs import ROW, SLOTS, load_place, load_radar, load_velocity

# Memory of a row: three axes, a channel for each sensor and component, what has been used.
COMPONENTS: Final = 3
_MEMORY: Final = Blocks()
UP: Final = _MEMORY.room(AXIS)
EAST: Final = _MEMORY.room(AXIS)
NORTH: Final = _MEMORY.room(AXIS)
RANGE: Final = _MEMORY.room(CHANNEL_WIDTH)
RADAR: Final = _MEMORY.room(CHANNEL_WIDTH)
VELOCITY: Final = _MEMORY.room(COMPONENTS * CHANNEL_WIDTH)
PLACE: Final = _MEMORY.room(COMPONENTS * CHANNEL_WIDTH)
_UP_CHANNEL: Final = (COMPONENTS - 1) * CHANNEL_WIDTH  # the vertical component comes last
AIDED_UP: Final = _MEMORY.room()  # something has been used of the vertical ...
AIDED_LEVEL: Final = _MEMORY.room()  # ... of the horizontal
SIGHTED: Final = _MEMORY.room()  # a range has been used
TIME: Final = _MEMORY.room()
MEMORY: Final = _MEMORY.end

_LEAST_DROP: Final = 0.1  # cosine: a beam flatter than 84 degrees says nothing of the height
_NOW: Final = ROW["elapsed_s"]
_X, _Y, _H = ROW["x_m"], ROW["y_m"], ROW["height_m"]
_VX, _VY, _VZ = ROW["v_x_m_s"], ROW["v_y_m_s"], ROW["v_z_m_s"]
_PLACE_SIGMA, _HEIGHT_SIGMA = ROW["horizontal_sigma_m"], ROW["height_sigma_m"]
_LATERAL_SIGMA, _FALL_SIGMA = ROW["v_lateral_sigma_m_s"], ROW["v_z_sigma_m_s"]
_TURN_SIGMA, _EST = ROW["attitude_sigma_rad"], ROW["est_height_m"]
_THRUST, _RATIO = ROW["thrust_frac"], ROW["thrust_to_weight"]
_G = ROW["gravity_m_s2"]
_MOUNT, _CG = ROW["mount_offset_m"], ROW["cg_height_m"]
_SLANT, _AGE, _VALID, _BEAM = ROW["range_m"], ROW["age_s"], ROW["valid"], ROW["beam"]


@kernel
def relief(distance: float, g: KalmanGains) -> float:
    """Variance of the difference in height of two places of the ground [m^2].

    The square of slope times distance near by, a random walk far away.
    """
    rise = g.slope * distance
    return rise * rise / (1.0 + distance / g.slope_length_m)


@kernel
def gate_of(g: KalmanGains) -> Gate:
    """When a sample is refused."""
    return Gate(g.gate_sigmas, g.recover_after, g.latches)


@kernel
def unaided_up(table: np.ndarray, i: int, g: KalmanGains) -> Axis:
    """Vertical error as dead reckoning itself states it, and the ground's above the target."""
    from_target = math.hypot(table[_X, i], table[_Y, i]) + table[_PLACE_SIGMA, i]
    height = table[_HEIGHT_SIGMA, i] ** 2 + relief(from_target, g)
    return fresh_axis(height, table[_FALL_SIGMA, i] ** 2, g.accel_sigma_m_s2**2)


@kernel
def unaided_level(table: np.ndarray, i: int, g: KalmanGains) -> Axis:
    """Error along one horizontal axis as dead reckoning states it."""
    place, speed = table[_PLACE_SIGMA, i], table[_LATERAL_SIGMA, i]
    return fresh_axis(place * place, speed * speed, g.accel_sigma_m_s2**2)


@kernel
def vertical_now(table: np.ndarray, m: np.ndarray, i: int, g: KalmanGains) -> Axis:
    """The vertical axis, begun with the first sample that speaks of it."""
    return load_axis(m, i, UP) if m[i, AIDED_UP] > 0.0 else unaided_up(table, i, g)


@kernel
def begin_level(table: np.ndarray, m: np.ndarray, i: int, g: KalmanGains) -> None:
    """Begin the horizontal axes with the first sample that speaks of them."""
    if m[i, AIDED_LEVEL] == 0.0:
        store_axis(m, i, EAST, unaided_level(table, i, g))
        store_axis(m, i, NORTH, unaided_level(table, i, g))
        m[i, AIDED_LEVEL] = 1.0


@kernel
def use_up(
    s: Axis, z: Sample, g: KalmanGains, m: np.ndarray, i: int, channel: int, sight: float
) -> None:
    """Update the vertical axis; `sight` is 1 for a sensor that sees the ground."""
    s, used = updated(s, z, gate_of(g), m, i, channel)
    if used:
        store_axis(m, i, UP, s)
        m[i, AIDED_UP] = 1.0
        m[i, SIGHTED] = max(m[i, SIGHTED], sight)


@kernel
def use_level(z: Sample, g: KalmanGains, m: np.ndarray, i: int, k: int, channels: int) -> None:
    """Update east (0) or north (1)."""
    axis, _ = updated(
        load_axis(m, i, EAST + k * AXIS), z, gate_of(g), m, i, channels + CHANNEL_WIDTH * k
    )
    store_axis(m, i, EAST + k * AXIS, axis)


@kernel
def drop_told(table: np.ndarray, i: int, slot: int, cos_tilt: float) -> float:
    """Cosine of the newest beam from the vertical, as the autopilot's own height tells it.

    The autopilot knows how its beams are mounted, the observation does not say it; but its height
    is ``slant drop - offset cos_tilt``, carried on from the stamp by the speed and acceleration of
    now. Where that agrees with a beam along the body axis, the body axis it is: nan.
    """
    slant, age = table[_SLANT + slot, i], table[_AGE + slot, i]
    push = table[_G, i] * (table[_THRUST, i] * table[_RATIO, i] * cos_tilt - 1.0)
    carried = age * (table[_VZ, i] - 0.5 * age * push)
    seen = table[_EST, i] - carried
    drop = (seen + (table[_CG, i] - table[_MOUNT, i]) * cos_tilt) / max(slant, 1e-3)
    slack = 0.1 + 0.05 * age * age + 0.01 * slant
    told = abs(drop - cos_tilt) * slant > slack and _LEAST_DROP < drop <= 1.0
    return drop if told else math.nan


@kernel
def use_range(
    table: np.ndarray,
    history: np.ndarray,
    m: np.ndarray,
    i: int,
    slot: int,
    drop: float,
    g: KalmanGains,
) -> None:
    """Use the range of a slot; `drop` is that of its beam, nan for one along the body axis."""
    slant, age = table[_SLANT + slot, i], table[_AGE + slot, i]
    past = look_back(history, i, table[_NOW, i] - age)
    told = drop == drop
    c = drop if told else past.cos_tilt
    if age > SPAN_S or c < _LEAST_DROP:
        return
    height = slant * c - (table[_CG, i] - table[_MOUNT, i]) * past.cos_tilt
    aside = slant * math.sqrt(max(1.0 - c * c, 0.0))
    moved = age * math.hypot(past.v_x, past.v_y)
    # A beam whose mounting is not known is turned with the lander since its stamp.
    turned = slant * (history[i, NEWEST, PAST.cos_tilt] - past.cos_tilt) if told else 0.0
    climb = climb_of(past)
    noise = g.range_sigma_m**2 + (g.range_sigma_frac * slant) ** 2
    noise += (g.stamp_sigma_s * climb) ** 2 + (aside * table[_TURN_SIGMA, i]) ** 2
    noise += turned * turned + relief(aside + moved, g)
    agree = g.agree_m + g.agree_s * abs(climb)
    z = Sample(height - past.height, noise, age, 1.0, agree)
    use_up(vertical_now(table, m, i, g), z, g, m, i, RANGE, 1.0)


@kernel
def use_ranges(
    table: np.ndarray, history: np.ndarray, m: np.ndarray, i: int, g: KalmanGains
) -> None:
    """Use the step's ranges, of one beam: how any but the newest is mounted cannot be told."""
    newest = -1
    for slot in range(SLOTS):
        if table[_VALID + slot, i] > 0.5:
            newest = slot
    if newest < 0:
        return
    drop = drop_told(table, i, newest, np.float64(history[i, NEWEST, PAST.cos_tilt]))
    for slot in range(newest + 1):
        same = table[_BEAM + slot, i] == table[_BEAM + newest, i]
        if table[_VALID + slot, i] > 0.5 and same:
            use_range(table, history, m, i, slot, drop, g)


@kernel
def use_velocity(
    table: np.ndarray, history: np.ndarray, m: np.ndarray, i: int, g: KalmanGains
) -> None:
    """Use the newest sample of the velocimeter, turned by an attitude that is a little wrong."""
    seen = load_velocity(table, i)
    age = seen.dvl_age_s
    if seen.dvl_new < 0.5 or age > SPAN_S:
        return
    past = look_back(history, i, table[_NOW, i] - age)
    x, y = seen.dvl_v_x_m_s - past.v_x, seen.dvl_v_y_m_s - past.v_y
    z, up = seen.dvl_v_z_m_s - past.v_z, up_of(past)
    speed = math.sqrt(past.v_x**2 + past.v_y**2 + past.v_z**2)
    frac = g.velocity_sigma_frac**2 + table[_TURN_SIGMA, i] ** 2
    noise = g.velocity_sigma_m_s**2 + frac * speed * speed
    climb = x * up.x + y * up.y + z * up.z
    z_up = Sample(climb, noise, age, 0.0, g.agree_m_s)
    use_up(vertical_now(table, m, i, g), z_up, g, m, i, VELOCITY + _UP_CHANNEL, 0.0)
    begin_level(table, m, i, g)
    for k in range(2):
        across = Sample(x if k == 0 else y, g.velocity_across**2 * noise, age, 0.0, g.agree_m_s)
        use_level(across, g, m, i, k, VELOCITY)


@kernel
def use_radar(
    table: np.ndarray, history: np.ndarray, m: np.ndarray, i: int, g: KalmanGains
) -> None:
    """Use the newest range of the radar: that of the nearest ground in a beam of unknown width."""
    seen, s = load_radar(table, i), vertical_now(table, m, i, g)
    r, age = seen.ralt_range_m, seen.ralt_age_s
    scale = (g.radar_scale_frac * r) ** 2
    # The scale of the unit does not average out: nothing to be learned below it.
    if seen.ralt_new < 0.5 or age > SPAN_S or s.p_ee <= scale:
        return
    past = look_back(history, i, table[_NOW, i] - age)
    tilt = math.acos(min(max(past.cos_tilt, 0.0), 1.0))
    high = r * math.cos(max(tilt - g.radar_wide_rad, 0.0))
    low = r * math.cos(max(tilt - g.radar_narrow_rad, 0.0))
    height = 0.5 * (high + low) - (table[_CG, i] - table[_MOUNT, i]) * past.cos_tilt
    noise = g.radar_sigma_m**2 + (g.radar_sigma_frac * r) ** 2 + (high - low) ** 2 / 12.0 + scale
    agree = g.agree_m + 2.0 * g.radar_sigma_frac * r
    use_up(s, Sample(height - past.height, noise, age, 1.0, agree), g, m, i, RADAR, 1.0)


@kernel
def use_place(
    table: np.ndarray, history: np.ndarray, m: np.ndarray, i: int, g: KalmanGains
) -> None:
    """Use the newest place of the camera; its altitude is one over the target, not the ground."""
    seen = load_place(table, i)
    age = seen.cam_age_s
    if seen.cam_new < 0.5 or age > SPAN_S:
        return
    past = look_back(history, i, table[_NOW, i] - age)
    noise = g.place_sigma_m**2
    begin_level(table, m, i, g)
    for k in range(2):
        off = seen.cam_x_m - past.x if k == 0 else seen.cam_y_m - past.y
        use_level(Sample(off, noise, age, 1.0, g.agree_m), g, m, i, k, PLACE)
    s = vertical_now(table, m, i, g)
    from_target = math.hypot(seen.cam_x_m, seen.cam_y_m)
    ground = relief(from_target + math.sqrt(load_axis(m, i, EAST).p_ee), g)
    if s.p_ee > ground:  # that of the ground does not average out
        z = Sample(seen.cam_z_m - past.height, noise + ground, age, 1.0, g.agree_m)
        use_up(s, z, g, m, i, PLACE + _UP_CHANNEL, 0.0)
