"""Contact with the ground in ticks of a millisecond: rebound, sliding, crushing, failure, tip-over.

Each pad and each contact point of the hull has a record in the lander's row: the ground plane under
it, the crushed stroke of its leg, its friction anchor. The forces at the start of a tick change the
velocities, and these the position (symplectic Euler). For the attitude, the frame L counts as
inertial: the Moon rotates by a tenth of a milliradian in half a minute.

Entry point: `fly_in_contact`; `clearance.py` decides when it is needed, and `touchdown.py`
evaluates the result.
"""

import math
from typing import Final, NamedTuple

import numpy as np

from lunar_env.kernel.compile import inline_kernel, kernel
from lunar_env.kernel.linalg import Vec3, axpy, cross, dot
from lunar_env.physics.contact_ground import (
    LOOKUP_DISTANCE,
    displacement2,
    gap_to_plane,
    plane_normal,
    update_planes,
    valid_radius2,
)
from lunar_env.physics.friction import TouchPoint, anchor_offset, friction_force
from lunar_env.physics.gear import (
    ContactSprings,
    Spring,
    body_axes,
    contact_springs,
    first_direction,
    low_hull_points,
    next_direction,
    point_position,
    point_record,
    to_site_frame,
)
from lunar_env.physics.mass import centre_of_mass
from lunar_env.physics.rigid import step_rigid_body
from lunar_env.physics.rows import (
    CONTACT,
    FRICTION,
    GROUND_BOUND,
    HULL,
    PHYSICS_WIDTH,
    POINT,
    POINTS,
    ROW_WIDTH,
    Lander,
    load_gear,
    load_vehicle,
)
from lunar_env.physics.support import is_supported
from lunar_env.physics.types import ForceMoment, Gear, Site, State, Vehicle

# Cosine of the angle between body axis and ground normal at which a leg lies on the ground: beyond
# it, crushing no longer limits the damping force.
_COS_LYING: Final = math.cos(math.radians(80.0))
# Cosine of the tilt from the vertical up to which only the lower rim of the hull can touch.
_COS_UPRIGHT: Final = math.cos(math.radians(60.0))
# The lower rim is checked once it is this close to the ground between the pads: the height of a
# stone that may protrude there.
_RIM_CHECK_HEIGHT: Final = 0.2  # m
# Share of its force that a hull point loses when it parts from the ground, where body and regolith
# have been crushed: of a spring's energy 4 % are left, so it rebounds with a fifth of its speed.
# The fifth is an estimate: no measurement of a lander's hull on regolith is known here. Thin
# structure and loose soil give back little; after a fall at 3 m/s the hull rises 0.11 m.
# Slower than the first of these speeds the point is held as by a spring, so that a hull can come to
# rest (it is the speed at rest below); beyond the second all of the share is lost, and in between a
# part, so that the force does not jump. At 0.1 m/s a hull rises 3 mm, which decides nothing.
_HULL_LOSS: Final = 0.96
_PARTING_FROM: Final = 0.05  # m/s
_PARTING_TO: Final = 0.1  # m/s
# A lander is at rest once it has moved slower than these limits for `REST_TIME`, supported so that
# it does not tip over (`support.py`).
_REST_SPEED: Final = 0.05  # m/s
_REST_RATE: Final = 0.05  # rad/s
REST_TIME: Final = 0.15  # s


class GroundReaction(NamedTuple):
    """Reaction of the ground on a lander."""

    load: ForceMoment  # L, moment about the centre of mass
    touching: float  # [-], number of points in contact
    on_hull: float  # [-], number of these that belong to the hull
    points: int  # number of points that were checked
    displaced2: float  # m^2, largest squared horizontal displacement since a plane was looked up


class ContactFlight(NamedTuple):
    """A lander after some ticks in contact or close to the ground."""

    state: State
    ticks: int  # number of ticks flown


@kernel
def reset_contact(memory: np.ndarray, i: int) -> None:
    """Reset contact, friction anchors and the known ground of row `i`."""
    for j in range(CONTACT.made, PHYSICS_WIDTH):
        memory[i, j] = 0.0
    for j in range(POINTS, ROW_WIDTH):
        memory[i, j] = 0.0
    memory[i, GROUND_BOUND.elevation] = math.inf


@kernel
def fly_in_contact(
    lander: Lander, state: State, applied: ForceMoment, site: Site, dt: float, ticks: int
) -> ContactFlight:
    """Fly up to `ticks` ticks of `dt` seconds under ground reaction, gravity and actuators.

    `applied` is the force and moment [B] of engines and thrusters. The flight ends early when the
    lander comes to rest, and at first contact: before the ground has exerted any force, so that the
    state is that at touchdown and the engines can be cut off.
    """
    memory, i = lander.memory, lander.i
    vehicle, gear = load_vehicle(memory, i), load_gear(memory, i)
    springs, radius2 = contact_springs(vehicle, gear), valid_radius2(state, dt)
    for n in range(ticks):
        reaction = _ground_reaction(memory, i, state, springs, vehicle, gear, radius2)
        memory[i, CONTACT.touching] = reaction.touching
        memory[i, CONTACT.hull_touching] = reaction.on_hull
        if reaction.displaced2 > LOOKUP_DISTANCE * LOOKUP_DISTANCE:
            update_planes(lander, state, site, reaction.points, radius2)
        if reaction.touching > 0.0 and memory[i, CONTACT.made] == 0.0:
            memory[i, CONTACT.made] = 1.0
            return ContactFlight(state, n)
        state = step_rigid_body(state, reaction.load, applied, vehicle, site, dt)
        if at_rest(lander, state, site, dt):
            return ContactFlight(state, n + 1)
    return ContactFlight(state, ticks)


