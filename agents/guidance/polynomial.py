"""The family of polynomial laws: acceleration as two powers of the time to go.

With s the time to go, T its present value and x = s/T, the total acceleration planned is::

    a = a_f + C1 x^g1 + C2 x^g2

and C1, C2 follow from position and velocity now and at the end. Powers 0 and 1 are E-guidance, 1
and 2 Apollo's quadratic, 0.3 and 0.4 Lu's. The command is the plan's first acceleration less
gravity; it is solved again in each cycle. An axis whose position is free has the mean of both
velocities as its mean velocity, which for E-guidance is a constant acceleration, the cheapest.

References
----------
Lu, "Theory of fractional-polynomial powered descent guidance", JGCD 43(3), 2020.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from lunar_env.kernel.compile import inline_kernel
from lunar_env.kernel.linalg import Vec3
from lunar_env.kernel.records import item_record, row_record, width

from ..compiled import entry

if TYPE_CHECKING:
    from ..base import Float64Array
    from .types import VectorInput

__all__ = ["PlanChecks", "Shape", "command", "evaluate_times"]

# From start to end, for the trapezoidal rule. Peaks of such plans are at their ends or flat.
_NODES: Final = 13
_TURN_S: Final = 3.0  # a slow lander turns by ten degrees in this time before the end


class Shape(NamedTuple):
    """Powers of the time to go, and the total acceleration at the end [m/s^2, L]."""

    g1: float
    g2: float
    a_end: tuple[float, float, float] = (0.0, 0.0, 0.0)


class PlanChecks(NamedTuple):
    """Cost, thrust and height of plans; arrays (n, candidates)."""

    cost_m_s: Float64Array  # integral of the thrust acceleration
    peak: Float64Array  # largest thrust over installed thrust
    lowest_m: Float64Array  # least height of the path over the lower of start and end
    end_lean: Float64Array  # tangent of the thrust's angle from the vertical shortly before the end


@lru_cache(maxsize=16)
def _nodes(g1: float, g2: float) -> Float64Array:
    """Return a `_Node` for each of the 13 nodes, (13, 5)."""
    x = np.linspace(1.0, 0.0, _NODES)
    r1 = x ** (g1 + 2.0) / ((g1 + 1.0) * (g1 + 2.0))
    r2 = x ** (g2 + 2.0) / ((g2 + 1.0) * (g2 + 2.0))
    return np.stack((x, x**g1, x**g2, r1, r2), axis=1)


def command(inputs: VectorInput, t_go: Float64Array, shape: Shape) -> Float64Array:
    """First thrust acceleration (n, 3) [m/s^2, L] of the plan of time to go `t_go` (n,) [s]."""
    t, a_end = t_go[:, np.newaxis], np.array(shape.a_end)
    p = (inputs.end_m_s - inputs.v_m_s) / t - a_end
    q = ((inputs.r_m - inputs.end_m) / t + inputs.end_m_s) / t - 0.5 * a_end
    if not inputs.steered:
        q[:, :2] = 0.5 * p[:, :2]
    w1, w2 = 1.0 / (shape.g1 + 2.0), 1.0 / (shape.g2 + 2.0)
    first = (q - p * w2) / (w1 - w2)
    total = a_end + first * (shape.g1 + 1.0) + (p - first) * (shape.g2 + 1.0)
    thrust: Float64Array = total - inputs.g_m_s2
    return thrust


def evaluate_times(inputs: VectorInput, t: Float64Array, shape: Shape) -> PlanChecks:
    """Follow the plans of candidate times to their ends.

    Parameters
    ----------
    inputs : VectorInput
        Present state, end and lander of each row.
    t : ndarray of float64, shape (n, c)
        Candidates for the time to go [s].
    shape : Shape
        Powers of the time to go, and the acceleration at the end.

    Returns
    -------
    PlanChecks
        Cost, peak thrust and lowest point of each plan, (n, c).
    """
    rows = np.empty((len(t), _ROW_WIDTH))
    vectors = inputs.r_m, inputs.v_m_s, inputs.end_m, inputs.end_m_s, inputs.g_m_s2
    np.concatenate(
        (*vectors, np.stack((inputs.thrust_m_s2, inputs.v_e_m_s), axis=1)), axis=1, out=rows
    )
    moon = inputs.moon
    radius = 0.0 if moon.flat else moon.radius_m
    mu = moon.g_m_s2 * radius * radius
    numbers = (shape.g1, shape.g2, *shape.a_end, mu, radius, inputs.steered)
    constants = _Constants(*map(float, numbers))
    checks = np.empty((*t.shape, _CHECK_WIDTH))
    _follow(checks, t, rows, _nodes(shape.g1, shape.g2), constants)
    return PlanChecks(*np.ascontiguousarray(np.moveaxis(checks, -1, 0)))


class _Row(NamedTuple):
    """What plans of a row start from and lead to; frame L, (n, `width`) at rest."""

    r: Vec3  # m
    v: Vec3  # m/s
    end_r: Vec3  # m
    end_v: Vec3  # m/s
    gravity: Vec3  # m/s^2, at the start
    thrust: float  # m/s^2, installed thrust over the present mass
    v_e: float  # m/s, exhaust velocity


class _Node(NamedTuple):
    """A node of the plan: x = s/T, its two powers, and their double integrals."""

    x: float
    power1: float
    power2: float
    integral1: float
    integral2: float


class _Constants(NamedTuple):
    """What all rows and candidates share; floats, as compiled code wants them."""

    g1: float
    g2: float
    a_x: float  # m/s^2, acceleration at the end, frame L
    a_y: float
    a_z: float
    mu: float  # m^3/s^2, gravitational parameter; zero on a plane
    radius: float  # m; zero on a plane
    steered: float  # 1 where the horizontal position of the end counts, else 0


class _Check(NamedTuple):
    """One plan: see `PlanChecks`."""

    cost: float  # m/s
    peak: float  # [-]
    lowest: float  # m
    end_lean: float  # [-]


class _Ends(NamedTuple):
    """Both ends of the plan of one axis [m, m/s, m/s^2]."""

    r: float
    v: float
    end_r: float
    end_v: float
    end_a: float


class _Axis(NamedTuple):
    """Plan of one axis: position, velocity and acceleration at the end, C1 and C2."""

    end_r: float
    end_v: float
    end_a: float
    c1: float
    c2: float


class _Axes(NamedTuple):
    """Plan of the three axes of L."""

    x: _Axis
    y: _Axis
    z: _Axis


_ROW_WIDTH: Final = width(_Row)
_CHECK_WIDTH: Final = width(_Check)
load_row = row_record(_Row, 0)[0]
load_node = row_record(_Node, 0)[0]
store_check = item_record(_Check)[1]


@entry
def _follow(
    checks: np.ndarray, t: np.ndarray, rows: np.ndarray, nodes: np.ndarray, constants: _Constants
) -> None:
    """All candidates of all rows.

    Parameters
    ----------
    checks : ndarray of float64, shape (n, c, width of _Check)
        Filled with a `_Check` for each row and candidate.
    t : ndarray of float64, shape (n, c)
        Candidates for the time to go [s].
    rows : ndarray of float64, shape (n, width of _Row)
        A `_Row` each.
    nodes : ndarray of float64, shape (13, width of _Node)
        From start to end.
    constants : _Constants
        Shape of the plans and gravity.
    """
    for i in range(t.shape[0]):
        row = load_row(rows, i)
        for j in range(t.shape[1]):
            axes = _solve_axes(row, constants, t[i, j])
            store_check(checks, i, j, _checked(axes, row, constants, nodes, t[i, j]))


@inline_kernel
def _checked(axes: _Axes, row: _Row, constants: _Constants, nodes: np.ndarray, t: float) -> _Check:
    """Follow one plan from node to node."""
    spent, mass, peak, before = 0.0, 1.0, 0.0, 0.0
    lowest, start, height = math.inf, 0.0, 0.0
    dt = t / (nodes.shape[0] - 1)
    for k in range(nodes.shape[0]):
        size, height = _at_node(axes, row, constants, load_node(nodes, k), t)
        if k == 0:
            start = height
        else:
            part = 0.5 * (size + before) * dt
            share = part / row.v_e
            mass *= 1.0 - share * (1.0 - 0.5 * share)  # exp(-y) of a twelfth of the plan
            spent += part
        peak, lowest, before = max(peak, size * mass), min(lowest, height), size
    lean = _end_lean(axes, row, constants, t)
    return _Check(spent, peak / row.thrust, lowest - min(start, height), lean)


@inline_kernel
def _end_lean(axes: _Axes, row: _Row, constants: _Constants, t: float) -> float:
    """Tangent of the angle of the thrust from the vertical, `_TURN_S` before the end [-]."""
    if constants.steered == 0.0:
        return 0.0  # the autopilot leans as it likes
    x = min(_TURN_S / t, 1.0)
    node = _Node(x, x**constants.g1, x**constants.g2, 0.0, 0.0)
    a_x, a_y = _acceleration(axes.x, node), _acceleration(axes.y, node)
    up = _acceleration(axes.z, node) - row.gravity.z
    return math.sqrt(a_x * a_x + a_y * a_y) / max(up, 1e-3)


@inline_kernel
def _at_node(
    axes: _Axes, row: _Row, constants: _Constants, node: _Node, t: float
) -> tuple[float, float]:
    """Thrust acceleration [m/s^2] and height [m] at a node."""
    z = _position(axes.z, node, t)
    g, height = row.gravity, z
    if constants.radius > 0.0:
        x, y = _position(axes.x, node, t), _position(axes.y, node, t)
        g, height = _on_sphere(Vec3(x, y, z), constants.mu, constants.radius)
    a_x, a_y = _acceleration(axes.x, node), _acceleration(axes.y, node)
    a_z = _acceleration(axes.z, node)
    return math.sqrt((a_x - g.x) ** 2 + (a_y - g.y) ** 2 + (a_z - g.z) ** 2), height


@inline_kernel
def _solve_axes(row: _Row, constants: _Constants, t: float) -> _Axes:
    """Plans of the three axes for one time to go: `command` in scalars."""
    r, v, end_r, end_v = row.r, row.v, row.end_r, row.end_v
    fixed = constants.steered > 0.0
    x = _Ends(r.x, v.x, end_r.x, end_v.x, constants.a_x)
    y = _Ends(r.y, v.y, end_r.y, end_v.y, constants.a_y)
    z = _Ends(r.z, v.z, end_r.z, end_v.z, constants.a_z)
    return _Axes(
        _solve(x, fixed, constants, t),
        _solve(y, fixed, constants, t),
        _solve(z, True, constants, t),
    )


@inline_kernel
def _solve(ends: _Ends, fixed: bool, constants: _Constants, t: float) -> _Axis:
    """C1 and C2 of an axis; one whose position at the end is not `fixed` leaves it open."""
    w1, w2 = 1.0 / (constants.g1 + 2.0), 1.0 / (constants.g2 + 2.0)
    p = (ends.end_v - ends.v) / t - ends.end_a
    q = 0.5 * p
    if fixed:
        q = ((ends.r - ends.end_r) / t + ends.end_v) / t - 0.5 * ends.end_a
    first = (q - p * w2) / (w1 - w2)
    c1, c2 = first * (constants.g1 + 1.0), (p - first) * (constants.g2 + 1.0)
    return _Axis(ends.end_r, ends.end_v, ends.end_a, c1, c2)


@inline_kernel
def _acceleration(plan: _Axis, node: _Node) -> float:
    """Total acceleration of an axis at a node [m/s^2]."""
    return plan.end_a + plan.c1 * node.power1 + plan.c2 * node.power2


@inline_kernel
def _position(plan: _Axis, node: _Node, t: float) -> float:
    """Coordinate of an axis at a node [m]."""
    x = node.x
    bend = 0.5 * plan.end_a * x * x + plan.c1 * node.integral1 + plan.c2 * node.integral2
    return plan.end_r + t * (t * bend - plan.end_v * x)


@inline_kernel
def _on_sphere(r: Vec3, mu: float, radius: float) -> tuple[Vec3, float]:
    """Gravity [m/s^2, L] and height above the sphere [m] at a position [m, L]."""
    depth = r.z + radius
    across2 = r.x * r.x + r.y * r.y
    distance = math.sqrt(across2 + depth * depth)
    g = -mu / (distance * distance * distance)
    # Without cancellation: |d| - R as a quotient.
    height = (across2 + r.z * (r.z + 2.0 * radius)) / (distance + radius)
    return Vec3(g * r.x, g * r.y, g * depth), height
