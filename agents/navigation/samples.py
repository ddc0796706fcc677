"""Measurement model of the rangefinder: errors of dead reckoning. Compiled, for one row.

That of the other sensors is in `aids.py`.

The height is that above the ground at the spot of the beam at the time stamp, see `spot.py`. The
slope of the ground is a considered error, as are the constant errors of the sensor.
"""

import math
from typing import Final, NamedTuple

import numpy as np

from lunar_env.kernel.compile import inline_kernel

from ..sheet import SHEET_ROW
from .axis import (
    AXIS,
    Axis,
    Considered,
    Measurement,
    load_axis,
    load_cross,
    store_axis,
    store_cross,
    updated,
)
from .begin import ground_below, see_ground, see_spot
from .gains import KalmanGains
from .ground import hillside
from .history import (
    NEWEST,
    PAST,
    SPAN_S,
    TURNING_PER_S,
    cosine_rate,
    look_back,
    turned_between,
    vertical_velocity,
)
from .inputs import ROW, SLOTS
from .memory import (
    AIDED_LEVEL,
    AIDED_UP,
    BEAM_COSINE,
    BEAM_TIME,
    CONSIDERED_LEVEL,
    CONSIDERED_UP,
    EAST,
    FINE_SLOPE2,
    GROUNDED,
    MAP_SIGMA,
    NORTH,
    ON_MAP,
    OTHERS,
    RANGE,
    ROUGH_VAR,
    SENSITIVITY,
    SHEET,
    SIGHTED,
    SPOT,
    SPOTTED,
    UP,
    UP_BIAS,
    UP_OF_RANGE,
    UP_POINTING,
    UP_STAMP,
    Spot,
    load_spot,
    store_spot,
)
from .rival import CHANNEL_WIDTH, Gate
from .spot import MIN_COSINE, beam_spot, height_of, move_to, place_of

# Cosines within this time give the rate of a beam.
_RATE_WITHIN_S: Final = 1.0
# The inferred cosine is that at the arrival of the range, during the control step.
_ARRIVAL_S: Final = 0.1
_LOG_10: Final = math.log(10.0)
_NOW: Final = ROW["elapsed_s"]
_VZ = ROW["v_z_m_s"]
_ATTITUDE_SIGMA, _EST = ROW["attitude_sigma_rad"], ROW["est_height_m"]
_HEIGHT_SIGMA, _VZ_SIGMA = ROW["height_sigma_m"], ROW["v_z_sigma_m_s"]
_THRUST, _RATIO = ROW["thrust_frac"], ROW["thrust_to_weight"]
_G = ROW["gravity_m_s2"]
_MOUNT, _COM = ROW["mount_offset_m"], ROW["com_height_m"]
_SLANT, _AGE, _VALID, _BEAM = ROW["range_m"], ROW["age_s"], ROW["valid"], ROW["beam"]
_QUALITY = ROW["quality"]
_TOLD: Final = {name: SHEET + row for name, row in SHEET_ROW.items()}
_NOISE, _BIAS = _TOLD["lrf_noise_sigma_m"], _TOLD["lrf_bias_sigma_m"]
_SCALE, _POINTING = _TOLD["lrf_scale_sigma_frac"], _TOLD["lrf_pointing_sigma_rad"]
_STAMP, _JITTER = _TOLD["lrf_stamp_sigma_s"], _TOLD["lrf_stamp_jitter_s"]
_SMEAR, _SHOT = _TOLD["lrf_smear_s"], _TOLD["lrf_shot_s"]
_THRESHOLD = _TOLD["lrf_threshold_log"]
_OF_RANGE: Final = Considered(UP + AXIS, SENSITIVITY, UP_OF_RANGE)
_OF_ALL: Final = Considered(UP + AXIS, SENSITIVITY, CONSIDERED_UP)
_CONSIDERED_EAST: Final = Considered(EAST + AXIS, SENSITIVITY, CONSIDERED_LEVEL)
_CONSIDERED_NORTH: Final = Considered(NORTH + AXIS, SENSITIVITY, CONSIDERED_LEVEL)


class Beam(NamedTuple):
    """Direction of the newest beam where it is not that of the body axis."""

    cosine: float  # [-], with the vertical, now; nan: along the body axis
    rate: float  # 1/s, of the cosine
    rate_sigma: float  # 1/s, of that rate, times the age


@inline_kernel
def gate_of(g: KalmanGains) -> Gate:
    """When a measurement is rejected."""
    return Gate(g.gate_sigmas, g.false_frac, g.certain, g.tail, g.latches)


@inline_kernel
def clear_sensitivity(m: np.ndarray, i: int) -> None:
    """A measurement depends on no considered error until it is said to."""
    for j in range(CONSIDERED_UP):
        m[i, SENSITIVITY + j] = 0.0


