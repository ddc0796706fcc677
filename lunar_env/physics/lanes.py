"""Memory layout of eight landers side by side, so that the compiler vectorises the flight.

In the scratch array the values of one quantity in all lanes are adjacent, so that one instruction
processes several landers. All lanes hold landers of one type: properties of the type, such as the
number of engines, are read from lane 0. A lane's result does not depend on the other lanes.
"""

from typing import Final, NamedTuple

import numpy as np

from lunar_env.kernel.compile import inline_kernel
from lunar_env.kernel.linalg import Quat, Vec3
from lunar_env.kernel.records import lane_record, width
from lunar_env.kernel.rng import Index
from lunar_env.physics.rows import ENGINE_WIDTH, FLOWN, MAX_ENGINES, STATE, TRIM, VEHICLE
from lunar_env.physics.types import State, Vehicle

LANES: Final = 8
N: Final = LANES


class _Blocks:
    """Allocates consecutive blocks of the scratch array."""

    def __init__(self) -> None:
        # np.int64, because Numba compiles a function again for every Python integer.
        self.end = np.int64(0)

    def room(self, count: int) -> np.int64:
        """Allocate `count` floats per lane; return the index of the first one in lane 0."""
        first, self.end = self.end, self.end + N * count
        return first


class GimbalAngles(NamedTuple):
    """Gimbal angles of one engine."""

    about_x: float  # rad, rotation of the thrust about B's x axis
    about_y: float  # rad, about B's y axis


class EngineSum(NamedTuple):
    """Sum of forces [N, B] or moments [N m, B] of all engines during a tick."""

    start: Vec3
    middle: Vec3
    end: Vec3


class Burned(NamedTuple):
    """Propellant burned by all engines since the start of the tick."""

    middle: float  # kg
    end: float  # kg


_BLOCKS: Final = _Blocks()
NOW: Final = _BLOCKS.room(FLOWN)  # state, vehicle and trim, in the order of a row
BEFORE: Final = _BLOCKS.room(width(State))  # state at the start of the tick
CLUSTER: Final = _BLOCKS.room(MAX_ENGINES * ENGINE_WIDTH)  # all engines, in the order of a row
COMMAND: Final = _BLOCKS.room(MAX_ENGINES)  # N, of each engine for the step
COMMAND_SHIFTED: Final = _BLOCKS.room(MAX_ENGINES)  # N, after differential throttling
COMMAND_DELAYED: Final = _BLOCKS.room(MAX_ENGINES)  # N, after the dead time; the engine follows it
THRUST_BEFORE: Final = _BLOCKS.room(MAX_ENGINES)  # N, at the start of the tick
DECAY_UP: Final = _BLOCKS.room(MAX_ENGINES)  # [-], exp(-t/lag) for half a tick, of rising thrust
DECAY_DOWN: Final = _BLOCKS.room(MAX_ENGINES)  # [-], of falling thrust
AXES: Final = width(Vec3)
DIRECTIONS: Final = _BLOCKS.room(AXES * MAX_ENGINES)  # [-], B: thrust direction of each engine
GIMBAL_AXES: Final = width(GimbalAngles)
GIMBAL_COMMANDS: Final = _BLOCKS.room(GIMBAL_AXES * MAX_ENGINES)  # rad, commanded gimbal angles
FORCES: Final = _BLOCKS.room(width(EngineSum))  # N
MOMENTS: Final = _BLOCKS.room(width(EngineSum))  # N m, about the origin of S
BURNED: Final = _BLOCKS.room(width(Burned))
THRUST_END: Final = _BLOCKS.room(1)  # N, all engines at the end of the tick
DEMAND: Final = _BLOCKS.room(AXES)  # N m, B: demanded torque
TORQUE: Final = _BLOCKS.room(AXES)  # N m, B: torque of the attitude thrusters
SPECIFIC_FORCE: Final = _BLOCKS.room(AXES)  # m/s^2, B: mean of each tick, summed over the step
AXIS: Final = _BLOCKS.room(AXES)  # [-], L: demanded thrust axis
ATTITUDE: Final = _BLOCKS.room(width(Quat))  # [-], error: the estimated attitude is q times this
BELIEVED_R: Final = _BLOCKS.room(AXES)  # m, L: dead-reckoned position at the start of the step
BELIEVED_V: Final = _BLOCKS.room(AXES)  # m/s, L: dead-reckoned velocity
PADS_ALTITUDE: Final = _BLOCKS.room(1)  # m, dead-reckoned, of the pads above the target
HEIGHT_OFFSET: Final = _BLOCKS.room(1)  # m, of the autopilot's height over that altitude
ALIVE: Final = _BLOCKS.room(1)  # 1 while the lander is in flight, else 0
FAR: Final = _BLOCKS.room(1)  # 1 where the ground is out of reach for the whole step, else 0
TRIM_INCREMENT: Final = _BLOCKS.room(AXES)  # N m, B: increment of the trim in this tick
SCRATCH: Final = _BLOCKS.end
# Columns of single quantities.
MASS: Final = NOW + N * STATE.mass
MASS_DRY: Final = NOW + N * VEHICLE.mass_dry
STEERING: Final = NOW + N * VEHICLE.steering
TRIM_TORQUE: Final = NOW + N * TRIM.x  # N m, B: the autopilot's trim

lane_vec, set_lane_vec = lane_record(Vec3, N)
lane_quat, set_lane_quat = lane_record(Quat, N)
lane_state, set_lane_state = lane_record(State, N)  # at NOW or BEFORE
lane_gimbal_angles, set_lane_gimbal_angles = lane_record(GimbalAngles, N)
lane_sum, set_lane_sum = lane_record(EngineSum, N)
lane_burned, set_lane_burned = lane_record(Burned, N)
_lane_vehicle = lane_record(Vehicle, N)[0]
_VEHICLE: Final = NOW + N * VEHICLE.mass_dry


@inline_kernel
def load_lane(lanes: np.ndarray, lane: int, memory: np.ndarray, i: int, alive: bool) -> None:
    """Load state, vehicle and trim of row `i` into a lane, and clear its sums."""
    for k in range(FLOWN):
        lanes[NOW + N * k + lane] = memory[i, k]
    set_lane_vec(lanes, SPECIFIC_FORCE, lane, Vec3(0.0, 0.0, 0.0))
    set_lane_vec(lanes, TRIM_INCREMENT, lane, Vec3(0.0, 0.0, 0.0))
    lanes[ALIVE + lane] = 1.0 if alive else 0.0


@inline_kernel
def lane_vehicle(lanes: np.ndarray, lane: int) -> Vehicle:
    """Load the vehicle of a lane."""
    return _lane_vehicle(lanes, _VEHICLE, lane)


@inline_kernel
def add_lane_vec(lanes: np.ndarray, at: Index, lane: int, factor: float, a: Vec3) -> None:
    """Add ``factor a`` to the vector at `at` of a lane."""
    b = lane_vec(lanes, at, lane)
    set_lane_vec(lanes, at, lane, Vec3(b.x + factor * a.x, b.y + factor * a.y, b.z + factor * a.z))
