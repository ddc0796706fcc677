"""The ground: elevation and slope anywhere on the map, and the range of a beam to it.

Elevation is a sum over bands of relief (`relief.py`) and the mission's landforms (`landforms.py`),
less the raw elevation of the target. `lunar_env.terrain` makes the tiles; `site.py` says where on
the map something is. This module is what the rest of the physics calls.
"""

import math
from typing import Final, NamedTuple

import numpy as np

from lunar_env.kernel.compile import inline_kernel, kernel
from lunar_env.kernel.linalg import Vec3, axpy, dot
from lunar_env.physics.landforms import FEATURES, SCALE, SPAN, STEEP
from lunar_env.physics.relief import FADE_TO, STEP_SLOPE
from lunar_env.physics.relief import brightness as brightness
from lunar_env.physics.relief import elevation as elevation
from lunar_env.physics.relief import patch as patch
from lunar_env.physics.relief import place_terrain as place_terrain
from lunar_env.physics.rows import BANDS, STEP, Lander
from lunar_env.physics.site import ground_normal as ground_normal
from lunar_env.physics.site import site_place as site_place
from lunar_env.physics.site import vertical as vertical
from lunar_env.physics.types import Site

# A ray ends this close over the ground [m], or at this share of its footprint if that is more.
RAY_TOLERANCE: Final = 0.05
RAY_TOLERANCE_SHARE: Final = 0.05
_MAX_LOOKS: Final = 600  # only a beam along a slope needs more than some tens
# Slopes average out over a spot: relief this many times smaller has no part in its normal.
_SPOT: Final = 4.0
# Of a beam that only just touches the ground, maybe from behind: never zero, to divide by.
_LEAST_COSINE: Final = 0.01
# A first look, whose footprint is a guess, is not trusted where the ground is closer [m].
_CLOSE: Final = 20.0
# Margins on horizontal progress for the stretch of the map and the curvature along 35 km of ray.
_STRETCH: Final = 1.05
_FLATTENING: Final = 0.02
# Steps are tried so much longer than is known to be safe: on level ground the two bounds just meet
# at a factor of 2.
_BOLDNESS: Final = 1.8
# Or down to so many spans of the relief that could hide something.
_MARGIN: Final = 1.5
_ROUNDING: Final = 1.0 + 1e-9


class Hit(NamedTuple):
    """Where a beam meets the ground."""

    range: float  # m, inf where it does not
    cosine: float  # [-], of the angle between the beam and the normal; 1 at normal incidence
    normal: Vec3  # [-], L


class _Course(NamedTuple):
    """How a ray moves over the map, per metre, and what can hide from it."""

    down: float
    across: float  # upper bound
    finest: int  # the finest band that its footprint does not leave out
    hidden: float  # m, span of the bands that may be steeper than the ray
    steeper: float  # [-], what a step across the way adds to every slope


@inline_kernel
def steepest(lander: Lander) -> float:
    """Upper bound of the slope of the ground anywhere on the map [-]."""
    memory, terrain, i = lander.memory, lander.terrain, lander.i
    return terrain[STEEP] + step_slope(memory, i)


@inline_kernel
def step_slope(memory: np.ndarray, i: int) -> float:
    """What the step across the way adds to the steepest slope [-]."""
    return STEP_SLOPE if memory[i, STEP.rise] != 0.0 else 0.0


@inline_kernel
def height_above(lander: Lander, r: Vec3, site: Site, footprint: float) -> float:
    """Altitude of the point `r` over the ground below it [m]."""
    place = site_place(r, site)
    return place.altitude - elevation(lander, place.east, place.north, footprint)


@kernel
def _course(
    terrain: np.ndarray,
    direction: Vec3,
    point: Vec3,
    site: Site,
    footprint: float,
    steeper: float,
) -> _Course:
    down = -dot(direction, vertical(point, site))
    across = _STRETCH * math.sqrt(max(0.0, 1.0 - down * down)) + _FLATTENING
    finest = 0
    while finest < BANDS and footprint * terrain[SCALE + finest] >= FADE_TO:
        finest += 1
    gentle = finest
    while gentle <= BANDS and (terrain[STEEP + gentle] + steeper) * across >= down:
        gentle += 1
    hidden = terrain[SPAN + gentle] - terrain[SPAN + finest] if gentle <= BANDS else math.inf
    return _Course(down, across, finest, hidden, steeper)


@kernel
def _clear(terrain: np.ndarray, gap: float, down: float, course: _Course) -> float:
    """Distance along a ray, `gap` over the ground and sinking by `down`, that cannot meet it.

    For every k: the bands finer than k take up at most their span, and the others rise no faster
    than their steepest slope.
    """
    best = 0.0
    for k in range(course.finest, BANDS + 1):
        left = gap - (terrain[SPAN + k] - terrain[SPAN + course.finest])
        if left > 0.0:
            closing = down + (terrain[STEEP + k] + course.steeper) * course.across
            best = max(best, left / closing) if closing > 0.0 else math.inf
    return best