@inline_kernel
def use_up(
    s: Axis, z: Measurement, g: KalmanGains, m: np.ndarray, i: int, channel: int, sight: float
) -> bool:
    """Update the vertical axis, and return whether the measurement was used.

    `sight` is 1 for a sensor that measures the range to the ground.
    """
    others = m[i, OTHERS] > 0.0
    s, used = updated(s, z, gate_of(g), m, i, channel, _OF_ALL if others else _OF_RANGE)
    if used:
        store_axis(m, i, UP, s)
        m[i, AIDED_UP] = 1.0
        m[i, SIGHTED] = max(m[i, SIGHTED], sight)
    return used


@inline_kernel
def use_height(
    table: np.ndarray,
    m: np.ndarray,
    i: int,
    z: Measurement,
    g: KalmanGains,
    channel: int,
    spot: Spot,
    at_spot: float,
) -> None:
    """Use a height above the ground at a spot: of the rangefinder where `at_spot` is 1.

    With the first, the vertical axis becomes that height, unless the gate rejects it: then the axis
    is as before, and follows dead reckoning if it did.
    """
    s, on_map, map_sigma = load_axis(m, i, UP), load_cross(m, i, ON_MAP), m[i, MAP_SIGMA]
    grounded, spotted, last = m[i, GROUNDED], m[i, SPOTTED], load_spot(m, i, SPOT)
    if grounded == 0.0:
        see_ground(table, m, i, g)
        store_spot(m, i, SPOT, Spot(spot.x, spot.y, spot.height, 0.0, 0.0, spot.time))
    if at_spot > spotted:
        see_spot(m, i, spot, g)
    if not use_up(load_axis(m, i, UP), z, g, m, i, channel, 1.0):
        store_axis(m, i, UP, s)
        store_cross(m, i, ON_MAP, on_map)
        store_spot(m, i, SPOT, last)
        m[i, MAP_SIGMA], m[i, GROUNDED], m[i, SPOTTED] = map_sigma, grounded, spotted


@inline_kernel
def use_level(z: Measurement, g: KalmanGains, m: np.ndarray, i: int, k: int, channels: int) -> None:
    """Update east (0) or north (1)."""
    at, channel = (EAST if k == 0 else NORTH), channels + CHANNEL_WIDTH * k
    considered = _CONSIDERED_EAST if k == 0 else _CONSIDERED_NORTH
    axis, used = updated(load_axis(m, i, at), z, gate_of(g), m, i, channel, considered)
    store_axis(m, i, at, axis)
    if used:
        m[i, AIDED_LEVEL] = 1.0


@inline_kernel
def snr_of(table: np.ndarray, i: int, slot: int) -> float:
    """Signal-to-noise ratio [-] of the range of a slot."""
    return max(math.exp(_LOG_10 * table[_QUALITY + slot, i]), 1.0)


@inline_kernel
def smear_time(smear: float, threshold_log: float, snr: float) -> float:
    """Bias of a smeared range over its closing rate [s]: strong echoes are timed at the near end.

    The window has the length `smear` [s]; the threshold is given as its decimal logarithm.
    """
    return smear * (min(1.0, math.exp(_LOG_10 * threshold_log) / snr) - 0.5)


@inline_kernel
def cosine_from_autopilot(
    table: np.ndarray, i: int, slot: int, cos_tilt: float, smear_s: float
) -> float:
    """Cosine between the newest beam and the vertical, inferred from the autopilot's height.

    The autopilot knows how its beams are mounted, which is not observed; but its height is
    ``slant cos_beam - offset cos_tilt``, propagated from the time stamp with the present speed and
    acceleration. Where that agrees with a beam along the body axis, the result is nan. The bias of
    the smear, `smear_s` [s] times the closing rate, is not in the autopilot's height.
    """
    slant, age = table[_SLANT + slot, i], table[_AGE + slot, i]
    acceleration = table[_G, i] * (table[_THRUST, i] * table[_RATIO, i] * cos_tilt - 1.0)
    travel = age * (table[_VZ, i] - 0.5 * age * acceleration)
    at_stamp = table[_EST, i] - travel + smear_s * abs(table[_VZ, i])
    cos_beam = (at_stamp + (table[_COM, i] - table[_MOUNT, i]) * cos_tilt) / max(slant, 1e-3)
    slack = 0.1 + 0.05 * age * age + 0.01 * slant
    known = abs(cos_beam - cos_tilt) * slant > slack and MIN_COSINE < cos_beam <= 1.0
    return cos_beam if known else math.nan


@inline_kernel
def beam_of(m: np.ndarray, i: int, now: float, cosine: float) -> Beam:
    """Beam whose cosine [-] is inferred at the time `now` [s], and its rate since the last time.

    The tilt does not tell the rate: near the vertical it turns a canted beam in the first order,
    its own cosine in the second.
    """
    last, dt = m[i, BEAM_COSINE], now - m[i, BEAM_TIME]
    m[i, BEAM_COSINE] = cosine if cosine == cosine else 0.0
    m[i, BEAM_TIME] = now
    if cosine == cosine and last > 0.0 and 0.0 < dt < _RATE_WITHIN_S:
        return Beam(cosine, (cosine - last) / dt, 0.0)
    return Beam(cosine, 0.0, TURNING_PER_S if cosine == cosine else 0.0)


