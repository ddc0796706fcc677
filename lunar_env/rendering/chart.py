"""A small chart of a long flight: altitude over distance, which exceeds the view."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lunar_env.rendering import palette
from lunar_env.rendering.primitives import Polyline, Rect, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lunar_env.rendering.layout import Layout
    from lunar_env.rendering.primitives import Primitive
    from lunar_env.rendering.snapshot import Snapshot

__all__ = ["chart"]

FROM_M = 15e3
"""Flights that begin nearer to the target have no chart."""
POINTS = 60
FAR_M = 1.0e7


def chart(snapshot: Snapshot, place: Layout) -> Iterator[Primitive]:
    """Yield the path flown in the upper right corner of the view; nothing for a short flight.

    Parameters
    ----------
    snapshot : Snapshot
        Tamed.
    place : Layout
        The picture's layout.

    Yields
    ------
    Primitive
        Panel, path, target and lander.
    """
    begun = snapshot.trail[0][0] if snapshot.trail else snapshot.x_m
    if abs(begun) < FROM_M and abs(snapshot.x_m) < FROM_M:
        return
    path = [*_sampled(snapshot.trail), (snapshot.x_m, snapshot.elevation_m + snapshot.height_m)]
    left_m, right_m = min(0.0, *(x for x, _ in path)), max(0.0, *(x for x, _ in path))
    if right_m - left_m < FROM_M:
        return
    low_m, high_m = min(0.0, *(y for _, y in path)), max(1.0, *(y for _, y in path))
    wide, high, inner = place.px(190), place.px(84), place.px(10)
    left, top = place.panel_left - wide - place.px(12), place.px(12)
    across, down = wide - 2 * inner, high - 3 * inner
    foot = top + high - 2 * inner

    def at(x_m: float, altitude_m: float) -> tuple[float, float]:
        return (
            left + inner + across * (x_m - left_m) / (right_m - left_m),
            foot - down * (altitude_m - low_m) / (high_m - low_m),
        )

    yield Rect(left, top, wide, high, palette.PANEL)
    yield Rect(left + inner, foot, across, 1, palette.PANEL_EDGE)
    goal, _ = at(0.0, 0.0)
    yield Rect(round(goal) - 1, foot - place.px(6), 2, place.px(6), palette.VALUE)
    yield Polyline(tuple(at(*point) for point in path), palette.TRAIL_NEW, False, True)
    x, y = at(*path[-1])
    yield Rect(round(x) - 2, round(y) - 2, 4, 4, palette.TRUE)
    text_y = foot + place.px(10)
    ground, small = palette.PANEL, place.small
    yield Text(left + inner, text_y, _km(right_m - left_m), small, palette.LABEL, ground)
    yield Text(
        left + wide - inner, text_y, f"{_km(high_m)} high", small, palette.LABEL, ground, "r"
    )


def _sampled(trail: tuple[tuple[float, float], ...]) -> list[tuple[float, float]]:
    """Return some points of the path, the first one among them, that can be drawn."""
    stride = max(1, math.ceil(len(trail) / POINTS))
    return [(x, y) for x, y in trail[::stride] if abs(x) <= FAR_M and abs(y) <= FAR_M]


def _km(length_m: float) -> str:
    return f"{1e-3 * length_m:.0f} km"
