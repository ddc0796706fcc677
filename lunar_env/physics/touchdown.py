"""Evaluation of a landing: the motion at first contact, and the attitude at rest."""

import math
from typing import Final, NamedTuple

import numpy as np

from lunar_env.kernel.compile import kernel
from lunar_env.kernel.linalg import Vec3, dot, norm, rotate
from lunar_env.physics.contact_ground import PAD_FOOTPRINT
from lunar_env.physics.relief import elevation
from lunar_env.physics.rows import CONTACT, POINT, POINT_WIDTH, POINTS, Lander, load_gear
from lunar_env.physics.site import ground_normal, map_position, vertical
from lunar_env.physics.types import Gear, Limits, Site, State

# rad, beyond this tilt, with its hull on the ground, a lander has tipped over.
_TIPPED_TILT: Final = math.radians(75.0)
# Time [s] after which a lander on its hull is judged although it still rolls, as down a long slope.
_ROLLING_TIME: Final = 10.0


class Touchdown(NamedTuple):
    """Motion at first contact."""

    v_vertical: float  # m/s, positive downwards
    v_lateral: float  # m/s
    tilt: float  # rad, of the body axis from the ground normal
    rate: float  # rad/s, magnitude of the body rate


@kernel
def mean_ground_normal(lander: Lander, state: State, site: Site) -> Vec3:
    """Mean normal [-, L] of the ground below a lander, over the extent of its pads."""
    memory, i = lander.memory, lander.i
    gear = load_gear(memory, i)
    position, radius = map_position(state.r, site), gear.pad_radius
    rise_east, rise_north = 0.0, 0.0
    for side in (-1.0, 1.0):
        east, north = position.east + side * radius, position.north + side * radius
        at_east = elevation(lander, east, position.north, PAD_FOOTPRINT)
        at_north = elevation(lander, position.east, north, PAD_FOOTPRINT)
        rise_east += side * at_east
        rise_north += side * at_north
    return ground_normal(state.r, 0.5 * rise_east / radius, 0.5 * rise_north / radius, site)


@kernel
def tilt_to(state: State, normal: Vec3) -> float:
    """Angle [rad] between the body axis and a ground normal [-, L]."""
    axis = rotate(state.q, Vec3(0.0, 0.0, 1.0))
    return math.acos(max(-1.0, min(1.0, dot(axis, normal))))


@kernel
def touchdown_motion(state: State, normal: Vec3, site: Site) -> Touchdown:
    """Motion that is compared with the touchdown limits; `normal` [-, L] is that of the ground."""
    climb_rate = dot(state.v, vertical(state.r, site))
    lateral = math.sqrt(max(0.0, dot(state.v, state.v) - climb_rate * climb_rate))
    return Touchdown(-climb_rate, lateral, tilt_to(state, normal), norm(state.omega))


@kernel
def within_limits(touchdown: Touchdown, limits: Limits) -> bool:
    """Whether a touchdown meets all limits of a tier."""
    return (
        touchdown.v_vertical <= limits.v_vertical
        and touchdown.v_lateral <= limits.v_lateral
        and touchdown.tilt <= limits.tilt
        and touchdown.rate <= limits.rate
    )


@kernel
def is_standing(tilt: float, gear: Gear) -> bool:
    """Whether a lander at rest has a tilt [rad] within its intended range."""
    return gear.rest_tilt_min <= tilt <= gear.rest_tilt_max


@kernel
def has_tipped(memory: np.ndarray, i: int, tilt: float, gear: Gear, dt: float) -> bool:
    """Whether a lander that should rest upright has rolled on its hull for too long to wait.

    To be called every `dt` seconds. Usually a lander that has tipped over comes to rest before.
    """
    lies = tilt > _TIPPED_TILT and memory[i, CONTACT.hull_touching] > 0.0
    if lies and gear.rest_tilt_max < _TIPPED_TILT:
        memory[i, CONTACT.lying] += dt
    return memory[i, CONTACT.lying] >= _ROLLING_TIME


@kernel
def max_stroke(memory: np.ndarray, i: int, gear: Gear) -> float:
    """Largest crushed stroke [m] of all legs."""
    longest = 0.0
    for k in range(int(gear.legs)):
        longest = max(longest, memory[i, POINTS + k * POINT_WIDTH + POINT.crushed])
    return longest
