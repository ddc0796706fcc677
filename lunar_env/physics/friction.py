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
def tie(memory: np.ndarray, i: int, j: int, point: Vec3, normal: Vec3) -> Vec3:
    """From the touching point of record `j` along the ground to its anchor [m, L]."""
    if memory[i, j + POINT.anchored] == 0.0:
        return Vec3(0.0, 0.0, 0.0)
    anchor = load_vec(memory, i, j + POINT.anchor.x)
    away = axpy(-1.0, point, anchor)
    return axpy(-dot(away, normal), normal, away)


@inline_kernel
def hold(memory: np.ndarray, i: int, j: int, met: TouchPoint, limit: float, spring: Spring) -> Vec3:
    """Force along the ground [N, L] on the touching point of record `j`, at most `limit`.

    A spring to the anchor, which is dropped where the point first touches, and a damper. Where
    they ask for more than friction gives, the anchor follows so far that the spring alone does
    not. Neither ever gives back more than it took.
    """
    at, point, v, normal = j + POINT.anchor.x, met.point, met.v, met.normal
    if memory[i, j + POINT.anchored] == 0.0:
        memory[i, j + POINT.anchored] = 1.0
        store_vec(memory, i, at, point)
    stick, drag, anchor = spring.stick, spring.drag, load_vec(memory, i, at)
    asked = Vec3(
        stick * (anchor.x - point.x) - drag * v.x,
        stick * (anchor.y - point.y) - drag * v.y,
        stick * (anchor.z - point.z) - drag * v.z,
    )
    asked = axpy(-dot(asked, normal), normal, asked)
    size2, most2 = dot(asked, asked), limit * limit
    if size2 <= most2:
        return asked
    stretch = tie(memory, i, j, point, normal)
    pull2 = stick * stick * dot(stretch, stretch)
    if pull2 > most2:
        share = math.sqrt(most2 / pull2)
        store_vec(memory, i, at, axpy(share, stretch, point))
        asked = axpy(-stick * (1.0 - share), stretch, asked)
        size2 = dot(asked, asked)
        if size2 <= most2:
            return asked
    share = math.sqrt(most2 / size2)
    return Vec3(share * asked.x, share * asked.y, share * asked.z)
