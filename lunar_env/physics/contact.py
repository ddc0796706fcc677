"""Contact with the ground, a millisecond at a time: bounce, slide, crush, break, tip over, rest.

Each pad and each point of the hull keeps a record in the lander's row: the plane of the ground
under it, how far its leg is crushed, where it sticks. Forces of all points at the start of a tick
change the velocities, and these the position (symplectic Euler). The frame L counts as at rest
for the attitude: the Moon turns by a tenth of a milliradian in half a minute.

`touch_ticks` is the way in, `reach.py` says when to take it, `touchdown.py` judges what comes out.
"""

import math
from typing import Final, NamedTuple

import numpy as np

from lunar_env.kernel.compile import inline_kernel, kernel
from lunar_env.kernel.linalg import Vec3, axpy, cross, dot
from lunar_env.physics.friction import TouchPoint, hold, tie
from lunar_env.physics.gear import (
    Footing,
    Spring,
    axes,
    first_direction,
    footing,
    low_points,
    next_direction,
    place_of,
    record_of,
    to_ground,
)
from lunar_env.physics.mass import centre_of_mass
from lunar_env.physics.rigid import pushed_state
from lunar_env.physics.rows import (
    CONTACT,
    FRICTION,
    HULL,
    NEAR,
    PHYSICS_WIDTH,
    POINT,
    POINTS,
    ROW_WIDTH,
    Lander,
    load_gear,
    load_vehicle,
)
from lunar_env.physics.types import Gear, Site, State, Vehicle, Wrench
from lunar_env.physics.underfoot import STRIDE, gap_over, moved2, spot_normal, survey, trusted2

# Beyond this angle to the ground's normal a leg lies, and its damping is not cut at crushing; ...
_LYING: Final = math.cos(math.radians(80.0))
# ... within this one of the vertical only the lower rim can touch.
_UPRIGHT: Final = math.cos(math.radians(60.0))
# The lower rim is looked after where it is this close to the ground between the pads; so high a
# stone may stand out there.
_BELLY: Final = 0.2  # m
# At rest: no faster than this for so long. On three points a lander this slow is a hundred times
# short of the energy that would tip it, and only shakes; on two it must all but stand still.
_CALM: Final = 0.05  # m/s, and rad/s
_TRIPOD: Final = 3.0
_SLOW: Final = 0.02  # m/s
_STEADY: Final = 0.01  # rad/s
_FEET: Final = 2.0
REST_TIME: Final = 0.15  # s


class Load(NamedTuple):
    """What the ground does to a lander."""

    wrench: Wrench  # L
    touching: float  # points that touch
    on_hull: float  # how many of them are the hull's
    points: int  # that were looked after
    moved: float  # m^2, most that one has moved since the ground under it was looked up


class Stay(NamedTuple):
    """A lander after some ticks near the ground."""

    state: State
    ticks: int  # how many were flown


@kernel
def begin(memory: np.ndarray, i: int) -> None:
    """Forget all contact of row `i`, and the ground that it was near."""
    for j in range(CONTACT.made, PHYSICS_WIDTH):
        memory[i, j] = 0.0
    for j in range(POINTS, ROW_WIDTH):
        memory[i, j] = 0.0
    memory[i, NEAR.elevation] = math.inf


@kernel
def touch_ticks(
    lander: Lander, state: State, driven: Wrench, site: Site, dt: float, ticks: int
) -> Stay:
    """Fly `ticks` ticks, driven by engines and thrusters [B] besides the ground.

    It ends early where the lander comes to rest, and at the first touch of all: before the ground
    has done anything, so that the state is the touchdown and engines can be cut.
    """
    memory, i = lander.memory, lander.i
    vehicle, gear = load_vehicle(memory, i), load_gear(memory, i)
    springs, near2 = footing(vehicle, gear), trusted2(state, dt)
    for n in range(ticks):
        load = _stand(memory, i, state, springs, vehicle, gear, near2)
        memory[i, CONTACT.touching], memory[i, CONTACT.hull_touching] = load.touching, load.on_hull
        if load.moved > STRIDE * STRIDE:
            survey(lander, state, site, load.points, near2)
        if load.touching > 0.0 and memory[i, CONTACT.made] == 0.0:
            memory[i, CONTACT.made] = 1.0
            return Stay(state, n)
        state = pushed_state(state, load.wrench, driven, vehicle, site, dt)
        if at_rest(memory, i, state, dt):
            return Stay(state, n + 1)
    return Stay(state, ticks)


