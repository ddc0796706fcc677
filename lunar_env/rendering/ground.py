"""The Moon below: its relief in the plane of the picture, and craters that are only looked at.

The craters have fixed positions on the ground and sizes that double; those of a suitable
size in pixels are drawn, so the ground looks alike from 3 km and from 3 m, and still moves past.
"""

from __future__ import annotations

import bisect
import functools
import math
from typing import TYPE_CHECKING, NamedTuple

from lunar_env.rendering import palette
from lunar_env.rendering.primitives import Ellipse, Polygon, Polyline, Rect, Text
from lunar_env.rendering.speckle import speckle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lunar_env.rendering.layout import Camera, Layout
    from lunar_env.rendering.primitives import Color, Point, Primitive

__all__ = ["craters", "level", "relief", "target"]

STRIPS = 14
SLIGHT_PX = 0.25
LEVEL_PX = 1.0
"""A bend slighter than the first is left out; relief below the second hides under the rim."""
SMALLEST_PX = 6.0
LARGEST_PX = 48.0
LIP_PX = 13
CELL_RADII = 13.0
"""A cell of the ground, in radii of the craters it may hold: one at most."""
SHADES = 12
DARKENING = 1.4
"""How fast the ground darkens towards the viewer: share of the way down is shade to this power."""
FLATTENING = 0.22
"""Height over width of a crater seen at a grazing angle."""


class Crater(NamedTuple):
    """Where a crater is, its size over that of its octave, and how far down the picture."""

    x_m: float
    size: float
    depth: float
    shade: int


def level(place: Layout) -> Iterator[Primitive]:
    """Yield the ground as if it were level, darker towards the viewer: the part that stays put."""
    left, _, width, height = place.scene
    room = height - place.ground_y
    tops = [place.ground_y + round((k / STRIPS) ** DARKENING * room) for k in range(STRIPS + 1)]
    for strip in range(STRIPS):
        color = palette.mix(palette.GROUND, palette.GROUND_LOW, strip / STRIPS)
        yield Rect(left, tops[strip], width, tops[strip + 1] - tops[strip], color)


def relief(camera: Camera, place: Layout) -> Iterator[Primitive]:
    """Yield what rises above the level ground, what is sunk into it, and the bright edge."""
    edge, level_y = _edge(camera, place), camera.ground_y
    ends = ((edge[-1][0], level_y), (edge[0][0], level_y))
    if min(y for _, y in edge) < level_y - LEVEL_PX:
        hills = tuple((x, min(y, level_y)) for x, y in edge)
        yield Polygon((*hills, *ends), palette.GROUND, smooth=False)
    if max(y for _, y in edge) > level_y + LEVEL_PX:
        # Over a valley one sees what the sky ends in.
        valleys = tuple((x, max(y, level_y)) for x, y in edge)
        yield Polygon((*valleys, *ends), palette.HILL_NEAR, smooth=False)
    for down in (0.0, 1.0):
        line = tuple((x, y + down) for x, y in edge)
        yield Polyline(line, palette.GROUND_RIM, closed=False, smooth=False)


def _edge(camera: Camera, place: Layout) -> list[Point]:
    """Return the ground line across the view, without bends too slight to see."""
    left, _, width, _ = place.scene
    right = left + width
    first = bisect.bisect_right(camera.columns, left)
    last = bisect.bisect_left(camera.columns, right)
    bends = zip(camera.columns[first:last], camera.rows[first:last], strict=True)
    points = [*bends, (float(right), camera.ground_at(right))]
    x0, y0 = float(left), camera.ground_at(left)
    edge = [(x0, y0)]
    for k in range(len(points) - 1):
        (x, y), (x1, y1) = points[k], points[k + 1]
        bend = y0 + (y1 - y0) * (x - x0) / (x1 - x0) - y
        if bend > SLIGHT_PX or bend < -SLIGHT_PX:
            edge.append((x, y))
            x0, y0 = x, y
    edge.append(points[-1])
    # Beyond these heights nothing of it is in the picture.
    low, high = 2.0 * place.height, -float(place.height)
    if max(y for _, y in edge) > low or min(y for _, y in edge) < high:
        return [(x, min(max(y, high), low)) for x, y in edge]
    return edge


