"""A scalar Kalman filter on the error of dead reckoning along one axis, compiled.

States are the errors of place, velocity and acceleration (true minus believed)::

    e' = b + noise of the ground,  b' = a + noise,  a' = noise

A sample that is `age` old speaks of the error then, ``e - b age + a age^2 / 2``: with a rotation of
nothing but time, the delayed-state update needs no stored clone. What the process noise of the age
would add is left out: over a second it is millimetres.

References
----------
Larsen, Andersen, Ravn and Poulsen, "Incorporation of time delayed measurements in a discrete-time
Kalman filter", IEEE CDC 1998.
"""

from typing import Final, NamedTuple

import numpy as np

from lunar_env.kernel.compile import kernel
from lunar_env.kernel.records import columns, part_record, width

__all__ = [
    "AXIS",
    "CHANNEL",
    "CHANNEL_WIDTH",
    "Axis",
    "Channel",
    "Gate",
    "Sample",
    "fresh_axis",
    "load_axis",
    "load_channel",
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
    """What is remembered of the samples of one channel."""

    rejected: float  # [-], how many in a row
    difference: float  # m or m/s, what the last of these differed by
    innovation: float  # m or m/s, of the last sample; for reports
    variance: float  # of that


class Sample(NamedTuple):
    """A sample: what it differs by from what was believed then, and what it is a sample of."""

    nu: float  # m or m/s, less nothing of the estimated error yet
    noise: float  # variance
    age: float  # s
    place: float  # 1 for a place, 0 for a velocity
    agree: float  # refused samples agree within this


class Gate(NamedTuple):
    """When a sample is refused, and when the filter gives in."""

    sigmas: float  # [-]
    recover_after: float  # refused samples in a row that agree
    latches: float  # 1: then it refuses for good instead


AXIS: Final = width(Axis)
CHANNEL: Final = columns(Channel)
CHANNEL_WIDTH: Final = width(Channel)
load_axis, store_axis = part_record(Axis)
load_channel = part_record(Channel)[0]


@kernel
def fresh_axis(place_var: float, speed_var: float, accel_var: float) -> Axis:
    """No error known, as large as these variances say."""
    return Axis(0.0, 0.0, 0.0, place_var, 0.0, 0.0, speed_var, 0.0, accel_var)


@kernel
def propagated(s: Axis, dt: float, q_e: float, q_b: float, q_a: float) -> Axis:
    """After `dt` seconds, with these densities of noise on the three."""
    h = 0.5 * dt * dt
    ea, ba = s.p_ea + dt * s.p_ba + h * s.p_aa, s.p_ba + dt * s.p_aa
    eb = s.p_eb + dt * s.p_bb + h * s.p_ba
    ee = s.p_ee + dt * s.p_eb + h * s.p_ea
    return Axis(
        s.e + dt * s.b + h * s.a,
        s.b + dt * s.a,
        s.a,
        ee + dt * eb + h * ea + dt * (q_e + q_b * dt * dt / 3.0),
        eb + dt * ea + q_b * h,
        ea,
        s.p_bb + dt * (s.p_ba + ba) + q_b * dt,
        ba,
        s.p_aa + q_a * dt,
    )


@kernel
def updated(s: Axis, z: Sample, gate: Gate, m: np.ndarray, i: int, c: int) -> tuple[Axis, bool]:
    """State after a sample, and whether it was used.

    The `Channel` of the sensor begins at column `c`.
    """
    t = z.age
    h_e, h_b = z.place, 1.0 - z.place - z.place * t
    h_a = z.place * 0.5 * t * t - (1.0 - z.place) * t
    he = h_e * s.p_ee + h_b * s.p_eb + h_a * s.p_ea
    hb = h_e * s.p_eb + h_b * s.p_bb + h_a * s.p_ba
    ha = h_e * s.p_ea + h_b * s.p_ba + h_a * s.p_aa
    nu = z.nu - (h_e * s.e + h_b * s.b + h_a * s.a)
    spread = h_e * he + h_b * hb + h_a * ha + z.noise
    m[i, c + CHANNEL.innovation], m[i, c + CHANNEL.variance] = nu, spread

    rejects, doubt = m[i, c + CHANNEL.rejected], 0.0
    latched = gate.latches > 0.0 and rejects >= gate.recover_after
    if latched or nu * nu > gate.sigmas * gate.sigmas * spread:
        agrees = abs(nu - m[i, c + CHANNEL.difference]) <= z.agree or latched
        rejects = rejects + 1.0 if agrees else 1.0
        m[i, c + CHANNEL.rejected], m[i, c + CHANNEL.difference] = rejects, nu
        if gate.latches > 0.0 or rejects < gate.recover_after:
            return s, False
        doubt = nu * nu  # it admits to have been wrong by as much as the sample says
    m[i, c + CHANNEL.rejected] = 0.0
    p_ee, p_bb = s.p_ee + doubt * z.place, s.p_bb + doubt * (1.0 - z.place)
    he, hb, spread = he + doubt * z.place, hb + doubt * (1.0 - z.place), spread + doubt
    k_e, k_b, k_a = he / spread, hb / spread, ha / spread
    return Axis(
        *(s.e + k_e * nu, s.b + k_b * nu, s.a + k_a * nu),
        max(p_ee - k_e * he, _LEAST_E),
        *(s.p_eb - k_e * hb, s.p_ea - k_e * ha),
        max(p_bb - k_b * hb, _LEAST_B),
        s.p_ba - k_b * ha,
        max(s.p_aa - k_a * ha, _LEAST_A),
    ), True
