"""The camera that knows where it is: craters in the picture against a map made from orbit.

It gives the place of the lander in the map of the site, and takes its time for it. It needs light
on the ground, a height at which the craters of the map are in the picture, and a lander that looks
down. What the map or the matching is wrong by stays the same through an episode.
"""

from typing import Final, NamedTuple

import numpy as np

from lunar_env.kernel.compile import kernel
from lunar_env.kernel.draws import X, Y, Z
from lunar_env.kernel.linalg import Vec3, dot, rotate
from lunar_env.kernel.records import table_record
from lunar_env.kernel.rng import Index
from lunar_env.physics.mass import com_height
from lunar_env.physics.relief import elevation
from lunar_env.physics.rows import Lander, load_vehicle
from lunar_env.physics.site import map_position, vertical
from lunar_env.physics.types import Site, State
from lunar_env.sensors.channel import Measurement, no_measurement, noise
from lunar_env.sensors.events import CAMERA
from lunar_env.sensors.rows import load_bias

_FOOTPRINT: Final = 0.05  # [-], of the altitude: ground that decides over the height


class Camera(NamedTuple):
    """Design of a unit; the first five are its `Channel`."""

    period: float  # s; 0 where none is fitted
    latency: float  # s
    jitter: float  # s
    dropout: float  # [-]
    max_age: float  # s
    noise_place: float  # m, 1 sigma of each horizontal axis
    noise_height: float  # m, 1 sigma
    height_min: float  # m, over the ground
    height_max: float  # m
    cos_tilt: float  # [-], cosine of the largest tilt
    sunlit: float  # 1 where the Sun is high enough above the horizon, else 0


load_camera = table_record(Camera, kernel)[0]


@kernel
def measure_place(
    lander: Lander, key: np.uint64, n: Index, state: State, camera: Camera, site: Site
) -> Measurement:
    """East and north of the target [m, L], altitude of the pads over the target's level [m]."""
    memory, i = lander.memory, lander.i
    vehicle = load_vehicle(memory, i)
    place, up = map_position(state.r, site), vertical(state.r, site)
    upright = dot(rotate(state.q, Vec3(0.0, 0.0, 1.0)), up)
    if camera.sunlit == 0.0 or upright < camera.cos_tilt or place.altitude <= 0.0:
        return no_measurement()
    footprint = _FOOTPRINT * place.altitude
    ground = elevation(lander, place.east, place.north, footprint)
    if not camera.height_min <= place.altitude - ground <= camera.height_max:
        return no_measurement()
    bias = load_bias(memory, i)
    found = Vec3(
        state.r.x + bias.x + camera.noise_place * noise(key, CAMERA, n, X),
        state.r.y + bias.y + camera.noise_place * noise(key, CAMERA, n, Y),
        place.altitude
        - com_height(state.mass, vehicle)
        + bias.z
        + camera.noise_height * noise(key, CAMERA, n, Z),
    )
    return Measurement(1.0, found, found, camera.noise_place)
