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
SENSORS_WIDTH: Final = NAV + 19
