"""The laser rangefinder as an instrument: it sees the ground when enough light comes back.

Photo-electrons from a link budget, summed over M shots (`link.py`). While the lander falls, the
echoes of one sum smear over range bins, and the sum gains less: the faster the fall, the later the
first fix. A range is trusted after M-of-N detections and lost after a run of misses
(`acquisition.py`). Nothing here knows a height at which it is supposed to see. `delivery.py` takes
a valid range to the computer, late or not.
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
    detection_probability,
    echo_snr,
    pulse_sigma,
)
from lunar_env.sensors.rows import LRF, load_drawn_rangefinder, load_echo

_FIRST: Final = 0.0
_STRONGEST: Final = 1.0


class Detection(NamedTuple):
    """What one sum says: a range and its signal-to-noise ratio, both 0 where there is nothing."""

    range: float  # m
    snr: float  # [-]


class Gate(NamedTuple):
    """Where the unit listens."""

    low: float  # m
    high: float  # m


@kernel
def echo_at(echo: Echo, time: float, slant_range: float) -> Echo:
    """The same echo from another range at another time."""
    e = echo
    return Echo(
        time, slant_range, e.cosine, e.closing, e.gain, e.near_fraction, e.far_range, e.dust
    )


@kernel
def beam_vector(lrf: Rangefinder, index: float) -> Vec3:
    """Unit vector [B] of the beam that fires in sum number `index`; several take turns."""
    turn = index % lrf.beams
    if turn == 0.0:
        return Vec3(lrf.beam_x1, lrf.beam_y1, lrf.beam_z1)
    if turn == 1.0:
        return Vec3(lrf.beam_x2, lrf.beam_y2, lrf.beam_z2)
    if turn == 2.0:
        return Vec3(lrf.beam_x3, lrf.beam_y3, lrf.beam_z3)
    return Vec3(lrf.beam_x4, lrf.beam_y4, lrf.beam_z4)


@kernel
def complete_window(
    memory: np.ndarray, line: np.ndarray, i: int, key: np.uint64, lrf: Rangefinder
) -> None:
    """Decide on the sum that ends now, send a valid range on its way, and start the next sum."""
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
            place = uniform(key, STREAM_OUTLIER, 2 * index + 1)
            value = gate.low + (gate.high - gate.low) * place
        value = measured_range(key, index, value, echo.cosine, found.snr, drawn, lrf)
        transmit_range(
            memory, line, i, key, index, ValidRange(echo.time, end, value, found.snr), lrf
        )


@kernel
def detect(
    key: np.uint64, index: int, echo: Echo, drawn: DrawnRangefinder, lrf: Rangefinder, gate: Gate
) -> Detection:
    """What one sum finds in the gate: dust, ground, or noise."""
    best, low, high = Detection(0.0, 0.0), gate.low, gate.high
    thick = low <= echo.dust <= high and echo.dust > 0.0
    if thick and uniform(key, STREAM_DUST_ECHO, index) < drawn.dust_return:
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
    if best.range > 0.0:
        return best
    chance = alarm_probability(high - low, drawn.threshold, lrf)
    if chance > 0.0 and uniform(key, STREAM_ALARM, 2 * index) < chance:
        place = low + (high - low) * uniform(key, STREAM_ALARM, 2 * index + 1)
        return Detection(max(place, lrf.range_bin), drawn.threshold)
    return best


@kernel
def is_detected(
    key: np.uint64, stream: Index, index: int, echo: Detection, threshold: float, gate: Gate
) -> bool:
    """Whether an echo crosses the threshold inside the gate."""
    if echo.snr <= 0.0 or echo.range < gate.low or echo.range > gate.high:
        return False
    return bool(uniform(key, stream, index) < detection_probability(echo.snr, threshold))


@kernel
def select_echo(one: Detection, other: Detection, lrf: Rangefinder) -> Detection:
    """Of two detections the one that the unit reports."""
    if one.range == 0.0:
        return other
    if lrf.pick == _FIRST:
        return one if one.range <= other.range else other
    if lrf.pick == _STRONGEST:
        return one if one.snr >= other.snr else other
    return one if one.range > other.range else other


@kernel
def measured_range(
    key: np.uint64,
    index: Index,
    true_range: float,
    cosine: float,
    snr: float,
    drawn: DrawnRangefinder,
    lrf: Rangefinder,
) -> float:
    """Slant range as the unit tells it: scale error, bias, walk with the signal, noise, steps.

    The pulse's own width adds to the noise as the echo weakens. A unit without noise has neither.
    """
    value = (
        true_range * (1.0 + drawn.scale) + drawn.bias + drawn.walk * drawn.threshold / max(snr, 1.0)
    )
    if drawn.noise > 0.0:
        edge = pulse_sigma(true_range, cosine, lrf) / max(snr, 1.0)
        sigma = math.sqrt(drawn.noise * drawn.noise + edge * edge)
        value += sigma * normal(key, STREAM_RANGE_NOISE, index)
    if drawn.quantum > 0.0:
        value = drawn.quantum * math.floor(value / drawn.quantum + 0.5)
    return max(value, 0.0)
