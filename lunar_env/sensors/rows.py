"""Blocks of a lander's row that belong to its sensors.

Channels lie behind all else: most landers have few of them, and what is not fitted is not read.
"""

from typing import Final, NamedTuple

import numpy as np

from lunar_env.kernel.compile import kernel
from lunar_env.kernel.linalg import Vec3
from lunar_env.kernel.records import Blocks, columns, part_record, row_record, width
from lunar_env.physics.rows import PHYSICS_WIDTH, ROW_WIDTH
from lunar_env.sensors.link import DrawnRangefinder, Echo
from lunar_env.sensors.types import DrivingSigmas, ImuErrors, NavErrors, Sigmas, Walks


class RangefinderState(NamedTuple):
    """What the rangefinder remembers between sums."""

    mode: float  # acquisition.OFF to LOST
    window_end: float  # s, end of the running sum
    windows: float  # [-], sums so far: the index of every draw
    history: float  # detections of the last N sums as bits
    misses: float  # [-], in a row
    ready_at: float  # s, end of the warm-up
    last_range: float  # m, of the last detection, 0 before
    last_time: float  # s, of the last detection
    closing_rate: float  # m/s, estimated from successive detections
    burst: float  # 1 while a spell of losses lasts
    sent: float  # m, range that was sent last, 0 before


class LastRange(NamedTuple):
    """The range that arrived last."""

    range: float  # m
    measured: float  # s, by its stamp
    seen: float  # 1 after the first arrival


class Gauges(NamedTuple):
    """Errors of the propellant gauge and of the engines' pressure switch."""

    scale: float  # [-]
    offset: float  # kg
    switch: float  # [-], share of the installed thrust at which an engine counts as on


class ChannelState(NamedTuple):
    """Clock and last arrival of a channel."""

    next_sample: float  # s; inf where the sensor is not fitted
    first_sample: float  # s
    samples: float  # [-], so far: the index of every draw
    next_due: float  # s, earliest arrival
    seen: float  # 1 after the first arrival
    stamp: float  # s, of the sample that arrived last
    read_at: float  # s, end of the tick in which it arrived
    observed: Vec3  # what the observation shows of it
    scale_error: float  # [-], of this unit


class QueuedMeasurement(NamedTuple):
    """A sample of a channel on its way."""

    measured: float  # s
    arrives: float  # s, inf where the place is free
    quality: float  # 1 sigma that the sensor states
    value: Vec3  # as measured
    observed: Vec3  # as the observation shows it


class ErrorColumn(NamedTuple):
    """What one sigma of an error has come to by now."""

    r: Vec3  # m, L
    v: Vec3  # m/s, L
    attitude: Vec3  # rad, L


_HOT: Final = Blocks(PHYSICS_WIDTH)
# From here on a reset clears the rangefinder ...
LRF_BEGIN: Final = _HOT.end
LRF: Final = _HOT.add(RangefinderState)
ECHO: Final = _HOT.add(Echo)  # of the middle of the running sum
LAST_RANGE: Final = _HOT.add(LastRange)
LRF_END: Final = _HOT.end  # ... to here
NEXT_ARRIVAL: Final = _HOT.room()  # s, earliest arrival in the delay line
DRAWN_LRF: Final = _HOT.add(DrawnRangefinder)
NAV: Final = _HOT.add(NavErrors)
IMU: Final = _HOT.add(ImuErrors)
SIGMAS: Final = _HOT.add(Sigmas)
VELOCITY_GAIN: Final = _HOT.add(
    Vec3
)  # m/s, L: specific force summed since the last look at the spread
NEXT_CHANNEL_TIME: Final = (
    _HOT.room()
)  # s, when any channel next samples or delivers; inf without any
EVENT_COUNT: Final = _HOT.room()  # samples of all sensors that arrived during the step
GAUGES: Final = _HOT.add(Gauges)
SENSORS_WIDTH: Final = _HOT.end

# Within a channel: its state, then samples on their way.
_CHANNEL_BLOCKS: Final = Blocks()
CHANNEL: Final = _CHANNEL_BLOCKS.add(ChannelState)
QUEUE_LENGTH: Final = 4
QUEUED_WIDTH: Final = width(QueuedMeasurement)
QUEUE: Final = _CHANNEL_BLOCKS.room(QUEUE_LENGTH * QUEUED_WIDTH)
CHANNEL_WIDTH: Final = _CHANNEL_BLOCKS.end
_COLD: Final = Blocks(ROW_WIDTH)
# np.int64, because Numba compiles a function anew for every Python integer it is called with.
DVL: Final = np.int64(_COLD.room(CHANNEL_WIDTH))
RALT: Final = np.int64(_COLD.room(CHANNEL_WIDTH))
CAM: Final = np.int64(_COLD.room(CHANNEL_WIDTH))
# Cold: what the designers know of the errors of dead reckoning, looked at every other second.
ERROR_COLUMN_WIDTH: Final = width(ErrorColumn)
ERROR_COLUMN_COUNT: Final = 24  # three axes of eight kinds
COVARIANCE_BEGIN: Final = _COLD.end
COVARIANCE_TIME: Final = _COLD.room()  # s, of the last look
DRIVING_SIGMAS: Final = _COLD.room(width(DrivingSigmas))
WALKS: Final = _COLD.add(Walks)
ERROR_COLUMNS: Final = _COLD.room(ERROR_COLUMN_WIDTH * ERROR_COLUMN_COUNT)
COVARIANCE_END: Final = _COLD.end
CAM_BIAS: Final = _COLD.add(Vec3)  # m, of every place in the map
MEMORY_WIDTH: Final = _COLD.end

# Within a sample on its way, and within a column.
QUEUED: Final = columns(QueuedMeasurement, QUEUE)
ERROR_COLUMN: Final = columns(ErrorColumn)

load_echo, store_echo = row_record(Echo, ECHO, kernel)
load_last_range, store_last_range = row_record(LastRange, LAST_RANGE)
load_drawn_rangefinder, store_drawn_rangefinder = row_record(DrawnRangefinder, DRAWN_LRF, kernel)
load_nav, store_nav = row_record(NavErrors, NAV)
load_imu, store_imu = row_record(ImuErrors, IMU)
load_sigmas, store_sigmas = row_record(Sigmas, SIGMAS)
load_velocity_gain, store_velocity_gain = row_record(Vec3, VELOCITY_GAIN)
load_walks, store_walks = row_record(Walks, WALKS)
load_driving_sigmas, store_driving_sigmas = row_record(DrivingSigmas, DRIVING_SIGMAS)
load_bias, store_bias = row_record(Vec3, CAM_BIAS, kernel)
load_error_column, store_error_column = part_record(ErrorColumn)
load_channel_state = part_record(ChannelState, kernel)[0]
load_queued, store_queued = part_record(QueuedMeasurement, kernel)
