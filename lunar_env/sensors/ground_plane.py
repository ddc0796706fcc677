"""The ground as wide beams see it: the plane under the lander, smoothed over a spot.

Velocimeter and radar share it. Only what is much wider than a third of the height shapes the plane,
and what rises beside it is not seen: one look at the terrain instead of a ray for each beam.
"""

import math
from typing import Final, NamedTuple

from lunar_env.kernel.compile import inline_kernel, kernel
from lunar_env.kernel.linalg import Vec3, dot
from lunar_env.physics.relief import patch
from lunar_env.physics.rows import Lander
from lunar_env.physics.site import ground_normal, map_position, vertical
from lunar_env.physics.types import Site

_SPOT: Final = 0.3  # [-], width of the spot over the altitude
_GRAZING: Final = 1e-3  # cosine of incidence below which a beam misses


class GroundPlane(NamedTuple):
    """The plane under a sensor."""

    up: Vec3  # [-], L: local vertical
    normal: Vec3  # [-], L
    distance: float  # m, of the sensor from the plane


@kernel
def plane_below(lander: Lander, origin: Vec3, site: Site) -> GroundPlane:
    """The plane of the ground under a point."""
    place, up = map_position(origin, site), vertical(origin, site)
    width = _SPOT * max(place.altitude, 0.0)
    ground = patch(lander, place.east, place.north, width)
    normal = ground_normal(origin, ground.slope_east, ground.slope_north, site)
    return GroundPlane(up, normal, (place.altitude - ground.elevation) * dot(up, normal))


@inline_kernel
def beam_range(spot: GroundPlane, beam: Vec3) -> float:
    """Distance along a unit vector to the plane [m]; inf where it does not meet it."""
    cosine = -dot(beam, spot.normal)
    return spot.distance / cosine if cosine > _GRAZING else math.inf