@inline_kernel
def at_rest(memory: np.ndarray, i: int, state: State, dt: float) -> bool:
    """Whether the lander has stood still long enough; call it once a tick."""
    speed2, rate2 = dot(state.v, state.v), dot(state.omega, state.omega)
    feet = memory[i, CONTACT.touching]
    calm = feet >= _TRIPOD and speed2 < _CALM * _CALM and rate2 < _CALM * _CALM
    slow = feet >= _FEET and speed2 < _SLOW * _SLOW and rate2 < _STEADY * _STEADY
    memory[i, CONTACT.still] = memory[i, CONTACT.still] + dt if calm or slow else 0.0
    return memory[i, CONTACT.still] >= REST_TIME


@inline_kernel
def _stand(
    memory: np.ndarray,
    i: int,
    state: State,
    springs: Footing,
    vehicle: Vehicle,
    gear: Gear,
    near2: float,
) -> Load:
    """Add up what the ground does to all points, and bring their records up to date."""
    body, com = axes(state.q), centre_of_mass(state.mass, vehicle)
    spin = to_ground(body, state.omega)
    force, moment = Vec3(0.0, 0.0, 0.0), Vec3(0.0, 0.0, 0.0)
    touching, on_hull, moved, lowest = 0.0, 0.0, 0.0, math.inf
    legs = int(gear.legs)
    points, direction = legs, first_direction(legs)
    k = 0
    while k < points:
        on_leg, j = k < legs, record_of(k, legs)
        crushed = memory[i, j + POINT.crushed]
        arm = to_ground(body, place_of(k, legs, direction, crushed, com, gear))
        point = axpy(1.0, arm, state.r)
        moved = max(moved, moved2(memory, i, j, point))
        gap = gap_over(memory, i, j, point, near2)
        if on_leg:
            lowest = min(lowest, gap - crushed * body.z.z)
            direction = next_direction(direction, legs)
        if gap >= 0.0 or memory[i, j + POINT.broken] > 0.0:
            memory[i, j + POINT.anchored] = 0.0
        else:
            v = axpy(1.0, cross(spin, arm), state.v)
            met = TouchPoint(point, v, spot_normal(memory, i, j), gap)
            spring = springs.pad if on_leg else springs.hull
            load = _press(memory, i, j, met, body.z, spring, gear)
            force, moment = axpy(1.0, load, force), axpy(1.0, cross(arm, load), moment)
            touching += 1.0
            on_hull += 0.0 if on_leg else 1.0
        k += 1
        if k == legs:
            points += _exposed(lowest, body.z.z, gear)
    return Load(Wrench(force, moment), touching, on_hull, points, moved)


@inline_kernel
def _exposed(lowest: float, upright: float, gear: Gear) -> int:
    """How many points of the hull may touch: none, the low ones, or all.

    `lowest` is the height over ground of the lowest pad as if not crushed. A leaning hull reaches
    lower than its height by what it is wider than the square, or polygon, of the pads.
    """
    if upright <= _UPRIGHT:
        return int(gear.hull_points)
    overhang = max(0.0, gear.hull_reach - gear.pad_radius * first_direction(int(gear.legs)).x)
    return low_points(gear) if lowest + gear.hull_bottom * upright < _BELLY + overhang else 0


@inline_kernel
def _press(
    memory: np.ndarray, i: int, j: int, met: TouchPoint, axis: Vec3, spring: Spring, gear: Gear
) -> Vec3:
    """Force of the ground [N, L] on the point of record `j`; a leg may give way or break by it."""
    on_leg, point, normal = j < HULL, met.point, met.normal
    along, elastic = dot(normal, axis), -met.gap * normal.z * spring.stiffness
    press = max(0.0, elastic - spring.damping * dot(met.v, normal))
    friction, yielded = memory[i, FRICTION], False
    if on_leg and max(elastic, press) * (abs(along) + friction) > gear.crush_force:
        pull = spring.stick * dot(tie(memory, i, j, point, normal), axis)
        excess = along * elastic + pull - gear.crush_force
        if excess > 0.0:
            yielded = True
            across = spring.stick * (1.0 - along * along)
            crush = excess / (spring.stiffness * along * along + across)
            memory[i, j + POINT.crushed] += crush
            point = axpy(crush, axis, point)
            elastic -= spring.stiffness * along * crush
            pull -= across * crush
        if along > _LYING:
            press = min(press, max(elastic, (gear.crush_force - pull) / along))
    held = TouchPoint(point, met.v, normal, met.gap)
    load = axpy(press, normal, hold(memory, i, j, held, friction * press, spring))
    if on_leg and (yielded or dot(load, load) > gear.side_load * gear.side_load):
        axial = dot(load, axis)
        across2 = dot(load, load) - axial * axial
        if memory[i, j + POINT.crushed] > gear.stroke or across2 > gear.side_load * gear.side_load:
            memory[i, j + POINT.broken] = 1.0
            memory[i, CONTACT.broken_legs] += 1.0
            return Vec3(0.0, 0.0, 0.0)
    return load