@inline_kernel
def sum_noise(
    m: np.ndarray, i: int, closing: float, offset: float, snr: float, g: KalmanGains
) -> float:
    """Variance [m^2] of a range by noise, width of the pulse, and smear of the sum."""
    smear, apart = abs(closing) * m[i, _SMEAR], closing * m[i, _SHOT]
    # The slope of the ground, or of the beam, widens the echo over its spot of a milliradian.
    wide = g.pulse_sigma_m**2 + smear * smear + (2.5e-4 * offset) ** 2
    steps = max(apart * apart - g.range_bin_m**2, 0.0) / 12.0
    return m[i, _NOISE] ** 2 + wide / (snr * snr) + steps


@inline_kernel
def constant_errors(m: np.ndarray, i: int, slant: float, c: float, attitude: float) -> None:
    """Set how the height depends on the bias, scale and direction of a range `slant` [m].

    `c` is the cosine of the beam, `attitude` [rad] one sigma of its error.
    """
    m[i, SENSITIVITY + UP_BIAS] = c * math.hypot(m[i, _BIAS], m[i, _SCALE] * slant)
    pointing = math.hypot(m[i, _POINTING], attitude)
    m[i, SENSITIVITY + UP_POINTING] = slant * math.sqrt(max(1.0 - c * c, 0.0)) * pointing


@inline_kernel
def rough_noise(m: np.ndarray, i: int, moved: float) -> float:
    """Variance [m^2] of a range by stones and hollows.

    Where the ground within the spot slopes, the closing rate is another, and the range that after
    the spot has `moved` [m].
    """
    variance: float = m[i, ROUGH_VAR] + m[i, FINE_SLOPE2] * moved * moved
    return variance


@inline_kernel
def cosine_error(history: np.ndarray, i: int, beam: Beam, age: float) -> float:
    """One sigma [-] of the cosine of a beam an age [s] ago."""
    if beam.cosine == beam.cosine:
        return math.hypot(beam.rate * _ARRIVAL_S, beam.rate_sigma * age)
    return turned_between(history, i, np.float64(history[i, NEWEST, PAST.time]) - age)


@inline_kernel
def use_range(
    table: np.ndarray,
    history: np.ndarray,
    m: np.ndarray,
    i: int,
    slot: int,
    beam: Beam,
    g: KalmanGains,
) -> None:
    """Use the range of a slot, along `beam`."""
    slant, age = table[_SLANT + slot, i], table[_AGE + slot, i]
    stamp = table[_NOW, i] - age
    past = look_back(history, i, stamp)
    known = beam.cosine == beam.cosine
    c = min(beam.cosine - beam.rate * age, 1.0) if known else past.cos_tilt
    if age > SPAN_S or c < MIN_COSINE:
        return
    climb, snr, closing, shift = vertical_velocity(past), snr_of(table, i, slot), 0.0, 0.0
    if m[i, _SMEAR] > 0.0:
        rate = beam.rate if known else cosine_rate(history, i, stamp)
        closing = (slant * rate - climb) / c
        shift = smear_time(m[i, _SMEAR], m[i, _THRESHOLD], snr)
        slant -= abs(closing) * shift
    offset = slant * math.sqrt(max(1.0 - c * c, 0.0))
    height = height_of(slant * c, offset) - (table[_COM, i] - table[_MOUNT, i]) * past.cos_tilt
    noise = c * c * sum_noise(m, i, closing, offset, snr, g)
    noise += (m[i, _JITTER] * climb) ** 2 + (slant * cosine_error(history, i, beam, age)) ** 2
    spot = beam_spot(past, c if known else math.nan)
    speed, wander = move_to(m, i, spot, g)
    noise += rough_noise(m, i, shift * speed)
    clear_sensitivity(m, i)
    # The bias of the smear is in proportion to the true closing rate: a range at another time.
    age = max(age + (shift if closing > 0.0 else -shift), 0.0)
    m[i, SENSITIVITY + UP_STAMP] = m[i, _STAMP] * climb
    constant_errors(m, i, slant, c, table[_ATTITUDE_SIGMA, i])
    place = place_of(m, i, spot)
    over = height + hillside(m, i, place.x, place.y)[0] - past.height
    prior = table[_HEIGHT_SIGMA, i] ** 2 + ground_below(table, m, i, g)
    rate_var = table[_VZ_SIGMA, i] ** 2
    z = Measurement(over, noise, age, 1.0, stamp, g.false_m, prior, rate_var, wander)
    use_height(table, m, i, z, g, RANGE, spot, 1.0)


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
    snr = snr_of(table, i, newest)
    smear_s = smear_time(m[i, _SMEAR], m[i, _THRESHOLD], snr)
    cos_tilt = np.float64(history[i, NEWEST, PAST.cos_tilt])
    cosine = cosine_from_autopilot(table, i, newest, cos_tilt, smear_s)
    beam = beam_of(m, i, table[_NOW, i], cosine)
    for slot in range(newest + 1):
        same = table[_BEAM + slot, i] == table[_BEAM + newest, i]
        if table[_VALID + slot, i] > 0.5 and same:
            use_range(table, history, m, i, slot, beam, g)
