"""The ground: elevation and slope anywhere on the map, and the range of a beam to it.

Elevation is the sum of the bands of relief (`relief.py`) and the mission's landforms
(`landforms.py`), minus the raw elevation of the target. `lunar_env.terrain` makes the tiles,
`site.py` converts between L and the map. The rest of the physics calls this module.
"""

import math
from typing import Final, NamedTuple

import numpy as np

from lunar_env.kernel.compile import inline_kernel, kernel
from lunar_env.kernel.linalg import Vec3, axpy, dot
from lunar_env.physics.landforms import FEATURES, MAX_SLOPE, SCALE, SPAN
from lunar_env.physics.relief import (
    FADE_TO,
    TERRAIN_STEP_SLOPE,
    elevation,
    patch,
)
from lunar_env.physics.rows import BANDS, TERRAIN_STEP, Lander
from lunar_env.physics.site import ground_normal, map_position, vertical
from lunar_env.physics.types import Site

# A ray ends at this height above the ground [m], or at this fraction of its footprint if larger.
RAY_TOLERANCE: Final = 0.05
RAY_TOLERANCE_SHARE: Final = 0.05
_MAX_LOOKUPS: Final = 600  # only a beam nearly parallel to a slope needs more than some tens
# The normal is averaged over an area this many times wider than the beam's footprint.
_NORMAL_FOOTPRINT: Final = 4.0
# Lower bound of the cosine at grazing incidence: it is a divisor elsewhere.
_MIN_COSINE: Final = 0.01
# The first lookup uses a guessed footprint; below this height [m] it is repeated with a footprint
# of zero.
_GUESS_HEIGHT: Final = 20.0
# Margins of the horizontal distance per metre of ray [-], for the stretch of the map and for the
# curvature along 35 km.
_MAP_STRETCH: Final = 1.05
_CURVATURE: Final = 0.02
# Trial steps exceed the safe distance by this factor [-]: on level ground the safe distances from
# both ends just meet at a factor of 2.
_OVER_RELAXATION: Final = 1.8
# Trial steps end at this multiple [-] of the span of the relief that the ray could meet.
_RELIEF_MARGIN: Final = 1.5
_ROUNDING: Final = 1.0 + 1e-9


class Hit(NamedTuple):
    """Intersection of a beam with the ground."""

    range: float  # m, inf without an intersection
    cosine: float  # [-], of the angle between the beam and the normal; 1 at normal incidence
    normal: Vec3  # [-], L


class _RayBounds(NamedTuple):
    """Bounds of the motion of a ray relative to the ground."""

    down: float  # [-], descent per metre of ray
    across: float  # [-], upper bound of the horizontal distance per metre of ray
    first_band: int  # finest band that its footprint does not average out
    unresolved: float  # m, span of the bands that may be steeper than the ray
    extra_slope: float  # [-], added to every slope by the terrain step


@inline_kernel
def max_slope(lander: Lander) -> float:
    """Upper bound of the slope of the ground anywhere on the map [-]."""
    memory, terrain, i = lander.memory, lander.terrain, lander.i
    return terrain[MAX_SLOPE] + terrain_step_slope(memory, i)


@inline_kernel
def terrain_step_slope(memory: np.ndarray, i: int) -> float:
    """Slope [-] that the terrain step adds to the upper bound; 0 without a step."""
    return TERRAIN_STEP_SLOPE if memory[i, TERRAIN_STEP.rise] != 0.0 else 0.0


@inline_kernel
def height_above(lander: Lander, r: Vec3, site: Site, footprint: float) -> float:
    """Height [m] of the point `r` [m, L] above the ground below it."""
    position = map_position(r, site)
    return position.altitude - elevation(lander, position.east, position.north, footprint)


@kernel
def _ray_bounds(
    terrain: np.ndarray,
    direction: Vec3,
    point: Vec3,
    site: Site,
    footprint: float,
    extra_slope: float,
) -> _RayBounds:
    down = -dot(direction, vertical(point, site))
    across = _MAP_STRETCH * math.sqrt(max(0.0, 1.0 - down * down)) + _CURVATURE
    first_band = 0
    while first_band < BANDS and footprint * terrain[SCALE + first_band] >= FADE_TO:
        first_band += 1
    band = first_band
    while band <= BANDS and (terrain[MAX_SLOPE + band] + extra_slope) * across >= down:
        band += 1
    unresolved = terrain[SPAN + band] - terrain[SPAN + first_band] if band <= BANDS else math.inf
    return _RayBounds(down, across, first_band, unresolved, extra_slope)


@kernel
def _safe_distance(terrain: np.ndarray, gap: float, down: float, bounds: _RayBounds) -> float:
    """Distance [m] along a ray, `gap` above the ground and descending by `down`, free of ground.

    For every k: the bands finer than k rise by at most their span, the others no faster than their
    maximum slope.
    """
    best = 0.0
    for k in range(bounds.first_band, BANDS + 1):
        left = gap - (terrain[SPAN + k] - terrain[SPAN + bounds.first_band])
        if left > 0.0:
            closing = down + (terrain[MAX_SLOPE + k] + bounds.extra_slope) * bounds.across
            best = max(best, left / closing) if closing > 0.0 else math.inf
    return best


