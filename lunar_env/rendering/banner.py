"""The words at the end of a landing."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lunar_env.rendering import palette
from lunar_env.rendering.numbers import length, number
from lunar_env.rendering.primitives import Rect, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lunar_env.rendering.layout import Layout
    from lunar_env.rendering.primitives import Primitive
    from lunar_env.rendering.snapshot import Snapshot

__all__ = ["banner"]

CONTACT = ("LANDED", "HARD_LANDING", "TIPPED", "CRASHED", "FUEL_OUT")


def banner(snapshot: Snapshot, place: Layout) -> Iterator[Primitive]:
    """Yield the outcome and how the ground was met; nothing while still flying."""
    if snapshot.outcome == "FLYING":
        return
    color = palette.outcome_color(snapshot.outcome)
    wide, high = place.px(430), place.px(92)
    middle, top = place.center_x, place.px(112)
    left, inner = middle - wide // 2, wide - place.px(24)
    yield Rect(left, top, wide, high, palette.PANEL)
    yield Rect(left, top, wide, place.px(4), color)
    yield Rect(left, top + high - 1, wide, 1, palette.PANEL_EDGE)
    words, told = snapshot.outcome.replace("_", " "), _told(snapshot)
    y, ground = top + place.px(38), palette.PANEL
    yield Text(middle, y, words, place.banner, color, ground, "c", inner)
    y += place.px(34)
    yield Text(middle, y, told, place.body, palette.VALUE, ground, "c", inner)


def _told(snapshot: Snapshot) -> str:
    if snapshot.outcome not in CONTACT:
        return f"after {number(snapshot.time_s)} s at {length(snapshot.height_m)}"
    met = (
        snapshot.touchdown_v_vertical_m_s,
        snapshot.touchdown_v_lateral_m_s,
        snapshot.touchdown_tilt_rad,
    )
    if not math.isfinite(met[0]):  # the end came without a touchdown on record
        met = snapshot.v_vertical_m_s, snapshot.v_lateral_m_s, snapshot.tilt_rad
    down, across = number(abs(met[0]), 2), number(abs(met[1]), 2)
    return (
        f"{down} m/s down  ·  {across} m/s across  ·  {number(abs(math.degrees(met[2])))} deg tilt"
    )
