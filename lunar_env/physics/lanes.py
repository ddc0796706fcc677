"""Eight landers side by side: the ticks of a step, in a layout that the compiler vectorises.

The equations are those of `integrate.rk4`, called for each lane; here is only where the numbers
lie. A scratch array holds a quantity of all lanes side by side, so that one instruction works on
several landers. A lane's result has the same bits in any company.
"""

import math
from typing import Final

import numpy as np

from lunar_env.kernel.compile import kernel
from lunar_env.kernel.linalg import Quat, Vec3, multiply
from lunar_env.physics.attitude import pointing_torque
from lunar_env.physics.integrate import advance_to_empty, rk4
from lunar_env.physics.rows import GROUND
from lunar_env.physics.types import Site, State, Vehicle

LANES: Final = 8
_STATE: Final = 15
# Where each quantity of lane 0 lies.
NOW: Final = 0  # state and vehicle, in the order of a row
BEFORE: Final = NOW + LANES * GROUND  # state at the start of the tick
TORQUE: Final = BEFORE + LANES * _STATE  # N m, B
AXIS: Final = TORQUE + LANES * 3  # [-], L, where the thrust should point
ATTITUDE: Final = AXIS + LANES * 3  # [-], error of the believed attitude
COMMAND: Final = ATTITUDE + LANES * 4  # N
HALF_DECAY: Final = COMMAND + LANES  # [-], lag's exponential over half a tick
ALIVE: Final = HALF_DECAY + LANES  # 1 while the lander flies
SCRATCH: Final = ALIVE + LANES


@kernel
def board(
    x: np.ndarray,
    lane: int,
    memory: np.ndarray,
    i: int,
    axis: Vec3,
    attitude: Quat,
    command: float,
    tick: float,
    alive: bool,
) -> None:
    """Take row `i` into a lane, with what it holds constant during the step."""
    for k in range(GROUND):
        x[NOW + LANES * k + lane] = memory[i, k]
    j = AXIS + lane
    x[j], x[j + LANES], x[j + 2 * LANES] = axis.x, axis.y, axis.z
    j = ATTITUDE + lane
    x[j], x[j + LANES] = attitude.w, attitude.x
    x[j + 2 * LANES], x[j + 3 * LANES] = attitude.y, attitude.z
    x[COMMAND + lane] = command
    x[HALF_DECAY + lane] = math.exp(-0.5 * tick / lane_vehicle(x, lane).lag)
    x[ALIVE + lane] = 1.0 if alive else 0.0


@kernel
def fly(x: np.ndarray, lanes: int, site: Site, tick: float) -> None:
    """Advance every lane by one tick, as if its propellant lasted. This is the loop that counts."""
    for lane in range(lanes):
        state = lane_state(x, NOW, lane)
        vehicle = lane_vehicle(x, lane)
        j = AXIS + lane
        axis = Vec3(x[j], x[j + LANES], x[j + 2 * LANES])
        j = ATTITUDE + lane
        error = Quat(x[j], x[j + LANES], x[j + 2 * LANES], x[j + 3 * LANES])
        believed = multiply(state.q, error)
        torque = pointing_torque(believed, state.omega, axis, state.mass, vehicle)
        after = rk4(
            *(state, x[COMMAND + lane], torque, vehicle, site, tick, x[HALF_DECAY + lane]),
        )
        set_lane_state(x, BEFORE, lane, state)
        set_lane_state(x, NOW, lane, after)
        j = TORQUE + lane
        x[j], x[j + LANES], x[j + 2 * LANES] = torque.x, torque.y, torque.z


@kernel
def run_dry(x: np.ndarray, lane: int, site: Site, tick: float) -> None:
    """Fly the tick again where it may have emptied the tanks; cheap and rare."""
    before, vehicle = lane_state(x, BEFORE, lane), lane_vehicle(x, lane)
    command = x[COMMAND + lane]
    most = max(before.thrust, command) * tick
    if most >= (before.mass - vehicle.mass_dry) * vehicle.v_e:
        torque = lane_torque(x, lane)
        after = advance_to_empty(before, command, torque, vehicle, site, tick)
        set_lane_state(x, NOW, lane, after)


@kernel
def lane_torque(x: np.ndarray, lane: int) -> Vec3:
    """Control torque of a lane's last tick."""
    j = TORQUE + lane
    return Vec3(x[j], x[j + LANES], x[j + 2 * LANES])


@kernel
def lane_state(x: np.ndarray, at: int, lane: int) -> State:
    """State of a lane, at NOW or BEFORE."""
    j, n = at + lane, LANES
    return State(
        Vec3(x[j], x[j + n], x[j + 2 * n]),
        Vec3(x[j + 3 * n], x[j + 4 * n], x[j + 5 * n]),
        Quat(x[j + 6 * n], x[j + 7 * n], x[j + 8 * n], x[j + 9 * n]),
        Vec3(x[j + 10 * n], x[j + 11 * n], x[j + 12 * n]),
        x[j + 13 * n],
        x[j + 14 * n],
    )


@kernel
def set_lane_state(x: np.ndarray, at: int, lane: int, state: State) -> None:
    """Write a lane's state, at NOW or BEFORE."""
    j, n = at + lane, LANES
    x[j], x[j + n], x[j + 2 * n] = state.r.x, state.r.y, state.r.z
    x[j + 3 * n], x[j + 4 * n], x[j + 5 * n] = state.v.x, state.v.y, state.v.z
    x[j + 6 * n], x[j + 7 * n] = state.q.w, state.q.x
    x[j + 8 * n], x[j + 9 * n] = state.q.y, state.q.z
    x[j + 10 * n], x[j + 11 * n] = state.omega.x, state.omega.y
    x[j + 12 * n], x[j + 13 * n], x[j + 14 * n] = state.omega.z, state.mass, state.thrust


@kernel
def lane_vehicle(x: np.ndarray, lane: int) -> Vehicle:
    """Vehicle of a lane."""
    j, n = NOW + LANES * _STATE + lane, LANES
    return Vehicle(
        *(x[j], x[j + n], x[j + 2 * n], x[j + 3 * n], x[j + 4 * n], x[j + 5 * n]),
        *(x[j + 6 * n], x[j + 7 * n], x[j + 8 * n], x[j + 9 * n], x[j + 10 * n]),
        *(x[j + 11 * n], x[j + 12 * n], x[j + 13 * n], x[j + 14 * n], x[j + 15 * n]),
        x[j + 16 * n],
    )
