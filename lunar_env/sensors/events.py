"""Every sample of every sensor that arrives during a step, as its sensor gave it.

``events`` is (rows, places, 7), columns `EVENT_COLUMNS`; how many of a row's places hold a sample
of this step is in the row. They stand in the order in which the lander's computer read them.
"""

from typing import Final

import numpy as np

from lunar_env.kernel.compile import cold_kernel
from lunar_env.kernel.rng import Index
from lunar_env.sensors.rows import EVENTS

EVENT_COLUMNS: Final = (
    *("sensor", "stamp_s", "arrived_s", "value_1", "value_2", "value_3", "quality"),
)
# Ids of the sensors.
RANGEFINDER: Final = np.int64(0)
VELOCIMETER: Final = np.int64(1)
RADAR: Final = np.int64(2)
CAMERA: Final = np.int64(3)
SENSOR_NAMES: Final = ("rangefinder", "velocimeter", "radar", "camera")


@cold_kernel
def note_event(
    memory: np.ndarray,
    events: np.ndarray,
    i: int,
    sensor: Index,
    stamp: float,
    arrived: float,
    value_1: float,
    value_2: float,
    value_3: float,
    quality: float,
) -> None:
    """List a sample that the lander's computer has just read."""
    n = int(memory[i, EVENTS])
    if n >= events.shape[1]:
        return
    events[i, n, 0], events[i, n, 1], events[i, n, 2] = float(sensor), stamp, arrived
    events[i, n, 3], events[i, n, 4], events[i, n, 5] = value_1, value_2, value_3
    events[i, n, 6] = quality
    memory[i, EVENTS] = n + 1.0
