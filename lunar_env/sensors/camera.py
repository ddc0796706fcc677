"""Camera for terrain-relative navigation: it matches craters with a map made from orbit.

It measures the position of the lander in the map of the site, after its processing latency. It
needs a sunlit ground, a height at which the craters of the map are visible, and a small tilt. The
biases of map and matching are constant during an episode.
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

_FOOTPRINT: Final = 0.05  # [-], width of the ground that defines the height, over the altitude


class Camera(NamedTuple):
    """Design of a camera; the first five fields are its `Channel`."""

    period: float  # s; 0 without a camera
    latency: float  # s
    jitter: float  # s
    dropout: float  # [-]
    max_age: float  # s
    noise_place: float  # m, 1 sigma of each horizontal axis
    noise_height: float  # m, 1 sigma
    height_min: float  # m, above the ground
    height_max: float  # m, above the ground
    cos_tilt: float  # [-], cosine of the largest tilt
    sunlit: float  # 1 where the Sun is high enough above the horizon, else 0


load_camera = table_record(Camera, kernel)[0]


@kernel
def measure_place(
    lander: Lander, key: np.uint64, n: Index, state: State, camera: Camera, site: Site
) -> Measurement:
    """Measure x and y in L [m], and the altitude of the pads above the reference sphere [m].

    No measurement in the dark, at too large a tilt, or outside the range of heights.
    """
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
    position = Vec3(
        state.r.x + bias.x + camera.noise_place * noise(key, CAMERA, n, X),
        state.r.y + bias.y + camera.noise_place * noise(key, CAMERA, n, Y),
        place.altitude
        - com_height(state.mass, vehicle)
        + bias.z
        + camera.noise_height * noise(key, CAMERA, n, Z),
    )
    return Measurement(1.0, position, position, camera.noise_place)
