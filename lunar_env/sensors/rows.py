"""Blocks of a lander's row that belong to its sensors.

Channels lie behind all else: most landers have few of them, and what is not fitted is not read.
"""

from typing import Final

import numpy as np

from lunar_env.physics.rows import PHYSICS_WIDTH, ROW_WIDTH

# Rangefinder: its memory between sums.
LRF: Final = PHYSICS_WIDTH
MODE: Final = LRF
WINDOW_END: Final = LRF + 1  # s, end of the running sum
WINDOWS: Final = LRF + 2  # sums so far: the index of every draw
HISTORY: Final = LRF + 3  # detections of the last N sums as bits
MISSES: Final = LRF + 4
READY_AT: Final = LRF + 5  # s, end of the warm-up
FOUND_RANGE: Final = LRF + 6  # m, of the last detection, 0 before
FOUND_AT: Final = LRF + 7  # s
FOUND_RATE: Final = LRF + 8  # m/s, closing rate that the detections tell
BURST: Final = LRF + 9  # 1 while a spell of losses lasts
SENT: Final = LRF + 10  # m, range that was sent last, 0 before
ECHO: Final = LRF + 11  # link.Echo, of the middle of the running sum
LAST_RANGE: Final = ECHO + 8  # m, of the sample that arrived last
LAST_MEASURED: Final = ECHO + 9  # s, by its stamp
SEEN: Final = ECHO + 10  # 1 after the first arrival
NEXT_ARRIVAL: Final = ECHO + 11  # s, earliest arrival in the delay line
UNIT: Final = ECHO + 12  # link.Unit
NAV: Final = UNIT + 22  # inertial.NavErrors
IMU: Final = NAV + 14  # inertial.Imu
SIGMAS: Final = IMU + 17  # spread.Sigmas
GATHERED: Final = SIGMAS + 5  # m/s, L: specific force summed since the last look at the spread, 3
AIDS: Final = GATHERED + 3
NEXT_READING: Final = AIDS  # s, when any channel next samples or delivers; inf without channels
EVENTS: Final = AIDS + 1  # samples of all sensors that arrived during the step
GAUGE_SCALE: Final = AIDS + 2  # [-], error of the propellant gauge
GAUGE_OFFSET: Final = AIDS + 3  # kg
SWITCH: Final = AIDS + 4  # [-], share of the installed thrust at which an engine counts as on
SENSORS_WIDTH: Final = AIDS + 5

# A channel: its clock, its last arrival, and samples on their way.
NEXT_SAMPLE: Final = 0  # s; inf where the sensor is not fitted
FIRST_SAMPLE: Final = 1  # s
SAMPLES: Final = 2  # so far: the index of every draw
NEXT_DUE: Final = 3  # s, earliest arrival
SEEN_ONE: Final = 4  # 1 after the first arrival
LAST_STAMP: Final = 5  # s, of the sample that arrived last
READ_AT: Final = 6  # s, end of the tick in which it arrived
LAST_SHOWN: Final = 7  # what the observation shows of it, 3
SCALE_ERROR: Final = 10  # [-], of this unit
FLIGHT: Final = 11  # samples on their way, FLIGHT_WIDTH each
FLIGHT_PLACES: Final = 4
FLIGHT_WIDTH: Final = 9  # measured at, arrives at, quality, values as measured 3, as shown 3
CHANNEL_WIDTH: Final = FLIGHT + FLIGHT_PLACES * FLIGHT_WIDTH
# np.int64, because Numba compiles a function anew for every Python integer it is called with.
DVL: Final = np.int64(ROW_WIDTH)
RALT: Final = np.int64(ROW_WIDTH + CHANNEL_WIDTH)
CAM: Final = np.int64(ROW_WIDTH + 2 * CHANNEL_WIDTH)
# Cold: what the designers know of the errors of dead reckoning, looked at every other second.
SPREAD: Final = ROW_WIDTH + 3 * CHANNEL_WIDTH
SPREAD_TIME: Final = SPREAD  # s, of the last look
DRIVES: Final = SPREAD + 1  # one sigma of what drives a column, an element for each kind
WALKS: Final = DRIVES + 5  # covariance of the random walks, an axis: spread.Walks
COLUMNS: Final = WALKS + 6  # what one sigma of each error has done by now, COLUMN_WIDTH each
COLUMN_WIDTH: Final = 9  # position, velocity and attitude
COLUMN_COUNT: Final = 24  # three axes of eight kinds
CAM_BIAS: Final = COLUMNS + COLUMN_WIDTH * COLUMN_COUNT  # m, of every place in the map, 3
MEMORY_WIDTH: Final = CAM_BIAS + 3
