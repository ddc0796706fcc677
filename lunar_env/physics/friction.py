"""Coulomb friction that holds: a point is tied to an anchor in the ground, which it may drag along.

A law that only smooths the jump at zero speed creeps: a lander at rest on a slope would slide.
"""

import math
from typing import NamedTuple

import numpy as np

from lunar_env.kernel.compile import inline_kernel
from lunar_env.kernel.linalg import Vec3, axpy, dot
from lunar_env.physics.gear import Spring
from lunar_env.physics.rows import POINT, load_vec, store_vec


class TouchPoint(NamedTuple):
    """A point that touches the ground."""

    point: Vec3  # m, L: where it is
    v: Vec3  # m/s, L
    normal: Vec3  # [-], L, of the ground
    gap: float  # m, its height over the ground, below zero


@inline_kernel
def anchor_offset(memory: np.ndarray, i: int, j: int, point: Vec3, normal: Vec3) -> Vec3:
    """From the touching point of record `j` along the ground to its anchor [m, L]."""
    if memory[i, j + POINT.anchored] == 0.0:
        return Vec3(0.0, 0.0, 0.0)
    anchor = load_vec(memory, i, j + POINT.anchor.x)
    away = axpy(-1.0, point, anchor)
    return axpy(-dot(away, normal), normal, away)


@inline_kernel
def friction_force(
    memory: np.ndarray, i: int, j: int, contact: TouchPoint, limit: float, spring: Spring
) -> Vec3:
    """Force along the ground [N, L] on the touching point of record `j`, at most `limit`.

    A spring to the anchor, which is dropped where the point first touches, and a damper. Where
    they ask for more than friction gives, the anchor follows so far that the spring alone does
    not. Neither ever gives back more than it took.
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
