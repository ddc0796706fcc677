"""The scales of descent rate and height on the left, and the marks that move along them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from lunar_env.rendering import palette
from lunar_env.rendering.layout import HEIGHT_KNEE_M, SPEED_KNEE_M_S, scale_y
from lunar_env.rendering.primitives import Polygon, Rect, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lunar_env.rendering.layout import Layout
    from lunar_env.rendering.primitives import Color, Primitive
    from lunar_env.rendering.snapshot import Snapshot

__all__ = ["marks", "scales"]


class Tape(NamedTuple):
    """One scale: its right edge, upper end, and where it turns logarithmic."""

    right: int
    top: float
    knee: float
    place: Layout

    def y(self, value: float) -> int:
        """Return the position of a value."""
        return round(scale_y(value, self.top, self.knee, self.place))


def scales(place: Layout, top_m: float, top_m_s: float) -> Iterator[Primitive]:
    """Yield the scales themselves: ticks in each decade, labels at 1, 2 and 5."""
    right, zero = place.tape_right, place.ground_y
    yield Rect(0, 0, right, place.height, palette.TAPE)
    yield Rect(0, zero, right, place.height - zero, palette.TAPE_LOW)
    yield from _scale(Tape(right, top_m, HEIGHT_KNEE_M, place), "HEIGHT", "metres")
    if place.speed_right:
        yield from _scale(Tape(place.speed_right, top_m_s, SPEED_KNEE_M_S, place), "DOWN", "m/s")


def _scale(tape: Tape, name: str, unit: str) -> Iterator[Primitive]:
    place, right = tape.place, tape.right
    yield Rect(right - 1, 0, 1, place.height, palette.PANEL_EDGE)
    x, low = right - place.px(6), place.ground_y + place.px(24)
    yield Text(x, place.px(14), name, place.small, palette.LABEL, palette.TAPE, "r")
    yield Text(x, low, unit, place.small, palette.TICK, palette.TAPE_LOW, "r")
    x -= place.px(12)
    least = place.px(13)
    last = place.height
    for value in _ticks(tape.top, 0.1 * tape.knee):
        y = tape.y(value)
        labelled = f"{value:e}"[0] in "0125" and last - y >= least
        long = place.px(10 if labelled else 5)
        yield Rect(right - 1 - long, y, long, 1, palette.TICK)
        if labelled and y > place.px(26):
            last = y
            color = palette.VALUE if f"{value:e}"[0] in "01" else palette.LABEL
            yield Text(x, y, _tick_text(value), place.small, color, None, "r")


def marks(snapshot: Snapshot, top_m: float, top_m_s: float, place: Layout) -> Iterator[Primitive]:
    """Yield the marks: stop height and first fix, then planned, believed and true values.

    Parameters
    ----------
    snapshot : Snapshot
        Tamed: heights and speeds are finite, or NaN where there is nothing to mark.
    top_m, top_m_s : float
        Upper ends of the scales.
    place : Layout
        The picture's layout.

    Yields
    ------
    Primitive
        Vermilion zone and line, green line, yellow diamond, blue bracket and arrow, white arrow.
    """
    s, height = snapshot, Tape(place.tape_right, top_m, HEIGHT_KNEE_M, place)
    yield from _limits(snapshot, height)
    if math.isfinite(s.believed_height_m):
        upper = height.y(s.believed_height_m + s.believed_sigma_m)
        lower = height.y(s.believed_height_m - s.believed_sigma_m)
        x, foot = height.right + place.px(15), place.px(5)
        yield Rect(x, upper, 2, max(lower - upper, 1), palette.BELIEVED)
        yield Rect(x - foot, upper, foot, 2, palette.BELIEVED)
        yield Rect(x - foot, lower - 1, foot, 2, palette.BELIEVED)
    yield from _three(height, s.height_m, s.believed_height_m, s.planned_height_m)
    if place.speed_right:
        speed = Tape(place.speed_right, top_m_s, SPEED_KNEE_M_S, place)
        down = (-s.v_vertical_m_s, -s.believed_v_vertical_m_s, -s.planned_v_vertical_m_s)
        yield from _three(speed, *down)


def _three(tape: Tape, true: float, believed: float, planned: float) -> Iterator[Primitive]:
    """Yield the marks of a planned, a believed and a true value, the last on top."""
    if math.isfinite(planned):
        y, x, half = tape.y(planned), tape.right + tape.place.px(6), tape.place.px(5)
        corners = ((x - half, y), (x, y - half), (x + half, y), (x, y + half))
        yield Polygon(corners, palette.PLANNED, smooth=False)
    if math.isfinite(believed):
        yield _arrow(tape, believed, palette.BELIEVED)
    if math.isfinite(true):
        yield _arrow(tape, true, palette.TRUE)


def _limits(snapshot: Snapshot, tape: Tape) -> Iterator[Primitive]:
    """Yield the stop height and the height of the first valid range."""
    place, room = tape.place, tape.place.px(14)
    stop, fix, stop_y = snapshot.stop_height_m, snapshot.first_fix_height_m, math.inf
    if stop >= 0.0 and snapshot.outcome == "FLYING":
        y = tape.y(stop)
        stop_y = y
        yield Rect(tape.right - 4, y, 3, place.ground_y - y, palette.STOP_ZONE)
        yield from _level(y, y, "STOP", palette.STOP, place)
    if fix >= 0.0:
        y = tape.y(fix)
        near = abs(y - stop_y) < room
        text_y = y if not near else round(stop_y) + (room if y > stop_y else -room)
        yield from _level(y, text_y, "FIX", palette.FIX, place)


def _level(y: int, text_y: int, word: str, color: Color, place: Layout) -> Iterator[Primitive]:
    left = place.tape_right - place.px(10)
    yield Rect(left, y - 1, place.px(34), 2, color)
    yield Text(place.tape_right + place.px(28), text_y, word, place.small, color)


def _arrow(tape: Tape, value: float, color: Color) -> Polygon:
    tip, place = tape.right + 1, tape.place
    y, back, half = tape.y(value), tip + place.px(11), place.px(6)
    return Polygon(((tip, y), (back, y - half), (back, y + half)), color, smooth=False)


def _ticks(top: float, least: float) -> Iterator[float]:
    yield 0.0
    decade = 10.0 ** math.floor(math.log10(least) + 0.5)
    yield 5.0 * decade
    decade *= 10.0
    while decade <= top:
        for digit in range(1, 10):
            if digit * decade <= top * (1.0 + 1e-9):
                yield digit * decade
        decade *= 10.0


def _tick_text(value: float) -> str:
    if value < 1e3:
        return f"{value:g}"
    return f"{value / 1e3:.0f} k" if value < 1e6 else f"{value / 1e6:.0f} M"
