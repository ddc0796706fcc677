"""Events: all measurements that arrive during a step, as measured.

``events`` has the shape (rows, entries, 7) with the columns `EVENT_COLUMNS`; the number of events
of the step is in the row. They are in the order in which the lander's computer read them.
"""

from typing import Final, NamedTuple

import numpy as np

from lunar_env.kernel.compile import kernel
from lunar_env.kernel.records import item_record
from lunar_env.sensors.rows import EVENT_COUNT


class Event(NamedTuple):
    """A measurement that the lander's computer has read, in the units of its sensor."""

    sensor: float  # index in SENSOR_NAMES
    stamp_s: float
    arrived_s: float
    value_1: float
    value_2: float
    value_3: float
    quality: float


EVENT_COLUMNS: Final = Event._fields
_store_event = item_record(Event, wrap=kernel)[1]
# Ids of the sensors.
RANGEFINDER: Final = np.int64(0)
VELOCIMETER: Final = np.int64(1)
RADAR: Final = np.int64(2)
CAMERA: Final = np.int64(3)
SENSOR_NAMES: Final = ("rangefinder", "velocimeter", "radar", "camera")


@kernel
def record_event(memory: np.ndarray, events: np.ndarray, i: int, event: Event) -> None:
    """Add a measurement that the lander's computer has read, unless the array is full."""
    n = int(memory[i, EVENT_COUNT])
    if n >= events.shape[1]:
        return
    _store_event(events, i, n, event)
    memory[i, EVENT_COUNT] = n + 1.0
