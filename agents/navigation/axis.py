"""A scalar Kalman filter on the error of dead reckoning along one axis, compiled.

States are the errors of position, velocity and acceleration (true minus dead-reckoned)::

    e' = b,  b' = a + gradient e + noise,  a' = -a/tau + noise

Dead reckoning takes gravity where it believes to be: 300 m too low, that is 0.03 m/s in a minute.

A measurement of age `age` depends on the error at its time, ``e - b age + a age^2 / 2``: as the
state transition depends on time only, the delayed-state update needs no stored copy of the state.
The process noise over the age is neglected: over a second it is millimetres.

Besides, a measurement depends on considered errors, which are not estimated, see `memory.py`.

References
----------
Schmidt, "Application of state-space methods to navigation problems", Advances in Control Systems 3,
1966, for considered errors.
Larsen, Andersen, Ravn and Poulsen, "Incorporation of time delayed measurements in a discrete-time
Kalman filter", IEEE CDC 1998.
"""

from typing import Final, NamedTuple

import numpy as np

from lunar_env.kernel.compile import inline_kernel
from lunar_env.kernel.records import part_record, width

from .rival import CHANNEL, Gate, Sample, confirm, exchange, hears, rival_wins

__all__ = [
    "AXIS",
    "CROSS",
    "Axis",
    "Considered",
    "Cross",
    "Measurement",
    "driven",
    "initial_axis",
    "load_axis",
    "load_cross",
    "propagate_cross",
    "propagated",
    "rougher",
    "store_axis",
    "store_cross",
    "updated",
]

# Least variances, so that rounding never makes one negative.
_LEAST_E: Final = 1e-6
_LEAST_B: Final = 1e-8
_LEAST_A: Final = 1e-12


class Axis(NamedTuple):
    """Mean and covariance of the three errors."""

    e: float  # m
    b: float  # m/s
    a: float  # m/s^2
    p_ee: float
    p_eb: float
    p_ea: float
    p_bb: float
    p_ba: float
    p_aa: float


class Measurement(NamedTuple):
    """A measurement of position or velocity along the axis."""

    residual: float  # m or m/s, measured less dead-reckoned, at the time stamp
    variance: float  # m^2 or m^2/s^2, of its noise
    age: float  # s, since its time stamp
    of_position: float  # 1 for a position, 0 for a velocity
    time: float  # s, the time stamp
    spread: float  # m or m/s, over which false ones are spread
    prior: float  # m^2 or m^2/s^2, variance of the error by dead reckoning alone
    rate_var: float  # m^2/s^2 or m^2/s^4, that of its rate
    wander: float  # m^2, of the ground since the last measurement


class Cross(NamedTuple):
    """Covariances of a considered error with the three states of an axis."""

    e: float  # m
    b: float  # m/s
    a: float  # m/s^2


class Prediction(NamedTuple):
    """A measurement as it is expected."""

    innovation: float  # m or m/s, measured less expected
    variance: float  # of the innovation
    e: float  # covariances with the three states
    b: float
    a: float


class Considered(NamedTuple):
    """Where the considered errors of an axis are in the memory."""

    cross: int  # column of the covariances of the first with e, b and a
    sensitivity: int  # column of the first one's part in the measurement; then as many of scratch
    number: int


AXIS: Final = width(Axis)
CROSS: Final = width(Cross)
load_axis, store_axis = part_record(Axis)
load_cross, store_cross = part_record(Cross)


@inline_kernel
def initial_axis(place_var: float, speed_var: float, accel_var: float) -> Axis:
    """Errors with zero mean and these variances."""
    return Axis(0.0, 0.0, 0.0, place_var, 0.0, 0.0, speed_var, 0.0, accel_var)


@inline_kernel
def rougher(s: Axis, variance: float) -> Axis:
    """Return the axis with a further variance [m^2] of its position."""
    return Axis(s.e, s.b, s.a, s.p_ee + variance, s.p_eb, s.p_ea, s.p_bb, s.p_ba, s.p_aa)


