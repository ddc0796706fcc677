"""The family of polynomial laws: acceleration as two powers of the time to go.

With s the time to go, T its present value and x = s/T, the total acceleration planned is::

    a = a_f + C1 x^g1 + C2 x^g2

and C1, C2 follow from place and velocity now and at the end. Powers 0 and 1 are E-guidance, 1 and 2
Apollo's quadratic, 0.3 and 0.4 Lu's. The command is the plan's first acceleration less gravity; it
is solved anew in each cycle. An axis whose place is free keeps the mean of both velocities as its
mean velocity, which for E-guidance is a constant acceleration, the cheapest.

References
----------
Lu, "Theory of fractional-polynomial powered descent guidance", JGCD 43(3), 2020.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from lunar_env.kernel.compile import kernel
from lunar_env.kernel.linalg import Vec3

from ..compiled import entry

if TYPE_CHECKING:
    from ..base import Float64Array
    from .types import Motion

__all__ = ["Shape", "Trial", "command", "try_times"]

# From start to end, for trapezoids. Peaks of such plans are at their ends or blunt.
_NODES: Final = 13


class Shape(NamedTuple):
    """Powers of the time to go, and the total acceleration at the end [m/s^2, L]."""

    g1: float
    g2: float
    a_end: tuple[float, float, float] = (0.0, 0.0, 0.0)


class Trial(NamedTuple):
    """What plans would cost and ask for; arrays (n, candidates)."""

    cost_m_s: Float64Array  # integral of the thrust acceleration
    peak: Float64Array  # largest thrust over installed thrust
    lowest_m: Float64Array  # least height of the path over the lower of start and end


@lru_cache(maxsize=8)
def _nodes(g1: float, g2: float) -> Float64Array:
    """Of the nodes (13,): x, x^g1, x^g2, and the double integrals of both powers."""
    x = np.linspace(1.0, 0.0, _NODES)
    r1 = x ** (g1 + 2.0) / ((g1 + 1.0) * (g1 + 2.0))
    r2 = x ** (g2 + 2.0) / ((g2 + 1.0) * (g2 + 2.0))
    return np.stack((x, x**g1, x**g2, r1, r2), axis=1)


def command(motion: Motion, t_go: Float64Array, shape: Shape) -> Float64Array:
    """Thrust acceleration (n, 3) [m/s^2, L] that the plan of time to go `t_go` (n,) begins with."""
    t, a_end = t_go[:, np.newaxis], np.array(shape.a_end)
    p = (motion.end_m_s - motion.v_m_s) / t - a_end
    q = ((motion.r_m - motion.end_m) / t + motion.end_m_s) / t - 0.5 * a_end
    if not motion.steered:
        q[:, :2] = 0.5 * p[:, :2]
    w1, w2 = 1.0 / (shape.g1 + 2.0), 1.0 / (shape.g2 + 2.0)
    first = (q - p * w2) / (w1 - w2)
    total = a_end + first * (shape.g1 + 1.0) + (p - first) * (shape.g2 + 1.0)
    thrust: Float64Array = total - motion.g_m_s2
    return thrust


def try_times(motion: Motion, t: Float64Array, shape: Shape) -> Trial:
    """Follow the plans of candidate times (n, c) to their ends."""
    trial = np.empty((3, *t.shape))
    ends = np.concatenate((motion.end_m, motion.end_m_s), axis=1)
    state = np.concatenate((motion.r_m, motion.v_m_s), axis=1)
    engine = np.stack((motion.thrust_m_s2, motion.v_e_m_s), axis=1)
    pull = np.ascontiguousarray(motion.g_m_s2, dtype=np.float64)
    numbers = np.array((shape.g1, shape.g2, *shape.a_end))
    radius = 0.0 if motion.moon.flat else motion.moon.radius_m
    mu = motion.moon.g_m_s2 * radius * radius
    nodes = _nodes(shape.g1, shape.g2)
    _follow(trial, t, state, ends, engine, pull, nodes, numbers, mu, radius, motion.steered)
    return Trial(*trial)


@entry
def _follow(
    trial: np.ndarray,
    t: np.ndarray,
    state: np.ndarray,
    ends: np.ndarray,
    engine: np.ndarray,
    pull: np.ndarray,
    nodes: np.ndarray,
    numbers: np.ndarray,
    mu: float,
    radius: float,
    steered: bool,
) -> None:
    """All candidates of all rows; `mu` and `radius` are zero for a plane."""
    for i in range(t.shape[0]):
        for j in range(t.shape[1]):
            x = _solve(state, ends, i, 0, numbers, t[i, j], steered)
            y = _solve(state, ends, i, 1, numbers, t[i, j], steered)
            z = _solve(state, ends, i, 2, numbers, t[i, j], steered)
            spent, mass, peak, before = 0.0, 1.0, 0.0, 0.0
            lowest, start, height = math.inf, 0.0, 0.0
            dt = t[i, j] / (nodes.shape[0] - 1)
            for k in range(nodes.shape[0]):
                size, height = _at(x, y, z, ends, pull, i, nodes, k, t[i, j], mu, radius)
                if k == 0:
                    start = height
                else:
                    part = 0.5 * (size + before) * dt
                    share = part / engine[i, 1]
                    mass *= 1.0 - share * (1.0 - 0.5 * share)  # exp(-y) of a twelfth of the plan
                    spent += part
                peak, lowest, before = max(peak, size * mass), min(lowest, height), size
            trial[0, i, j] = spent
            trial[1, i, j] = peak / engine[i, 0]
            trial[2, i, j] = lowest - min(start, height)


class _Axis(NamedTuple):
    """Plan of one axis: acceleration at the end, C1 and C2."""

    end: float
    c1: float
    c2: float


@kernel
def _at(
    x: _Axis,
    y: _Axis,
    z: _Axis,
    ends: np.ndarray,
    pull: np.ndarray,
    i: int,
    nodes: np.ndarray,
    k: int,
    t: float,
    mu: float,
    radius: float,
) -> tuple[float, float]:
    """Size of the thrust acceleration, and height, at a node."""
    rise = _place(z, ends, i, 2, nodes, k, t)
    g, height = Vec3(pull[i, 0], pull[i, 1], pull[i, 2]), rise
    if radius > 0.0:
        east = _place(x, ends, i, 0, nodes, k, t)
        north = _place(y, ends, i, 1, nodes, k, t)
        g, height = _sphere(east, north, rise, mu, radius)
    a_x, a_y, a_z = _pull(x, nodes, k), _pull(y, nodes, k), _pull(z, nodes, k)
    return math.sqrt((a_x - g.x) ** 2 + (a_y - g.y) ** 2 + (a_z - g.z) ** 2), height


@kernel
def _solve(
    state: np.ndarray,
    ends: np.ndarray,
    i: int,
    axis: int,
    numbers: np.ndarray,
    t: float,
    steered: bool,
) -> _Axis:
    """C1 and C2 of an axis of row `i`: `command` in scalars."""
    w1, w2 = 1.0 / (numbers[0] + 2.0), 1.0 / (numbers[1] + 2.0)
    end = numbers[2 + axis]
    p = (ends[i, 3 + axis] - state[i, 3 + axis]) / t - end
    q = 0.5 * p
    if axis == 2 or steered:
        room = (state[i, axis] - ends[i, axis]) / t
        q = (room + ends[i, 3 + axis]) / t - 0.5 * end
    first = (q - p * w2) / (w1 - w2)
    return _Axis(end, first * (numbers[0] + 1.0), (p - first) * (numbers[1] + 1.0))


@kernel
def _pull(plan: _Axis, nodes: np.ndarray, k: int) -> float:
    """Total acceleration of an axis at a node."""
    pull: float = plan.end + plan.c1 * nodes[k, 1] + plan.c2 * nodes[k, 2]
    return pull


@kernel
def _place(
    plan: _Axis, ends: np.ndarray, i: int, axis: int, nodes: np.ndarray, k: int, t: float
) -> float:
    """Coordinate of an axis at a node."""
    x = nodes[k, 0]
    bend = 0.5 * plan.end * x * x + plan.c1 * nodes[k, 3] + plan.c2 * nodes[k, 4]
    place: float = ends[i, axis] + t * (t * bend - ends[i, 3 + axis] * x)
    return place


@kernel
def _sphere(east: float, north: float, rise: float, mu: float, radius: float) -> tuple[Vec3, float]:
    """Gravity and height above the sphere at a place."""
    depth = rise + radius
    across2 = east * east + north * north
    reach = math.sqrt(across2 + depth * depth)
    g = -mu / (reach * reach * reach)
    # Without cancellation: |d| - R as a quotient.
    height = (across2 + rise * (rise + 2.0 * radius)) / (reach + radius)
    return Vec3(g * east, g * north, g * depth), height
