"""A lander at rest is one row of a float64 matrix; here are the blocks that hold its physics.

A single matrix instead of many arrays: Numba counts references of every array it passes on, and
two threads would fight over those counters. The blocks of the sensors follow in
`lunar_env.sensors.rows`, those of the environment in `lunar_env.sim.world`. A name like ``CONTACT``
stands for a record of columns: ``memory[i, CONTACT.touching]``.
"""

from typing import Final, NamedTuple

import numpy as np

from lunar_env.kernel.compile import kernel
from lunar_env.kernel.linalg import Vec3
from lunar_env.kernel.records import Blocks, columns, part_record, row_record, width
from lunar_env.physics.types import Engine, Gear, State, Vehicle

MAX_ENGINES: Final = 8
MAX_LEGS: Final = 8
MAX_DEAD_TICKS: Final = 4
# Points of the hull that can touch: four of each rim; the nose; two pads on one side.
RIM_POINTS: Final = 4
NOSE: Final = 2 * RIM_POINTS
SIDE_PADS: Final = 2
NOSES: Final = 1
HULL_POINTS: Final = NOSE + NOSES + SIDE_PADS
BANDS: Final = 4  # of terrain, from fine to coarse


class Lander(NamedTuple):
    """One row of a batch, and the ground of its episode: what most kernels begin with."""

    memory: np.ndarray  # (N, columns), a row for each lander
    tiles: np.ndarray  # (BANDS, n, n) float32, periodic relief of each band
    terrain: np.ndarray  # numbers of the ground, landforms included: `landforms.py`
    i: int  # its row


class GroundBound(NamedTuple):
    """What was last known of the ground under the lander: tells cheaply that it is out of reach."""

    east: float  # m
    north: float  # m
    elevation: float  # m


class Contact(NamedTuple):
    """How the lander stands on the ground."""

    made: float  # 1 once anything has touched the ground
    touching: float  # [-], points that touch it now
    hull_touching: float  # [-], points of the hull that touch it now
    broken_legs: float  # [-]
    still: float  # s that the lander has been at rest


class TerrainStep(NamedTuple):
    """A step of the ground across the way to the target: before its edge the ground is higher."""

    rise: float  # m, 0 for none
    east: float  # [-], direction across the edge
    north: float  # [-]
    position: float  # m, of the middle of its slope, along that direction


class EngineState(NamedTuple):
    """How an engine stands."""

    thrust: float  # N
    gimbal_x: float  # rad, turn of the thrust about B's x axis
    gimbal_y: float  # rad
    health: float  # [-], share of its thrust that it still gives
    burning: float  # 1 while commanded to burn, 0 after, -1 before the first time


class GroundPlane(NamedTuple):
    """The plane of the ground under a point, where it was last looked up."""

    east: float  # m
    north: float  # m
    elevation: float  # m
    slope_east: float  # [-]
    slope_north: float  # [-]


class Point(NamedTuple):
    """A pad or a point of the hull."""

    crushed: float  # m, lasting stroke of the absorber
    anchored: float  # 1 while the point has an anchor in the ground
    anchor: Vec3  # m, L: where it sticks
    plane: GroundPlane
    known: float  # 1 once the ground under it was looked up
    broken: float  # 1 or 0


# Hot blocks, used in every step: they lie together, so that the memory streams them.
_HOT: Final = Blocks()
STATE: Final = _HOT.add(State)
VEHICLE: Final = _HOT.add(Vehicle)
TRIM: Final = _HOT.add(Vec3)  # N m, B: autopilot's steady torque
FLOWN: Final = _HOT.end  # what a lane takes along ends here
GROUND_BOUND: Final = _HOT.add(GroundBound)
CONTACT: Final = _HOT.add(Contact)
PHYSICS_WIDTH: Final = _HOT.end
# The hot blocks of sensors and environment follow there, up to here; a step reads what comes next
# as well, up to the last engine that a lander has.
COLD: Final = 264
_COLD_BLOCKS: Final = Blocks(COLD)
GEAR: Final = _COLD_BLOCKS.add(Gear)
# The ground of this episode: where each band of the terrain lies, its friction.
BAND_EAST: Final = _COLD_BLOCKS.room(BANDS)  # m, shift of each band
BAND_NORTH: Final = _COLD_BLOCKS.room(BANDS)
BAND_TURN: Final = _COLD_BLOCKS.room(BANDS)  # 0 to 7: quarter turns and mirror image of each band
DATUM: Final = _COLD_BLOCKS.room()  # m, raw elevation of the target, taken off everywhere
FRICTION: Final = _COLD_BLOCKS.room()  # [-]
TERRAIN_STEP: Final = _COLD_BLOCKS.add(TerrainStep)
# Within an engine's part: what it is, how it stands, and its commands of the last ticks [N], the
# latest first. Few landers have more than one or two.
_ENGINE_BLOCKS: Final = Blocks()
ENGINE: Final = _ENGINE_BLOCKS.add(Engine)
ENGINE_STATE: Final = _ENGINE_BLOCKS.add(EngineState)
PENDING: Final = _ENGINE_BLOCKS.room(1 + MAX_DEAD_TICKS)
ENGINE_WIDTH: Final = _ENGINE_BLOCKS.end
ENGINES: Final = _COLD_BLOCKS.room(MAX_ENGINES * ENGINE_WIDTH)
# Contact: one record for each pad, then for each point of the hull.
POINT: Final = columns(Point)  # within a record
POINT_WIDTH: Final = width(Point)
POINTS: Final = _COLD_BLOCKS.room((MAX_LEGS + HULL_POINTS) * POINT_WIDTH)
HULL: Final = POINTS + MAX_LEGS * POINT_WIDTH  # record of the first point of the hull
ROW_WIDTH: Final = _COLD_BLOCKS.end

load_state, store_state = row_record(State, STATE)
load_vehicle, store_vehicle = row_record(Vehicle, VEHICLE)
load_trim, store_trim = row_record(Vec3, TRIM)
load_ground_bound, store_ground_bound = row_record(GroundBound, GROUND_BOUND)
load_gear, store_gear = row_record(Gear, GEAR, kernel)
load_vec, store_vec = part_record(Vec3)
load_plane, store_plane = part_record(GroundPlane)
load_engine, store_engine = part_record(Engine, kernel)
