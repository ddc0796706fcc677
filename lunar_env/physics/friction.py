"""Coulomb friction that holds: a point is tied to an anchor in the ground, which it may drag along.

A law that only smooths the jump at zero speed creeps: a lander at rest on a slope would slide.
"""

import math

import numpy as np

from lunar_env.kernel.compile import kernel
from lunar_env.kernel.linalg import Vec3, axpy, dot
from lunar_env.physics.gear import Spring
from lunar_env.physics.rows import ANCHOR, ANCHORED


@kernel
def tie(memory: np.ndarray, i: int, j: int, point: Vec3, normal: Vec3) -> Vec3:
    """From the touching point of record `j` along the ground to its anchor [m, L]."""
    if memory[i, j + ANCHORED] == 0.0:
        return Vec3(0.0, 0.0, 0.0)
    a = j + ANCHOR
    away = Vec3(memory[i, a] - point.x, memory[i, a + 1] - point.y, memory[i, a + 2] - point.z)
    return axpy(-dot(away, normal), normal, away)


@kernel
def hold(
    memory: np.ndarray,
    i: int,
    j: int,
    point: Vec3,
    v: Vec3,
    normal: Vec3,
    limit: float,
    spring: Spring,
) -> Vec3:
    """Force along the ground [N, L] on the touching point of record `j`, at most `limit`.

    A spring to the anchor, which is dropped where the point first touches, and a damper. Where
    they ask for more than friction gives, the anchor follows so far that the spring alone does
    not. Neither ever gives back more than it took.
    """
    a = j + ANCHOR
    if memory[i, j + ANCHORED] == 0.0:
        memory[i, j + ANCHORED] = 1.0
        memory[i, a], memory[i, a + 1], memory[i, a + 2] = point.x, point.y, point.z
    stick, drag = spring.stick, spring.drag
    asked = Vec3(
        stick * (memory[i, a] - point.x) - drag * v.x,
        stick * (memory[i, a + 1] - point.y) - drag * v.y,
        stick * (memory[i, a + 2] - point.z) - drag * v.z,
    )
    asked = axpy(-dot(asked, normal), normal, asked)
    size2, most2 = dot(asked, asked), limit * limit
    if size2 <= most2:
        return asked
    stretch = tie(memory, i, j, point, normal)
    pull2 = stick * stick * dot(stretch, stretch)
    if pull2 > most2:
        share = math.sqrt(most2 / pull2)
        memory[i, a] = point.x + share * stretch.x
        memory[i, a + 1] = point.y + share * stretch.y
        memory[i, a + 2] = point.z + share * stretch.z
        asked = axpy(-stick * (1.0 - share), stretch, asked)
        size2 = dot(asked, asked)
        if size2 <= most2:
            return asked
    share = math.sqrt(most2 / size2)
    return Vec3(share * asked.x, share * asked.y, share * asked.z)
