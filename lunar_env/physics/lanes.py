"""Eight landers side by side: where their numbers lie, so that the compiler vectorises the flight.

A scratch array holds a quantity of all lanes side by side, and one instruction works on several
landers. All lanes hold landers of one type: what a type has, such as gimbals, is read from lane 0.
Who flies them is `flight.py`; a lane's result has the same bits in any company.
"""

from typing import Final

import numpy as np

from lunar_env.kernel.compile import kernel
from lunar_env.kernel.linalg import Quat, Vec3
from lunar_env.kernel.rng import Index
from lunar_env.physics.rows import ENGINE_WIDTH, FLOWN, MAX_ENGINES, VEHICLE
from lunar_env.physics.types import State, Vehicle

LANES: Final = 8
N: Final = LANES
_STATE: Final = VEHICLE
# Where each quantity of lane 0 lies; np.int64, because Numba compiles a function anew for every
# Python integer that it is called with.
NOW: Final = np.int64(0)  # state, vehicle and trim, in the order of a row
BEFORE: Final = NOW + N * FLOWN  # state at the start of the tick
CLUSTER: Final = BEFORE + N * _STATE  # engines, in the order of a row
COMMAND: Final = CLUSTER + N * MAX_ENGINES * ENGINE_WIDTH  # N, of each engine
ASKED: Final = COMMAND + N * MAX_ENGINES  # N, after steering by throttle
EFFECTIVE: Final = ASKED + N * MAX_ENGINES  # N, after the dead time
THRUST_BEFORE: Final = EFFECTIVE + N * MAX_ENGINES  # N, at the start of the tick
DECAY_UP: Final = THRUST_BEFORE + N * MAX_ENGINES  # [-], lag's exponential over half a tick
DECAY_DOWN: Final = DECAY_UP + N * MAX_ENGINES
AIM: Final = DECAY_DOWN + N * MAX_ENGINES  # [-], B: direction of each thrust, gimballed, 3
ANGLES: Final = AIM + N * 3 * MAX_ENGINES  # rad, commanded gimbal angles, 2 an engine
FORCES: Final = ANGLES + N * 2 * MAX_ENGINES  # N, B: at start, middle and end of the tick, 9
MOMENTS: Final = FORCES + N * 9  # N m, about S's origin, 9
BURNED: Final = MOMENTS + N * 9  # kg, until middle and end, 2
THRUST_END: Final = BURNED + N * 2  # N, all engines
DEMAND: Final = THRUST_END + N  # N m, B: torque asked for, 3
TORQUE: Final = DEMAND + N * 3  # N m, B: of the attitude thrusters, 3
PULLED: Final = TORQUE + N * 3  # m/s^2, B: specific force summed over the ticks, 3
AXIS: Final = PULLED + N * 3  # [-], L, where the thrust should point, 3
ATTITUDE: Final = AXIS + N * 3  # [-], error of the believed attitude, 4
ALIVE: Final = ATTITUDE + N * 4  # 1 while the lander moves
LEARNT: Final = ALIVE + N  # N m, B: what the autopilot's trim would gain in this tick, 3
SCRATCH: Final = LEARNT + N * 3


@kernel
def board(x: np.ndarray, lane: int, memory: np.ndarray, i: int, alive: bool) -> None:
    """Take row `i` into a lane."""
    for k in range(FLOWN):
        x[NOW + N * k + lane] = memory[i, k]
    for k in range(3):
        x[PULLED + N * k + lane] = 0.0
        x[LEARNT + N * k + lane] = 0.0
    x[ALIVE + lane] = 1.0 if alive else 0.0


@kernel
def lane_vec(x: np.ndarray, at: Index, lane: int) -> Vec3:
    """Vector of a lane."""
    j = at + lane
    return Vec3(x[j], x[j + N], x[j + 2 * N])


@kernel
def set_lane_vec(x: np.ndarray, at: Index, lane: int, a: Vec3) -> None:
    """Write a vector of a lane."""
    j = at + lane
    x[j], x[j + N], x[j + 2 * N] = a.x, a.y, a.z


@kernel
def lane_state(x: np.ndarray, at: Index, lane: int) -> State:
    """State of a lane, at NOW or BEFORE."""
    j = at + lane
    return State(
        Vec3(x[j], x[j + N], x[j + 2 * N]),
        Vec3(x[j + 3 * N], x[j + 4 * N], x[j + 5 * N]),
        Quat(x[j + 6 * N], x[j + 7 * N], x[j + 8 * N], x[j + 9 * N]),
        Vec3(x[j + 10 * N], x[j + 11 * N], x[j + 12 * N]),
        x[j + 13 * N],
        x[j + 14 * N],
    )


@kernel
def set_lane_state(x: np.ndarray, at: Index, lane: int, state: State) -> None:
    """Write a lane's state, at NOW or BEFORE."""
    j = at + lane
    x[j], x[j + N], x[j + 2 * N] = state.r.x, state.r.y, state.r.z
    x[j + 3 * N], x[j + 4 * N], x[j + 5 * N] = state.v.x, state.v.y, state.v.z
    x[j + 6 * N], x[j + 7 * N] = state.q.w, state.q.x
    x[j + 8 * N], x[j + 9 * N] = state.q.y, state.q.z
    x[j + 10 * N], x[j + 11 * N] = state.omega.x, state.omega.y
    x[j + 12 * N], x[j + 13 * N], x[j + 14 * N] = state.omega.z, state.mass, state.thrust


@kernel
def lane_vehicle(x: np.ndarray, lane: int) -> Vehicle:
    """Vehicle of a lane."""
    j, n = NOW + N * VEHICLE + lane, N
    return Vehicle(
        *(x[j], x[j + n], x[j + 2 * n], x[j + 3 * n], x[j + 4 * n], x[j + 5 * n]),
        *(x[j + 6 * n], x[j + 7 * n], x[j + 8 * n], x[j + 9 * n], x[j + 10 * n]),
        *(x[j + 11 * n], x[j + 12 * n], x[j + 13 * n], x[j + 14 * n], x[j + 15 * n]),
        *(x[j + 16 * n], x[j + 17 * n], x[j + 18 * n], x[j + 19 * n], x[j + 20 * n]),
    )
