"""The ground under the points that may touch: a plane for each, looked up anew as it moves."""

import math
from typing import Final

import numpy as np

from lunar_env.kernel.compile import inline_kernel, kernel
from lunar_env.kernel.linalg import Vec3, axpy, dot
from lunar_env.physics.gear import (
    axes,
    first_direction,
    next_direction,
    place_of,
    record_of,
    to_ground,
)
from lunar_env.physics.mass import centre_of_mass
from lunar_env.physics.relief import patch
from lunar_env.physics.rows import POINT, Lander, Spot, load_gear, load_vehicle, store_spot
from lunar_env.physics.site import ground_normal, site_place, vertical
from lunar_env.physics.types import Site, State

PAD_FOOTPRINT: Final = 0.25  # m, of the ground that carries a point
STRIDE: Final = 0.1  # m that a point moves before the ground under it is looked up again
_TRUSTED: Final = 2.0 * STRIDE  # m, beyond which the last look says nothing


@inline_kernel
def trusted2(state: State, dt: float) -> float:
    """Square of how far a look at the ground serves [m^2]: over the way of a tick at least."""
    far = _TRUSTED + dt * math.sqrt(dot(state.v, state.v))
    return far * far


@inline_kernel
def moved2(memory: np.ndarray, i: int, j: int, point: Vec3) -> float:
    """Square of how far a point has moved over the ground since that was looked up [m^2]."""
    x, y = point.x - memory[i, j + POINT.spot.east], point.y - memory[i, j + POINT.spot.north]
    return x * x + y * y if memory[i, j + POINT.known] > 0.0 else math.inf


@inline_kernel
def gap_over(memory: np.ndarray, i: int, j: int, point: Vec3, near2: float) -> float:
    """Height [m] along L's z of a point over the plane on record; inf where that is far away."""
    x, y = point.x - memory[i, j + POINT.spot.east], point.y - memory[i, j + POINT.spot.north]
    rise = x * memory[i, j + POINT.spot.slope_east] + y * memory[i, j + POINT.spot.slope_north]
    near = moved2(memory, i, j, point) < near2
    return point.z - memory[i, j + POINT.spot.elevation] - rise if near else math.inf


@inline_kernel
def spot_normal(memory: np.ndarray, i: int, j: int) -> Vec3:
    """Normal [-, L] of the plane on record."""
    east, north = memory[i, j + POINT.spot.slope_east], memory[i, j + POINT.spot.slope_north]
    flat = 1.0 / math.sqrt(1.0 + east * east + north * north)
    return Vec3(-flat * east, -flat * north, flat)


@kernel
def survey(lander: Lander, state: State, site: Site, points: int, near2: float) -> None:
    """Look at the ground under those of the first `points` points that have moved."""
    memory, i = lander.memory, lander.i
    vehicle, gear = load_vehicle(memory, i), load_gear(memory, i)
    body, com = axes(state.q), centre_of_mass(state.mass, vehicle)
    legs = int(gear.legs)
    direction = first_direction(legs)
    for k in range(points):
        j = record_of(k, legs)
        place = place_of(k, legs, direction, memory[i, j + POINT.crushed], com, gear)
        direction = next_direction(direction, legs)
        point = axpy(1.0, to_ground(body, place), state.r)
        if moved2(memory, i, j, point) > STRIDE * STRIDE:
            _look_under(lander, j, point, site, near2)


@kernel
def _look_under(lander: Lander, j: int, point: Vec3, site: Site, near2: float) -> None:
    """Put the plane of the ground under a point on record `j`: a height and slopes in L.

    Where the ground is higher than the last plane foretold, the point digs in: it stays as deep as
    it was, or just touches if it did not. So no look at the ground adds energy.
    """
    memory, i = lander.memory, lander.i
    place = site_place(point, site)
    under = patch(lander, place.east, place.north, PAD_FOOTPRINT)
    up = vertical(point, site)
    normal = ground_normal(point, under.slope_east, under.slope_north, site)
    # The plane through the foot of the vertical, where it passes the point's x and y.
    height = point.z - (place.altitude - under.elevation) * dot(up, normal) / normal.z
    gap = gap_over(memory, i, j, point, near2)
    deep = -gap if gap < 0.0 else 0.0
    height = min(height, point.z + deep)
    rise_east, rise_north = -normal.x / normal.z, -normal.y / normal.z
    spot = Spot(point.x, point.y, height, rise_east, rise_north)
    store_spot(memory, i, j + POINT.spot.east, spot)
    memory[i, j + POINT.known] = 1.0