@inline_kernel
def propagated(s: Axis, dt: float, kept: float, gradient: float, q_b: float, q_a: float) -> Axis:
    """Axis after `dt` [s], with densities of process noise on the errors of speed and acceleration.

    Of the error of acceleration the fraction `kept` is left at the end; `gradient` [1/s^2] is that
    of gravity.
    """
    pull = dt * gradient
    h = 0.5 * dt * dt
    ea, ba = s.p_ea + dt * s.p_ba + h * s.p_aa, s.p_ba + dt * s.p_aa
    eb = s.p_eb + dt * s.p_bb + h * s.p_ba
    ee = s.p_ee + dt * s.p_eb + h * s.p_ea + dt * eb + h * ea + dt * (q_b * dt * dt / 3.0)
    eb = eb + dt * ea + q_b * h
    e = s.e + dt * s.b + h * s.a
    return Axis(
        e,
        s.b + dt * s.a + pull * e,
        kept * s.a,
        ee,
        eb + pull * ee,
        kept * ea,
        s.p_bb + dt * (s.p_ba + ba) + q_b * dt + pull * (2.0 * eb + pull * ee),
        kept * (ba + pull * ea),
        kept * kept * s.p_aa + q_a * dt,
    )


@inline_kernel
def propagate_cross(
    m: np.ndarray, i: int, at: int, count: int, dt: float, kept: float, gradient: float
) -> None:
    """Propagate by `dt` [s] the covariances of `count` considered errors, from column `at` on.

    As `propagated` does with the axis.
    """
    pull = dt * gradient
    for j in range(count):
        c = load_cross(m, i, at + CROSS * j)
        e = c.e + dt * (c.b + 0.5 * dt * c.a)
        store_cross(m, i, at + CROSS * j, Cross(e, c.b + dt * c.a + pull * e, kept * c.a))


@inline_kernel
def driven(s: Axis, m: np.ndarray, i: int, at: int, speed: float, accel: float, dt: float) -> Axis:
    """Axis after `dt` [s] with a speed [m/s] and an acceleration [m/s^2] of a considered error.

    These are those of one sigma of it, in addition to the states b and a; its covariances with the
    states begin at column `at`.
    """
    c, v, x = load_cross(m, i, at), dt * accel, dt * (speed + 0.5 * dt * accel)
    store_cross(m, i, at, Cross(c.e + x, c.b + v, c.a))
    p_ee, p_eb = s.p_ee + x * (2.0 * c.e + x), s.p_eb + v * c.e + x * c.b + x * v
    p_bb, p_ea, p_ba = s.p_bb + v * (2.0 * c.b + v), s.p_ea + x * c.a, s.p_ba + v * c.a
    return Axis(s.e, s.b, s.a, p_ee, p_eb, p_ea, p_bb, p_ba, s.p_aa)


@inline_kernel
def predict(s: Axis, z: Measurement, m: np.ndarray, i: int, considered: Considered) -> Prediction:
    """Innovation of a measurement, its variance, and its covariances with the states."""
    t, first, at = z.age, considered.cross, considered.sensitivity
    h_e, h_b = z.of_position, 1.0 - z.of_position - z.of_position * t
    h_a = z.of_position * 0.5 * t * t - (1.0 - z.of_position) * t
    he = h_e * s.p_ee + h_b * s.p_eb + h_a * s.p_ea
    hb = h_e * s.p_eb + h_b * s.p_bb + h_a * s.p_ba
    ha = h_e * s.p_ea + h_b * s.p_ba + h_a * s.p_aa
    variance = z.variance
    for j in range(considered.number):
        h, c = m[i, at + j], load_cross(m, i, first + CROSS * j)
        with_z = h_e * c.e + h_b * c.b + h_a * c.a + h
        he, hb, ha = he + h * c.e, hb + h * c.b, ha + h * c.a
        variance += h * with_z
        m[i, at + considered.number + j] = with_z
    innovation = z.residual - (h_e * s.e + h_b * s.b + h_a * s.a)
    return Prediction(innovation, variance + h_e * he + h_b * hb + h_a * ha, he, hb, ha)


