"""What the rangefinder's beam meets: the ground, its brightness, a step in the spot, dust."""

import math
from typing import Final, NamedTuple

import numpy as np

from lunar_env.kernel.compile import cold_kernel, kernel
from lunar_env.kernel.linalg import Vec3, axpy, dot, rotate, unit
from lunar_env.kernel.rng import STREAM_DUST_ECHO, uniform
from lunar_env.physics.landforms import FEATURES
from lunar_env.physics.relief import brightness
from lunar_env.physics.rows import Lander
from lunar_env.physics.site import site_place, vertical
from lunar_env.physics.terrain import Hit, slant_range
from lunar_env.physics.types import Site, State
from lunar_env.sensors.link import Echo, Rangefinder, Unit
from lunar_env.sensors.rangefinder import beam_of
from lunar_env.sensors.rows import LRF, load_unit
from lunar_env.sim.table import load_rangefinder, load_site, load_task
from lunar_env.sim.world import Flight

# How much further than its gate a unit's echoes are worth a look.
_GATE_MARGIN: Final = 1.1
# Of a spot that lies across a step, this much lies on the near side where nothing better is known.
_HALF: Final = 0.5
# Dust hides the ground below this height [m] at this thrust [N], Apollo's lunar module; the height
# goes with the root of the thrust.
_DUST_HEIGHT: Final = 30.0
_DUST_THRUST: Final = 13_000.0
# From this one-way depth on, dust may be taken for the ground, at such a share of the range.
_THICK: Final = 1.0
_DUST_NEAR: Final = 0.3
_DUST_FAR: Final = 0.9


class Beam(NamedTuple):
    """A beam in frame L."""

    origin: Vec3  # m, where the unit sits
    direction: Vec3  # unit vector


@kernel
def true_beam(memory: np.ndarray, i: int, state: State, fitted: Unit, lrf: Rangefinder) -> Beam:
    """Beam of the running sum as it is, misalignment included."""
    b = beam_of(lrf, memory[i, LRF.windows])
    x, y = fitted.misaligned_x, fitted.misaligned_y
    aside = unit(Vec3(b.x + y * b.z, b.y - x * b.z, b.z + x * b.y - y * b.x))
    down = rotate(state.q, Vec3(0.0, 0.0, -lrf.mount_offset))
    return Beam(axpy(1.0, down, state.r), rotate(state.q, aside))


@cold_kernel
def ground_seen(lander: Lander, beam: Beam, lrf: Rangefinder, site: Site) -> Hit:
    """Where a beam meets the ground."""
    most = _GATE_MARGIN * lrf.gate_max
    origin, along = beam.origin, beam.direction
    return slant_range(lander, origin, along, site, lrf.divergence, most)


@cold_kernel
def look(flight: Flight, state: State, t: float) -> Echo:
    """What comes back to the running sum, whose middle is at `t`."""
    memory, i = flight.lander.memory, flight.lander.i
    terrain, table, key = flight.lander.terrain, flight.table, flight.key
    task, lrf = load_task(table), load_rangefinder(table)
    site = load_site(task)
    fitted = load_unit(memory, i)
    beam = true_beam(memory, i, state, fitted, lrf)
    hit = ground_seen(flight.lander, beam, lrf, site)
    if hit.range == math.inf:
        return Echo(t, hit.range, hit.cosine, 0.0, 1.0, 1.0, math.inf, 0.0)
    closing = -dot(state.v, hit.normal) / hit.cosine
    gain, dust = 1.0, 0.0
    if task.albedo_contrast > 0.0:
        spot = site_place(axpy(hit.range, beam.direction, beam.origin), site)
        brighter = brightness(flight.lander, spot.east, spot.north)
        gain += task.albedo_contrast * brighter
    if fitted.dust > 0.0:
        up = vertical(state.r, site)
        height = max(0.0, -hit.range * dot(beam.direction, up))
        depth = dust_depth(fitted.dust, height, state.thrust)
        gain *= math.exp(-2.0 * depth)
        if depth > _THICK:
            place_in = uniform(key, STREAM_DUST_ECHO, -1 - int(memory[i, LRF.windows]))
            dust = hit.range * (_DUST_NEAR + (_DUST_FAR - _DUST_NEAR) * place_in)
    second = math.inf
    if terrain[FEATURES] > 0.0:
        second = far_edge(flight.lander, state, beam, lrf, site)
    step = abs(second - hit.range) > 2.0 * lrf.range_bin and second < math.inf
    share = _HALF if step else 1.0
    return Echo(t, hit.range, hit.cosine, closing, max(0.0, gain), share, second, dust)


@kernel
def dust_depth(most: float, height: float, thrust: float) -> float:
    """One-way optical depth of the dust that a plume raises, `most` at touchdown."""
    onset = _DUST_HEIGHT * math.sqrt(max(thrust, 0.0) / _DUST_THRUST)
    if onset <= height:
        return 0.0
    share = (onset - height) / onset
    return most * share * share


@cold_kernel
def far_edge(lander: Lander, state: State, beam: Beam, lrf: Rangefinder, site: Site) -> float:
    """Range [m] to the ground under the edge of the spot that looks ahead along the flight."""
    middle = beam.direction
    along = axpy(-dot(state.v, middle), middle, state.v)
    speed = math.sqrt(dot(along, along))
    if speed < 1.0:
        return math.inf
    edge = Beam(beam.origin, unit(axpy(0.5 * lrf.divergence / speed, along, middle)))
    return ground_seen(lander, edge, lrf, site).range
