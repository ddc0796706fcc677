"""A scalar Kalman filter on the error of dead reckoning along one axis, compiled.

States are the errors of position, velocity and acceleration (true minus dead-reckoned)::

    e' = b + noise of the ground,  b' = a + noise,  a' = -a/tau + noise

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
from lunar_env.kernel.records import columns, part_record, width

__all__ = [
    "AXIS",
    "CHANNEL",
    "CHANNEL_WIDTH",
    "CROSS",
    "Axis",
    "Channel",
    "Considered",
    "Gate",
    "Measurement",
    "initial_axis",
    "load_axis",
    "load_channel",
    "propagate_cross",
    "propagated",
    "store_axis",
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


class Channel(NamedTuple):
    """Memory of the gate of one channel."""

    rejected: float  # [-], consecutive rejections
    difference: float  # m or m/s, innovation of the last rejected measurement
    innovation: float  # m or m/s, of the last measurement; for reports
    variance: float  # of that innovation, as expected


class Measurement(NamedTuple):
    """A measurement of position or velocity along the axis."""

    residual: float  # m or m/s, measured less dead-reckoned, at the time stamp
    variance: float  # m^2 or m^2/s^2, of its noise
    age: float  # s, since its time stamp
    of_position: float  # 1 for a position, 0 for a velocity
    agree_within: float  # m or m/s, rejected measurements agree within this


class Gate(NamedTuple):
    """When a measurement is rejected, and when the filter accepts it after all."""

    sigmas: float  # [-], innovations beyond this are rejected
    recover_after: float  # consecutive rejected measurements that agree
    latches: float  # 1: after that many it rejects all instead


class Considered(NamedTuple):
    """Where the considered errors of an axis are in the memory."""

    cross: int  # column of the covariances of the first with e, b and a
    sensitivity: int  # column of the first one's part in the measurement; then as many of scratch
    count: int


AXIS: Final = width(Axis)
CROSS: Final = 3  # covariances of a considered error with the three states
CHANNEL: Final = columns(Channel)
CHANNEL_WIDTH: Final = width(Channel)
load_axis, store_axis = part_record(Axis)
load_channel = part_record(Channel)[0]


@inline_kernel
def initial_axis(place_var: float, speed_var: float, accel_var: float) -> Axis:
    """Errors with zero mean and these variances."""
    return Axis(0.0, 0.0, 0.0, place_var, 0.0, 0.0, speed_var, 0.0, accel_var)


@inline_kernel
def propagated(s: Axis, dt: float, kept: float, q_e: float, q_b: float, q_a: float) -> Axis:
    """Axis after `dt` [s], with these densities of process noise on the three states.

    Of the error of acceleration the fraction `kept` is left at the end.
    """
    h = 0.5 * dt * dt
    ea, ba = s.p_ea + dt * s.p_ba + h * s.p_aa, s.p_ba + dt * s.p_aa
    eb = s.p_eb + dt * s.p_bb + h * s.p_ba
    ee = s.p_ee + dt * s.p_eb + h * s.p_ea
    return Axis(
        s.e + dt * s.b + h * s.a,
        s.b + dt * s.a,
        kept * s.a,
        ee + dt * eb + h * ea + dt * (q_e + q_b * dt * dt / 3.0),
        eb + dt * ea + q_b * h,
        kept * ea,
        s.p_bb + dt * (s.p_ba + ba) + q_b * dt,
        kept * ba,
        kept * kept * s.p_aa + q_a * dt,
    )


@inline_kernel
def propagate_cross(m: np.ndarray, i: int, at: int, count: int, dt: float, kept: float) -> None:
    """Propagate by `dt` [s] the covariances of `count` considered errors, from column `at` on."""
    h = 0.5 * dt * dt
    for j in range(count):
        c = at + CROSS * j
        e, b, a = m[i, c], m[i, c + 1], m[i, c + 2]
        m[i, c], m[i, c + 1], m[i, c + 2] = e + dt * b + h * a, b + dt * a, kept * a


@inline_kernel
def updated(
    s: Axis, z: Measurement, gate: Gate, m: np.ndarray, i: int, c: int, considered: Considered
) -> tuple[Axis, bool]:
    """Axis after a measurement, and whether it was used.

    The `Channel` of the sensor begins at column `c`. The gain is the best for the three states;
    the considered errors are left at their means of zero (Schmidt-Kalman filter).
    """
    t, cross, at, count = z.age, considered.cross, considered.sensitivity, considered.count
    h_e, h_b = z.of_position, 1.0 - z.of_position - z.of_position * t
    h_a = z.of_position * 0.5 * t * t - (1.0 - z.of_position) * t
    he = h_e * s.p_ee + h_b * s.p_eb + h_a * s.p_ea
    hb = h_e * s.p_eb + h_b * s.p_bb + h_a * s.p_ba
    ha = h_e * s.p_ea + h_b * s.p_ba + h_a * s.p_aa
    innovation_var = z.variance
    for j in range(count):
        # With the measurement: covariance of the considered error.
        h, k = m[i, at + j], cross + CROSS * j
        with_z = h_e * m[i, k] + h_b * m[i, k + 1] + h_a * m[i, k + 2] + h
        he, hb, ha = he + h * m[i, k], hb + h * m[i, k + 1], ha + h * m[i, k + 2]
        innovation_var += h * with_z
        m[i, at + count + j] = with_z
    innovation = z.residual - (h_e * s.e + h_b * s.b + h_a * s.a)
    innovation_var += h_e * he + h_b * hb + h_a * ha
    m[i, c + CHANNEL.innovation], m[i, c + CHANNEL.variance] = innovation, innovation_var

    rejections, added_var = m[i, c + CHANNEL.rejected], 0.0
    latched = gate.latches > 0.0 and rejections >= gate.recover_after
    if latched or innovation * innovation > gate.sigmas * gate.sigmas * innovation_var:
        agrees = abs(innovation - m[i, c + CHANNEL.difference]) <= z.agree_within or latched
        rejections = rejections + 1.0 if agrees else 1.0
        m[i, c + CHANNEL.rejected], m[i, c + CHANNEL.difference] = rejections, innovation
        if gate.latches > 0.0 or rejections < gate.recover_after:
            return s, False
        added_var = innovation * innovation  # as large as the innovation
    m[i, c + CHANNEL.rejected] = 0.0
    p_ee, p_bb = s.p_ee + added_var * z.of_position, s.p_bb + added_var * (1.0 - z.of_position)
    he, hb = he + added_var * z.of_position, hb + added_var * (1.0 - z.of_position)
    innovation_var += added_var
    k_e, k_b, k_a = he / innovation_var, hb / innovation_var, ha / innovation_var
    for j in range(count):
        with_z, k = m[i, at + count + j], cross + CROSS * j
        m[i, k] -= k_e * with_z
        m[i, k + 1] -= k_b * with_z
        m[i, k + 2] -= k_a * with_z
    return Axis(
        s.e + k_e * innovation,
        s.b + k_b * innovation,
        s.a + k_a * innovation,
        max(p_ee - k_e * he, _LEAST_E),
        s.p_eb - k_e * hb,
        s.p_ea - k_e * ha,
        max(p_bb - k_b * hb, _LEAST_B),
        s.p_ba - k_b * ha,
        max(s.p_aa - k_a * ha, _LEAST_A),
    ), True
