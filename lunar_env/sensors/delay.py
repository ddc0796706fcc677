"""Delay line of the rangefinder: ranges between their transmission and their arrival.

``line`` has the shape (rows, entries, 5) with the columns of `QueuedRange`: those on their way, in
order of arrival, then the free entries, whose arrival time is infinite. The earliest arrival time
is also kept in the row, so that a tick needs one comparison only.
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
    snr: float  # [-], signal-to-noise ratio of its sum
    beam: float  # [-], from 0


ENTRY: Final = columns(QueuedRange)
ENTRY_WIDTH: Final = width(QueuedRange)
FIRST: Final = 0  # the entry that arrives first
_load, _store = item_record(QueuedRange)


@kernel
def clear_delay_line(memory: np.ndarray, line: np.ndarray, i: int) -> None:
    """Free all entries of row `i`."""
    for k in range(line.shape[1]):
        line[i, k, ENTRY.arrives] = math.inf
    memory[i, NEXT_ARRIVAL] = math.inf


@kernel
def queue_range(memory: np.ndarray, line: np.ndarray, i: int, queued: QueuedRange) -> None:
    """Queue a range behind those that arrive before it or with it.

    If the delay line is full, the range that arrives last is lost.
    """
    place, entries = FIRST, line.shape[1]
    while place < entries and line[i, place, ENTRY.arrives] <= queued.arrives:
        place += 1
    if place == entries:
        return
    last = place  # the first free entry, or that of the range that is lost
    while last < entries - 1 and line[i, last, ENTRY.arrives] < math.inf:
        last += 1
    for k in range(last, place, -1):
        _store(line, i, k, _load(line, i, k - 1))
    _store(line, i, place, queued)
    memory[i, NEXT_ARRIVAL] = line[i, FIRST, ENTRY.arrives]


@kernel
def take_range(memory: np.ndarray, line: np.ndarray, i: int) -> QueuedRange:
    """Remove the range that arrives first from the delay line, and return it."""
    taken, last = _load(line, i, FIRST), line.shape[1] - 1
    free = FIRST
    while free < last and line[i, free, ENTRY.arrives] < math.inf:
        _store(line, i, free, _load(line, i, free + 1))
        free += 1
    line[i, free, ENTRY.arrives] = math.inf
    memory[i, NEXT_ARRIVAL] = line[i, FIRST, ENTRY.arrives]
    return taken
