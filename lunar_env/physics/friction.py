"""Coulomb friction with sticking: spring and damper connect each point to an anchor in the ground.

A regularised law, which only smooths the jump at zero speed, would let a lander at rest creep down
a slope.
"""

import math
from typing import NamedTuple

import numpy as np

from lunar_env.kernel.compile import inline_kernel
from lunar_env.kernel.linalg import Vec3, axpy, dot
from lunar_env.physics.gear import Spring
from lunar_env.physics.rows import POINT, load_vec, store_vec


class TouchPoint(NamedTuple):
    """A point in contact with the ground."""

    point: Vec3  # m, L, its position
    v: Vec3  # m/s, L, its velocity
    normal: Vec3  # [-], L, of the ground
    gap: float  # m, its height above the ground plane; negative


@inline_kernel
def anchor_offset(memory: np.ndarray, i: int, j: int, point: Vec3, normal: Vec3) -> Vec3:
    """Offset [m, L] along the ground from the contact point of record `j` to its anchor."""
    if memory[i, j + POINT.anchored] == 0.0:
        return Vec3(0.0, 0.0, 0.0)
    anchor = load_vec(memory, i, j + POINT.anchor.x)
    away = axpy(-1.0, point, anchor)
    return axpy(-dot(away, normal), normal, away)


@inline_kernel
def friction_force(
    memory: np.ndarray, i: int, j: int, contact: TouchPoint, limit: float, spring: Spring
) -> Vec3:
    """Friction force [N, L] on the contact point of record `j`, at most `limit` [N].

    A spring to the anchor, set where the point first touches, and a damper. Beyond the limit the
    point slides: the anchor follows until the spring force alone equals the limit. Neither releases
    more energy than it took.
    """
    at, point, v, normal = j + POINT.anchor.x, contact.point, contact.v, contact.normal
    if memory[i, j + POINT.anchored] == 0.0:
        memory[i, j + POINT.anchored] = 1.0
        store_vec(memory, i, at, point)
    stiffness, damping, anchor = (
        spring.friction_stiffness,
        spring.friction_damping,
        load_vec(memory, i, at),
    )
    force = Vec3(
        stiffness * (anchor.x - point.x) - damping * v.x,
        stiffness * (anchor.y - point.y) - damping * v.y,
        stiffness * (anchor.z - point.z) - damping * v.z,
    )
    force = axpy(-dot(force, normal), normal, force)
    size2, limit2 = dot(force, force), limit * limit
    if size2 <= limit2:
        return force
    stretch = anchor_offset(memory, i, j, point, normal)
    elastic2 = stiffness * stiffness * dot(stretch, stretch)
    if elastic2 > limit2:
        ratio = math.sqrt(limit2 / elastic2)
        store_vec(memory, i, at, axpy(ratio, stretch, point))
        force = axpy(-stiffness * (1.0 - ratio), stretch, force)
        size2 = dot(force, force)
        if size2 <= limit2:
            return force
    ratio = math.sqrt(limit2 / size2)
    return Vec3(ratio * force.x, ratio * force.y, ratio * force.z)
