"""State machine of the rangefinder: from single detections to a valid range.

In OFF and WARMUP the receiver is off. In SEARCH it is open in the whole gate, and a range becomes
valid after M consistent detections out of N. In TRACK it is open in a narrow gate around the
predicted range. After a number of consecutive misses the mode is LOST for one integration window,
then SEARCH again.
"""

import math
from typing import Final

import numpy as np

from lunar_env.kernel.compile import inline_kernel, kernel
from lunar_env.sensors.link import Rangefinder
from lunar_env.sensors.rows import LRF

OFF: Final = 0
WARMUP: Final = 1
SEARCH: Final = 2
TRACK: Final = 3
LOST: Final = 4
# Windows searched before the start of an episode, beyond the N of M-of-N.
EARLY_WINDOWS: Final = 4
# Factor on the change of range between two detections, by the closing rate, that is consistent.
_CLOSING_MARGIN: Final = 3.0
# Gain of the filter of the closing rate while tracking.
_RATE_GAIN: Final = 0.5


@inline_kernel
def is_receiving(memory: np.ndarray, i: int) -> bool:
    """Whether the receiver is on by the end of the running window, so that its echo counts."""
    warms_up = memory[i, LRF.mode] == WARMUP
    return bool(not warms_up or memory[i, LRF.window_end] >= memory[i, LRF.ready_at])


@kernel
def update_mode(memory: np.ndarray, i: int, t: float) -> bool:
    """Leave WARMUP and LOST when they are over; whether the receiver is on at time `t` [s]."""
    if memory[i, LRF.mode] == WARMUP and t >= memory[i, LRF.ready_at]:
        memory[i, LRF.mode] = SEARCH
    if memory[i, LRF.mode] == LOST:
        memory[i, LRF.mode] = SEARCH
    return bool(memory[i, LRF.mode] >= SEARCH)


@kernel
def predicted_range(memory: np.ndarray, i: int, t: float) -> float:
    """Range [m] predicted for time `t` [s] while tracking."""
    return memory[i, LRF.last_range] - memory[i, LRF.closing_rate] * (t - memory[i, LRF.last_time])


@kernel
def gate_low(memory: np.ndarray, i: int, t: float, lrf: Rangefinder) -> float:
    """Near end [m] of the gate at time `t` [s]."""
    if memory[i, LRF.mode] != TRACK or lrf.gate_track == math.inf:
        return lrf.gate_min
    return max(lrf.gate_min, predicted_range(memory, i, t) - lrf.gate_track)


@kernel
def gate_high(memory: np.ndarray, i: int, t: float, lrf: Rangefinder) -> float:
    """Far end [m] of the gate at time `t` [s]."""
    if memory[i, LRF.mode] != TRACK or lrf.gate_track == math.inf:
        return lrf.gate_max
    return min(lrf.gate_max, predicted_range(memory, i, t) + lrf.gate_track)


@kernel
def update_acquisition(
    memory: np.ndarray, i: int, detected_range: float, t: float, closing: float, lrf: Rangefinder
) -> bool:
    """Update the mode with the range [m] detected at time `t` [s], 0 for none; whether it is valid.

    The closing rate `closing` [m/s] bounds the difference of consistent detections.
    """
    if memory[i, LRF.mode] == TRACK:
        return _update_track(memory, i, detected_range, t, lrf)
    history = (int(memory[i, LRF.history]) << 1) & ((1 << int(lrf.acquire_n)) - 1)
    if detected_range > 0.0:
        if history > 0 and not _is_consistent(memory, i, detected_range, t, closing, lrf):
            history = 0
        history |= 1
        _store_detection(memory, i, detected_range, t, 1.0)
    memory[i, LRF.history] = float(history)
    hits = 0
    for bit in range(int(lrf.acquire_n)):
        hits += (history >> bit) & 1
    if detected_range > 0.0 and hits >= lrf.acquire_m:
        memory[i, LRF.mode], memory[i, LRF.misses] = float(TRACK), 0.0
        return True
    return False


@kernel
def _update_track(
    memory: np.ndarray, i: int, detected_range: float, t: float, lrf: Rangefinder
) -> bool:
    if detected_range > 0.0:
        memory[i, LRF.misses] = 0.0
        _store_detection(memory, i, detected_range, t, _RATE_GAIN)
        return True
    memory[i, LRF.misses] += 1.0
    if memory[i, LRF.misses] >= lrf.lost_after:
        memory[i, LRF.mode], memory[i, LRF.history] = float(LOST), 0.0
    return False


@kernel
def _is_consistent(
    memory: np.ndarray, i: int, detected_range: float, t: float, closing: float, lrf: Rangefinder
) -> bool:
    allowance = _CLOSING_MARGIN * abs(closing) * (t - memory[i, LRF.last_time])
    return bool(abs(detected_range - memory[i, LRF.last_range]) <= lrf.consistent + allowance)


@kernel
def _store_detection(
    memory: np.ndarray, i: int, detected_range: float, t: float, gain: float
) -> None:
    """Store a detection at time `t` [s], and update the closing rate with the one before."""
    age = t - memory[i, LRF.last_time]
    if memory[i, LRF.last_range] > 0.0 and age > 0.0:
        rate = (memory[i, LRF.last_range] - detected_range) / age
        memory[i, LRF.closing_rate] += gain * (rate - memory[i, LRF.closing_rate])
    memory[i, LRF.last_range], memory[i, LRF.last_time] = detected_range, t
