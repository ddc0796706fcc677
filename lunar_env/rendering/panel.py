"""The column of numbers on the right: what is true, what the lander believes, what it has left."""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING

from lunar_env.rendering import palette
from lunar_env.rendering.primitives import Rect, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lunar_env.rendering.layout import Layout
    from lunar_env.rendering.primitives import Color, Primitive
    from lunar_env.rendering.snapshot import Snapshot

__all__ = ["labels", "number", "values"]

LEFT = 16
UNITS = 92
SINGLE_UNITS = 118
TRUE_RIGHT = 174
RIGHT = 254
"""Columns, in design pixels from the panel's left edge."""
NAMES_Y = (22, 42, 59)
TIME_Y = 98
HEADS_Y = 142
ROWS = (
    (165, "HEIGHT", "m"),
    (185, "SIGMA", "m"),
    (205, "VERTICAL", "m/s"),
    (225, "LATERAL", "m/s"),
    (245, "TILT", "deg"),
)
RECKONED_Y, RECKONED_UNITS = 268, 150
THROTTLE_Y, PROPELLANT_Y = 306, 348
BEAM_Y = 398
SINGLES = (
    (425, "LAST RANGE", "m"),
    (448, "ITS AGE", "s"),
    (471, "FIRST FIX", "m"),
    (512, "STOP HEIGHT", "m"),
    (535, "MARGIN", "m"),
    (558, "TO TARGET", "m"),
)
RULES_Y = (76, 120, 285, 374, 491, 578)
KEY = (
    (594, palette.BELIEVED, "believed height and sigma"),
    (610, palette.STOP, "stop height: too late below"),
    (626, palette.FIX, "first fix of the range"),
)


def number(value: float, decimals: int = 1) -> str:
    """Return a number as the panel shows it.

    Parameters
    ----------
    value : float
        A dash is shown where it is not finite.
    decimals : int
        Decimals below 1,000; larger numbers are whole, and from a million on powers of ten.

    Returns
    -------
    str
        With a true minus sign, and never a negative zero.

    Examples
    --------
    >>> number(-0.04), number(12.34, 2), number(2410.3)
    ('0.0', '12.34', '2410')
    """
    size = abs(value)
    if size < 999.95:
        text = f"{size:.{decimals}f}"
    elif size < 999_999.5:
        text = f"{size:.0f}"
    else:
        return f"{value:.1e}" if math.isfinite(value) else "—"
    return f"\u2212{text}" if value < 0.0 and float(text) != 0.0 else text


def labels(place: Layout, mission: str, scenario: str, pilot: str) -> Iterator[Primitive]:
    """Yield the panel's ground, rules and labels, and the names of what is flown."""
    left, wide = place.panel_left, place.width - place.panel_left
    yield Rect(left, 0, wide, place.height, palette.PANEL)
    yield Rect(left, 0, 1, place.height, palette.PANEL_EDGE)
    inner, x = place.px(RIGHT - LEFT), left + place.px(LEFT)
    for y in RULES_Y:
        yield Rect(x, place.px(y), inner, 1, palette.PANEL_RULE)
    for y, text in zip(NAMES_Y, (mission, scenario, pilot), strict=True):
        size, color = (
            (place.body, palette.VALUE) if y == NAMES_Y[0] else (place.small, palette.LABEL)
        )
        yield _left(place, LEFT, y, text, size, color)._replace(max_width=inner + place.px(10))
    small = place.small
    yield _left(place, SINGLE_UNITS, TIME_Y, "s", small, palette.TICK)
    yield _right(place, TRUE_RIGHT, HEADS_Y, "TRUE", small, palette.TRUE)
    yield _right(place, RIGHT, HEADS_Y, "BELIEVED", small, palette.BELIEVED)
    for y, label, unit in ROWS:
        yield _left(place, LEFT, y, label, small, palette.LABEL)
        yield _left(place, UNITS, y, unit, small, palette.TICK)
    yield _left(place, LEFT, RECKONED_Y, "DEAD RECKONING", small, palette.LABEL)
    yield _left(place, RECKONED_UNITS, RECKONED_Y, "m", small, palette.TICK)
    for y, label, unit in (
        *SINGLES,
        (TIME_Y, "TIME", ""),
        (THROTTLE_Y, "THROTTLE", "%"),
        (PROPELLANT_Y, "PROPELLANT", "kg"),
        (BEAM_Y, "RANGEFINDER", ""),
    ):
        yield _left(place, LEFT, y, label, small, palette.LABEL)
        yield _left(place, SINGLE_UNITS, y, unit, small, palette.TICK)
    for y, color, label in KEY:
        yield Rect(x, place.px(y) - 1, place.px(14), 2, color)
        yield _left(place, LEFT + 22, y, label, small, palette.TICK)


