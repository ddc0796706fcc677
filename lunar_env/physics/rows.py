"""A lander at rest is one row of a float64 matrix; here are the blocks that hold its physics.

A single matrix instead of many arrays: Numba counts references of every array it passes on, and
two threads would fight over those counters. The blocks of the sensors follow in
`lunar_env.sensors.rows`, those of the environment in `lunar_env.sim.world`.
"""

from typing import Final

import numpy as np

from lunar_env.kernel.compile import cold_kernel, kernel
from lunar_env.kernel.linalg import Quat, Vec3
from lunar_env.physics.types import Engine, Gear, State, Vehicle

MAX_ENGINES: Final = 8
MAX_LEGS: Final = 8
MAX_DEAD_TICKS: Final = 4
# Points of the hull that can touch: four of each rim; the nose; two pads on one side.
RIM_POINTS: Final = 4
NOSE: Final = 2 * RIM_POINTS
HULL_POINTS: Final = NOSE + 3
BANDS: Final = 4  # of terrain, from fine to coarse

STATE_NAMES: Final = (
    *("r_x_m", "r_y_m", "r_z_m", "v_x_m_s", "v_y_m_s", "v_z_m_s", "q_w", "q_x", "q_y", "q_z"),
    *("omega_x_rad_s", "omega_y_rad_s", "omega_z_rad_s", "mass_kg", "thrust_N"),
)
# Hot blocks, used in every step: they lie together, so that the memory streams them.
STATE: Final = 0
VEHICLE: Final = STATE + len(STATE_NAMES)
TRIM: Final = VEHICLE + len(Vehicle._fields)  # N m, B: autopilot's steady torque, 3
FLOWN: Final = TRIM + 3  # what a lane takes along ends here
# What was last known of the ground under the lander, to tell cheaply that it is out of reach.
NEAR_EAST: Final = FLOWN  # m
NEAR_NORTH: Final = FLOWN + 1
NEAR_ELEVATION: Final = FLOWN + 2
CONTACT: Final = FLOWN + 3  # 1 once anything has touched the ground
TOUCHING: Final = CONTACT + 1  # points that touch it now
HULL_TOUCHING: Final = CONTACT + 2  # points of the hull that touch it now
BROKEN_LEGS: Final = CONTACT + 3
STILL: Final = CONTACT + 4  # s that the lander has been at rest
PHYSICS_WIDTH: Final = CONTACT + 5
# The hot blocks of sensors and environment follow there, up to here; a step reads what comes next
# as well, up to the last engine that a lander has.
COLD: Final = 264
# Landing gear, and the ground of this episode: where each band of the terrain lies, its friction.
GEAR: Final = COLD
GROUND: Final = GEAR + len(Gear._fields)
BAND_EAST: Final = GROUND  # m, shift of each band
BAND_NORTH: Final = BAND_EAST + BANDS
BAND_TURN: Final = BAND_NORTH + BANDS  # 0 to 7: quarter turns and mirror image of each band
DATUM: Final = BAND_TURN + BANDS  # m, raw elevation of the target, taken off everywhere
FRICTION: Final = DATUM + 1  # [-]
# A step of the ground across the way to the target: before its edge the ground is higher.
STEP_RISE: Final = FRICTION + 1  # m, 0 for none
STEP_EAST: Final = STEP_RISE + 1  # [-], direction across the edge
STEP_NORTH: Final = STEP_RISE + 2
STEP_PLACE: Final = STEP_RISE + 3  # m, of the middle of its slope, along that direction
# Each engine: what it is (Engine), then how it stands. Few landers have more than one or two.
ENGINES: Final = STEP_PLACE + 1
THRUST: Final = len(Engine._fields)  # N
GIMBAL_X: Final = THRUST + 1  # rad, turn of the thrust about B's x axis
GIMBAL_Y: Final = THRUST + 2  # rad
HEALTH: Final = THRUST + 3  # [-], share of its thrust that it still gives
LIT: Final = THRUST + 4  # 1 while commanded to burn, 0 after, -1 before the first time
PENDING: Final = THRUST + 5  # N, commands of the last ticks, the latest first
ENGINE_WIDTH: Final = PENDING + MAX_DEAD_TICKS + 1
# Contact: one record for each pad, then for each point of the hull.
POINTS: Final = ENGINES + MAX_ENGINES * ENGINE_WIDTH
CRUSHED: Final = 0  # m, lasting stroke of the absorber
ANCHORED: Final = 1  # 1 while the point has an anchor in the ground
ANCHOR: Final = 2  # m, L: where it sticks, 3
SPOT_EAST: Final = 5  # m, where the ground under it was last looked up
SPOT_NORTH: Final = 6
SPOT_ELEVATION: Final = 7
SPOT_SLOPE_EAST: Final = 8
SPOT_SLOPE_NORTH: Final = 9
KNOWN: Final = 10  # 1 once it was
BROKEN: Final = 11
POINT_WIDTH: Final = 12
ROW_WIDTH: Final = POINTS + (MAX_LEGS + HULL_POINTS) * POINT_WIDTH


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
        *(m[i, j + 12], m[i, j + 13], m[i, j + 14], m[i, j + 15], m[i, j + 16], m[i, j + 17]),
        *(m[i, j + 18], m[i, j + 19], m[i, j + 20]),
    )


@cold_kernel
def load_gear(memory: np.ndarray, i: int) -> Gear:
    """Landing gear of row `i`."""
    m, j = memory, GEAR
    return Gear(
        *(m[i, j], m[i, j + 1], m[i, j + 2], m[i, j + 3], m[i, j + 4]),
        *(m[i, j + 5], m[i, j + 6], m[i, j + 7], m[i, j + 8], m[i, j + 9]),
        *(m[i, j + 10], m[i, j + 11], m[i, j + 12], m[i, j + 13], m[i, j + 14]),
        *(m[i, j + 15], m[i, j + 16]),
    )
