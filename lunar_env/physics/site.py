"""Geometry of the landing site: map position and altitude, local vertical, ground normal.

The map is an azimuthal equidistant projection: distance and bearing from the target are true. It is
exact at any distance; near the target, power series replace the arctangent for speed.
"""

import math
from typing import Final

from lunar_env.kernel.compile import inline_kernel, kernel
from lunar_env.kernel.linalg import Vec3, unit
from lunar_env.physics.types import MapPosition, Site

# Below this angle from the target [rad], 35 km, the series are exact to 3e-15.
_NEAR: Final = 0.02
# Coefficients of the arctangent series.
_THIRD: Final = 1.0 / 3.0
_FIFTH: Final = 1.0 / 5.0
_SEVENTH: Final = 1.0 / 7.0


@inline_kernel
def altitude_of(r: Vec3, site: Site) -> float:
    """Altitude [m] above the target's sphere of a point `r` [m, L]."""
    depth = r.z + site.radius
    across2 = r.x * r.x + r.y * r.y
    distance = math.sqrt(across2 + depth * depth)
    # |r + R| - R as a quotient, which avoids cancellation.
    return (across2 + r.z * (r.z + 2.0 * site.radius)) / (distance + site.radius)


@inline_kernel
def map_position(r: Vec3, site: Site) -> MapPosition:
    """Map position and altitude [m] above the target's sphere of a point `r` [m, L]."""
    depth = r.z + site.radius
    across2 = r.x * r.x + r.y * r.y
    if depth > 0.0 and across2 < _NEAR * _NEAR * depth * depth:
        inverse = 1.0 / depth
        t = across2 * inverse * inverse
        scale = (1.0 - t * (_THIRD - t * (_FIFTH - t * _SEVENTH))) * site.radius * inverse
    else:
        scale = _far_scale(across2, depth, site.radius)
    return MapPosition(scale * r.x, scale * r.y, altitude_of(r, site))


@kernel
def _far_scale(across2: float, depth: float, radius: float) -> float:
    across = math.sqrt(across2)
    return radius * math.atan2(across, depth) / across if across > 0.0 else 0.0


@inline_kernel
def vertical(r: Vec3, site: Site) -> Vec3:
    """Local vertical [-, L] at `r` [m, L], away from the Moon's centre."""
    return unit(Vec3(r.x, r.y, r.z + site.radius))


@inline_kernel
def ground_normal(r: Vec3, slope_east: float, slope_north: float, site: Site) -> Vec3:
    """Unit normal [-, L] of ground with given slopes on the map, below the point `r` [m, L].

    The map stretches distances perpendicular to the line to the target by angle/sin(angle), so the
    true slope in that direction is steeper by this factor.
    """
    up = vertical(r, site)
    # Squared sine of the central angle from the target.
    s2 = up.x * up.x + up.y * up.y
    if up.z > 0.0 and s2 < _NEAR * _NEAR:
        stretch = 1.0 + s2 * (1.0 / 6.0 + 0.075 * s2)
        turn = -(2.0 / 3.0) - 0.2 * s2
    else:
        s = math.sqrt(s2)
        stretch = math.atan2(s, up.z) / s if s > 0.0 else 1.0
        turn = (up.z - stretch) / s2 if s > 0.0 else 0.0
    outward = slope_east * up.x + slope_north * up.y
    return unit(
        Vec3(
            up.x - stretch * slope_east - turn * outward * up.x,
            up.y - stretch * slope_north - turn * outward * up.y,
            up.z + outward,
        )
    )
