"""The ground under the contact points: a plane for each, looked up again as the point moves."""

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

PAD_FOOTPRINT: Final = 0.25  # m, over which the ground under a point is averaged
LOOKUP_DISTANCE: Final = 0.1  # m, displacement after which a ground plane is looked up again
_VALID_DISTANCE: Final = 2.0 * LOOKUP_DISTANCE  # m, beyond which a plane is not used


@inline_kernel
def valid_radius2(state: State, dt: float) -> float:
    """Squared radius [m^2] within which a plane is used: at least the distance flown in a tick."""
    radius = _VALID_DISTANCE + dt * math.sqrt(dot(state.v, state.v))
    return radius * radius


@inline_kernel
def displacement2(memory: np.ndarray, i: int, j: int, point: Vec3) -> float:
    """Squared horizontal displacement [m^2] of a point since the lookup; inf before the first."""
    x, y = point.x - memory[i, j + POINT.plane.east], point.y - memory[i, j + POINT.plane.north]
    return x * x + y * y if memory[i, j + POINT.known] > 0.0 else math.inf


@inline_kernel
def gap_to_plane(memory: np.ndarray, i: int, j: int, point: Vec3, radius2: float) -> float:
    """Height [m, along L's z] of a point above its ground plane; inf outside its valid radius."""
    x, y = point.x - memory[i, j + POINT.plane.east], point.y - memory[i, j + POINT.plane.north]
    rise = x * memory[i, j + POINT.plane.slope_east] + y * memory[i, j + POINT.plane.slope_north]
    valid = displacement2(memory, i, j, point) < radius2
    return point.z - memory[i, j + POINT.plane.elevation] - rise if valid else math.inf


@inline_kernel
def plane_normal(memory: np.ndarray, i: int, j: int) -> Vec3:
    """Normal [-, L] of the ground plane of record `j`."""
    east, north = memory[i, j + POINT.plane.slope_east], memory[i, j + POINT.plane.slope_north]
    inverse = 1.0 / math.sqrt(1.0 + east * east + north * north)
    return Vec3(-inverse * east, -inverse * north, inverse)


@kernel
def update_planes(lander: Lander, state: State, site: Site, points: int, radius2: float) -> None:
    """Look up the ground under those of the first `points` points that have moved far enough."""
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
    """Store the ground plane under a point in record `j`: height and slopes in L.

    If the ground is higher than the last plane predicted, the penetration stays as it was, or zero
    without contact, so that no lookup adds energy.
    """
    memory, i = lander.memory, lander.i
    position = map_position(point, site)
    ground = patch(lander, position.east, position.north, PAD_FOOTPRINT)
    up = vertical(point, site)
    normal = ground_normal(point, ground.slope_east, ground.slope_north, site)
    # Height of the plane through the foot of the vertical, at the point's x and y.
    height = point.z - (position.altitude - ground.elevation) * dot(up, normal) / normal.z
    gap = gap_to_plane(memory, i, j, point, radius2)
    penetration = -gap if gap < 0.0 else 0.0
    height = min(height, point.z + penetration)
    rise_east, rise_north = -normal.x / normal.z, -normal.y / normal.z
    plane = GroundPlane(point.x, point.y, height, rise_east, rise_north)
    store_plane(memory, i, j + POINT.plane.east, plane)
    memory[i, j + POINT.known] = 1.0
