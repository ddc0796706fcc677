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

from lunar_env.kernel.compile import cold_kernel, entry

if TYPE_CHECKING:
    from agents.base import Float64Array
    from agents.guidance.types import Motion

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
    c = np.empty((2, 3))
    for i in range(t.shape[0]):
        for j in range(t.shape[1]):
            _solve(c, state, ends, i, numbers, t[i, j], steered)
            spent, mass, peak, before = 0.0, 1.0, 0.0, 0.0
            lowest, start = math.inf, 0.0
            dt = t[i, j] / (nodes.shape[0] - 1)
            for k in range(nodes.shape[0]):
                size, height = _at(c, ends, pull, i, nodes, k, numbers, t[i, j], mu, radius)
                if k == 0:
                    start = height
                else:
                    part = 0.5 * (size + before) * dt
                    y = part / engine[i, 1]
                    mass *= 1.0 - y * (1.0 - 0.5 * y)  # exp(-y) of a twelfth of the plan
                    spent += part
                peak, lowest, before = max(peak, size * mass), min(lowest, height), size
            trial[0, i, j] = spent
            trial[1, i, j] = peak / engine[i, 0]
            trial[2, i, j] = lowest - min(start, ends[i, 2])


@cold_kernel
def _solve(
    c: np.ndarray,
    state: np.ndarray,
    ends: np.ndarray,
    i: int,
    numbers: np.ndarray,
    t: float,
    steered: bool,
) -> None:
    """Write C1 and C2 of each axis of row `i`: `command` in scalars."""
    w1, w2 = 1.0 / (numbers[0] + 2.0), 1.0 / (numbers[1] + 2.0)
    for axis in range(3):
        p = (ends[i, 3 + axis] - state[i, 3 + axis]) / t - numbers[2 + axis]
        q = 0.5 * p
        if axis == 2 or steered:
            room = (state[i, axis] - ends[i, axis]) / t
            q = (room + ends[i, 3 + axis]) / t - 0.5 * numbers[2 + axis]
        first = (q - p * w2) / (w1 - w2)
        c[0, axis] = first * (numbers[0] + 1.0)
        c[1, axis] = (p - first) * (numbers[1] + 1.0)


@cold_kernel
def _at(
    c: np.ndarray,
    ends: np.ndarray,
    pull: np.ndarray,
    i: int,
    nodes: np.ndarray,
    k: int,
    numbers: np.ndarray,
    t: float,
    mu: float,
    radius: float,
) -> tuple[float, float]:
    """Thrust acceleration, its size, and height at a node."""
    a = (0.0, 0.0, 0.0)
    rise = (0.0, 0.0, 0.0)
    for axis in range(3):
        end = numbers[2 + axis]
        total = end + c[0, axis] * nodes[k, 1] + c[1, axis] * nodes[k, 2]
        bend = 0.5 * end * nodes[k, 0] ** 2 + c[0, axis] * nodes[k, 3] + c[1, axis] * nodes[k, 4]
        place = ends[i, axis] + t * (t * bend - ends[i, 3 + axis] * nodes[k, 0])
        a, rise = (a[1], a[2], total), (rise[1], rise[2], place)
    if radius == 0.0:
        x, y, z = a[0] - pull[i, 0], a[1] - pull[i, 1], a[2] - pull[i, 2]
        return math.sqrt(x * x + y * y + z * z), rise[2]
    depth = rise[2] + radius
    across2 = rise[0] ** 2 + rise[1] ** 2
    reach = math.sqrt(across2 + depth * depth)
    g = mu / (reach * reach * reach)
    x, y, z = a[0] + g * rise[0], a[1] + g * rise[1], a[2] + g * depth
    # Without cancellation: |d| - R as a quotient.
    height = (across2 + rise[2] * (rise[2] + 2.0 * radius)) / (reach + radius)
    return math.sqrt(x * x + y * y + z * z), height
