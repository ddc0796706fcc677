"""Ground plane below the lander, as a model of the terrain for velocimeter and radar.

The terrain is smoothed over a width of 0.3 of the altitude, so that features much smaller than that
do not change the plane. One evaluation of the terrain replaces a ray for each beam.
"""

import math
from typing import Final, NamedTuple

from lunar_env.kernel.compile import inline_kernel, kernel
from lunar_env.kernel.linalg import Vec3, dot
from lunar_env.physics.relief import patch
from lunar_env.physics.rows import Lander
from lunar_env.physics.site import ground_normal, map_position, vertical
from lunar_env.physics.types import Site

_WIDTH_FRAC: Final = 0.3  # [-], width of smoothing over the altitude
_COS_MIN: Final = 1e-3  # [-], cosine of incidence below which a beam has no return


class GroundPlane(NamedTuple):
    """The ground plane below a sensor."""

    up: Vec3  # [-], L: local vertical
    normal: Vec3  # [-], L
    distance: float  # m, from the sensor to the plane


@kernel
def plane_below(lander: Lander, origin: Vec3, site: Site) -> GroundPlane:
    """Ground plane below a point `origin` [m, L]."""
    place, up = map_position(origin, site), vertical(origin, site)
    width = _WIDTH_FRAC * max(place.altitude, 0.0)
    ground = patch(lander, place.east, place.north, width)
    normal = ground_normal(origin, ground.slope_east, ground.slope_north, site)
    return GroundPlane(up, normal, (place.altitude - ground.elevation) * dot(up, normal))


@inline_kernel
def beam_range(plane: GroundPlane, beam: Vec3) -> float:
    """Range [m] to the plane along the unit vector `beam` [L]; inf where it does not intersect."""
    cosine = -dot(beam, plane.normal)
    return plane.distance / cosine if cosine > _COS_MIN else math.inf
