"""Whether anything can touch the ground soon: cheap bounds in flight, and the exact clearance."""

import math
from typing import Final

from lunar_env.kernel.compile import inline_kernel, kernel
from lunar_env.kernel.linalg import axpy
from lunar_env.physics.gear import (
    axes,
    first_direction,
    low_points,
    next_direction,
    place_of,
    record_of,
    to_ground,
)
from lunar_env.physics.mass import centre_of_mass, com_height
from lunar_env.physics.rows import NEAR, POINT, Lander, load_gear, load_vehicle
from lunar_env.physics.terrain import height_above, steepest
from lunar_env.physics.types import Gear, Site, State, Vehicle
from lunar_env.physics.underfoot import PAD_FOOTPRINT

# The sphere leans against L by this much per metre from the target; 1/R and a margin.
_LEAN: Final = 1.0 / 1.5e6
# How long a look at the ground may serve, where turning and falling at a slant matter.
_STALE: Final = 0.25  # s
# Below this height the ground is looked up under all points that can be lowest.
_LOW: Final = 30.0  # m
_UPRIGHT: Final = 0.5  # cosine of the tilt up to which the upper rim cannot be lowest, and well so


@inline_kernel
def out_of_reach(lander: Lander, state: State, gear: Gear, vehicle: Vehicle, ahead: float) -> bool:
    """Whether nothing can touch the ground within `ahead` seconds: sufficient, not necessary.

    The lowest point against the highest ground that `note_ground` found, raised by the steepest
    slope over the way since.
    """
    memory, i = lander.memory, lander.i
    upright = 1.0 - 2.0 * (state.q.x * state.q.x + state.q.y * state.q.y)
    lying = math.sqrt(max(0.0, 1.0 - upright * upright))
    height = com_height(state.mass, vehicle)
    pads = -height * upright - gear.pad_radius * lying
    rims = (gear.hull_bottom - height) * upright
    rims = min(rims, (gear.hull_nose - height) * upright) - gear.hull_reach * lying
    aside = (abs(vehicle.com_x) + abs(vehicle.com_y)) * lying
    spin = abs(state.omega.x) + abs(state.omega.y) + abs(state.omega.z)
    sweep = spin * (gear.pad_radius + gear.hull_nose)
    x, y = state.r.x - memory[i, NEAR.east], state.r.y - memory[i, NEAR.north]
    lean = _LEAN * (abs(state.r.x) + abs(state.r.y))
    way = abs(x) + abs(y) + ahead * (abs(state.v.x) + abs(state.v.y))
    way += _STALE * (sweep + lean * abs(state.v.z))
    slope = steepest(lander) + lean
    lowest = state.r.z + min(pads, rims) - aside - ahead * (abs(state.v.z) + sweep)
    return lowest > memory[i, NEAR.elevation] + slope * way


@kernel
def note_ground(lander: Lander, state: State, site: Site) -> None:
    """Note for `out_of_reach` the highest ground under row `i`, and where that was.

    It is noted as the z of a point less its height, which far from the target is not the ground's
    own z: what counts is how much is left between the two.
    """
    memory, i = lander.memory, lander.i
    vehicle = load_vehicle(memory, i)
    gear, body, com = load_gear(memory, i), axes(state.q), centre_of_mass(state.mass, vehicle)
    height = height_above(lander, state.r, site, PAD_FOOTPRINT)
    under = state.r.z - height
    if height < _LOW and body.z.z > _UPRIGHT:
        legs = int(gear.legs)
        direction = first_direction(legs)
        for k in range(legs + low_points(gear)):
            place = place_of(k, legs, direction, 0.0, com, gear)
            direction = next_direction(direction, legs)
            point = axpy(1.0, to_ground(body, place), state.r)
            height = height_above(lander, point, site, PAD_FOOTPRINT)
            under = max(under, point.z - height)
    else:
        slope = steepest(lander) + _LEAN * (abs(state.r.x) + abs(state.r.y))
        under += slope * (gear.pad_radius + gear.hull_nose)
    memory[i, NEAR.east], memory[i, NEAR.north] = state.r.x, state.r.y
    memory[i, NEAR.elevation] = under


@kernel
def lowest_point(lander: Lander, state: State, site: Site) -> float:
    """Height over the ground of the closest point of the hull or pad of an unbroken leg [m]."""
    memory, i = lander.memory, lander.i
    vehicle, gear = load_vehicle(memory, i), load_gear(memory, i)
    body, com = axes(state.q), centre_of_mass(state.mass, vehicle)
    legs, lowest = int(gear.legs), math.inf
    direction = first_direction(legs)
    for k in range(legs + int(gear.hull_points)):
        j = record_of(k, legs)
        place = place_of(k, legs, direction, memory[i, j + POINT.crushed], com, gear)
        direction = next_direction(direction, legs)
        if memory[i, j + POINT.broken] > 0.0:
            continue
        point = axpy(1.0, to_ground(body, place), state.r)
        height = height_above(lander, point, site, PAD_FOOTPRINT)
        lowest = min(lowest, height)
    return lowest
