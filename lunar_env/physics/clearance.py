"""Whether anything can touch the ground soon: a cheap bound in flight, and the exact clearance."""

import math
from typing import Final

from lunar_env.kernel.compile import inline_kernel, kernel
from lunar_env.kernel.linalg import axpy
from lunar_env.physics.contact_ground import PAD_FOOTPRINT
from lunar_env.physics.gear import (
    body_axes,
    first_direction,
    low_hull_points,
    next_direction,
    point_position,
    point_record,
    to_site_frame,
)
from lunar_env.physics.mass import centre_of_mass, com_height
from lunar_env.physics.rows import GROUND_BOUND, POINT, Lander, load_gear, load_vehicle
from lunar_env.physics.terrain import height_above, max_slope
from lunar_env.physics.types import Gear, Site, State, Vehicle

# rad/m, inclination of the sphere against L's horizontal plane per metre from the target: 1/R and a
# margin.
_TILT_PER_METRE: Final = 1.0 / 1.5e6
# The longest time for which a lookup of the ground is used, for the effect of rotation and descent.
_BOUND_LIFETIME: Final = 0.25  # s
# Bound of gravity and of the acceleration by the rotation of the frame: 3.71 on Mars, 1.62 on the
# Moon. A planet file may state more. There the test holds for every lander that can hover, since it
# takes the speed at the end of a step for all of it, which is twice the effect of an acceleration.
_FREE_FALL: Final = 4.0  # m/s^2
# Bound of the change of a body rate in a control step, in which thrusters reach some tenths.
_SPIN_UP: Final = 10.0  # rad/s
# Below this height the ground is looked up under every point that can be the lowest.
_DETAIL_HEIGHT: Final = 30.0  # m
# Cosine of a tilt up to which, with a margin, the upper rim cannot be the lowest part.
_COS_UPRIGHT: Final = 0.5


@inline_kernel
def out_of_reach(lander: Lander, state: State, gear: Gear, vehicle: Vehicle, ahead: float) -> bool:
    """Whether nothing can touch the ground within `ahead` seconds: sufficient, not necessary.

    Compares the lowest point with the highest ground that `update_ground_bound` found, raised by
    the steepest slope over the distance since.
    """
    memory, i = lander.memory, lander.i
    cosine = 1.0 - 2.0 * (state.q.x * state.q.x + state.q.y * state.q.y)
    sine = math.sqrt(max(0.0, 1.0 - cosine * cosine))
    height = com_height(state.mass, vehicle)
    pads = -height * cosine - gear.pad_radius * sine
    rims = (gear.hull_bottom - height) * cosine
    rims = min(rims, (gear.hull_nose - height) * cosine) - gear.hull_reach * sine
    com_offset = (abs(vehicle.com_x) + abs(vehicle.com_y)) * sine
    spin = abs(state.omega.x) + abs(state.omega.y) + abs(state.omega.z)
    sweep = spin * (gear.pad_radius + gear.hull_nose)
    x, y = state.r.x - memory[i, GROUND_BOUND.east], state.r.y - memory[i, GROUND_BOUND.north]
    tilt = _TILT_PER_METRE * (abs(state.r.x) + abs(state.r.y))
    distance = abs(x) + abs(y) + ahead * (abs(state.v.x) + abs(state.v.y))
    distance += _BOUND_LIFETIME * (sweep + tilt * abs(state.v.z))
    slope = max_slope(lander) + tilt
    lowest = state.r.z + min(pads, rims) - com_offset - ahead * (abs(state.v.z) + sweep)
    return lowest > memory[i, GROUND_BOUND.elevation] + slope * distance


@inline_kernel
def stays_out_of_reach(
    lander: Lander, state: State, gear: Gear, vehicle: Vehicle, ahead: float
) -> bool:
    """Whether `out_of_reach` holds at any instant of the next `ahead` seconds, however it flies.

    Attitude is free, and acceleration at most full thrust on the dry mass. Far from the ground this
    one test takes the place of those of all ticks of a step.
    """
    memory, i = lander.memory, lander.i
    dv = ahead * (vehicle.thrust_max / vehicle.mass_dry + _FREE_FALL)
    drift = ahead * (abs(state.v.x) + abs(state.v.y) + 2.0 * dv)
    fall = abs(state.v.z) + dv
    size = vehicle.com_z_dry + vehicle.com_z_tank + abs(vehicle.com_x) + abs(vehicle.com_y)
    size += gear.pad_radius + gear.hull_reach + gear.hull_nose + abs(gear.hull_bottom)
    spin = abs(state.omega.x) + abs(state.omega.y) + abs(state.omega.z) + _SPIN_UP
    tilt = _TILT_PER_METRE * (abs(state.r.x) + abs(state.r.y) + drift)
    x, y = state.r.x - memory[i, GROUND_BOUND.east], state.r.y - memory[i, GROUND_BOUND.north]
    distance = abs(x) + abs(y) + drift
    distance += _BOUND_LIFETIME * (spin * (gear.pad_radius + gear.hull_nose) + tilt * fall)
    highest = memory[i, GROUND_BOUND.elevation] + (max_slope(lander) + tilt) * distance
    return state.r.z - ahead * fall - size > highest


@kernel
def update_ground_bound(lander: Lander, state: State, site: Site) -> None:
    """Update the highest ground under row `i` for `out_of_reach`, and the position of this lookup.

    It is stored as z [m, L] of a point minus its height, which far from the target differs from the
    ground's own z: only the remaining distance between the two matters.
    """
    memory, i = lander.memory, lander.i
    vehicle = load_vehicle(memory, i)
    gear, body, com = load_gear(memory, i), body_axes(state.q), centre_of_mass(state.mass, vehicle)
    height = height_above(lander, state.r, site, PAD_FOOTPRINT)
    ground = state.r.z - height
    if height < _DETAIL_HEIGHT and body.z.z > _COS_UPRIGHT:
        legs = int(gear.legs)
        direction = first_direction(legs)
        for k in range(legs + low_hull_points(gear)):
            position = point_position(k, legs, direction, 0.0, com, gear)
            direction = next_direction(direction, legs)
            point = axpy(1.0, to_site_frame(body, position), state.r)
            height = height_above(lander, point, site, PAD_FOOTPRINT)
            ground = max(ground, point.z - height)
    else:
        slope = max_slope(lander) + _TILT_PER_METRE * (abs(state.r.x) + abs(state.r.y))
        ground += slope * (gear.pad_radius + gear.hull_nose)
    memory[i, GROUND_BOUND.east], memory[i, GROUND_BOUND.north] = state.r.x, state.r.y
    memory[i, GROUND_BOUND.elevation] = ground


@kernel
def ground_clearance(lander: Lander, state: State, site: Site) -> float:
    """Smallest height [m] above the ground of all hull points and pads of unbroken legs."""
    memory, i = lander.memory, lander.i
    vehicle, gear = load_vehicle(memory, i), load_gear(memory, i)
    body, com = body_axes(state.q), centre_of_mass(state.mass, vehicle)
    legs, lowest = int(gear.legs), math.inf
    direction = first_direction(legs)
    for k in range(legs + int(gear.hull_points)):
        j = point_record(k, legs)
        position = point_position(k, legs, direction, memory[i, j + POINT.crushed], com, gear)
        direction = next_direction(direction, legs)
        if memory[i, j + POINT.broken] > 0.0:
            continue
        point = axpy(1.0, to_site_frame(body, position), state.r)
        height = height_above(lander, point, site, PAD_FOOTPRINT)
        lowest = min(lowest, height)
    return lowest
