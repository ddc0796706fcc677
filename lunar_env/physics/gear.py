"""Landing gear and hull: positions of the contact points, and their stiffness and damping.

A leg is an elastic strut with a honeycomb absorber that crushes along the body axis at constant
force. Hull points are stiff springs. Friction acts on both (`friction.py`).
"""

import math
from typing import Final, NamedTuple

from lunar_env.kernel.compile import inline_kernel
from lunar_env.kernel.linalg import Quat, Vec3
from lunar_env.physics.rows import MAX_LEGS, NOSE, POINT_WIDTH, POINTS, RIM_POINTS
from lunar_env.physics.types import Gear, Vehicle

# Elastic deflection of a leg at the crush force of its absorber.
YIELD_STROKE: Final = 0.002  # m
# Damping ratio of a lander that oscillates vertically on all its legs; it hardly rebounds.
_DAMPING: Final = 0.7
# Stability limits of the explicit integration with a tick of 1 ms [-]: stiffness times the tick
# squared, and damping times the tick, over the effective mass at the point.
_TICK: Final = 1e-3  # s
_MAX_STIFFNESS: Final = 0.1
_MAX_DAMPING: Final = 0.5
LONGEST_TICK: Final = _TICK / _MAX_DAMPING
"""Tick [s] in which friction just stops a motion: a longer one would reverse it and add energy."""
_HULL_LOAD_POINTS: Final = 4.0  # hull points assumed to carry the lander together
_COS_HALF_SECTOR: Final = tuple(math.cos(math.pi / max(n, 1)) for n in range(MAX_LEGS + 1))
_SIN_HALF_SECTOR: Final = tuple(math.sin(math.pi / max(n, 1)) for n in range(MAX_LEGS + 1))


class Spring(NamedTuple):
    """Stiffness and damping of one contact point."""

    stiffness: float  # N/m, along the normal
    damping: float  # N s/m, along the normal
    friction_stiffness: float  # N/m, along the ground
    friction_damping: float  # N s/m, along the ground


class ContactSprings(NamedTuple):
    """Contact springs: the same for all pads, and for all hull points."""

    pad: Spring
    hull: Spring


class BodyAxes(NamedTuple):
    """Unit vectors of the body axes [-, L]: the columns of ``dcm_LB``."""

    x: Vec3
    y: Vec3
    z: Vec3


@inline_kernel
def body_axes(q: Quat) -> BodyAxes:
    """Body axes [-, L] of the attitude `q` (q_LB)."""
    xx, yy, zz = q.x * q.x, q.y * q.y, q.z * q.z
    xy, xz, yz = q.x * q.y, q.x * q.z, q.y * q.z
    wx, wy, wz = q.w * q.x, q.w * q.y, q.w * q.z
    return BodyAxes(
        Vec3(1.0 - 2.0 * (yy + zz), 2.0 * (xy + wz), 2.0 * (xz - wy)),
        Vec3(2.0 * (xy - wz), 1.0 - 2.0 * (xx + zz), 2.0 * (yz + wx)),
        Vec3(2.0 * (xz + wy), 2.0 * (yz - wx), 1.0 - 2.0 * (xx + yy)),
    )


@inline_kernel
def to_site_frame(body: BodyAxes, a: Vec3) -> Vec3:
    """Components in L of a vector given in B."""
    x, y, z = body.x, body.y, body.z
    return Vec3(
        a.x * x.x + a.y * y.x + a.z * z.x,
        a.x * x.y + a.y * y.y + a.z * z.y,
        a.x * x.z + a.y * y.z + a.z * z.z,
    )


@inline_kernel
def contact_springs(vehicle: Vehicle, gear: Gear) -> ContactSprings:
    """Contact springs of a lander.

    They depend on the dry mass only: as propellant burns, no energy is stored in or lost from them.
    """
    k2_xy, k2_z = min(vehicle.k2_x, vehicle.k2_y), vehicle.k2_z
    mass, height = vehicle.mass_dry, vehicle.com_z_dry
    radius2 = gear.pad_radius * gear.pad_radius
    inverse_k2 = 1.0 / k2_xy
    inverse_k2_max = max(inverse_k2, 1.0 / k2_z)
    pad = _spring(
        gear.crush_force / YIELD_STROKE,
        mass,
        gear.legs,
        1.0 + radius2 * inverse_k2,
        1.0 + height * height * inverse_k2 + radius2 * inverse_k2_max,
    )
    end = max(abs(gear.hull_nose - height), abs(gear.hull_bottom - height))
    lever = 1.0 + end * end * inverse_k2 + gear.hull_reach * gear.hull_reach * inverse_k2_max
    return ContactSprings(pad, _spring(math.inf, mass, _HULL_LOAD_POINTS, lever, lever))


