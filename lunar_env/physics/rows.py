"""A lander at rest is one row of a float64 matrix; here are the blocks that hold its physics.

A single matrix instead of many arrays: Numba counts references of every array it passes on, and
two threads would fight over those counters. The blocks of the sensors follow in
`lunar_env.sensors.rows`, those of the environment in `lunar_env.sim.world`.
"""

from typing import Final

import numpy as np

from lunar_env.kernel.compile import kernel
from lunar_env.kernel.linalg import Quat, Vec3
from lunar_env.physics.types import Ground, State, Vehicle

STATE_NAMES: Final = (
    *("r_x_m", "r_y_m", "r_z_m", "v_x_m_s", "v_y_m_s", "v_z_m_s", "q_w", "q_x", "q_y", "q_z"),
    *("omega_x_rad_s", "omega_y_rad_s", "omega_z_rad_s", "mass_kg", "thrust_N"),
)
STATE: Final = 0
VEHICLE: Final = STATE + len(STATE_NAMES)
GROUND: Final = VEHICLE + len(Vehicle._fields)
PHYSICS_WIDTH: Final = GROUND + len(Ground._fields)


@kernel
def load_state(memory: np.ndarray, i: int) -> State:
    """State of row `i`."""
    m, j = memory, STATE
    return State(
        Vec3(m[i, j], m[i, j + 1], m[i, j + 2]),
        Vec3(m[i, j + 3], m[i, j + 4], m[i, j + 5]),
        Quat(m[i, j + 6], m[i, j + 7], m[i, j + 8], m[i, j + 9]),
        Vec3(m[i, j + 10], m[i, j + 11], m[i, j + 12]),
        m[i, j + 13],
        m[i, j + 14],
    )


@kernel
def store_state(memory: np.ndarray, i: int, state: State) -> None:
    """Write a state to row `i`."""
    m, j = memory, STATE
    m[i, j], m[i, j + 1], m[i, j + 2] = state.r.x, state.r.y, state.r.z
    m[i, j + 3], m[i, j + 4], m[i, j + 5] = state.v.x, state.v.y, state.v.z
    m[i, j + 6], m[i, j + 7] = state.q.w, state.q.x
    m[i, j + 8], m[i, j + 9] = state.q.y, state.q.z
    m[i, j + 10], m[i, j + 11], m[i, j + 12] = state.omega.x, state.omega.y, state.omega.z
    m[i, j + 13] = state.mass
    m[i, j + 14] = state.thrust


@kernel
def load_vehicle(memory: np.ndarray, i: int) -> Vehicle:
    """Vehicle of row `i`."""
    m, j = memory, VEHICLE
    return Vehicle(
        *(m[i, j], m[i, j + 1], m[i, j + 2], m[i, j + 3], m[i, j + 4], m[i, j + 5]),
        *(m[i, j + 6], m[i, j + 7], m[i, j + 8], m[i, j + 9], m[i, j + 10], m[i, j + 11]),
        *(m[i, j + 12], m[i, j + 13], m[i, j + 14], m[i, j + 15], m[i, j + 16]),
    )


@kernel
def load_ground(memory: np.ndarray, i: int) -> Ground:
    """Ground of row `i`."""
    return Ground(memory[i, GROUND], memory[i, GROUND + 1], memory[i, GROUND + 2])
