"""Blocks of a lander's row that belong to its sensors; the delay line is the last block of all."""

from typing import Final

from lunar_env.physics.rows import PHYSICS_WIDTH

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
SENSORS_WIDTH: Final = NAV + 19