@inline_kernel
def _spring(
    stiffness: float, mass: float, points: float, normal_factor: float, lateral_factor: float
) -> Spring:
    """Spring of one of `points` equally loaded contact points.

    A point off the centre of mass feels an effective mass smaller by `normal_factor` along the
    normal and by `lateral_factor` along the ground. The friction spring is critically damped when
    the lander translates on all points.
    """
    share = mass / points
    stiffness = min(stiffness, _MAX_STIFFNESS * share / (normal_factor * _TICK * _TICK))
    damping_max = _MAX_DAMPING * share / _TICK
    lateral = damping_max / lateral_factor
    damping = min(2.0 * _DAMPING * math.sqrt(stiffness * share), damping_max / normal_factor)
    return Spring(stiffness, damping, 0.25 * lateral * lateral / share, lateral)


@inline_kernel
def first_direction(legs: int) -> Vec3:
    """Direction [-, S] of the first pad from the axis: half a sector from x."""
    return Vec3(_COS_HALF_SECTOR[legs], _SIN_HALF_SECTOR[legs], 0.0)


@inline_kernel
def next_direction(direction: Vec3, legs: int) -> Vec3:
    """Direction [-, S] of the pad that follows the one in `direction`, one sector further."""
    c, s = _COS_HALF_SECTOR[legs], _SIN_HALF_SECTOR[legs]
    c2, s2 = c * c - s * s, 2.0 * c * s
    return Vec3(c2 * direction.x - s2 * direction.y, s2 * direction.x + c2 * direction.y, 0.0)


@inline_kernel
def pad_position(direction: Vec3, crushed: float, com: Vec3, gear: Gear) -> Vec3:
    """Position [m, B] of a pad in `direction`, whose leg is crushed by `crushed` [m]."""
    r = gear.pad_radius
    return Vec3(r * direction.x - com.x, r * direction.y - com.y, crushed - com.z)


@inline_kernel
def hull_point_position(h: int, com: Vec3, gear: Gear) -> Vec3:
    """Position [m, B] of hull point `h`: four of the lower rim, four of the upper, nose, pads."""
    if h < NOSE:
        r = gear.hull_radius if h & 2 == 0 else -gear.hull_radius
        x, y = (r, 0.0) if h & 1 == 0 else (0.0, r)
        z = gear.hull_bottom if h < RIM_POINTS else gear.hull_top
    elif h == NOSE:
        x, y, z = 0.0, 0.0, gear.hull_nose
    else:
        offset = gear.side_half if h == NOSE + 1 else -gear.side_half
        offset /= math.sqrt(gear.side_x * gear.side_x + gear.side_y * gear.side_y)
        x, y = gear.side_x - offset * gear.side_y, gear.side_y + offset * gear.side_x
        z = gear.side_height
    return Vec3(x - com.x, y - com.y, z - com.z)


@inline_kernel
def low_hull_points(gear: Gear) -> int:
    """Number of hull points that may touch when upright: lower rim, or all with side pads."""
    points = int(gear.hull_points)
    return RIM_POINTS if points <= NOSE + 1 else points


@inline_kernel
def point_record(k: int, legs: int) -> int:
    """First column of the record of point `k`: pads come first, then the hull points."""
    return POINTS + (k if k < legs else MAX_LEGS + k - legs) * POINT_WIDTH


@inline_kernel
def point_position(
    k: int, legs: int, direction: Vec3, crushed: float, com: Vec3, gear: Gear
) -> Vec3:
    """Position [m, B] of point `k`; `direction` and `crushed` apply to pads only."""
    if k < legs:
        return pad_position(direction, crushed, com, gear)
    return hull_point_position(k - legs, com, gear)
