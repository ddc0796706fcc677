"""From single detections to a range that is trusted: the rangefinder's state machine.

OFF and WARMUP hear nothing. SEARCH listens in the whole gate and asks for M consistent detections
out of N. TRACK listens in a narrow gate that moves with the predicted range. After a run of misses
the unit is LOST for one sum and searches again.
"""

import math
from typing import Final

import numpy as np

from lunar_env.kernel.compile import kernel
from lunar_env.sensors.link import Rangefinder
from lunar_env.sensors.rows import LRF

OFF: Final = 0
WARMUP: Final = 1
SEARCH: Final = 2
TRACK: Final = 3
LOST: Final = 4
# Detections are consistent within this many times the way that closing makes between them.
_CLOSING_MARGIN: Final = 3.0
# How far the closing rate follows each new pair of detections while tracking.
_RATE_GAIN: Final = 0.5


@kernel
def update_mode(memory: np.ndarray, i: int, t: float) -> bool:
    """Step out of WARMUP and LOST when it is time; whether the unit listens to the sum at `t`."""
    if memory[i, LRF.mode] == WARMUP and t >= memory[i, LRF.ready_at]:
        memory[i, LRF.mode] = SEARCH
    if memory[i, LRF.mode] == LOST:
        memory[i, LRF.mode] = SEARCH
    return bool(memory[i, LRF.mode] >= SEARCH)


@kernel
def predicted_range(memory: np.ndarray, i: int, t: float) -> float:
    """Range [m] at which a tracking unit expects the echo of time `t`."""
    return memory[i, LRF.last_range] - memory[i, LRF.closing_rate] * (t - memory[i, LRF.last_time])


@kernel
def gate_low(memory: np.ndarray, i: int, t: float, lrf: Rangefinder) -> float:
    """Near end of the gate [m]."""
    if memory[i, LRF.mode] != TRACK or lrf.gate_track == math.inf:
        return lrf.gate_min
    return max(lrf.gate_min, predicted_range(memory, i, t) - lrf.gate_track)


@kernel
def gate_high(memory: np.ndarray, i: int, t: float, lrf: Rangefinder) -> float:
    """Far end of the gate [m]."""
    if memory[i, LRF.mode] != TRACK or lrf.gate_track == math.inf:
        return lrf.gate_max
    return min(lrf.gate_max, predicted_range(memory, i, t) + lrf.gate_track)


@kernel
def update_acquisition(
    memory: np.ndarray, i: int, found: float, t: float, closing: float, lrf: Rangefinder
) -> bool:
    """Step the logic with the range found at `t`, 0 for none; whether it leaves as a valid range.

    `closing` bounds how far consistent detections may lie apart.
    """
    if memory[i, LRF.mode] == TRACK:
        return _update_track(memory, i, found, t, lrf)
    history = (int(memory[i, LRF.history]) << 1) & ((1 << int(lrf.acquire_n)) - 1)
    if found > 0.0:
        if history > 0 and not _is_consistent(memory, i, found, t, closing, lrf):
            history = 0
        history |= 1
        _store_detection(memory, i, found, t, 1.0)
    memory[i, LRF.history] = float(history)
    hits = 0
    for bit in range(int(lrf.acquire_n)):
        hits += (history >> bit) & 1
    if found > 0.0 and hits >= lrf.acquire_m:
        memory[i, LRF.mode], memory[i, LRF.misses] = float(TRACK), 0.0
        return True
    return False


@kernel
def _update_track(memory: np.ndarray, i: int, found: float, t: float, lrf: Rangefinder) -> bool:
    if found > 0.0:
        memory[i, LRF.misses] = 0.0
        _store_detection(memory, i, found, t, _RATE_GAIN)
        return True
    memory[i, LRF.misses] += 1.0
    if memory[i, LRF.misses] >= lrf.lost_after:
        memory[i, LRF.mode], memory[i, LRF.history] = float(LOST), 0.0
    return False


@kernel
def _is_consistent(
    memory: np.ndarray, i: int, found: float, t: float, closing: float, lrf: Rangefinder
) -> bool:
    way = _CLOSING_MARGIN * abs(closing) * (t - memory[i, LRF.last_time])
    return bool(abs(found - memory[i, LRF.last_range]) <= lrf.consistent + way)


@kernel
def _store_detection(memory: np.ndarray, i: int, found: float, t: float, gain: float) -> None:
    """Remember a detection, and the closing rate that it and the one before tell."""
    age = t - memory[i, LRF.last_time]
    if memory[i, LRF.last_range] > 0.0 and age > 0.0:
        rate = (memory[i, LRF.last_range] - found) / age
        memory[i, LRF.closing_rate] += gain * (rate - memory[i, LRF.closing_rate])
    memory[i, LRF.last_range], memory[i, LRF.last_time] = found, t
