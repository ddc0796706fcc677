"""Transmission of a valid range to the computer: losses, delays, time stamps and reordering."""

import math
from typing import Final, NamedTuple

import numpy as np

from lunar_env.kernel.compile import kernel
from lunar_env.kernel.rng import (
    STREAM_BURST,
    STREAM_DROPOUT,
    STREAM_FROZEN,
    STREAM_LATE,
    STREAM_LATENCY,
    STREAM_REPEATED,
    STREAM_STAMP,
    normal,
    uniform,
)
from lunar_env.sensors.delay import QueuedRange, queue_range
from lunar_env.sensors.link import DrawnRangefinder, Rangefinder, beam_of
from lunar_env.sensors.rows import LRF, load_drawn_rangefinder

# Additional delay, in integration windows, of a range that the next one overtakes and of the
# second copy of a repeated one.
_LATE_WINDOWS: Final = 1.5
_REPEAT_WINDOWS: Final = 0.5


class ValidRange(NamedTuple):
    """The valid range of an integration window."""

    at: float  # s, middle of the window
    complete: float  # s, end of the window
    range: float  # m, as measured
    snr: float  # [-]


@kernel
def transmit_range(
    memory: np.ndarray,
    line: np.ndarray,
    i: int,
    key: np.uint64,
    index: int,
    found: ValidRange,
    lrf: Rangefinder,
) -> None:
    """Queue the valid range of integration window `index`, with its delay and faults."""
    drawn, value = load_drawn_rangefinder(memory, i), found.range
    if is_lost(memory, i, key, index, drawn):
        return
    frozen = drawn.frozen > 0.0 and uniform(key, STREAM_FROZEN, index) < drawn.frozen
    if frozen and memory[i, LRF.sent] > 0.0:
        value = memory[i, LRF.sent]
    memory[i, LRF.sent] = value
    stamp = found.at + drawn.stamp_bias
    if drawn.stamp_jitter > 0.0:
        stamp += drawn.stamp_jitter * normal(key, STREAM_STAMP, index)
    arrives = found.complete + drawn.latency
    if drawn.jitter > 0.0:
        arrives -= drawn.jitter * math.log(uniform(key, STREAM_LATENCY, index))
    if drawn.late > 0.0 and uniform(key, STREAM_LATE, index) < drawn.late:
        arrives += _LATE_WINDOWS * lrf.integration
    beam = beam_of(lrf, index)
    bus_time = next_bus_time(arrives, lrf)
    queue_range(memory, line, i, QueuedRange(stamp, bus_time, value, found.snr, beam))
    if drawn.repeated > 0.0 and uniform(key, STREAM_REPEATED, index) < drawn.repeated:
        again = next_bus_time(arrives + _REPEAT_WINDOWS * lrf.integration, lrf)
        queue_range(memory, line, i, QueuedRange(stamp, again, value, found.snr, beam))


@kernel
def next_bus_time(t: float, lrf: Rangefinder) -> float:
    """Time [s] at which the bus transmits a range that is ready at time `t` [s]."""
    return math.ceil(t / lrf.bus) * lrf.bus if lrf.bus > 0.0 else t


@kernel
def is_lost(
    memory: np.ndarray, i: int, key: np.uint64, index: int, drawn: DrawnRangefinder
) -> bool:
    """Whether a range is lost: by a single dropout or in a burst (Gilbert 1960, Elliott 1963).

    A burst continues or ends with every range, so that its length has a geometric distribution.
    """
    if drawn.burst_begin > 0.0:
        chance = drawn.burst_end if memory[i, LRF.burst] > 0.0 else drawn.burst_begin
        if uniform(key, STREAM_BURST, index) < chance:
            memory[i, LRF.burst] = 1.0 - memory[i, LRF.burst]
        if memory[i, LRF.burst] > 0.0:
            return True
    return bool(drawn.dropout > 0.0 and uniform(key, STREAM_DROPOUT, index) < drawn.dropout)