@inline_kernel
def _distance_to_relief(gap: float, bounds: _RayBounds) -> float:
    """Distance [m] along a ray over level ground down to just above the unresolved relief."""
    if bounds.unresolved == math.inf:
        return -math.inf
    return (gap - _RELIEF_MARGIN * bounds.unresolved) / bounds.down


@kernel
def _trial_step(terrain: np.ndarray, gap: float, bounds: _RayBounds) -> float:
    """Trial step [m] of a ray from `gap` above the ground."""
    lead = _distance_to_relief(gap, bounds)
    if bounds.unresolved == 0.0:
        return lead
    return max(lead, _OVER_RELAXATION * _safe_distance(terrain, gap, bounds.down, bounds))


@kernel
def _is_clear(
    terrain: np.ndarray, step: float, gap: float, height: float, bounds: _RayBounds
) -> bool:
    """Whether a ray cannot have met the ground in a step from `gap` to `height` above it."""
    if step == 0.0 or height >= bounds.unresolved:
        return True
    ahead = _safe_distance(terrain, gap, bounds.down, bounds)
    return step <= _ROUNDING * (ahead + _safe_distance(terrain, height, -bounds.down, bounds))


@inline_kernel
def _distance_above_relief(terrain: np.ndarray, altitude: float, extra_slope: float) -> float:
    """Distance [m] that a ray can go before it can meet the highest ground possible on the map.

    The target has elevation zero, so nothing rises above it by more than the span of the relief;
    with landforms or a terrain step no bound is known.
    """
    if terrain[FEATURES] > 0.0 or extra_slope > 0.0:
        return 0.0
    return max(0.0, altitude - terrain[SPAN + BANDS])


@kernel
def slant_range(
    lander: Lander, origin: Vec3, direction: Vec3, site: Site, divergence: float, range_max: float
) -> Hit:
    """Distance along a ray to the ground; its footprint is `divergence` times the distance.

    Enhanced sphere tracing (Keinert et al. 2014): a step is accepted only if the ray cannot have
    met the ground between its ends. A ray steeper than all bands meets them only once; else the
    safe distances from both ends must overlap. The ray stops within a tolerance above the ground
    and is extended along the slope there, so that its end is within the tolerance of the ground,
    measured vertically. The normal is averaged over an area wider than the footprint.

    Parameters
    ----------
    lander : Lander
        Row with the ground of its episode.
    origin, direction : Vec3
        Start [m, L] and unit vector [-, L] of the ray.
    site : Site
        Landing site.
    divergence : float
        Footprint per distance [-].
    range_max : float
        Distance [m] beyond which there is no hit.

    Returns
    -------
    Hit
        Range, cosine of incidence and ground normal.
    """
    memory, terrain, i = lander.memory, lander.terrain, lander.i
    altitude = max(0.0, map_position(origin, site).altitude)
    extra_slope = terrain_step_slope(memory, i)
    near = _distance_above_relief(terrain, altitude, extra_slope)
    footprint = divergence * (near if near > 0.0 else altitude)
    gap, trial, tolerance = math.inf, near, RAY_TOLERANCE
    bounds = _RayBounds(0.0, 0.0, 0, 0.0, extra_slope)  # those at `near`, once known
    for _ in range(_MAX_LOOKUPS):
        point = axpy(trial, direction, origin)
        height = height_above(lander, point, site, footprint)
        if trial == 0.0 and footprint > 0.0 and height < _GUESS_HEIGHT:
            footprint = 0.0
            continue
        if _is_clear(terrain, trial - near, gap, height, bounds):
            near, gap = trial, height
            tolerance = max(RAY_TOLERANCE, RAY_TOLERANCE_SHARE * divergence * near)
            if gap <= tolerance or near > range_max:
                break
            bounds = _ray_bounds(terrain, direction, point, site, divergence * near, extra_slope)
            trial = near + _trial_step(terrain, gap, bounds)
        elif bounds.unresolved == 0.0 and height >= -tolerance:
            near, gap = trial, height
            break
        else:
            retreat = trial + _distance_to_relief(height, bounds) if height < 0.0 else near
            trial = max(retreat, near + _safe_distance(terrain, gap, bounds.down, bounds))
        trial = min(trial, range_max * _ROUNDING + RAY_TOLERANCE)
        footprint = divergence * trial
    if near > range_max or gap > 4.0 * tolerance:
        return Hit(math.inf, 0.0, direction)
    return _refined_hit(lander, origin, direction, site, divergence, near, gap)


@kernel
def _refined_hit(
    lander: Lander,
    origin: Vec3,
    direction: Vec3,
    site: Site,
    divergence: float,
    distance: float,
    gap: float,
) -> Hit:
    """Extend a ray from `distance` [m], `gap` [m] above the ground, to the ground plane there."""
    point = axpy(distance, direction, origin)
    position = map_position(point, site)
    footprint = _NORMAL_FOOTPRINT * divergence * distance
    ground = patch(lander, position.east, position.north, footprint)
    normal = ground_normal(point, ground.slope_east, ground.slope_north, site)
    cosine = -dot(direction, normal)
    if cosine > 0.1:
        distance += gap * dot(normal, vertical(point, site)) / cosine
    return Hit(max(0.0, distance), max(_MIN_COSINE, cosine), normal)
