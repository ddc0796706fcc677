"""The delay line between measurement and arrival: a sample keeps both of its times.

``line`` is (rows, places, 5): ``(measured at, arrives at, range, quality, beam)``; the time of
measurement is that of the stamp, and a free place arrives at infinity. The earliest arrival is also
kept in the row, so that a tick costs one comparison.
"""

import math
from typing import Final

import numpy as np

from lunar_env.kernel.compile import cold_kernel
from lunar_env.sensors.rows import NEXT_ARRIVAL

PLACE_WIDTH: Final = 5
MEASURED: Final = 0
ARRIVES: Final = 1
RANGE: Final = 2
QUALITY: Final = 3
BEAM: Final = 4


@cold_kernel
def clear(memory: np.ndarray, line: np.ndarray, i: int) -> None:
    """Forget all samples of row `i`."""
    for k in range(line.shape[1]):
        line[i, k, ARRIVES] = math.inf
    memory[i, NEXT_ARRIVAL] = math.inf


@cold_kernel
def push(
    memory: np.ndarray,
    line: np.ndarray,
    i: int,
    measured: float,
    arrives: float,
    value: float,
    quality: float,
    beam: float,
) -> None:
    """Send a sample on its way; with every place taken, the one that arrives last gives way."""
    place = 0
    for k in range(line.shape[1]):
        if line[i, k, ARRIVES] > line[i, place, ARRIVES]:
            place = k
    line[i, place, MEASURED] = measured
    line[i, place, ARRIVES] = arrives
    line[i, place, RANGE] = value
    line[i, place, QUALITY] = quality
    line[i, place, BEAM] = beam
    memory[i, NEXT_ARRIVAL] = line[i, earliest(line, i), ARRIVES]


@cold_kernel
def earliest(line: np.ndarray, i: int) -> int:
    """Place of the sample that arrives first."""
    place = 0
    for k in range(line.shape[1]):
        if line[i, k, ARRIVES] < line[i, place, ARRIVES]:
            place = k
    return place


@cold_kernel
def release(memory: np.ndarray, line: np.ndarray, i: int, place: int) -> None:
    """Free a place after its sample was read."""
    line[i, place, ARRIVES] = math.inf
    memory[i, NEXT_ARRIVAL] = line[i, earliest(line, i), ARRIVES]