@inline_kernel
def at_rest(lander: Lander, state: State, site: Site, dt: float) -> bool:
    """Whether the lander rests: slow for `REST_TIME` and supported; to be called once per tick."""
    memory, i = lander.memory, lander.i
    speed2, rate2 = dot(state.v, state.v), dot(state.omega, state.omega)
    slow = speed2 < _REST_SPEED * _REST_SPEED and rate2 < _REST_RATE * _REST_RATE
    on_ground = memory[i, CONTACT.touching] > 0.0
    memory[i, CONTACT.still] = memory[i, CONTACT.still] + dt if slow and on_ground else 0.0
    if memory[i, CONTACT.still] < REST_TIME:
        return False
    if is_supported(lander, state, site):
        return True
    memory[i, CONTACT.still] = 0.0
    return False


@inline_kernel
def _ground_reaction(
    memory: np.ndarray,
    i: int,
    state: State,
    springs: ContactSprings,
    vehicle: Vehicle,
    gear: Gear,
    radius2: float,
) -> GroundReaction:
    """Sum the forces and moments [L] of the ground on all points, and update their records."""
    body, com = body_axes(state.q), centre_of_mass(state.mass, vehicle)
    spin = to_site_frame(body, state.omega)
    force, moment = Vec3(0.0, 0.0, 0.0), Vec3(0.0, 0.0, 0.0)
    touching, on_hull, displaced2, lowest = 0.0, 0.0, 0.0, math.inf
    legs = int(gear.legs)
    points, direction = legs, first_direction(legs)
    k = 0
    while k < points:
        on_leg, j = k < legs, point_record(k, legs)
        crushed = memory[i, j + POINT.crushed]
        arm = to_site_frame(body, point_position(k, legs, direction, crushed, com, gear))
        point = axpy(1.0, arm, state.r)
        displaced2 = max(displaced2, displacement2(memory, i, j, point))
        gap = gap_to_plane(memory, i, j, point, radius2)
        if on_leg:
            lowest = min(lowest, gap - crushed * body.z.z)
            direction = next_direction(direction, legs)
        if gap >= 0.0 or memory[i, j + POINT.broken] > 0.0:
            memory[i, j + POINT.anchored] = 0.0
        else:
            v = axpy(1.0, cross(spin, arm), state.v)
            contact = TouchPoint(point, v, plane_normal(memory, i, j), gap)
            spring = springs.pad if on_leg else springs.hull
            load = _point_force(memory, i, j, contact, body.z, spring, gear)
            force, moment = axpy(1.0, load, force), axpy(1.0, cross(arm, load), moment)
            touching += 1.0
            on_hull += 0.0 if on_leg else 1.0
        k += 1
        if k == legs:
            points += _exposed_hull_points(lowest, body.z.z, gear)
    return GroundReaction(ForceMoment(force, moment), touching, on_hull, points, displaced2)


@inline_kernel
def _exposed_hull_points(lowest: float, upright: float, gear: Gear) -> int:
    """Number of hull points that may touch the ground: none, the low ones, or all.

    `lowest` is the height [m] of the lowest uncrushed pad above the ground. A tilted hull reaches
    lower than its bottom by as much as it overhangs the polygon of the pads.
    """
    if upright <= _COS_UPRIGHT:
        return int(gear.hull_points)
    overhang = max(0.0, gear.hull_reach - gear.pad_radius * first_direction(int(gear.legs)).x)
    rim_height = lowest + gear.hull_bottom * upright
    return low_hull_points(gear) if rim_height < _RIM_CHECK_HEIGHT + overhang else 0


@inline_kernel
def _point_force(
    memory: np.ndarray, i: int, j: int, contact: TouchPoint, axis: Vec3, spring: Spring, gear: Gear
) -> Vec3:
    """Force of the ground [N, L] on the point of record `j`; its leg may crush or break.

    `axis` is the body's z axis [-, L]. The leg crushes along it by the stroke that reduces the
    axial force to `crush_force`.
    """
    on_leg, point, normal = j < HULL, contact.point, contact.normal
    along, elastic = dot(normal, axis), -contact.gap * normal.z * spring.stiffness
    parting = dot(contact.v, normal)
    press = max(0.0, elastic - spring.damping * parting)
    if not on_leg and parting > _PARTING_FROM:
        share = (parting - _PARTING_FROM) / (_PARTING_TO - _PARTING_FROM)
        press *= 1.0 - _HULL_LOSS * min(1.0, share)
    friction, yielded = memory[i, FRICTION], False
    if on_leg and max(elastic, press) * (abs(along) + friction) > gear.crush_force:
        offset = anchor_offset(memory, i, j, point, normal)
        anchor_force = spring.friction_stiffness * dot(offset, axis)
        excess = along * elastic + anchor_force - gear.crush_force
        if excess > 0.0:
            yielded = True
            across = spring.friction_stiffness * (1.0 - along * along)
            crush = excess / (spring.stiffness * along * along + across)
            memory[i, j + POINT.crushed] += crush
            point = axpy(crush, axis, point)
            elastic -= spring.stiffness * along * crush
            anchor_force -= across * crush
        if along > _COS_LYING:
            press = min(press, max(elastic, (gear.crush_force - anchor_force) / along))
    crushed = TouchPoint(point, contact.v, normal, contact.gap)
    load = axpy(press, normal, friction_force(memory, i, j, crushed, friction * press, spring))
    if on_leg and (yielded or dot(load, load) > gear.side_load * gear.side_load):
        axial = dot(load, axis)
        across2 = dot(load, load) - axial * axial
        if memory[i, j + POINT.crushed] > gear.stroke or across2 > gear.side_load * gear.side_load:
            memory[i, j + POINT.broken] = 1.0
            memory[i, CONTACT.broken_legs] += 1.0
            return Vec3(0.0, 0.0, 0.0)
    return load