@inline_kernel
def corrected(s: Axis, w: Prediction, m: np.ndarray, i: int, considered: Considered) -> Axis:
    """Axis after a measurement: the gain is the best for the three states.

    The considered errors are left at their means of zero (Schmidt-Kalman filter).
    """
    k_e, k_b, k_a = w.e / w.variance, w.b / w.variance, w.a / w.variance
    for j in range(considered.number):
        at = considered.cross + CROSS * j
        with_z, c = m[i, considered.sensitivity + considered.number + j], load_cross(m, i, at)
        left = Cross(c.e - k_e * with_z, c.b - k_b * with_z, c.a - k_a * with_z)
        store_cross(m, i, at, left)
    return Axis(
        s.e + k_e * w.innovation,
        s.b + k_b * w.innovation,
        s.a + k_a * w.innovation,
        max(s.p_ee - k_e * w.e, _LEAST_E),
        s.p_eb - k_e * w.b,
        s.p_ea - k_e * w.a,
        max(s.p_bb - k_b * w.b, _LEAST_B),
        s.p_ba - k_b * w.a,
        max(s.p_aa - k_a * w.a, _LEAST_A),
    )


@inline_kernel
def anew(
    s: Axis, z: Measurement, added: float, m: np.ndarray, i: int, considered: Considered
) -> Axis:
    """Axis whose measured state is uncertain by `added`, before the first sample of a rival.

    What false positions did to the velocity is forgotten: that is again as of dead reckoning.
    """
    if z.of_position < 1.0:
        return Axis(s.e, s.b, s.a, s.p_ee, s.p_eb, s.p_ea, s.p_bb + added, s.p_ba, s.p_aa)
    for j in range(considered.number):
        at = considered.cross + CROSS * j
        store_cross(m, i, at, Cross(load_cross(m, i, at).e, 0.0, 0.0))
    return Axis(s.e, 0.0, s.a, s.p_ee + added, 0.0, 0.0, z.rate_var, 0.0, s.p_aa)


@inline_kernel
def updated(
    s: Axis, z: Measurement, gate: Gate, m: np.ndarray, i: int, c: int, considered: Considered
) -> tuple[Axis, bool]:
    """Axis after a measurement, and whether it was used.

    The `Channel` of the sensor begins at column `c`.
    """
    w = predict(s, z, m, i, considered)
    sample = Sample(w.innovation, w.variance, z.variance, z.time, z.rate_var, z.wander, z.spread)
    if hears(m, i, c, gate, sample):
        after = corrected(s, w, m, i, considered)
        moved = after.e - s.e if z.of_position > 0.0 else after.b - s.b
        confirm(m, i, c, gate, sample, moved)
        return after, True
    state = s.e if z.of_position > 0.0 else s.b
    if not rival_wins(m, i, c, gate, sample, state, z.prior):
        return s, False
    apart, variance = m[i, c + CHANNEL.apart], m[i, c + CHANNEL.rival_var]
    wide = anew(s, z, apart * apart, m, i, considered)
    v = predict(wide, z, m, i, considered)
    innovation = apart + v.innovation - w.innovation
    v = Prediction(innovation, v.variance - z.variance + variance, v.e, v.b, v.a)
    after = corrected(wide, v, m, i, considered)
    # What is reported is the innovation that was used, not that of the hypothesis given up.
    m[i, c + CHANNEL.innovation], m[i, c + CHANNEL.variance] = v.innovation, v.variance
    if z.of_position > 0.0:
        exchange(m, i, c, gate, after.e - s.e, s.p_ee)
    else:
        exchange(m, i, c, gate, after.b - s.b, s.p_bb)
    return after, True
