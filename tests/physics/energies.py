"""Energy of a lander on its springs, for the tests of contact."""

from __future__ import annotations

import numpy as np

from lunar_env.physics.gear import Spring, contact_springs
from lunar_env.physics.rows import MAX_LEGS, POINT
from tests.physics.stands import GM, RADIUS, Design, Trace, places


def energy(who: Design, trace: Trace) -> np.ndarray:
    """Kinetic, potential and elastic energy [J] at each tick but the last.

    Velocities belong to the middle of the tick before: the product of two that follow each other
    is the square of the speed at the tick.
    """
    mass = who.vehicle.mass_dry
    inertia = mass * np.array([who.vehicle.k2_x, who.vehicle.k2_y, who.vehicle.k2_z])
    kinetic = 0.5 * mass * np.sum(trace.v[:-1] * trace.v[1:], axis=1)
    kinetic += 0.5 * np.sum(inertia * trace.omega[:-1] * trace.omega[1:], axis=1)
    distance = np.linalg.norm(trace.r + np.array([0.0, 0.0, RADIUS]), axis=1)
    stored = mass * GM * (1.0 / RADIUS - 1.0 / distance)
    springs = contact_springs(who.vehicle, who.gear)
    for k, place in places(who.gear).items():
        spring = springs.pad if k < MAX_LEGS else springs.hull
        stored += elastic(who, trace, k, place, spring)
    return kinetic + stored[:-1]


def elastic(who: Design, trace: Trace, k: int, place: np.ndarray, spring: Spring) -> np.ndarray:
    """Energy of the two springs at one point [J]."""
    body = np.tile(place - [0.0, 0.0, who.vehicle.com_z_dry], (len(trace.r), 1))
    body[:, 2] += trace.point(k, POINT.crushed)
    point = trace.r + trace.attitude.apply(body)
    rise = np.stack(
        [trace.point(k, POINT.plane.slope_east), trace.point(k, POINT.plane.slope_north)], axis=1
    )
    spot = np.stack([trace.point(k, POINT.plane.east), trace.point(k, POINT.plane.north)], axis=1)
    plane = trace.point(k, POINT.plane.elevation) + np.sum(rise * (point[:, :2] - spot), axis=1)
    up = np.column_stack([-rise, np.ones(len(rise))])
    up /= np.linalg.norm(up, axis=1)[:, None]
    whole = (trace.point(k, POINT.known) > 0.0) & (trace.point(k, POINT.broken) == 0.0)
    depth = np.maximum(0.0, (plane - point[:, 2]) * up[:, 2]) * whole
    offset = np.stack([trace.point(k, POINT.anchor.x + c) for c in range(3)], axis=1) - point
    offset -= up * np.sum(offset * up, axis=1)[:, None]
    tied = (trace.point(k, POINT.anchored) > 0.0) & (depth > 0.0)
    lateral = 0.5 * spring.friction_stiffness * np.sum(offset**2, axis=1) * tied
    return 0.5 * spring.stiffness * depth**2 + lateral


def growth(values: np.ndarray) -> float:
    """The most by which anything ever rises above what it has been before."""
    return float(np.max(values - np.minimum.accumulate(values)))
