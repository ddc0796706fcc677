"""Laser rangefinder: detection of the echo and measurement of the range.

The signal follows from a link budget, summed over the M shots of an integration window (`link.py`).
The motion of the lander smears the echoes of a window over range bins, which lowers the
signal-to-noise ratio: the faster the descent, the later the first valid range. The error of the
range follows the smear too (`smear.py`). A range is valid
after M-of-N detections and lost after consecutive misses (`acquisition.py`). No height of
acquisition is prescribed anywhere. `delivery.py` transmits valid ranges to the computer.
"""

import math
from typing import Final, NamedTuple

import numpy as np

from lunar_env.kernel.compile import kernel
from lunar_env.kernel.linalg import Vec3
from lunar_env.kernel.rng import (
    STREAM_ALARM,
    STREAM_DETECTION,
    STREAM_DUST_ECHO,
    STREAM_GHOST,
    STREAM_OUTLIER,
    STREAM_RANGE_NOISE,
    STREAM_SECOND_ECHO,
    Index,
    normal,
    uniform,
)
from lunar_env.sensors.acquisition import gate_high, gate_low, update_acquisition, update_mode
from lunar_env.sensors.delivery import ValidRange, transmit_range
from lunar_env.sensors.link import (
    DrawnRangefinder,
    Echo,
    Rangefinder,
    alarm_probability,
    beam_of,
    detection_probability,
    echo_snr,
)
from lunar_env.sensors.rows import LRF, load_drawn_rangefinder, load_echo
from lunar_env.sensors.smear import detected_snr, pulse_sigma, smear_bias, smear_variance

_FIRST: Final = 0.0
_STRONGEST: Final = 1.0


class Detection(NamedTuple):
    """Detection of an integration window; range and signal-to-noise ratio are 0 without one."""

    range: float  # m
    snr: float  # [-]


class Gate(NamedTuple):
    """Range gate in which the receiver is open."""

    low: float  # m
    high: float  # m


@kernel
def echo_at(echo: Echo, time: float, slant_range: float) -> Echo:
    """The same echo at another time [s] and slant range [m]."""
    e = echo
    return Echo(
        time, slant_range, e.cosine, e.closing, e.gain, e.near_fraction, e.far_range, e.dust
    )


@kernel
def beam_vector(lrf: Rangefinder, index: float) -> Vec3:
    """Unit vector [B] of the beam of integration window `index`."""
    beam = beam_of(lrf, index)
    if beam == 0.0:
        return Vec3(lrf.beam_x1, lrf.beam_y1, lrf.beam_z1)
    if beam == 1.0:
        return Vec3(lrf.beam_x2, lrf.beam_y2, lrf.beam_z2)
    if beam == 2.0:
        return Vec3(lrf.beam_x3, lrf.beam_y3, lrf.beam_z3)
    return Vec3(lrf.beam_x4, lrf.beam_y4, lrf.beam_z4)


@kernel
def complete_window(
    memory: np.ndarray, line: np.ndarray, i: int, key: np.uint64, lrf: Rangefinder
) -> None:
    """End the running integration window, transmit its range if valid, and start the next one."""
    index, end = int(memory[i, LRF.windows]), memory[i, LRF.window_end]
    memory[i, LRF.windows] = index + 1.0
    memory[i, LRF.window_end] = end + lrf.integration
    if not update_mode(memory, i, end):
        return
    echo, drawn = load_echo(memory, i), load_drawn_rangefinder(memory, i)
    gate = Gate(gate_low(memory, i, echo.time, lrf), gate_high(memory, i, echo.time, lrf))
    found = detect(key, index, echo, drawn, lrf, gate)
    if update_acquisition(memory, i, found.range, echo.time, echo.closing, lrf):
        value = found.range
        if drawn.outlier > 0.0 and uniform(key, STREAM_OUTLIER, 2 * index) < drawn.outlier:
            fraction = uniform(key, STREAM_OUTLIER, 2 * index + 1)
            value = gate.low + (gate.high - gate.low) * fraction
        snr = detected_snr(found.snr, drawn.threshold)
        value = measured_range(key, index, echo_at(echo, echo.time, value), snr, drawn, lrf)
        transmit_range(memory, line, i, key, index, ValidRange(echo.time, end, value, snr), lrf)


