"""The whole descent: altitude over distance, flown and planned, as one chart.

It is a small inset where a flight is longer than the view, and fills the view for the camera
``descent``. Both axes have scales of their own, which the labels give.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lunar_env.rendering import palette
from lunar_env.rendering.numbers import length
from lunar_env.rendering.overlay import dashed
from lunar_env.rendering.primitives import Polygon, Polyline, Rect, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lunar_env.rendering.layout import Layout
    from lunar_env.rendering.primitives import Point, Primitive
    from lunar_env.rendering.snapshot import Snapshot, Trail

__all__ = ["chart", "inset"]

FROM_M = 15e3
"""Flights that begin nearer to the target have no inset."""
POINTS = 160
FAR_M = 1.0e7
LEAST_M = 200.0
"""The chart covers at least this distance and this height."""


def inset(snapshot: Snapshot, place: Layout) -> Iterator[Primitive]:
    """Yield the chart in the upper right corner of the view; nothing for a short flight."""
    far = max((abs(x) for x, _ in (*snapshot.trail[:1], (snapshot.x_m, 0.0))), default=0.0)
    if not far >= FROM_M:  # not for NaN either
        return
    wide, high = place.px(190), place.px(96)
    left, top = place.panel_left - wide - place.px(12), place.px(12)
    yield Rect(left, top, wide, high, palette.PANEL)
    yield from _drawn(snapshot, (left, top, wide, high), place, ticks=False)


def chart(snapshot: Snapshot, place: Layout) -> Iterator[Primitive]:
    """Yield the chart over all of the view."""
    left, top, wide, high = place.scene
    margin = place.px(26)
    area = (left + 2 * margin, top + margin, wide - 3 * margin, high - 2 * margin)
    yield Rect(left, top, wide, high, palette.SKY_TOP)
    yield from _drawn(snapshot, area, place, ticks=True)


def _drawn(
    snapshot: Snapshot, area: tuple[int, int, int, int], place: Layout, *, ticks: bool
) -> Iterator[Primitive]:
    s, (left, top, wide, high) = snapshot, area
    true = (s.x_m, s.elevation_m + s.height_m)
    flown, plan = _sampled(s.trail), _sampled(s.planned_path)
    points = [*flown, *plan, true, (0.0, 0.0)]
    left_m, right_m = _span([x for x, _ in points])
    low_m, high_m = _span([y for _, y in points], floor=0.0)
    inner = place.px(10)
    foot, across, down = top + high - 2 * inner, wide - 2 * inner, high - 3 * inner

    def at(point: Point) -> Point:
        return (
            left + inner + across * (point[0] - left_m) / (right_m - left_m),
            foot - down * (point[1] - low_m) / (high_m - low_m),
        )

    if ticks:
        yield from _grid(
            (left_m, right_m, low_m, high_m), (left + inner, across, foot, down), place
        )
    ground_y = round(at((0.0, 0.0))[1])
    yield Rect(left + inner, ground_y, across, 1, palette.GROUND_EDGE)
    yield from dashed([at(point) for point in plan], place, palette.PLANNED)
    goal = round(at((0.0, 0.0))[0])
    yield Rect(goal - 1, ground_y - place.px(7), 2, place.px(7), palette.PLANNED)
    line = tuple(at(point) for point in (*flown, true))
    if len(line) > 1:
        yield Polyline(line, palette.TRAIL_NEW, False, True)
    half = place.px(5 if ticks else 3)
    if math.isfinite(s.believed_height_m):
        x, y = at((s.x_m, s.elevation_m + s.believed_height_m))
        yield Polyline(_diamond(x, y, half + 2), palette.BELIEVED, closed=True, smooth=True)
    yield Polygon(_diamond(*at(true), half), palette.TRUE, smooth=True)
    if not ticks:
        yield from _extent(points, (left + inner, left + wide - inner, foot), place)


def _extent(points: list[Point], edges: tuple[int, int, int], place: Layout) -> Iterator[Primitive]:
    """Yield how long and how high some points are, below the chart."""
    xs, ys = zip(*points, strict=True)
    (left, right, foot), small = edges, place.small
    y = foot + place.px(10)
    yield Text(left, y, length(max(xs) - min(xs)), small, palette.LABEL)
    yield Text(right, y, f"{length(max(ys))} high", small, palette.LABEL, None, "r")


def _diamond(x: float, y: float, half: float) -> tuple[Point, ...]:
    return (x - half, y), (x, y - half), (x + half, y), (x, y + half)


def _grid(
    span: tuple[float, float, float, float], box: tuple[int, int, int, int], place: Layout
) -> Iterator[Primitive]:
    """Yield lines at round distances and heights, with their values."""
    (left_m, right_m, low_m, high_m), (x0, across, y0, down) = span, box
    for value in _rounds(left_m, right_m):
        x = round(x0 + across * (value - left_m) / (right_m - left_m))
        yield Rect(x, y0 - down, 1, down, palette.PANEL_RULE)
        yield Text(x, y0 + place.px(12), _tick(value), place.small, palette.LABEL, None, "c")
    for value in _rounds(low_m, high_m):
        y = round(y0 - down * (value - low_m) / (high_m - low_m))
        yield Rect(x0, y, across, 1, palette.PANEL_RULE)
        yield Text(x0 - place.px(6), y, _tick(value), place.small, palette.LABEL, None, "r")


def _rounds(low: float, high: float) -> list[float]:
    """Return about five round values in an interval."""
    raw = (high - low) / 5.0
    decade = 10.0 ** math.floor(math.log10(raw))
    step = next(m * decade for m in (1.0, 2.0, 5.0, 10.0) if m * decade >= raw)
    first = math.ceil(low / step)
    return [step * k for k in range(first, math.floor(high / step) + 1)]


def _tick(metres: float) -> str:
    return f"{metres * 1e-3:g} km" if abs(metres) >= 1000.0 else f"{metres:g} m"


def _span(values: list[float], floor: float | None = None) -> tuple[float, float]:
    low, high = min(values), max(values)
    middle, half = 0.5 * (low + high), 0.55 * max(high - low, LEAST_M)
    below = middle - half
    return (
        (min(low, floor), max(high, low + LEAST_M) * 1.05)
        if floor is not None
        else (below, middle + half)
    )


def _sampled(trail: Trail) -> list[Point]:
    """Return some points of a path, the first one among them, that can be drawn."""
    stride = max(1, math.ceil(len(trail) / POINTS))
    return [(x, y) for x, y in trail[::stride] if abs(x) <= FAR_M and abs(y) <= FAR_M]
