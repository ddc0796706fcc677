"""The ground under the points that may touch: a plane for each, looked up anew as it moves."""

import math
from typing import Final

import numpy as np

from lunar_env.kernel.compile import inline_kernel, kernel
from lunar_env.kernel.linalg import Vec3, axpy, dot
from lunar_env.physics.gear import (
    body_axes,
    first_direction,
    next_direction,
    point_position,
    point_record,
    to_site_frame,
)
from lunar_env.physics.mass import centre_of_mass
from lunar_env.physics.relief import patch
from lunar_env.physics.rows import POINT, GroundPlane, Lander, load_gear, load_vehicle, store_plane
from lunar_env.physics.site import ground_normal, map_position, vertical
from lunar_env.physics.types import Site, State

PAD_FOOTPRINT: Final = 0.25  # m, of the ground that carries a point
LOOKUP_DISTANCE: Final = 0.1  # m that a point moves before the ground under it is looked up again
_VALID_DISTANCE: Final = 2.0 * LOOKUP_DISTANCE  # m, beyond which the last look says nothing


@inline_kernel
def valid_radius2(state: State, dt: float) -> float:
    """Square of how far a look at the ground serves [m^2]: over the way of a tick at least."""
    radius = _VALID_DISTANCE + dt * math.sqrt(dot(state.v, state.v))
    return radius * radius


@inline_kernel
def displacement2(memory: np.ndarray, i: int, j: int, point: Vec3) -> float:
    """Square of how far a point has moved over the ground since that was looked up [m^2]."""
    x, y = point.x - memory[i, j + POINT.plane.east], point.y - memory[i, j + POINT.plane.north]
    return x * x + y * y if memory[i, j + POINT.known] > 0.0 else math.inf


@inline_kernel
def gap_to_plane(memory: np.ndarray, i: int, j: int, point: Vec3, radius2: float) -> float:
    """Height [m] along L's z of a point over the plane on record; inf where that is far away."""
    x, y = point.x - memory[i, j + POINT.plane.east], point.y - memory[i, j + POINT.plane.north]
    rise = x * memory[i, j + POINT.plane.slope_east] + y * memory[i, j + POINT.plane.slope_north]
    valid = displacement2(memory, i, j, point) < radius2
    return point.z - memory[i, j + POINT.plane.elevation] - rise if valid else math.inf


@inline_kernel
def plane_normal(memory: np.ndarray, i: int, j: int) -> Vec3:
    """Normal [-, L] of the plane on record."""
    east, north = memory[i, j + POINT.plane.slope_east], memory[i, j + POINT.plane.slope_north]
    inverse = 1.0 / math.sqrt(1.0 + east * east + north * north)
    return Vec3(-inverse * east, -inverse * north, inverse)


@kernel
def update_planes(lander: Lander, state: State, site: Site, points: int, radius2: float) -> None:
    """Look at the ground under those of the first `points` points that have moved."""
    memory, i = lander.memory, lander.i
    vehicle, gear = load_vehicle(memory, i), load_gear(memory, i)
    body, com = body_axes(state.q), centre_of_mass(state.mass, vehicle)
    legs = int(gear.legs)
    direction = first_direction(legs)
    for k in range(points):
        j = point_record(k, legs)
        position = point_position(k, legs, direction, memory[i, j + POINT.crushed], com, gear)
        direction = next_direction(direction, legs)
        point = axpy(1.0, to_site_frame(body, position), state.r)
        if displacement2(memory, i, j, point) > LOOKUP_DISTANCE * LOOKUP_DISTANCE:
            _fit_plane(lander, j, point, site, radius2)


@kernel
def _fit_plane(lander: Lander, j: int, point: Vec3, site: Site, radius2: float) -> None:
    """Put the plane of the ground under a point on record `j`: a height and slopes in L.

    Where the ground is higher than the last plane foretold, the point digs in: it stays as deep as
    it was, or just touches if it did not. So no look at the ground adds energy.
    """
    memory, i = lander.memory, lander.i
    position = map_position(point, site)
    ground = patch(lander, position.east, position.north, PAD_FOOTPRINT)
    up = vertical(point, site)
    normal = ground_normal(point, ground.slope_east, ground.slope_north, site)
    # The plane through the foot of the vertical, where it passes the point's x and y.
    height = point.z - (position.altitude - ground.elevation) * dot(up, normal) / normal.z
    gap = gap_to_plane(memory, i, j, point, radius2)
    penetration = -gap if gap < 0.0 else 0.0
    height = min(height, point.z + penetration)
    rise_east, rise_north = -normal.x / normal.z, -normal.y / normal.z
    plane = GroundPlane(point.x, point.y, height, rise_east, rise_north)
    store_plane(memory, i, j + POINT.plane.east, plane)
    memory[i, j + POINT.known] = 1.0
