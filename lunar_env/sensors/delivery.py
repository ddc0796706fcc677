"""From a valid range to the computer: losses, delays, stamps, and samples out of turn."""

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
from lunar_env.sensors.delay import Sent, send_range
from lunar_env.sensors.link import Rangefinder, Unit
from lunar_env.sensors.rows import LRF, load_unit

# A sample that the next one is to overtake waits so many sums; a repeated one comes again after
# so many.
_HELD_SUMS: Final = 1.5
_REPEAT_SUMS: Final = 0.5


class Measured(NamedTuple):
    """The valid range of a sum."""

    at: float  # s, the middle of the sum
    complete: float  # s, its end
    range: float  # m, as measured
    snr: float  # [-]


@kernel
def deliver(
    memory: np.ndarray,
    line: np.ndarray,
    i: int,
    key: np.uint64,
    index: int,
    found: Measured,
    lrf: Rangefinder,
) -> None:
    """Send the valid range of sum `index` on its way."""
    unit, value = load_unit(memory, i), found.range
    if is_lost(memory, i, key, index, unit):
        return
    frozen = unit.frozen > 0.0 and uniform(key, STREAM_FROZEN, index) < unit.frozen
    if frozen and memory[i, LRF.sent] > 0.0:
        value = memory[i, LRF.sent]
    memory[i, LRF.sent] = value
    stamp = found.at + unit.stamp_bias
    if unit.stamp_jitter > 0.0:
        stamp += unit.stamp_jitter * normal(key, STREAM_STAMP, index)
    arrives = found.complete + unit.latency
    if unit.jitter > 0.0:
        arrives -= unit.jitter * math.log(uniform(key, STREAM_LATENCY, index))
    if unit.late > 0.0 and uniform(key, STREAM_LATE, index) < unit.late:
        arrives += _HELD_SUMS * lrf.integration
    quality, beam = math.log10(found.snr), index % lrf.beams
    send_range(memory, line, i, Sent(stamp, on_bus(arrives, lrf), value, quality, beam))
    if unit.repeated > 0.0 and uniform(key, STREAM_REPEATED, index) < unit.repeated:
        again = arrives + _REPEAT_SUMS * lrf.integration
        send_range(memory, line, i, Sent(stamp, on_bus(again, lrf), value, quality, beam))


@kernel
def on_bus(t: float, lrf: Rangefinder) -> float:
    """When the bus next carries a result that is ready at `t`."""
    return math.ceil(t / lrf.bus) * lrf.bus if lrf.bus > 0.0 else t


@kernel
def is_lost(memory: np.ndarray, i: int, key: np.uint64, index: int, unit: Unit) -> bool:
    """Whether a sample is lost: alone, or in a spell of losses (Gilbert 1960, Elliott 1963).

    A spell goes on or ends with every sample, so its length in samples is geometric.
    """
    if unit.burst_begin > 0.0:
        chance = unit.burst_end if memory[i, LRF.burst] > 0.0 else unit.burst_begin
        if uniform(key, STREAM_BURST, index) < chance:
            memory[i, LRF.burst] = 1.0 - memory[i, LRF.burst]
        if memory[i, LRF.burst] > 0.0:
            return True
    return bool(unit.dropout > 0.0 and uniform(key, STREAM_DROPOUT, index) < unit.dropout)
