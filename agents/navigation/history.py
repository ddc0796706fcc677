"""A short history of dead reckoning: the state at the time of a measurement.

A history is an array (n, `LENGTH`, `WIDTH`) of float32, as precise as what is observed, newest
first. Entries are `SPACING_S` apart whatever the control period, only the newest may be nearer.
"""

import math
from typing import Final, NamedTuple

import numpy as np

from lunar_env.data.constants import R_MOON
from lunar_env.kernel.compile import inline_kernel
from lunar_env.kernel.linalg import Vec3
from lunar_env.kernel.records import columns, item_record, width

__all__ = [
    *("LENGTH", "NEWEST", "PAST", "SPAN_S", "TURNING_PER_S", "WIDTH", "Past"),
    *("vertical_velocity", "cosine_rate", "look_back", "remember", "restart", "local_vertical"),
    "turned_between",
]

# 32 entries, 6 s: three times the longest latency of the scenarios.
LENGTH: Final = 32
NEWEST: Final = 0
_BEFORE: Final = 1
# Slightly less than the control period of 0.2 s, so that rounding never skips an entry.
SPACING_S: Final = 0.19
SPAN_S: Final = SPACING_S * (LENGTH - 1)
# A beam whose earlier cosine is not known turns at some degrees per second.
TURNING_PER_S: Final = 0.05


class Past(NamedTuple):
    """Dead-reckoned state at a time, frame L."""

    time: float  # s
    x: float  # m
    y: float  # m
    height: float  # m
    v_x: float  # m/s
    v_y: float  # m/s
    v_z: float  # m/s
    cos_tilt: float  # [-], of the body axis from the local vertical
    lean_x: float  # [-], way of the rangefinder's beam to the east over that downwards
    lean_y: float  # [-], to the north


@inline_kernel
def local_vertical(p: Past) -> Vec3:
    """Local vertical [-, L]; far from the target it is not L's z."""
    rho = R_MOON + p.height
    x, y = p.x / rho, p.y / rho
    return Vec3(x, y, math.sqrt(max(1.0 - x * x - y * y, 0.0)))


@inline_kernel
def vertical_velocity(p: Past) -> float:
    """Velocity along the local vertical [m/s]."""
    up = local_vertical(p)
    return up.x * p.v_x + up.y * p.v_y + up.z * p.v_z


PAST: Final = columns(Past)
WIDTH: Final = width(Past)
load_past, store_past = item_record(Past, "float64({})")


@inline_kernel
def restart(history: np.ndarray, i: int, now: Past) -> None:
    """Fill the history with the present state: earlier times are extrapolated from it."""
    for k in range(LENGTH):
        store_past(history, i, k, now)


@inline_kernel
def remember(old: np.ndarray, new: np.ndarray, i: int, now: Past) -> None:
    """Copy row `i` with the present state first; a newest entry that is too near is replaced."""
    shift = 1 if old[i, NEWEST, PAST.time] - old[i, _BEFORE, PAST.time] >= SPACING_S else 0
    for k in range(1, LENGTH):
        for j in range(WIDTH):
            new[i, k, j] = old[i, k - shift, j]
    store_past(new, i, 0, now)


@inline_kernel
def hermite(a: float, b: float, va: float, vb: float, span: float, u: float) -> float:
    """Cubic between two positions with their velocities, at the fraction `u` of the span."""
    w = 1.0 - u
    ends = a * w * w * (1.0 + 2.0 * u) + b * u * u * (3.0 - 2.0 * u)
    return ends + span * u * w * (va * w - vb * u)


@inline_kernel
def look_back(history: np.ndarray, i: int, stamp: float) -> Past:
    """State at the time `stamp` [s]; with constant velocity beyond the ends of the history."""
    k = 0
    while k < LENGTH and history[i, k, PAST.time] > stamp:
        k += 1
    a = load_past(history, i, min(k, LENGTH - 1))
    if k in (0, LENGTH):  # attitude is constant, not extrapolated
        dt = stamp - a.time
        position = (a.x + dt * a.v_x, a.y + dt * a.v_y, a.height + dt * vertical_velocity(a))
        attitude = (a.cos_tilt, a.lean_x, a.lean_y)
        return Past(stamp, *position, a.v_x, a.v_y, a.v_z, *attitude)
    b = load_past(history, i, k - 1)
    span = b.time - a.time
    u = (stamp - a.time) / span
    return Past(
        stamp,
        hermite(a.x, b.x, a.v_x, b.v_x, span, u),
        hermite(a.y, b.y, a.v_y, b.v_y, span, u),
        hermite(a.height, b.height, vertical_velocity(a), vertical_velocity(b), span, u),
        a.v_x + u * (b.v_x - a.v_x),
        a.v_y + u * (b.v_y - a.v_y),
        a.v_z + u * (b.v_z - a.v_z),
        a.cos_tilt + u * (b.cos_tilt - a.cos_tilt),
        a.lean_x + u * (b.lean_x - a.lean_x),
        a.lean_y + u * (b.lean_y - a.lean_y),
    )


@inline_kernel
def cosine_rate(history: np.ndarray, i: int, stamp: float) -> float:
    """Rate [1/s] of the cosine of the tilt at the time `stamp` [s]; 0 before the history."""
    k = 1
    while k < LENGTH - 1 and history[i, k, PAST.time] > stamp:
        k += 1
    before, after = load_past(history, i, k), load_past(history, i, k - 1)
    span = after.time - before.time
    return (after.cos_tilt - before.cos_tilt) / span if span > 1e-3 else 0.0


@inline_kernel
def turned_between(history: np.ndarray, i: int, stamp: float) -> float:
    """Error [-] of the interpolated cosine of the tilt at the time `stamp` [s], one sigma.

    With a constant angular acceleration the cosine leaves the chord of a span by ``u (1 - u) / 2``
    times its second difference: the mean of those at both ends is taken. It is no correction, as
    thrusters fire within the span. Before the history a lander may have turned.
    """
    first = load_past(history, i, LENGTH - 1)
    if stamp < first.time:
        turn, c = TURNING_PER_S * (first.time - stamp), first.cos_tilt
        return turn * (math.sqrt(max(1.0 - c * c, 0.0)) + 0.5 * turn)
    k = 1
    while k < LENGTH - 2 and history[i, k, PAST.time] > stamp:
        k += 1
    after, before = load_past(history, i, k - 1), load_past(history, i, k)
    earlier = load_past(history, i, k + 1)
    span, rise = after.time - before.time, after.cos_tilt - before.cos_tilt
    if span < 1e-3:
        return 0.0
    u = min(max((stamp - before.time) / span, 0.0), 1.0)
    bend = abs(rise - (before.cos_tilt - earlier.cos_tilt))
    if k > 1:
        later = load_past(history, i, k - 2)
        bend = 0.5 * (bend + abs(later.cos_tilt - after.cos_tilt - rise))
    return 0.5 * u * (1.0 - u) * bend
