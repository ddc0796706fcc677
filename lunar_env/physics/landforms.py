"""Landforms that a mission places on its map, and the layout of the array ``terrain``.

``terrain`` holds what all landers of an environment share: scales and bounds of the relief bands,
then up to `MAX_FEATURES` craters and hillsides. `lunar_env.terrain` writes it.
"""

import math
from typing import Final, NamedTuple

import numpy as np

from lunar_env.kernel.compile import inline_kernel, kernel
from lunar_env.kernel.records import Blocks, table_record, width
from lunar_env.physics.rows import BANDS
from lunar_env.physics.types import Patch

MAX_FEATURES: Final = 4


class Crater(NamedTuple):
    """Shape of a crater, stored after its kind and centre."""

    radius: float  # m, of the rim crest
    depth: float  # m, from the rim crest to the floor
    rim: float  # m, rim crest above the surroundings
    softness: float  # [-], 0 fresh, 1 worn
    floor: float  # [-], radius of the flat floor as a fraction of the crater's


class Hillside(NamedTuple):
    """Shape of a hillside, stored after its kind and centre."""

    rise_east: float  # [-], slope toward the east at the centre
    rise_north: float  # [-]
    reach: float  # m, where the slope levels out


_HEADER: Final = Blocks()
SCALE: Final = _HEADER.room(BANDS)  # 1/m, grid cells per metre of each band, from fine to coarse
FIXED: Final = _HEADER.room(BANDS)  # 1 if a band has no random offset and orientation, else 0
# Bounds for ray casting: without the k finest bands, k = 0 to BANDS, ...
CHOICES: Final = 1 + BANDS
MAX_SLOPE: Final = _HEADER.room(CHOICES)  # [-] ... the upper bound of the slope
SPAN: Final = _HEADER.room(CHOICES)  # m ... and the largest relief, up or down, that is left out
FEATURES: Final = _HEADER.room()  # number of landforms that follow
PATTERN: Final = _HEADER.room()  # 1/m, one over the rms relief of the coarsest band; 0 if flat
# Columns of a landform.
_FEATURE: Final = Blocks()
KIND: Final = _FEATURE.room()
EAST: Final = _FEATURE.room()  # m, of the centre
NORTH: Final = _FEATURE.room()  # m
SHAPE: Final = _FEATURE.room(width(Crater))
FEATURE_WIDTH: Final = _FEATURE.end
FEATURE: Final = _HEADER.room(MAX_FEATURES * FEATURE_WIDTH)
HEADER_WIDTH: Final = _HEADER.end

load_crater = table_record(Crater)[0]
load_hillside = table_record(Hillside)[0]

CRATER: Final = 1.0
HILLSIDE: Final = 2.0
# The ejecta blanket is cut off at this distance, in crater radii.
CRATER_REACH: Final = 4.0
_CUTOFF_EJECTA: Final = CRATER_REACH**-3.0
_SOFT_WIDTH: Final = 0.5


class Profile(NamedTuple):
    """Radial profile of a crater, in the unit of length of its arguments."""

    height: float  # above the surroundings
    slope: float  # d height / d distance


@kernel
def crater_profile(
    x: float, depth: float, rim: float, softness: float, floor_share: float
) -> Profile:
    """Height and radial slope at the distance `x` from the centre, in radii.

    Fresh: a paraboloid, around a flat floor if there is one, and ejecta that decay with the cube of
    the distance (McGetchin, Settle and Head 1973). Degraded: a cosine bowl and a Gaussian rim. Both
    have the rim crest at ``x = 1``, `depth` above the floor. `depth` and `rim` are lengths in one
    unit, that of the height returned.
    """
    if x >= CRATER_REACH:
        return Profile(0.0, 0.0)
    if x < 1.0:
        share = 1.0 / (1.0 - floor_share)
        w = max(0.0, (x - floor_share) * share)
        slope = w * share
        fresh, fresh_slope = rim - depth * (1.0 - w * w), 2.0 * depth * slope
        soft = rim - 0.5 * depth * (1.0 + math.cos(math.pi * w))
        soft_slope = 0.5 * math.pi * depth * math.sin(math.pi * w) * share
    else:
        x2 = x * x
        fresh = rim * (1.0 / (x2 * x) - _CUTOFF_EJECTA) / (1.0 - _CUTOFF_EJECTA)
        fresh_slope = -3.0 * rim / (x2 * x2 * (1.0 - _CUTOFF_EJECTA))
        z = (x - 1.0) / _SOFT_WIDTH
        soft = rim * math.exp(-z * z)
        soft_slope = -2.0 * z / _SOFT_WIDTH * soft
    return Profile(
        fresh + softness * (soft - fresh), fresh_slope + softness * (soft_slope - fresh_slope)
    )


@inline_kernel
def _crater(terrain: np.ndarray, j: int, east: float, north: float) -> Patch:
    c = load_crater(terrain, j + SHAPE)
    distance = math.sqrt(east * east + north * north)
    p = crater_profile(distance / c.radius, c.depth, c.rim, c.softness, c.floor)
    slope = p.slope / (c.radius * distance) if distance > 0.0 else 0.0
    return Patch(p.height, slope * east, slope * north)


@inline_kernel
def _hillside(terrain: np.ndarray, j: int, east: float, north: float) -> Patch:
    """``s r tanh(u / r)``: a slope of s at the centre that levels out beyond the reach r [m]."""
    rise_east, rise_north, reach = load_hillside(terrain, j + SHAPE)
    climb = rise_east * east + rise_north * north
    steepness = math.sqrt(rise_east * rise_east + rise_north * rise_north)
    t = math.tanh(climb / (steepness * reach)) if steepness > 0.0 else 0.0
    flatter = 1.0 - t * t
    return Patch(steepness * reach * t, rise_east * flatter, rise_north * flatter)


@kernel
def landforms(terrain: np.ndarray, east: float, north: float) -> Patch:
    """Elevation [m] and slopes [-] of all landforms at a map position [m]."""
    height, slope_east, slope_north = 0.0, 0.0, 0.0
    for k in range(int(terrain[FEATURES])):
        j = FEATURE + k * FEATURE_WIDTH
        x, y = east - terrain[j + EAST], north - terrain[j + NORTH]
        if terrain[j + KIND] == CRATER:
            part = _crater(terrain, j, x, y)
        else:
            part = _hillside(terrain, j, x, y)
        height += part.elevation
        slope_east += part.slope_east
        slope_north += part.slope_north
    return Patch(height, slope_east, slope_north)