def values(snapshot: Snapshot, place: Layout) -> Iterator[Primitive]:
    """Yield the panel's numbers and bars for one snapshot."""
    s = snapshot
    spare = s.height_m - s.stop_height_m if s.outcome == "FLYING" else math.nan
    shown = (
        (s.height_m, 1, palette.TRUE),
        (s.v_vertical_m_s, 1, palette.TRUE),
        (s.v_lateral_m_s, 1, palette.TRUE),
        (math.degrees(s.tilt_rad), 1, palette.TRUE),
        (s.believed_height_m, 1, palette.BELIEVED),
        (s.believed_sigma_m, 1, palette.BELIEVED),
        (s.believed_v_vertical_m_s, 1, palette.BELIEVED),
        (s.believed_v_lateral_m_s, 1, palette.BELIEVED),
        (s.dead_reckoned_height_m, 1, palette.VALUE),
        (100.0 * s.throttle_frac, 0, palette.VALUE),
        (s.propellant_kg, 1, palette.VALUE),
        (s.last_range_m, 1, palette.VALUE),
        (s.last_range_age_s, 2, palette.VALUE),
        (s.first_fix_height_m, 1, palette.VALUE),
        (s.stop_height_m, 1, palette.VALUE),
        (spare, 1, palette.STOP if spare < 0.0 else palette.VALUE),
        (s.downrange_m, 1, palette.VALUE),
    )
    size, flat = place.body, palette.PANEL
    x, y = _at(place, RIGHT, TIME_Y)
    yield Text(x, y, number(s.time_s), place.number, palette.VALUE, flat, "r")
    for (x, y), (value, decimals, color) in zip(_places(place), shown, strict=True):
        yield Text(x, y, number(value, decimals), size, color, flat, "r")
    yield from _bars(s, place)
    yield from _state(s.beam_state, place)


@functools.lru_cache(maxsize=16)
def _places(place: Layout) -> tuple[tuple[int, int], ...]:
    """Return where the numbers end, in the order in which `values` shows them."""
    rows = [y for y, _, _ in ROWS]
    true = [_at(place, TRUE_RIGHT, y) for y in (rows[0], *rows[2:])]
    believed = [_at(place, RIGHT, y) for y in rows[:4]]
    singles = (RECKONED_Y, THROTTLE_Y, PROPELLANT_Y, *(y for y, _, _ in SINGLES))
    return (*true, *believed, *(_at(place, RIGHT, y) for y in singles))


def _bars(snapshot: Snapshot, place: Layout) -> Iterator[Primitive]:
    left = snapshot.propellant_kg / max(snapshot.propellant_start_kg, 1e-9)
    x, wide, high = place.panel_left + place.px(LEFT), place.px(RIGHT - LEFT), place.px(7)
    for y, share, color in (
        (THROTTLE_Y, snapshot.throttle_frac, palette.FLAME_MIDDLE),
        (PROPELLANT_Y, left, palette.RED if left < 0.1 else palette.HULL_SHADE),
    ):
        top = place.px(y + 13)
        yield Rect(x, top, wide, high, palette.TROUGH)
        if share > 0.0:  # false for NaN too
            yield Rect(x, top, round(wide * min(share, 1.0)), high, color)


def _state(state: str, place: Layout) -> Iterator[Primitive]:
    """Yield the rangefinder's state on a plate of the beam's colour."""
    color = palette.beam_color(state) or palette.TICK
    wide, high = place.px(86), place.px(20)
    left, y = place.panel_left + place.px(RIGHT) - wide, place.px(BEAM_Y)
    yield Rect(left, y - high // 2, wide, high, color)
    yield Text(left + wide / 2, y, state, place.small, palette.PANEL, color, "c", wide)


def _left(place: Layout, x: int, y: int, text: str, size: int, color: Color) -> Text:
    return Text(*_at(place, x, y), text, size, color, palette.PANEL)


def _right(place: Layout, x: int, y: int, text: str, size: int, color: Color) -> Text:
    return Text(*_at(place, x, y), text, size, color, palette.PANEL, "r")


def _at(place: Layout, x: int, y: int) -> tuple[int, int]:
    return place.panel_left + place.px(x), place.px(y)
