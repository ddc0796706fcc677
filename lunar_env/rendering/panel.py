"""The column of instruments on the right: what is true, believed and planned, and what is left."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lunar_env.rendering import palette
from lunar_env.rendering.ball import ball
from lunar_env.rendering.numbers import length, number
from lunar_env.rendering.primitives import Rect, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lunar_env.rendering.layout import Layout
    from lunar_env.rendering.primitives import Color, Primitive
    from lunar_env.rendering.snapshot import LogEntry, Snapshot

__all__ = ["labels", "values"]

LEFT, RIGHT = 16, 254
COLUMNS = (122, 194, RIGHT)
"""Right edges of true, believed and planned values, in design pixels from the panel's left."""
NAMES_Y = (20, 38, 54)
TIME_Y = 84
HEADS_Y = 112
ROWS_Y = (132, 151, 170, 189, 208)
ROW_NAMES = ("HEIGHT", "DOWN m/s", "ACROSS m/s", "TILT deg", "SIGMA")
BALL = (62, 272, 44)
"""Middle and radius of the attitude ball."""
BARS_LEFT = 118
THROTTLE_Y, PROPELLANT_Y = 246, 286
BEAM_Y = 338
RANGE_Y = (362, 380, 398)
SNR_BAR_Y = 414
SINGLES_Y = (440, 458, 476)
LOG_Y = 508
LOG_STEP = 17
LOG_LINES = 7
RULES_Y = (68, 98, 222, 322, 426, 490)
SNR_FULL = 10.0
"""The bar of the signal-to-noise ratio ends at this many times the least detectable one."""


def labels(place: Layout, mission: str, scenario: str, pilot: str) -> Iterator[Primitive]:
    """Yield the panel's ground, rules and labels, and the names of what is flown."""
    if not place.has_panel:
        return
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
    heads = (("TRUE", palette.TRUE), ("BELIEF", palette.BELIEVED), ("PLAN", palette.PLANNED))
    for right, (text, color) in zip(COLUMNS, heads, strict=True):
        yield _right(place, right, HEADS_Y, text, small, color)
    for y, text in zip(ROWS_Y, ROW_NAMES, strict=True):
        yield _left(place, LEFT, y, text, small, palette.LABEL)
    for left_, y, text in (
        (BARS_LEFT, THROTTLE_Y, "THROTTLE"),
        (BARS_LEFT, PROPELLANT_Y, "PROPELLANT"),
        (LEFT, BEAM_Y, "RANGEFINDER"),
        (LEFT, RANGE_Y[0], "LAST RANGE"),
        (LEFT, RANGE_Y[1], "ITS AGE"),
        (LEFT, RANGE_Y[2], "SIGNAL / NOISE"),
        (LEFT, SINGLES_Y[0], "STOP HEIGHT"),
        (LEFT, SINGLES_Y[1], "MARGIN"),
        (LEFT, SINGLES_Y[2], "TO TARGET"),
        (LEFT, LOG_Y, "LOG"),
    ):
        yield _left(place, left_, y, text, small, palette.LABEL)


def values(snapshot: Snapshot, place: Layout) -> Iterator[Primitive]:
    """Yield the panel's numbers and instruments for one snapshot."""
    if not place.has_panel:
        return
    s = snapshot
    yield _left(place, LEFT, TIME_Y, f"{number(s.time_s)} s", place.number, palette.VALUE)
    tilt = math.degrees(s.tilt_rad)
    table = (
        (length(s.height_m), length(s.believed_height_m), length(s.planned_height_m)),
        (
            _down(s.v_vertical_m_s),
            _down(s.believed_v_vertical_m_s),
            _down(s.planned_v_vertical_m_s),
        ),
        (number(s.v_lateral_m_s), number(s.believed_v_lateral_m_s), ""),
        (number(tilt), "", ""),
        ("", length(s.believed_sigma_m), ""),
    )
    colors = (palette.TRUE, palette.BELIEVED, palette.PLANNED)
    for y, row in zip(ROWS_Y, table, strict=True):
        for right, text, color in zip(COLUMNS, row, colors, strict=True):
            if text:
                yield _right(place, right, y, text, place.small, color)
    x, y, r = (place.px(design) for design in BALL)
    yield from ball(s.attitude, place.panel_left + x, y, r, place.small)
    yield from _bars(s, place)
    yield from _ranging(s, place)
    spare = s.height_m - s.stop_height_m if s.outcome == "FLYING" else math.nan
    for y, text, color in (
        (SINGLES_Y[0], length(s.stop_height_m), palette.VALUE),
        (SINGLES_Y[1], length(spare), palette.STOP if spare < 0.0 else palette.VALUE),
        (SINGLES_Y[2], length(s.downrange_m), palette.VALUE),
    ):
        yield _right(place, RIGHT, y, text, place.body, color)
    yield from _log(s.log, place)


