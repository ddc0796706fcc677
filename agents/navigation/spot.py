"""The spot of the rangefinder's beam: the vertical axis is the height above the ground there.

A range measures the height above the ground at its spot. With each range the axis is referred to
the spot of that one, at its time stamp: between two ranges the ground rises by its slope, over the
way from one spot to the other. That is short while the lander flies along its beam. The height
above the ground below the lander differs by the relief over its distance from the spot, which is
not known. Before the first range the spot is below the lander, where a radar looks.
"""

import math
from typing import Final, NamedTuple

import numpy as np

from lunar_env.data.constants import R_MOON
from lunar_env.kernel.compile import inline_kernel
from lunar_env.kernel.linalg import Vec3
from lunar_env.kernel.records import columns

from .axis import AXIS, CROSS, Axis, Cross, load_cross, rougher, store_cross
from .gains import KalmanGains
from .ground import climb, relief, slope_length
from .history import Past
from .memory import (
    BEAM_COSINE,
    GROUNDED,
    MAP_SIGMA,
    ON_MAP,
    SLOPE_SIGMA,
    SLOPES,
    SPOT,
    SPOTTED,
    UP,
    UP_SLOPE,
    Spot,
    load_spot,
    store_spot,
)

__all__ = [
    *("MIN_COSINE", "Way", "below", "below_lander", "beam_spot"),
    *("distance", "follow", "height_of", "lean_of", "move_to", "nearest_spot", "place_of", "way"),
]

# A beam more than 84 degrees from the vertical does not measure the height.
MIN_COSINE: Final = 0.1
# The target's place is known to some 10 m: its ground decorrelates no faster than that so far off.
_NEAR_M: Final = 10.0
# Ranges less apart than this tell no speed of the spot.
_APART_S: Final = 0.1
_P: Final = columns(Axis)


class Way(NamedTuple):
    """Way over the ground, frame L."""

    x: float  # m
    y: float  # m


@inline_kernel
def distance(w: Way) -> float:
    """Length of a way [m]."""
    return math.sqrt(w.x * w.x + w.y * w.y)


@inline_kernel
def lean_of(cos_tilt: float, axis: Vec3, up: Vec3) -> Way:
    """Ways of a beam along the body axis to the east and to the north over that downwards [-]."""
    c = max(cos_tilt, MIN_COSINE)
    return Way((cos_tilt * up.x - axis.x) / c, (cos_tilt * up.y - axis.y) / c)


@inline_kernel
def below(p: Past) -> Spot:
    """Return the spot below the lander."""
    return Spot(p.x, p.y, p.height, 0.0, 0.0, p.time)


@inline_kernel
def beam_spot(p: Past, cosine: float) -> Spot:
    """Spot of a beam with this cosine [-], nan along the body axis.

    The direction of a canted beam is not known: its lean is given as to the east.
    """
    if cosine == cosine:
        lean = math.sqrt(max(1.0 - cosine * cosine, 0.0)) / cosine
        return Spot(p.x, p.y, p.height, lean, 0.0, p.time)
    return Spot(p.x, p.y, p.height, p.lean_x, p.lean_y, p.time)


@inline_kernel
def nearest_spot(p: Past, lean: float) -> Spot:
    """Spot of a beam that leads away from the tilt, `lean` [-] aside over downwards."""
    part = lean / max(distance(Way(p.lean_x, p.lean_y)), 1e-9)
    return Spot(p.x, p.y, p.height, part * p.lean_x, part * p.lean_y, p.time)


@inline_kernel
def height_of(down: float, offset: float) -> float:
    """Height [m] over the ground that a beam meets so far down and so far aside [m].

    The Moon is curved: 10 km aside a plain is 29 m lower.
    """
    height: float = down - offset * offset / (2.0 * R_MOON)
    return height


