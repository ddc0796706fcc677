"""A stored lander is one row of a float64 matrix; this module lays out its physics columns.

A single matrix instead of many arrays: Numba counts references to every array it passes, and two
threads would contend for those counters. The sensors' columns follow in `lunar_env.sensors.rows`,
those of the environment in `lunar_env.sim.world`. A name like ``CONTACT`` is a record of column
numbers: ``memory[i, CONTACT.touching]``.
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
# Hull points that can touch: four on each rim; the nose; two pads on one side.
RIM_POINTS: Final = 4
NOSE: Final = 2 * RIM_POINTS
SIDE_PADS: Final = 2
NOSES: Final = 1
HULL_POINTS: Final = NOSE + NOSES + SIDE_PADS
BANDS: Final = 4  # of relief, from fine to coarse


class Lander(NamedTuple):
    """One row of a batch with the ground of its episode: the first argument of most kernels."""

    memory: np.ndarray  # (rows, columns) float64, a row for each lander
    tiles: np.ndarray  # (BANDS, n, n) float32, m, periodic relief of each band
    terrain: np.ndarray  # (columns,) float64, bounds and landforms: `landforms.py`
    i: int  # row of the lander


class GroundBound(NamedTuple):
    """Highest ground under the lander at the last lookup: a cheap test that it is out of reach."""

    east: float  # m, L: x of the lander at the lookup
    north: float  # m, L: y
    elevation: float  # m, L: z of the highest ground


class Contact(NamedTuple):
    """State of the contact with the ground."""

    made: float  # 1 after first contact, else 0
    touching: float  # [-], number of points in contact
    hull_touching: float  # [-], number of hull points in contact
    broken_legs: float  # [-], number of broken legs
    still: float  # s, time for which the lander has been motionless
    lying: float  # s, time for which it has lain on its hull


class TerrainStep(NamedTuple):
    """A terrain step across the ground track: the ground before its edge is higher."""

    rise: float  # m, 0 without a step
    east: float  # [-], horizontal direction normal to the edge
    north: float  # [-]
    position: float  # m, of the middle of its ramp, along that direction


class EngineState(NamedTuple):
    """State of an engine."""

    thrust: float  # N
    gimbal_x: float  # rad, rotation of the thrust about B's x axis
    gimbal_y: float  # rad, about B's y axis
    health: float  # [-], available fraction of its thrust
    burning: float  # 1 while commanded to burn, 0 after shutdown, -1 before the first ignition
    valve: float  # [-], position of its throttle while it burns


class GroundPlane(NamedTuple):
    """Ground plane under a contact point, from the last lookup."""

    east: float  # m, L: x of the lookup
    north: float  # m, L: y
    elevation: float  # m, L: z of the plane there
    slope_east: float  # [-]
    slope_north: float  # [-]


class Point(NamedTuple):
    """Record of a contact point: a pad or a point of the hull."""

    crushed: float  # m, crushed stroke of the leg's absorber
    anchored: float  # 1 while the point has a friction anchor, else 0
    anchor: Vec3  # m, L: position of the anchor
    plane: GroundPlane
    known: float  # 1 once the ground plane has been looked up, else 0
    broken: float  # 1 if the leg is broken, else 0


# Hot blocks, used in every step, are contiguous, so that the hardware prefetches them.
_HOT: Final = Blocks()
STATE: Final = _HOT.add(State)
VEHICLE: Final = _HOT.add(Vehicle)
TRIM: Final = _HOT.add(Vec3)  # N m, B: the autopilot's trim torque
FLOWN: Final = _HOT.end  # number of columns that a lane holds
GROUND_BOUND: Final = _HOT.add(GroundBound)
CONTACT: Final = _HOT.add(Contact)
PHYSICS_WIDTH: Final = _HOT.end
# First column after the hot blocks of sensors and environment. A step also reads the columns from
# here to the last engine of the lander.
COLD: Final = 264
_COLD_BLOCKS: Final = Blocks(COLD)
GEAR: Final = _COLD_BLOCKS.add(Gear)
# The ground of this episode: placement of each relief band, friction.
BAND_EAST: Final = _COLD_BLOCKS.room(BANDS)  # m, offset of each band
BAND_NORTH: Final = _COLD_BLOCKS.room(BANDS)
BAND_TURN: Final = _COLD_BLOCKS.room(BANDS)  # 0 to 7: rotation and reflection of each band
DATUM: Final = _COLD_BLOCKS.room()  # m, raw elevation of the target, subtracted everywhere
FRICTION: Final = _COLD_BLOCKS.room()  # [-], friction coefficient
TERRAIN_STEP: Final = _COLD_BLOCKS.add(TerrainStep)
# Columns of an engine: its properties, its state, and its commands of the last ticks [N], latest
# first. Few landers have more than one or two engines.
_ENGINE_BLOCKS: Final = Blocks()
ENGINE: Final = _ENGINE_BLOCKS.add(Engine)
ENGINE_STATE: Final = _ENGINE_BLOCKS.add(EngineState)
PENDING: Final = _ENGINE_BLOCKS.room(1 + MAX_DEAD_TICKS)
ENGINE_WIDTH: Final = _ENGINE_BLOCKS.end
ENGINES: Final = _COLD_BLOCKS.room(MAX_ENGINES * ENGINE_WIDTH)
# Contact points: one record for each pad, then for each hull point.
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
