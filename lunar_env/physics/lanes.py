"""Eight landers side by side: where their numbers lie, so that the compiler vectorises the flight.

A scratch array holds a quantity of all lanes side by side, and one instruction works on several
landers. All lanes hold landers of one type: what a type has, such as gimbals, is read from lane 0.
Who flies them is `flight.py`; a lane's result has the same bits in any company.
"""

from typing import Final, NamedTuple

import numpy as np

from lunar_env.kernel.compile import kernel
from lunar_env.kernel.linalg import Quat, Vec3
from lunar_env.kernel.records import lane_record, width
from lunar_env.kernel.rng import Index
from lunar_env.physics.rows import ENGINE_WIDTH, FLOWN, MAX_ENGINES, STATE, TRIM, VEHICLE
from lunar_env.physics.types import State, Vehicle

LANES: Final = 8
N: Final = LANES


class _Blocks:
    """Where each quantity of lane 0 lies, one after the other."""

    def __init__(self) -> None:
        # np.int64, because Numba compiles a function anew for every Python integer.
        self.end = np.int64(0)

    def room(self, count: int) -> np.int64:
        """Place so many floats of every lane."""
        first, self.end = self.end, self.end + N * count
        return first


class Hinge(NamedTuple):
    """Turn of a thrust by its gimbal."""

    about_x: float  # rad, B
    about_y: float  # rad, B


class Sum(NamedTuple):
    """A sum over the engines at the start, in the middle and at the end of a tick, B."""

    start: Vec3
    middle: Vec3
    end: Vec3


class Burned(NamedTuple):
    """What all engines burned since the start of the tick."""

    middle: float  # kg
    end: float  # kg


_BLOCKS: Final = _Blocks()
NOW: Final = _BLOCKS.room(FLOWN)  # state, vehicle and trim, in the order of a row
BEFORE: Final = _BLOCKS.room(width(State))  # state at the start of the tick
CLUSTER: Final = _BLOCKS.room(MAX_ENGINES * ENGINE_WIDTH)  # engines, in the order of a row
COMMAND: Final = _BLOCKS.room(MAX_ENGINES)  # N, of each engine
ASKED: Final = _BLOCKS.room(MAX_ENGINES)  # N, after steering by throttle
EFFECTIVE: Final = _BLOCKS.room(MAX_ENGINES)  # N, after the dead time
THRUST_BEFORE: Final = _BLOCKS.room(MAX_ENGINES)  # N, at the start of the tick
DECAY_UP: Final = _BLOCKS.room(MAX_ENGINES)  # [-], lag's exponential over half a tick
DECAY_DOWN: Final = _BLOCKS.room(MAX_ENGINES)
AXES: Final = width(Vec3)
AIM: Final = _BLOCKS.room(AXES * MAX_ENGINES)  # [-], B: direction of each thrust, gimballed
HINGES: Final = width(Hinge)
ANGLES: Final = _BLOCKS.room(HINGES * MAX_ENGINES)  # rad, commanded gimbal angles
FORCES: Final = _BLOCKS.room(width(Sum))  # N
MOMENTS: Final = _BLOCKS.room(width(Sum))  # N m, about S's origin
BURNED: Final = _BLOCKS.room(width(Burned))
THRUST_END: Final = _BLOCKS.room(1)  # N, all engines
DEMAND: Final = _BLOCKS.room(AXES)  # N m, B: torque asked for
TORQUE: Final = _BLOCKS.room(AXES)  # N m, B: of the attitude thrusters
FELT: Final = _BLOCKS.room(AXES)  # m/s^2, B: specific force summed over the ticks
AXIS: Final = _BLOCKS.room(AXES)  # [-], L, where the thrust should point
ATTITUDE: Final = _BLOCKS.room(width(Quat))  # [-], error of the believed attitude
ALIVE: Final = _BLOCKS.room(1)  # 1 while the lander moves
LEARNT: Final = _BLOCKS.room(AXES)  # N m, B: what the autopilot's trim would gain in this tick
SCRATCH: Final = _BLOCKS.end
# Columns of lane 0 that are read alone.
MASS: Final = NOW + N * STATE.mass
MASS_DRY: Final = NOW + N * VEHICLE.mass_dry
STEERING: Final = NOW + N * VEHICLE.steering
STEADY: Final = NOW + N * TRIM.x  # the autopilot's trim

lane_vec, set_lane_vec = lane_record(Vec3, N)
lane_quat, set_lane_quat = lane_record(Quat, N)
lane_state, set_lane_state = lane_record(State, N)  # at NOW or BEFORE
lane_hinge, set_lane_hinge = lane_record(Hinge, N)
lane_sum, set_lane_sum = lane_record(Sum, N)
lane_burned, set_lane_burned = lane_record(Burned, N)
_lane_vehicle = lane_record(Vehicle, N)[0]
_VEHICLE: Final = NOW + N * VEHICLE.mass_dry


@kernel
def load_lane(x: np.ndarray, lane: int, memory: np.ndarray, i: int, alive: bool) -> None:
    """Take row `i` into a lane."""
    for k in range(FLOWN):
        x[NOW + N * k + lane] = memory[i, k]
    set_lane_vec(x, FELT, lane, Vec3(0.0, 0.0, 0.0))
    set_lane_vec(x, LEARNT, lane, Vec3(0.0, 0.0, 0.0))
    x[ALIVE + lane] = 1.0 if alive else 0.0


@kernel
def lane_vehicle(x: np.ndarray, lane: int) -> Vehicle:
    """Vehicle of a lane."""
    return _lane_vehicle(x, _VEHICLE, lane)


@kernel
def add_lane_vec(x: np.ndarray, at: Index, lane: int, share: float, a: Vec3) -> None:
    """Add a share of a vector to that of a lane."""
    b = lane_vec(x, at, lane)
    set_lane_vec(x, at, lane, Vec3(b.x + share * a.x, b.y + share * a.y, b.z + share * a.z))