@inline_kernel
def place_of(m: np.ndarray, i: int, spot: Spot) -> Way:
    """Place of a spot [m, L], by the present estimate of the height; of a canted beam the lander's.

    The error of dead reckoning changes little from one range to the next: it is no way of the spot.
    """
    if m[i, BEAM_COSINE] > 0.0:
        return Way(spot.x, spot.y)
    height = max(spot.height + m[i, UP], 0.0)
    return Way(spot.x + height * spot.lean_x, spot.y + height * spot.lean_y)


@inline_kernel
def way(m: np.ndarray, i: int, a: Spot, b: Spot) -> Way:
    """Way from one spot to another; that of a canted beam is the longest it can be."""
    from_a, to_b = place_of(m, i, a), place_of(m, i, b)
    x, y = to_b.x - from_a.x, to_b.y - from_a.y
    if m[i, BEAM_COSINE] > 0.0:
        away_a = max(a.height + m[i, UP], 0.0) * distance(Way(a.lean_x, a.lean_y))
        away_b = max(b.height + m[i, UP], 0.0) * distance(Way(b.lean_x, b.lean_y))
        return Way(distance(Way(x, away_b - away_a)), y)
    return Way(x, y)


@inline_kernel
def follow(m: np.ndarray, i: int, spot: Spot, g: KalmanGains) -> float:
    """Refer the vertical axis to the ground at another spot, and return its distance [m].

    Each part of the slope is a first-order Gauss-Markov process over the way.
    """
    w = way(m, i, load_spot(m, i, SPOT), spot)
    path = distance(w)
    p_ee, p_eb, p_ea = m[i, UP + _P.p_ee], m[i, UP + _P.p_eb], m[i, UP + _P.p_ea]
    for j in range(SLOPES):
        rise, sigma = climb(path, slope_length(j, g)), m[i, SLOPE_SIGMA + j]
        share = sigma * rise.along / max(path, 1e-9)
        for k in range(2):
            at, x = UP + AXIS + CROSS * (UP_SLOPE + 2 * j + k), share * (w.x if k == 0 else w.y)
            c = load_cross(m, i, at)
            p_ee, p_eb, p_ea = p_ee + x * (2.0 * c.e + x), p_eb + x * c.b, p_ea + x * c.a
            store_cross(m, i, at, Cross(rise.kept * c.e + x, rise.kept * c.b, rise.kept * c.a))
        p_ee += sigma * sigma * rise.rest_var
    m[i, UP + _P.p_ee], m[i, UP + _P.p_eb], m[i, UP + _P.p_ea] = p_ee, p_eb, p_ea
    if m[i, MAP_SIGMA] > 0.0:
        far = g.relief_length * (distance(place_of(m, i, spot)) + _NEAR_M)
        kept, c = math.exp(-path / far), load_cross(m, i, ON_MAP)
        store_cross(m, i, ON_MAP, Cross(kept * c.e, kept * c.b, kept * c.a))
    store_spot(m, i, SPOT, spot)
    return path


@inline_kernel
def move_to(m: np.ndarray, i: int, spot: Spot, g: KalmanGains) -> tuple[float, float]:
    """Refer the vertical axis to a spot.

    Returns its speed [m/s] and the variance [m^2] of the rise of the ground since the last range.
    """
    if m[i, SPOTTED] == 0.0:
        return 0.0, 0.0
    since = max(abs(spot.time - load_spot(m, i, SPOT).time), _APART_S)
    path = follow(m, i, spot, g)
    steep2 = 0.0
    for j in range(SLOPES):
        steep2 += m[i, SLOPE_SIGMA + j] ** 2
    return path / since, path * path * steep2


@inline_kernel
def below_lander(s: Axis, m: np.ndarray, i: int, now: Past, g: KalmanGains) -> Axis:
    """Vertical axis above the ground below the lander, that of the spot being `s`."""
    if m[i, GROUNDED] == 0.0:
        return s
    return rougher(s, relief(m, i, distance(way(m, i, load_spot(m, i, SPOT), below(now))), g))