def craters(camera: Camera, place: Layout) -> Iterator[Primitive]:
    """Yield the craters in view, as a bowl over a lit lip; small ones fade in as they near."""
    _, _, width, height = place.scene
    middle, ground_y, x_m, scale = camera[:4]
    room = height - ground_y
    half_m = 0.5 * width / scale
    lowest = math.ceil(math.log2(SMALLEST_PX / scale))
    highest = math.floor(math.log2(LARGEST_PX / scale))
    for octave in range(lowest, highest + 1):
        cell_m = CELL_RADII * 2.0**octave
        px = 2.0**octave * scale
        contrast = min(1.0, 1.5 * (px / SMALLEST_PX - 1.0), 1.5 * (LARGEST_PX / px - 1.0))
        first = math.floor((x_m - half_m) / cell_m)
        last = math.floor((x_m + half_m) / cell_m)
        for crater_m, size, depth, shade in _row(octave, first, last):
            lip, bowl = _shades(shade, round(SHADES * contrast))
            x = middle + (crater_m - x_m) * scale
            radius = px * size
            wide, high = int(2.0 * radius), int(2.0 * radius * FLATTENING) + 1
            left = int(x - radius)
            top = int(camera.ground_at(x) + depth * room) - high // 2
            if wide > LIP_PX:
                yield Ellipse(left, top + 1, wide, high, lip)
            yield Ellipse(left, top, wide, high, bowl)


def target(camera: Camera, place: Layout) -> Iterator[Primitive]:
    """Yield the mark of the landing target: two posts, or an arrow where it is out of view."""
    left, _, width, _ = place.scene
    x, _ = camera.at(0.0, 0.0)
    edge = place.px(16)
    if left + edge < x < left + width - edge:
        half, high = place.px(9), place.px(9)
        for post in (x - half, x + half):
            yield Rect(round(post), round(camera.ground_at(post)) - high, 2, high, palette.VALUE)
        return
    way = 1 if x > place.center_x else -1
    tip = left + width - place.px(8) if way > 0 else left + place.px(8)
    y = max(camera.ground_at(tip), place.ground_y) + place.px(44)
    half = place.px(5)
    back = tip - way * place.px(9)
    yield Polygon(((tip, y), (back, y - half), (back, y + half)), palette.VALUE, smooth=True)
    anchor = "r" if way > 0 else "l"
    yield Text(back - way * place.px(6), y, "target", place.small, palette.VALUE, None, anchor)


@functools.lru_cache(maxsize=(SHADES + 1) ** 2)
def _shades(depth: int, contrast: int) -> tuple[Color, Color]:
    """Return the colours of lip and bowl, in steps of depth and contrast."""
    shade = (depth / SHADES) ** (1.0 / DARKENING)
    around = palette.mix(palette.GROUND, palette.GROUND_LOW, shade)
    return (
        palette.mix(around, palette.CRATER_LIGHT, 0.6 * contrast / SHADES),
        palette.mix(around, palette.CRATER_DARK, 0.9 * contrast / SHADES),
    )


@functools.lru_cache(maxsize=64)
def _row(octave: int, first: int, last: int) -> tuple[Crater, ...]:
    """Return the craters of one size in a run of cells."""
    craters = []
    for cell in range(first, last + 1):
        if speckle(5, octave, cell) > 0.45:
            depth = speckle(8, octave, cell)
            craters.append(
                Crater(
                    x_m=(cell + 0.1 + 0.8 * speckle(6, octave, cell)) * CELL_RADII * 2.0**octave,
                    size=(0.55 + 0.45 * speckle(7, octave, cell)) * (0.6 + 0.6 * depth),
                    depth=0.08 + 0.85 * depth,
                    shade=round(SHADES * depth),
                )
            )
    return tuple(craters)
