"""Blocks of a lander's row that belong to its sensors; the delay line is the last block of all."""

from typing import Final

from lunar_env.physics.rows import PHYSICS_WIDTH, ROW_WIDTH

# Rangefinder: its memory between sums.
LRF: Final = PHYSICS_WIDTH
MODE: Final = LRF
WINDOW_END: Final = LRF + 1  # s, end of the running sum
WINDOWS: Final = LRF + 2  # sums so far: the index of every draw
HISTORY: Final = LRF + 3  # detections of the last N sums as bits
MISSES: Final = LRF + 4
ECHO_TIME: Final = LRF + 5
ECHO_RANGE: Final = LRF + 6
ECHO_COSINE: Final = LRF + 7
ECHO_CLOSING: Final = LRF + 8
LAST_RANGE: Final = LRF + 9  # m, of the sample that arrived last
LAST_MEASURED: Final = LRF + 10  # s
SEEN: Final = LRF + 11  # 1 after the first arrival
NEXT_ARRIVAL: Final = LRF + 12  # s, earliest arrival in the delay line
UNIT: Final = LRF + 13  # rangefinder.Unit
NAV: Final = UNIT + 8  # inertial.NavErrors
IMU: Final = NAV + 14  # inertial.Imu
SIGMAS: Final = IMU + 17  # spread.Sigmas
GATHERED: Final = SIGMAS + 5  # m/s, L: specific force summed since the last look at the spread, 3
SENSORS_WIDTH: Final = GATHERED + 3
# Cold: what the designers know of the errors of dead reckoning, looked at every other second. It
# lies behind all that physics owns.
SPREAD: Final = ROW_WIDTH
SPREAD_TIME: Final = SPREAD  # s, of the last look
DRIVES: Final = SPREAD + 1  # one sigma of what drives a column, an element for each kind
WALKS: Final = DRIVES + 5  # covariance of the random walks, an axis: spread.Walks
COLUMNS: Final = WALKS + 6  # what one sigma of each error has done by now, COLUMN_WIDTH each
COLUMN_WIDTH: Final = 9  # position, velocity and attitude
COLUMN_COUNT: Final = 24  # three axes of eight kinds
ALL_WIDTH: Final = COLUMNS + COLUMN_WIDTH * COLUMN_COUNT
