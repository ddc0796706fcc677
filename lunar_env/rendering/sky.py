"""The far background: sky, stars and the Earth."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lunar_env.rendering import palette
from lunar_env.rendering.primitives import Polygon, Polyline, Primitive, Rect
from lunar_env.rendering.speckle import speckle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lunar_env.rendering.layout import Layout
    from lunar_env.rendering.primitives import Color, Point

__all__ = ["sky"]

BANDS = 48
STARS = 170
HIGHEST_DEG = 55.0
"""Elevation that is drawn at the upper edge."""

LAND = (
    ((-0.78, -0.3), (-0.5, -0.6), (-0.2, -0.52), (-0.3, -0.22), (-0.48, 0.0), (-0.64, -0.06)),
    ((-0.36, 0.16), (-0.08, 0.1), (0.04, 0.32), (-0.14, 0.66), (-0.26, 0.6), (-0.4, 0.36)),
)
CLOUDS = (
    ((-0.3, -0.86), (0.1, -0.9), (0.3, -0.84)),
    ((-0.86, 0.14), (-0.6, 0.2), (-0.3, 0.06), (0.0, 0.02)),
    ((-0.4, 0.84), (-0.1, 0.88), (0.2, 0.82)),
)
TWILIGHT = ((0.16, 0.3), (0.24, 0.55), (0.32, 0.78), (0.42, 1.0))
"""On the Earth's disc, in radii; of the twilight, where it begins and how dark it is."""


def sky(place: Layout, earth_deg: float) -> Iterator[Primitive]:
    """Yield everything that is farther away than the landing site.

    The Earth is as high as it is at the site, up to the upper edge; on the far side there is none.
    """
    for band in range(BANDS):
        top = place.ground_y * band // BANDS
        bottom = place.ground_y * (band + 1) // BANDS
        color = _air(band / (BANDS - 1))
        yield Rect(0, top, place.panel_left, bottom - top, color)
    below = place.height - place.ground_y
    yield Rect(0, place.ground_y, place.panel_left, below, palette.SKY_LOW)
    yield from _stars(place)
    if earth_deg > 0.0:
        yield from _earth(place, earth_deg)


def _stars(place: Layout) -> Iterator[Primitive]:
    left, _, width, _ = place.scene
    for star in range(STARS):
        x = left + round(speckle(1, star) * (width - 2))
        depth = speckle(2, star)
        y = round(depth * 0.92 * place.ground_y)
        light = speckle(3, star) ** 3
        color = palette.mix((52, 58, 78), (236, 240, 250), light * (1.0 - 0.5 * depth))
        side = 2 if light > 0.72 else 1
        yield Rect(x, y, side, side, color)


def _earth(place: Layout, earth_deg: float) -> Iterator[Primitive]:
    """Yield a gibbous Earth, lit from the left."""
    r = place.px(20)
    x = place.tape_right + place.px(98)
    high = min(earth_deg / HIGHEST_DEG, 1.0)
    y = round(place.horizon_y + (place.px(62) - place.horizon_y) * high)
    night = _air(min(y / place.ground_y, 1.0))
    yield Polygon(_disc(x, y, r), palette.EARTH_LIMB, smooth=True)
    yield Polygon(_disc(x + 0.06 * r, y, 0.92 * r), palette.EARTH_SEA, smooth=True)
    for land in LAND:
        points = tuple((x + a * r, y + b * r) for a, b in land)
        yield Polygon(points, palette.EARTH_LAND, smooth=True)
    for cloud in CLOUDS:
        points = tuple((x + a * r, y + b * r) for a, b in cloud)
        yield Polyline(points, palette.EARTH_CLOUD, closed=False, smooth=True)
    for start, dark in TWILIGHT:
        color = palette.mix(palette.EARTH_SEA, night, dark)
        yield Polygon(_night(x, y, r + 1.5, start), color, smooth=True)


def _air(share: float) -> Color:
    """Return the colour of the sky at a share of the way down to the ground line."""
    return palette.mix(palette.SKY_TOP, palette.SKY_LOW, share**1.5)


def _disc(x: float, y: float, r: float) -> tuple[Point, ...]:
    turns = (math.tau * i / 40 for i in range(40))
    return tuple((x + r * math.sin(turn), y - r * math.cos(turn)) for turn in turns)


def _night(x: float, y: float, r: float, start: float) -> tuple[Point, ...]:
    """Return the outline of the disc's dark right side, up to the terminator."""
    turns = [math.pi * i / 24 for i in range(25)]
    limb = [(x + r * math.sin(turn), y - r * math.cos(turn)) for turn in turns]
    edge = [(x + start * r * math.sin(turn), y - r * math.cos(turn)) for turn in reversed(turns)]
    return (*limb, *edge)