def _down(v_vertical_m_s: float) -> str:
    return number(-v_vertical_m_s)


def _bars(snapshot: Snapshot, place: Layout) -> Iterator[Primitive]:
    left = snapshot.propellant_kg / max(snapshot.propellant_start_kg, 1e-9)
    x, wide = place.panel_left + place.px(BARS_LEFT), place.px(RIGHT - BARS_LEFT)
    for y, share, text, color in (
        (
            THROTTLE_Y,
            snapshot.throttle_frac,
            f"{number(100.0 * snapshot.throttle_frac, 0)} %",
            palette.FLAME_MIDDLE,
        ),
        (
            PROPELLANT_Y,
            left,
            f"{number(snapshot.propellant_kg)} kg",
            palette.RED if left < 0.1 else palette.VALUE,
        ),
    ):
        yield _right(place, RIGHT, y, text, place.small, palette.VALUE)
        yield from _bar(x, place.px(y + 11), wide, share, color, place)


def _bar(
    x: int, y: int, wide: int, share: float, color: Color, place: Layout
) -> Iterator[Primitive]:
    high = place.px(7)
    yield Rect(x, y, wide, high, palette.TROUGH)
    if share > 0.0:  # false for NaN too
        yield Rect(x, y, round(wide * min(share, 1.0)), high, color)


def _ranging(snapshot: Snapshot, place: Layout) -> Iterator[Primitive]:
    """Yield the rangefinder: its state on a plate of the beam's colour, and its last range."""
    s = snapshot
    color = palette.beam_color(s.beam_state) or palette.TICK
    wide, high = place.px(86), place.px(19)
    left, y = place.panel_left + place.px(RIGHT) - wide, place.px(BEAM_Y)
    yield Rect(left, y - high // 2, wide, high, color)
    yield Text(left + wide / 2, y, s.beam_state, place.small, palette.PANEL, color, "c", wide)
    for row, text in zip(
        RANGE_Y,
        (length(s.last_range_m), f"{number(s.last_range_age_s, 2)} s", number(s.range_snr)),
        strict=True,
    ):
        yield _right(place, RIGHT, row, text, place.body, palette.VALUE)
    least = s.snr_threshold if s.snr_threshold > 0.0 else math.nan
    share = math.log(max(s.range_snr / least, 1e-3)) / math.log(SNR_FULL)
    x, inner = place.panel_left + place.px(LEFT), place.px(RIGHT - LEFT)
    weak = not share > 0.15
    yield from _bar(
        x,
        place.px(SNR_BAR_Y),
        inner,
        max(share, 0.02) if share == share else 0.0,
        palette.AMBER if weak else palette.GREEN,
        place,
    )


def _log(entries: tuple[LogEntry, ...], place: Layout) -> Iterator[Primitive]:
    """Yield the last lines of the log, the latest first."""
    inner = place.px(RIGHT - LEFT - 52)
    lines = max(0, min(LOG_LINES, (round(place.height / place.unit) - LOG_Y - 8) // LOG_STEP))
    for k, entry in enumerate(entries[: -lines - 1 : -1] if lines else ()):
        y = LOG_Y + (k + 1) * LOG_STEP
        color = palette.VALUE if k == 0 else palette.LABEL
        yield _left(place, LEFT, y, number(entry.time_s), place.small, palette.TICK)
        text = f"{entry.text}, {length(entry.height_m)}"
        yield _left(place, LEFT + 52, y, text, place.small, color)._replace(max_width=inner)


def _at(place: Layout, x: int, y: int) -> tuple[int, int]:
    return place.panel_left + place.px(x), place.px(y)


def _left(place: Layout, x: int, y: int, text: str, size: int, color: Color) -> Text:
    left, top = _at(place, x, y)
    return Text(left, top, text, size, color, palette.PANEL)


def _right(place: Layout, x: int, y: int, text: str, size: int, color: Color) -> Text:
    right, top = _at(place, x, y)
    return Text(right, top, text, size, color, palette.PANEL, "r")
