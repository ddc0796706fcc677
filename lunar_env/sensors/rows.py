"""Blocks of a lander's row that belong to its sensors.

The channels are at the end of a row: most landers have few of them, and those of sensors that are
not fitted are not read.
"""

from typing import Final, NamedTuple

import numpy as np

from lunar_env.kernel.compile import kernel
from lunar_env.kernel.linalg import Vec3
from lunar_env.kernel.records import (
    Blocks,
    columns,
    part_record,
    row_record,
    spread_record,
    width,
)
from lunar_env.physics.rows import PHYSICS_WIDTH, ROW_WIDTH
from lunar_env.sensors.link import DrawnRangefinder, Echo
from lunar_env.sensors.types import DrivingSigmas, ImuErrors, NavErrors, Sigmas, Walks


class RangefinderState(NamedTuple):
    """State of the rangefinder between integration windows."""

    mode: float  # acquisition.OFF to LOST
    window_end: float  # s, end of the running integration window
    windows: float  # [-], number of completed windows: index of the random numbers
    history: float  # detections of the last N windows, as bits
    misses: float  # [-], consecutive
    ready_at: float  # s, end of the warm-up
    last_range: float  # m, of the last detection, 0 before
    last_time: float  # s, of the last detection
    closing_rate: float  # m/s, estimated from successive detections
    burst: float  # 1 during a burst of losses
    sent: float  # m, range transmitted last, 0 before


class LastRange(NamedTuple):
    """The range that arrived last."""

    range: float  # m
    measured: float  # s, its time stamp
    seen: float  # 1 after the first arrival


class Gauges(NamedTuple):
    """Errors of the propellant gauge and of the engines' pressure switch."""

    scale: float  # [-]
    offset: float  # kg
    switch: float  # [-], fraction of the installed thrust above which the engines read as on


class ChannelState(NamedTuple):
    """Clock and last arrival of a channel."""

    next_sample: float  # s; inf where the sensor is not fitted
    first_sample: float  # s
    samples: float  # [-], number of samples so far: index of the random numbers
    next_due: float  # s, earliest arrival
    seen: float  # 1 after the first arrival
    stamp: float  # s, time stamp of the measurement that arrived last
    read_at: float  # s, end of the tick in which it arrived
    observed: Vec3  # the measurement that arrived last, as in the observation
    scale_error: float  # [-]


class QueuedMeasurement(NamedTuple):
    """A measurement of a channel between sampling and arrival."""

    measured: float  # s
    arrives: float  # s, inf where the entry is free
    quality: float  # 1 sigma, by the sensor
    value: Vec3  # as measured
    observed: Vec3  # as in the observation


class ErrorColumn(NamedTuple):
    """Errors of dead reckoning that one sigma of one error source has caused by now."""

    r: Vec3  # m, L
    v: Vec3  # m/s, L
    attitude: Vec3  # rad, L


_HOT: Final = Blocks(PHYSICS_WIDTH)
# A reset clears the rangefinder from here ...
LRF_BEGIN: Final = _HOT.end
LRF: Final = _HOT.add(RangefinderState)
ECHO: Final = _HOT.add(Echo)  # of the middle of the running integration window
LAST_RANGE: Final = _HOT.add(LastRange)
LRF_END: Final = _HOT.end  # ... to here
NEXT_ARRIVAL: Final = _HOT.room()  # s, earliest arrival in the delay line
DRAWN_LRF: Final = _HOT.add(DrawnRangefinder)
NAV: Final = _HOT.add(NavErrors)
IMU: Final = _HOT.add(ImuErrors)
SIGMAS: Final = _HOT.add(Sigmas)
# m/s, L: specific force integrated since the last update of the covariance
VELOCITY_GAIN: Final = _HOT.add(Vec3)
# s, next sample or arrival of any channel; inf without any
NEXT_CHANNEL_TIME: Final = _HOT.room()
EVENT_COUNT: Final = _HOT.room()  # measurements of all sensors that arrived during the step
GAUGES: Final = _HOT.add(Gauges)
SENSORS_WIDTH: Final = _HOT.end

# Within a channel: its state, then the queue of its measurements until they arrive.
_CHANNEL_BLOCKS: Final = Blocks()
CHANNEL: Final = _CHANNEL_BLOCKS.add(ChannelState)
QUEUE_LENGTH: Final = 4
QUEUED_WIDTH: Final = width(QueuedMeasurement)
QUEUE: Final = _CHANNEL_BLOCKS.room(QUEUE_LENGTH * QUEUED_WIDTH)
CHANNEL_WIDTH: Final = _CHANNEL_BLOCKS.end
_COLD: Final = Blocks(ROW_WIDTH)
# np.int64, because Numba compiles a function again for every Python integer it is called with.
DVL: Final = np.int64(_COLD.room(CHANNEL_WIDTH))
RALT: Final = np.int64(_COLD.room(CHANNEL_WIDTH))
CAM: Final = np.int64(_COLD.room(CHANNEL_WIDTH))
# Cold: covariance of the errors of dead reckoning, updated every two seconds.
ERROR_COLUMN_COUNT: Final = 24  # three axes of eight kinds
COVARIANCE_BEGIN: Final = _COLD.end
COVARIANCE_TIME: Final = _COLD.room()  # s, of the last update
DRIVING_SIGMAS: Final = _COLD.room(width(DrivingSigmas))
WALKS: Final = _COLD.add(Walks)
ERROR_COLUMNS: Final = _COLD.room(ERROR_COLUMN_COUNT * width(ErrorColumn))
COVARIANCE_END: Final = _COLD.end
CAM_BIAS: Final = _COLD.add(Vec3)  # m, L: bias of the measured position
MEMORY_WIDTH: Final = _COLD.end

# Columns within a queued measurement.
QUEUED: Final = columns(QueuedMeasurement, QUEUE)

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
load_error_column, store_error_column = spread_record(
    ErrorColumn, ERROR_COLUMNS, ERROR_COLUMN_COUNT
)
load_channel_state = part_record(ChannelState, kernel)[0]
load_queued, store_queued = part_record(QueuedMeasurement, kernel)
