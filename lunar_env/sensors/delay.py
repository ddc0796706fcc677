"""The delay line between measurement and arrival: a sample keeps both of its times.

``line`` is (rows, places, 5): ``(measured at, arrives at, range, quality, beam)``; the time of
measurement is that of the stamp, and a free place arrives at infinity. The earliest arrival is also
kept in the row, so that a tick costs one comparison.
"""

import math
from typing import Final, NamedTuple

import numpy as np

from lunar_env.kernel.compile import kernel
from lunar_env.kernel.records import columns, item_record, width
from lunar_env.sensors.rows import NEXT_ARRIVAL


class QueuedRange(NamedTuple):
    """A range on its way."""

    measured: float  # s, its stamp
    arrives: float  # s
    range: float  # m
    quality: float  # [-]
    beam: float  # [-]


ENTRY: Final = columns(QueuedRange)
ENTRY_WIDTH: Final = width(QueuedRange)
load_queued_range, _store_queued_range = item_record(QueuedRange, wrap=kernel)


@kernel
def clear_delay_line(memory: np.ndarray, line: np.ndarray, i: int) -> None:
    """Forget all samples of row `i`."""
    for k in range(line.shape[1]):
        line[i, k, ENTRY.arrives] = math.inf
    memory[i, NEXT_ARRIVAL] = math.inf


@kernel
def queue_range(memory: np.ndarray, line: np.ndarray, i: int, queued: QueuedRange) -> None:
    """Send a sample on its way; with every place taken, the one that arrives last gives way."""
    entry = 0
    for k in range(line.shape[1]):
        if line[i, k, ENTRY.arrives] > line[i, entry, ENTRY.arrives]:
            entry = k
    _store_queued_range(line, i, entry, queued)
    memory[i, NEXT_ARRIVAL] = line[i, earliest_entry(line, i), ENTRY.arrives]


@kernel
def earliest_entry(line: np.ndarray, i: int) -> int:
    """Place of the sample that arrives first."""
    entry = 0
    for k in range(line.shape[1]):
        if line[i, k, ENTRY.arrives] < line[i, entry, ENTRY.arrives]:
            entry = k
    return entry


@kernel
def free_entry(memory: np.ndarray, line: np.ndarray, i: int, entry: int) -> None:
    """Free a place after its sample was read."""
    line[i, entry, ENTRY.arrives] = math.inf
    memory[i, NEXT_ARRIVAL] = line[i, earliest_entry(line, i), ENTRY.arrives]
