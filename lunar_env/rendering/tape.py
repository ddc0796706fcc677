"""The height scale on the left and the marks that move along it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lunar_env.rendering import palette
from lunar_env.rendering.layout import scale_y
from lunar_env.rendering.primitives import Polygon, Rect, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lunar_env.rendering.layout import Layout
    from lunar_env.rendering.primitives import Color, Primitive
    from lunar_env.rendering.snapshot import Snapshot

__all__ = ["marks", "scale"]


def scale(place: Layout, top_m: float) -> Iterator[Primitive]:
    """Yield the scale itself: ticks in each decade, labels at 1, 2 and 5."""
    right, zero = place.tape_right, place.ground_y
    yield Rect(0, 0, right, place.height, palette.TAPE)
    yield Rect(0, zero, right, place.height - zero, palette.TAPE_LOW)
    yield Rect(right - 1, 0, 1, place.height, palette.PANEL_EDGE)
    x = right - place.px(20)
    yield Text(x, place.px(14), "HEIGHT", place.small, palette.LABEL, palette.TAPE, "r")
    yield Text(x, zero + place.px(24), "metres", place.small, palette.TICK, palette.TAPE_LOW, "r")
    for value in _ticks(top_m):
        y = round(scale_y(value, top_m, place))
        first = f"{value:.0f}"[0]
        labelled = first in "0125"
        long = place.px(11 if labelled else 6)
        yield Rect(right - 1 - long, y, long, 1, palette.TICK)
        if labelled and y > place.px(26):
            color = palette.VALUE if first in "01" else palette.LABEL
            yield Text(x, y, _tick_text(value), place.small, color, None, "r")


def marks(snapshot: Snapshot, top_m: float, place: Layout) -> Iterator[Primitive]:
    """Yield the marks: stop height and first fix, then the believed height and the true one.

    Parameters
    ----------
    snapshot : Snapshot
        Tamed: heights are finite, or NaN where there is nothing to mark.
    top_m : float
        Upper end of the scale.
    place : Layout
        The picture's layout.

    Yields
    ------
    Primitive
        Red zone and line, green line, blue bracket and arrow, white arrow, in this order.
    """
    right, room = place.tape_right, place.px(14)
    stop_y = math.inf
    stop, fix, believed = (
        snapshot.stop_height_m,
        snapshot.first_fix_height_m,
        snapshot.believed_height_m,
    )
    if stop >= 0.0 and snapshot.outcome == "FLYING":
        y = round(scale_y(stop, top_m, place))
        stop_y = y
        yield Rect(right - 4, y, 3, place.ground_y - y, palette.STOP_ZONE)
        yield from _level(y, y, "STOP", palette.STOP, place)
    if fix >= 0.0:
        y = round(scale_y(fix, top_m, place))
        near = abs(y - stop_y) < room
        text_y = y if not near else round(stop_y) + (room if y > stop_y else -room)
        yield from _level(y, text_y, "FIX", palette.FIX, place)
    if math.isfinite(believed):
        upper = round(scale_y(believed + snapshot.believed_sigma_m, top_m, place))
        lower = round(scale_y(believed - snapshot.believed_sigma_m, top_m, place))
        x, foot = right + place.px(15), place.px(5)
        yield Rect(x, upper, 2, max(lower - upper, 1), palette.BELIEVED)
        yield Rect(x - foot, upper, foot, 2, palette.BELIEVED)
        yield Rect(x - foot, lower - 1, foot, 2, palette.BELIEVED)
        yield _arrow(scale_y(believed, top_m, place), palette.BELIEVED, place)
    yield _arrow(scale_y(snapshot.height_m, top_m, place), palette.TRUE, place)


def _level(y: int, text_y: int, word: str, color: Color, place: Layout) -> Iterator[Primitive]:
    left = place.tape_right - place.px(15)
    yield Rect(left, y - 1, place.px(38), 2, color)
    yield Text(place.tape_right + place.px(28), text_y, word, place.small, color)


def _arrow(y: float, color: Color, place: Layout) -> Polygon:
    tip = place.tape_right + 1
    y, back, half = round(y), tip + place.px(11), place.px(6)
    return Polygon(((tip, y), (back, y - half), (back, y + half)), color, smooth=False)


def _ticks(top_m: float) -> Iterator[float]:
    yield 0.0
    yield 5.0
    decade = 10.0
    while decade <= top_m:
        for digit in range(1, 10):
            if digit * decade <= top_m:
                yield digit * decade
        decade *= 10.0


def _tick_text(value: float) -> str:
    if value < 1e3:
        return f"{value:.0f}"
    return f"{value / 1e3:.0f} k" if value < 1e6 else f"{value / 1e6:.0f} M"
