"""Memory of a row of the Kalman filter: axes, considered errors, gates, and the data sheet.

A considered error is one that the filter does not estimate, because hardly anything it measures
depends on it alone: a bias of the stamps, the relief below the beam. It is a random quantity of
unit variance; what is kept is its covariance with the three states of the axis. Its part in a
measurement is in `SENSITIVITY` while that measurement is used (Schmidt 1966).
"""

from typing import Final, NamedTuple

from lunar_env.kernel.records import Blocks, part_record, width

from ..sheet import SHEET_FIELDS
from .axis import AXIS, CHANNEL_WIDTH, CROSS

__all__ = [
    *("AIDED_LEVEL", "AIDED_UP", "BEAM_COSINE", "BEAM_TIME", "CAMERA", "COMPONENTS"),
    *("CONSIDERED_LEVEL", "CONSIDERED_UP"),
    *("EAST", "FLOWN", "GAIN_ACCEL", "LEVEL_MAP", "LEVEL_SPEED", "MEMORY", "NORTH", "RADAR"),
    *(
        "RANGE",
        "SENSITIVITY",
        "SHEET",
        "SIGHTED",
        "SPOT",
        "SPOT_WIDTH",
        "Spot",
        "load_spot",
        "store_spot",
        "TIME",
        "UP",
        "UP_CHANNEL",
        "VELOCITY",
    ),
    *("UP_BIAS", "UP_MAP", "UP_POINTING", "UP_RADAR_RELIEF", "UP_RADAR_SCALE", "UP_RELIEF"),
    *("SLOPE_SIGMA", "UP_SLOPE", "UP_SPEED", "UP_STAMP"),
]


class Spot(NamedTuple):
    """A considered relief when it was last used."""

    flown: float  # m, distance flown
    distance: float  # m, from the lander to the spot


COMPONENTS: Final = 3
# Considered errors of the vertical axis, by their number.
UP_BIAS: Final = 0  # bias and scale of the rangefinder
UP_STAMP: Final = 1  # bias of its stamps
UP_POINTING: Final = 2  # direction of its beam
UP_RELIEF: Final = 3  # ground at the spot of the beam, less that below the lander
UP_RADAR_SCALE: Final = 4
UP_RADAR_RELIEF: Final = 5  # ground seen by the radar, less that below the lander
UP_MAP: Final = 6  # bias of the camera, and ground below the lander, less that at the target
UP_SPEED: Final = 7  # attitude, which turns the velocity of the velocimeter
UP_SLOPE: Final = 8  # of the ground, over which the lander flies
CONSIDERED_UP: Final = 9
# Considered errors of each horizontal axis.
LEVEL_MAP: Final = 0
LEVEL_SPEED: Final = 1
CONSIDERED_LEVEL: Final = 2

_MEMORY: Final = Blocks()
# An axis is followed by the covariances of its considered errors.
UP: Final = _MEMORY.room(AXIS + CROSS * CONSIDERED_UP)
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
SLOPE_SIGMA: Final = _MEMORY.room()  # [-], of the slope of the ground
FLOWN: Final = _MEMORY.room()  # m, horizontal distance flown
BEAM_COSINE: Final = _MEMORY.room()  # [-], that was inferred last; 0: along the body axis
BEAM_TIME: Final = _MEMORY.room()  # s, when it was
SPOT_WIDTH: Final = width(Spot)
SPOT: Final = _MEMORY.room(SPOT_WIDTH * CONSIDERED_UP)
# The parts of considered errors in a measurement, and their covariances with it.
SENSITIVITY: Final = _MEMORY.room(2 * CONSIDERED_UP)
SHEET: Final = _MEMORY.room(len(SHEET_FIELDS))
MEMORY: Final = _MEMORY.end
load_spot, store_spot = part_record(Spot)
