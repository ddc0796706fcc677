"""Radar altimeter: range of the first echo in a wide beam.

The first echo comes from the nearest ground in the beam. The ground is the plane of
`ground_plane.py`: its nearest point lies along the normal, or along the edge of the beam where the
normal lies outside the beam. This is exact for any plane; over rough ground a peak off the plane is
missed.
"""

import math
from typing import NamedTuple

import numpy as np

from lunar_env.kernel.compile import kernel
from lunar_env.kernel.draws import X
from lunar_env.kernel.linalg import Vec3, axpy, dot, norm, rotate
from lunar_env.kernel.records import table_record
from lunar_env.kernel.rng import Index
from lunar_env.physics.rows import Lander
from lunar_env.physics.types import Site, State
from lunar_env.sensors.channel import Measurement, no_measurement, noise
from lunar_env.sensors.events import RADAR
from lunar_env.sensors.ground_plane import beam_range, plane_below
from lunar_env.sensors.rows import CHANNEL, RALT


class Radar(NamedTuple):
    """Design of a radar altimeter; the first five fields are its `Channel`."""

    period: float  # s; 0 without a radar altimeter
    latency: float  # s
    jitter: float  # s
    dropout: float  # [-]
    max_age: float  # s
    noise: float  # m, 1 sigma of a sample ...
    noise_frac: float  # [-], ... and of its range
    scale_sigma: float  # [-], 1 sigma of the scale error
    range_min: float  # m
    range_max: float  # m
    half_sin: float  # [-], sine of the half width of the beam
    half_cos: float  # [-], its cosine
    mount_offset: float  # m, below the centre of mass


load_radar = table_record(Radar, kernel)[0]


@kernel
def nearest_in_beam(direction: Vec3, axis: Vec3, radar: Radar) -> Vec3:
    """Unit vector within the beam around `axis` that is nearest to the unit vector `direction`."""
    along = dot(direction, axis)
    aside = axpy(-along, axis, direction)
    length = norm(aside)
    if along >= radar.half_cos or length < 1e-9:
        return direction if along > 0.0 else axis
    c, s = radar.half_cos, radar.half_sin / length
    return Vec3(c * axis.x + s * aside.x, c * axis.y + s * aside.y, c * axis.z + s * aside.z)


@kernel
def first_echo_range(lander: Lander, state: State, radar: Radar, site: Site) -> float:
    """Range [m] of the nearest point of the ground plane in the beam; inf without one."""
    axis = rotate(state.q, Vec3(0.0, 0.0, -1.0))
    origin = axpy(radar.mount_offset, axis, state.r)
    plane = plane_below(lander, origin, site)
    down = Vec3(-plane.normal.x, -plane.normal.y, -plane.normal.z)
    return beam_range(plane, nearest_in_beam(down, axis, radar))


@kernel
def measure_first_echo(
    lander: Lander, key: np.uint64, n: Index, state: State, radar: Radar, site: Site
) -> Measurement:
    """Measure the range [m] of the first echo; no measurement outside the limits of range."""
    memory, i = lander.memory, lander.i
    distance = first_echo_range(lander, state, radar, site)
    if not radar.range_min <= distance <= radar.range_max:
        return no_measurement()
    sigma = math.sqrt(radar.noise * radar.noise + (radar.noise_frac * distance) ** 2)
    value = distance * (1.0 + memory[i, RALT + CHANNEL.scale_error]) + sigma * noise(
        key, RADAR, n, X
    )
    observed = Vec3(max(value, 0.0), 0.0, 0.0)
    return Measurement(1.0, observed, observed, sigma)
