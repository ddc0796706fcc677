"""Memory of a row of the Kalman filter: axes, considered errors, gates, and the data sheet.

A considered error is one that the filter does not estimate, because hardly anything it measures
depends on it alone: a bias of the stamps, the slope of the ground. It is a random quantity of unit
variance; what is kept is its covariance with the three states of the axis. Its part in a
measurement is in `SENSITIVITY` while that measurement is used (Schmidt 1966).
"""

from typing import Final, NamedTuple

from lunar_env.kernel.records import Blocks, part_record, width

from ..sheet import SHEET_FIELDS
from .axis import AXIS, CROSS
from .rival import CHANNEL_WIDTH

__all__ = [
    *("AIDED_LEVEL", "AIDED_UP", "BEAM_COSINE", "BEAM_TIME", "CAMERA", "COMPONENTS"),
    *("CONSIDERED_LEVEL", "CONSIDERED_UP"),
    *(
        "EAST",
        "FINE_SLOPE2",
        "GAIN_ACCEL",
        "GROUNDED",
        "LEVEL_MAP",
        "LEVEL_SPEED",
        "MAP_SIGMA",
        "MEMORY",
    ),
    *("NORTH", "ON_MAP", "OTHERS", "RADAR"),
    *("RANGE", "ROUGH_VAR", "SENSITIVITY", "SHEET", "SIGHTED", "SLOPES"),
    *("SLOPE_SIGMA", "SPOT", "SPOTTED", "Spot", "TIME", "UP", "UP_CHANNEL", "VELOCITY"),
    *("UP_BIAS", "UP_MAP", "UP_OF_RANGE", "UP_POINTING", "UP_RADAR", "UP_SLOPE"),
    *("UP_SPEED", "UP_STAMP", "load_spot", "store_spot"),
]


class Spot(NamedTuple):
    """Spot of a beam on the ground: that of the dead-reckoned lander at a time, frame L."""

    x: float  # m, of the lander
    y: float  # m
    height: float  # m
    lean_x: float  # [-], way of the beam to the east over that downwards
    lean_y: float  # [-]
    time: float  # s


COMPONENTS: Final = 3
# Considered errors of the vertical axis, by their number.
UP_BIAS: Final = 0  # bias and scale of the rangefinder
UP_STAMP: Final = 1  # bias of its stamps
UP_POINTING: Final = 2  # direction of its beam
UP_SLOPE: Final = 3  # of the ground over which the spot moves, ...
SLOPES: Final = 2  # ... to the east and to the north, each the sum of these processes
UP_OF_RANGE: Final = 7  # the others are of other sensors
UP_RADAR: Final = 7  # scale of the radar, and ground that it sees, less that at the spot
UP_MAP: Final = 8  # bias of the camera, and ground at the spot, less that at the target
UP_SPEED: Final = 9  # attitude, which turns the velocity of the velocimeter
CONSIDERED_UP: Final = 10
# Considered errors of each horizontal axis.
LEVEL_MAP: Final = 0
LEVEL_SPEED: Final = 1
CONSIDERED_LEVEL: Final = 2

_MEMORY: Final = Blocks()
# An axis is followed by the covariances of its considered errors.
UP: Final = _MEMORY.room(AXIS + CROSS * CONSIDERED_UP)
ON_MAP: Final = UP + AXIS + CROSS * UP_MAP  # those of UP_MAP
EAST: Final = _MEMORY.room(AXIS + CROSS * CONSIDERED_LEVEL)
NORTH: Final = _MEMORY.room(AXIS + CROSS * CONSIDERED_LEVEL)
RANGE: Final = _MEMORY.room(CHANNEL_WIDTH)
RADAR: Final = _MEMORY.room(CHANNEL_WIDTH)
VELOCITY: Final = _MEMORY.room(COMPONENTS * CHANNEL_WIDTH)
CAMERA: Final = _MEMORY.room(COMPONENTS * CHANNEL_WIDTH)
UP_CHANNEL: Final = (COMPONENTS - 1) * CHANNEL_WIDTH  # the vertical component comes last
AIDED_UP: Final = _MEMORY.room()  # 1 after the first vertical measurement was used ...
AIDED_LEVEL: Final = _MEMORY.room()  # ... and after the first horizontal one
SIGHTED: Final = _MEMORY.room()  # 1 after the first range was used
TIME: Final = _MEMORY.room()  # s
GAIN_ACCEL: Final = _MEMORY.room()  # m^2/s^4, variance of the error of acceleration
OTHERS: Final = _MEMORY.room()  # 1 where other sensors than the rangefinder are known of
SLOPE_SIGMA: Final = _MEMORY.room(SLOPES)  # [-], of the parts of the slope of the ground
ROUGH_VAR: Final = _MEMORY.room()  # m^2, of the height of neighbouring spots
FINE_SLOPE2: Final = _MEMORY.room()  # [-], mean square of the slope within a spot
GROUNDED: Final = _MEMORY.room()  # 1 after the first height above the ground was used ...
SPOTTED: Final = _MEMORY.room()  # ... and after the first range of the rangefinder
SPOT: Final = _MEMORY.room(width(Spot))  # of the last range; before it, below the lander
MAP_SIGMA: Final = _MEMORY.room()  # m, of UP_MAP
BEAM_COSINE: Final = _MEMORY.room()  # [-], that was inferred last; 0: along the body axis
BEAM_TIME: Final = _MEMORY.room()  # s, when it was
# The parts of considered errors in a measurement, and their covariances with it.
SENSITIVITY: Final = _MEMORY.room(2 * CONSIDERED_UP)
SHEET: Final = _MEMORY.room(len(SHEET_FIELDS))
MEMORY: Final = _MEMORY.end
load_spot, store_spot = part_record(Spot)