@kernel
def detect(
    key: np.uint64, index: int, echo: Echo, drawn: DrawnRangefinder, lrf: Rangefinder, gate: Gate
) -> Detection:
    """Detection of integration window `index` in the gate: from dust, ground or noise."""
    best, low, high = Detection(0.0, 0.0), gate.low, gate.high
    dusty = low <= echo.dust <= high and echo.dust > 0.0
    if dusty and uniform(key, STREAM_DUST_ECHO, index) < drawn.dust_return:
        best = Detection(echo.dust, drawn.threshold + 1.0)
    near = Detection(echo.range, echo_snr(echo.range, echo.near_fraction, echo, drawn, lrf))
    if is_detected(key, STREAM_DETECTION, index, near, drawn.threshold, gate):
        best = select_echo(best, near, lrf)
    if echo.near_fraction < 1.0:
        far = Detection(
            echo.far_range, echo_snr(echo.far_range, 1.0 - echo.near_fraction, echo, drawn, lrf)
        )
        if is_detected(key, STREAM_SECOND_ECHO, index, far, drawn.threshold, gate):
            best = select_echo(best, far, lrf)
    if drawn.ghost > 0.0:
        best = add_ghost(key, index, best, near, drawn, lrf, gate)
    if best.range > 0.0:
        return best
    false_alarm = alarm_probability(high - low, drawn.threshold, lrf)
    if false_alarm > 0.0 and uniform(key, STREAM_ALARM, 2 * index) < false_alarm:
        fraction = low + (high - low) * uniform(key, STREAM_ALARM, 2 * index + 1)
        return Detection(max(fraction, lrf.range_bin), drawn.threshold)
    return best


@kernel
def add_ghost(
    key: np.uint64,
    index: int,
    best: Detection,
    ground: Detection,
    drawn: DrawnRangefinder,
    lrf: Rangefinder,
    gate: Gate,
) -> Detection:
    """The detection that is reported where clutter may add a false echo anywhere in the gate.

    Its probability is that at which clutter exceeds all other noise times the share of clutter in
    the variance of the noise, ``(clutter S)^2`` with S of the sum as it is reported.
    """
    share = min(1.0, (drawn.clutter * ground.snr) ** 2)
    if uniform(key, STREAM_GHOST, 2 * index) >= drawn.ghost * share:
        return best
    fraction = uniform(key, STREAM_GHOST, 2 * index + 1)
    place = max(gate.low + (gate.high - gate.low) * fraction, lrf.range_bin)
    return select_echo(best, Detection(place, drawn.threshold), lrf)


@kernel
def is_detected(
    key: np.uint64, stream: Index, index: int, echo: Detection, threshold: float, gate: Gate
) -> bool:
    """Draw whether an echo crosses the threshold inside the gate."""
    if echo.snr <= 0.0 or echo.range < gate.low or echo.range > gate.high:
        return False
    return bool(uniform(key, stream, index) < detection_probability(echo.snr, threshold))


@kernel
def select_echo(first: Detection, second: Detection, lrf: Rangefinder) -> Detection:
    """The one of two detections that the rangefinder reports."""
    if first.range == 0.0:
        return second
    if lrf.pick == _FIRST:
        return first if first.range <= second.range else second
    if lrf.pick == _STRONGEST:
        return first if first.snr >= second.snr else second
    return first if first.range > second.range else second


@kernel
def measured_range(
    key: np.uint64, index: Index, echo: Echo, snr: float, drawn: DrawnRangefinder, lrf: Rangefinder
) -> float:
    """Measured slant range [m]: with scale error, bias, range walk, smear, noise and resolution.

    The width of the pulse and the smear add to the noise as the echo weakens; a rangefinder without
    noise has neither, but the bias of the smear.
    """
    value = echo.range * (1.0 + drawn.scale) + drawn.bias
    value += drawn.walk * drawn.threshold / max(snr, 1.0)
    value += smear_bias(echo.closing, snr, drawn.threshold, lrf)
    if drawn.noise > 0.0:
        pulse_error = pulse_sigma(echo.range, echo.cosine, lrf) / max(snr, 1.0)
        variance = drawn.noise * drawn.noise + pulse_error * pulse_error
        variance += smear_variance(echo.closing, snr, lrf)
        value += math.sqrt(variance) * normal(key, STREAM_RANGE_NOISE, index)
    if drawn.quantum > 0.0:
        value = drawn.quantum * math.floor(value / drawn.quantum + 0.5)
    return max(value, 0.0)