@inline_kernel
def _lead(gap: float, course: _Course) -> float:
    """How far level ground lets a ray go until it is just over what may hide something."""
    if course.hidden == math.inf:
        return -math.inf
    return (gap - _MARGIN * course.hidden) / course.down


@kernel
def _step(terrain: np.ndarray, gap: float, course: _Course) -> float:
    """A step worth trying from `gap` over the ground."""
    lead = _lead(gap, course)
    if course.hidden == 0.0:
        return lead
    return max(lead, _BOLDNESS * _clear(terrain, gap, course.down, course))


@kernel
def _passes(terrain: np.ndarray, step: float, gap: float, here: float, course: _Course) -> bool:
    """Whether a ray cannot have met the ground in a step from `gap` to `here` over it."""
    if step == 0.0 or here >= course.hidden:
        return True
    ahead = _clear(terrain, gap, course.down, course)
    return step <= _ROUNDING * (ahead + _clear(terrain, here, -course.down, course))


@inline_kernel
def _before_any(terrain: np.ndarray, altitude: float, steeper: float) -> float:
    """How far a ray goes before it can meet the highest ground there may be on the map.

    The target lies at elevation zero, so nothing rises above it by more than the relief goes up and
    down; with landforms or a step in the way, nothing is known.
    """
    if terrain[FEATURES] > 0.0 or steeper > 0.0:
        return 0.0
    return max(0.0, altitude - terrain[SPAN + BANDS])


@kernel
def slant_range(
    lander: Lander, origin: Vec3, direction: Vec3, site: Site, divergence: float, range_max: float
) -> Hit:
    """Distance along a unit ray to the ground; its footprint is `divergence` times the distance.

    A step is kept if the ray cannot have met the ground between its ends: where the ray is
    steeper than the bands that matter it meets them only once, else by their bounds seen from
    both ends (Keinert et al. 2014, "Enhanced sphere tracing"). So the ray passes through nothing.
    It ends within the tolerance over the ground, then follows the slope that it finds there: the
    end is within the tolerance of the ground, measured along the vertical. The normal is that of a
    spot, for which relief much smaller than it averages out.
    """
    memory, terrain, i = lander.memory, lander.terrain, lander.i
    altitude, steeper = max(0.0, site_place(origin, site).altitude), step_slope(memory, i)
    near = _before_any(terrain, altitude, steeper)
    footprint = divergence * (near if near > 0.0 else altitude)
    gap, trial, tolerance = math.inf, near, RAY_TOLERANCE
    course = _Course(0.0, 0.0, 0, 0.0, steeper)  # that of `near`, once it is known
    for _ in range(_MAX_LOOKS):
        point = axpy(trial, direction, origin)
        here = height_above(lander, point, site, footprint)
        if trial == 0.0 and footprint > 0.0 and here < _CLOSE:
            footprint = 0.0
            continue
        if _passes(terrain, trial - near, gap, here, course):
            near, gap = trial, here
            tolerance = max(RAY_TOLERANCE, RAY_TOLERANCE_SHARE * divergence * near)
            if gap <= tolerance or near > range_max:
                break
            course = _course(terrain, direction, point, site, divergence * near, steeper)
            trial = near + _step(terrain, gap, course)
        elif course.hidden == 0.0 and here >= -tolerance:
            near, gap = trial, here
            break
        else:
            back = trial + _lead(here, course) if here < 0.0 else near
            trial = max(back, near + _clear(terrain, gap, course.down, course))
        trial = min(trial, range_max * _ROUNDING + RAY_TOLERANCE)
        footprint = divergence * trial
    if near > range_max or gap > 4.0 * tolerance:
        return Hit(math.inf, 0.0, direction)
    return _land(lander, origin, direction, site, divergence, near, gap)


@kernel
def _land(
    lander: Lander,
    origin: Vec3,
    direction: Vec3,
    site: Site,
    divergence: float,
    reach: float,
    gap: float,
) -> Hit:
    """Follow the ray over the last centimetres, `gap` over the ground, along its slope."""
    point = axpy(reach, direction, origin)
    place = site_place(point, site)
    spot = _SPOT * divergence * reach
    ground = patch(lander, place.east, place.north, spot)
    normal = ground_normal(point, ground.slope_east, ground.slope_north, site)
    cosine = -dot(direction, normal)
    if cosine > 0.1:
        reach += gap * dot(normal, vertical(point, site)) / cosine
    return Hit(max(0.0, reach), max(_LEAST_COSINE, cosine), normal)
