"""Whether a lander that stands still is in a stable equilibrium.

It is if the vertical through its centre of mass passes inside the polygon of the points that carry
it. On two points there is no polygon: a lander balanced on them falls, however slowly it begins to.
"""

import math
from typing import Final, NamedTuple

import numpy as np

from lunar_env.kernel.compile import kernel
from lunar_env.kernel.linalg import Vec3, axpy, dot
from lunar_env.physics.contact_ground import gap_to_plane
from lunar_env.physics.gear import (
    BodyAxes,
    body_axes,
    first_direction,
    next_direction,
    point_position,
    point_record,
    to_site_frame,
)
from lunar_env.physics.mass import centre_of_mass, inertia
from lunar_env.physics.rows import POINT, Lander, load_gear, load_vehicle
from lunar_env.physics.site import vertical
from lunar_env.physics.types import Gear, Site, State, Vehicle

# A point this close to the ground counts as a support: the lander would rock onto it by a fraction
# of a degree. Rough ground seldom bears four legs at the same time.
_NEAR_GROUND: Final = 0.01  # m
_NEAR_PLANE: Final = 0.2  # m, from the last lookup of the ground under the point
# Fraction of the energy over the nearest edge that the motion at rest may have.
_ENERGY_FRAC: Final = 0.25


class _Offset(NamedTuple):
    """Horizontal place of a supporting point from the centre of mass."""

    x: float  # m
    y: float  # m
    bears: float  # 1 if the point supports the lander, else 0


@kernel
def is_supported(lander: Lander, state: State, site: Site) -> bool:
    """Whether a slow lander stays where it is: its energy takes it over no edge of its support.

    Over an edge at a horizontal distance d from the centre of mass, at a height h above it, the
    centre rises by ``sqrt(h^2 + d^2) - h``. With fewer than three supporting points, or with the
    centre of mass outside of their polygon, there is nothing to rise over.
    """
    memory, i = lander.memory, lander.i
    vehicle, gear = load_vehicle(memory, i), load_gear(memory, i)
    inside = _edge_distance(memory, i, state, vehicle, gear, site)
    if inside <= 0.0:
        return False
    height = vehicle.com_z_dry  # of the order of that of the centre of mass, however it lies
    rise = math.sqrt(height * height + inside * inside) - height
    moments, omega = inertia(state.mass, vehicle), state.omega
    turning = moments.x * omega.x**2 + moments.y * omega.y**2 + moments.z * omega.z**2
    energy = 0.5 * (dot(state.v, state.v) + turning / state.mass)
    return energy <= _ENERGY_FRAC * rise * site.mu / site.radius**2


@kernel
def _edge_distance(
    memory: np.ndarray, i: int, state: State, vehicle: Vehicle, gear: Gear, site: Site
) -> float:
    """Distance [m] of the vertical through the centre of mass from the nearest edge of the polygon.

    It is negative outside. Of all lines through two supports, the edges are those with every
    support on one side; on any other the farthest support is farther away than the nearest edge.
    """
    body, com = body_axes(state.q), centre_of_mass(state.mass, vehicle)
    up, distance = vertical(state.r, site), math.inf
    count = int(gear.legs) + int(gear.hull_points)
    for k in range(count):
        a = _support(memory, i, k, state, body, com, up, gear)
        for n in range(count if a.bears > 0.0 else 0):
            b = _support(memory, i, n, state, body, com, up, gear)
            length = math.hypot(b.x - a.x, b.y - a.y)
            if b.bears == 0.0 or length == 0.0:
                continue
            x, y, farthest = (b.y - a.y) / length, (a.x - b.x) / length, -math.inf
            for j in range(count):
                c = _support(memory, i, j, state, body, com, up, gear)
                if c.bears > 0.0:
                    farthest = max(farthest, x * c.x + y * c.y)
            distance = min(distance, farthest)
    return distance if distance < math.inf else -math.inf


@kernel
def _support(
    memory: np.ndarray,
    i: int,
    k: int,
    state: State,
    body: BodyAxes,
    com: Vec3,
    up: Vec3,
    gear: Gear,
) -> _Offset:
    """Horizontal place of point `k`, and whether it bears the lander."""
    legs = int(gear.legs)
    direction = first_direction(legs)
    for _ in range(k if k < legs else 0):
        direction = next_direction(direction, legs)
    j = point_record(k, legs)
    crushed = memory[i, j + POINT.crushed]
    arm = to_site_frame(body, point_position(k, legs, direction, crushed, com, gear))
    gap = gap_to_plane(memory, i, j, axpy(1.0, arm, state.r), _NEAR_PLANE * _NEAR_PLANE)
    bears = gap < _NEAR_GROUND and memory[i, j + POINT.broken] == 0.0
    # Components along two horizontal directions, exact to second order in the tilt of `up`.
    height = dot(arm, up)
    return _Offset(arm.x - height * up.x, arm.y - height * up.y, 1.0 if bears else 0.0)
