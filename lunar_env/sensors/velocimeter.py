"""Doppler velocimeter: three beams canted from the body axis, each measuring the speed along it.

A beam returns where it meets the ground within its range and below its largest incidence. The
velocity is solved from all three beams, so one lost beam loses the measurement. It is the velocity
of the centre of mass relative to the ground: the lever arm is assumed to be corrected exactly with
the gyros. The ground is the plane of `ground_plane.py`, which only decides whether a beam returns.

References
----------
Pierrottet et al., "Flight test performance of a high precision navigation Doppler lidar", SPIE
7323, 2009.
"""

import math
from typing import Final, NamedTuple

import numpy as np

from lunar_env.kernel.compile import kernel
from lunar_env.kernel.linalg import Quat, Vec3, axpy, dot, rotate
from lunar_env.kernel.records import table_record
from lunar_env.kernel.rng import Index
from lunar_env.physics.rows import Lander
from lunar_env.physics.types import Site, State
from lunar_env.sensors.channel import Measurement, no_measurement, noise
from lunar_env.sensors.events import VELOCIMETER
from lunar_env.sensors.ground_plane import beam_range, plane_below

_THIRD_TURN: Final = 2.0 * math.pi / 3.0


class Velocimeter(NamedTuple):
    """Design of a velocimeter; the first five fields are its `Channel`."""

    period: float  # s; 0 without a velocimeter
    latency: float  # s
    jitter: float  # s
    dropout: float  # [-]
    max_age: float  # s
    noise: float  # m/s, 1 sigma of a beam ...
    noise_frac: float  # [-], ... and of its speed
    range_min: float  # m, along a beam
    range_max: float  # m
    cos_cut: float  # [-], cosine of the largest usable incidence
    speed_max: float  # m/s, along a beam
    cant_sin: float  # [-], sine of the cant of the beams from the downward body axis
    cant_cos: float  # [-], its cosine
    mount_offset: float  # m, below the centre of mass


load_velocimeter = table_record(Velocimeter, kernel)[0]


@kernel
def measure_velocity(
    lander: Lander,
    key: np.uint64,
    n: Index,
    state: State,
    believed: Quat,
    dvl: Velocimeter,
    site: Site,
) -> Measurement:
    """Measure the velocity relative to the ground [m/s, B].

    The observed value is in L, rotated with the attitude `believed` (q_LB) at that time.
    """
    origin = axpy(-dvl.mount_offset, rotate(state.q, Vec3(0.0, 0.0, 1.0)), state.r)
    plane = plane_below(lander, origin, site)
    if plane.distance > dvl.range_max:
        return no_measurement()
    x, y, z, sigma = 0.0, 0.0, 0.0, dvl.noise
    for k in range(3):
        c, s = math.cos(k * _THIRD_TURN), math.sin(k * _THIRD_TURN)
        beam = rotate(state.q, Vec3(dvl.cant_sin * c, dvl.cant_sin * s, -dvl.cant_cos))
        distance, speed = beam_range(plane, beam), dot(state.v, beam)
        returned = (
            dvl.range_min <= distance <= dvl.range_max and -dot(beam, plane.normal) >= dvl.cos_cut
        )
        if not returned or abs(speed) > dvl.speed_max:
            return no_measurement()
        error = math.sqrt(dvl.noise * dvl.noise + (dvl.noise_frac * speed) ** 2)
        speed += error * noise(key, VELOCIMETER, n, k)
        sigma = max(sigma, error)
        x, y, z = x + c * speed, y + s * speed, z + speed
    scale_xy = 2.0 / (3.0 * dvl.cant_sin)
    velocity = Vec3(scale_xy * x, scale_xy * y, -z / (3.0 * dvl.cant_cos))
    return Measurement(1.0, velocity, rotate(believed, velocity), sigma)
