"""Delay line of the rangefinder: ranges between their transmission and their arrival.

``line`` has the shape (rows, entries, 5) with the columns of `QueuedRange`; the arrival time of a
free entry is infinite. The earliest arrival time is also kept in the row, so that a tick needs one
comparison only.
"""

import math
from typing import Final, NamedTuple

import numpy as np

from lunar_env.kernel.compile import kernel
from lunar_env.kernel.records import columns, item_record, width
from lunar_env.sensors.rows import NEXT_ARRIVAL


class QueuedRange(NamedTuple):
    """A range in the delay line."""

    measured: float  # s, its time stamp
    arrives: float  # s, inf where the entry is free
    range: float  # m
    quality: float  # [-], log10 of the signal-to-noise ratio
    beam: float  # [-], from 0


ENTRY: Final = columns(QueuedRange)
ENTRY_WIDTH: Final = width(QueuedRange)
load_queued_range, _store_queued_range = item_record(QueuedRange, wrap=kernel)


@kernel
def clear_delay_line(memory: np.ndarray, line: np.ndarray, i: int) -> None:
    """Free all entries of row `i`."""
    for k in range(line.shape[1]):
        line[i, k, ENTRY.arrives] = math.inf
    memory[i, NEXT_ARRIVAL] = math.inf


@kernel
def queue_range(memory: np.ndarray, line: np.ndarray, i: int, queued: QueuedRange) -> None:
    """Queue a range; in a full delay line it replaces the range that arrives last."""
    entry = 0
    for k in range(line.shape[1]):
        if line[i, k, ENTRY.arrives] > line[i, entry, ENTRY.arrives]:
            entry = k
        if line[i, entry, ENTRY.arrives] == math.inf:
            _store_queued_range(line, i, entry, queued)
            memory[i, NEXT_ARRIVAL] = min(memory[i, NEXT_ARRIVAL], queued.arrives)
            return
    _store_queued_range(line, i, entry, queued)
    memory[i, NEXT_ARRIVAL] = line[i, earliest_entry(line, i), ENTRY.arrives]


@kernel
def earliest_entry(line: np.ndarray, i: int) -> int:
    """Index of the entry that arrives first."""
    entry = 0
    for k in range(line.shape[1]):
        if line[i, k, ENTRY.arrives] < line[i, entry, ENTRY.arrives]:
            entry = k
    return entry


@kernel
def free_entry(memory: np.ndarray, line: np.ndarray, i: int, entry: int) -> None:
    """Free an entry after its range was read."""
    line[i, entry, ENTRY.arrives] = math.inf
    memory[i, NEXT_ARRIVAL] = line[i, earliest_entry(line, i), ENTRY.arrives]
