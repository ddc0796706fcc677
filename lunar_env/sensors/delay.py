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


class Sent(NamedTuple):
    """A range on its way."""

    measured: float  # s, its stamp
    arrives: float  # s
    range: float  # m
    quality: float  # [-]
    beam: float  # [-]


PLACE: Final = columns(Sent)
PLACE_WIDTH: Final = width(Sent)
load_sent, _store_sent = item_record(Sent, wrap=kernel)


@kernel
def clear(memory: np.ndarray, line: np.ndarray, i: int) -> None:
    """Forget all samples of row `i`."""
    for k in range(line.shape[1]):
        line[i, k, PLACE.arrives] = math.inf
    memory[i, NEXT_ARRIVAL] = math.inf


@kernel
def send_range(memory: np.ndarray, line: np.ndarray, i: int, sent: Sent) -> None:
    """Send a sample on its way; with every place taken, the one that arrives last gives way."""
    place = 0
    for k in range(line.shape[1]):
        if line[i, k, PLACE.arrives] > line[i, place, PLACE.arrives]:
            place = k
    _store_sent(line, i, place, sent)
    memory[i, NEXT_ARRIVAL] = line[i, earliest(line, i), PLACE.arrives]


@kernel
def earliest(line: np.ndarray, i: int) -> int:
    """Place of the sample that arrives first."""
    place = 0
    for k in range(line.shape[1]):
        if line[i, k, PLACE.arrives] < line[i, place, PLACE.arrives]:
            place = k
    return place


@kernel
def release(memory: np.ndarray, line: np.ndarray, i: int, place: int) -> None:
    """Free a place after its sample was read."""
    line[i, place, PLACE.arrives] = math.inf
    memory[i, NEXT_ARRIVAL] = line[i, earliest(line, i), PLACE.arrives]
