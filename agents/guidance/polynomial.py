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

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

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
    least: Float64Array  # smallest thrust over installed thrust
    lowest_m: Float64Array  # least height of the path over the ground, less that of the end


class _Nodes(NamedTuple):
    x: Float64Array
    a1: Float64Array
    a2: Float64Array
    r1: Float64Array
    r2: Float64Array


@lru_cache(maxsize=8)
def _nodes(g1: float, g2: float) -> _Nodes:
    x = np.linspace(1.0, 0.0, _NODES)
    return _Nodes(
        *(x, x**g1, x**g2),
        x ** (g1 + 2.0) / ((g1 + 1.0) * (g1 + 2.0)),
        x ** (g2 + 2.0) / ((g2 + 1.0) * (g2 + 2.0)),
    )


def _coefficients(
    motion: Motion, axis: int, t: Float64Array, shape: Shape
) -> tuple[Float64Array, Float64Array]:
    """C1 and C2 of one axis; `t` is (n, candidates)."""
    end_m, end_m_s = motion.end_m[:, axis, np.newaxis], motion.end_m_s[:, axis, np.newaxis]
    p = (end_m_s - motion.v_m_s[:, axis, np.newaxis]) / t - shape.a_end[axis]
    if axis < 2 and not motion.steered:
        q = 0.5 * p
    else:
        room = motion.r_m[:, axis, np.newaxis] - end_m
        q = (room / t + end_m_s) / t - 0.5 * shape.a_end[axis]
    w1, w2 = 1.0 / (shape.g1 + 2.0), 1.0 / (shape.g2 + 2.0)
    first = (q - p * w2) / (w1 - w2)
    return first * (shape.g1 + 1.0), (p - first) * (shape.g2 + 1.0)


def command(motion: Motion, t_go: Float64Array, shape: Shape) -> Float64Array:
    """Thrust acceleration (n, 3) [m/s^2, L] that the plan of time to go `t_go` (n,) begins with."""
    total = np.empty_like(motion.r_m)
    for axis in range(3):
        c1, c2 = _coefficients(motion, axis, t_go[:, np.newaxis], shape)
        total[:, axis] = shape.a_end[axis] + (c1 + c2)[:, 0]
    return total - motion.g_m_s2


def try_times(motion: Motion, t: Float64Array, shape: Shape) -> Trial:
    """Follow the plans of candidate times (n, c) to their ends."""
    nodes = _nodes(shape.g1, shape.g2)
    spread = t[:, :, np.newaxis]
    flat = motion.moon.flat
    total, path = [], []
    for axis in range(3):
        c1, c2 = (c[:, :, np.newaxis] for c in _coefficients(motion, axis, t, shape))
        total.append(shape.a_end[axis] + c1 * nodes.a1 + c2 * nodes.a2)
        if axis == 2 or not flat:
            bend = 0.5 * shape.a_end[axis] * nodes.x**2 + c1 * nodes.r1 + c2 * nodes.r2
            end_m, end_m_s = (a[:, axis, None, None] for a in (motion.end_m, motion.end_m_s))
            path.append(end_m - end_m_s * spread * nodes.x + spread**2 * bend)
    if flat:
        height = path[0]
        thrust = [a - motion.g_m_s2[:, k, None, None] for k, a in enumerate(total)]
    else:
        place = np.stack(path, axis=-1)
        height, pull = motion.moon.height(place), motion.moon.pull(place)
        thrust = [a - pull[..., k] for k, a in enumerate(total)]
    size = np.sqrt(thrust[0] ** 2 + thrust[1] ** 2 + thrust[2] ** 2)
    spent = np.zeros_like(size)
    np.cumsum(0.5 * (size[:, :, 1:] + size[:, :, :-1]), axis=2, out=spent[:, :, 1:])
    spent *= spread / (_NODES - 1)
    share = size * np.exp(-spent / motion.v_e_m_s[:, None, None])
    share /= motion.thrust_m_s2[:, None, None]
    lowest = height.min(axis=2) - np.minimum(motion.end_m[:, 2], height[:, 0, 0])[:, None]
    return Trial(spent[:, :, -1], share.max(axis=2), share.min(axis=2), lowest)
