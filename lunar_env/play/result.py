"""The screen after a landing: the score beside that of the pilot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lunar_env.play.panel import Panel
from lunar_env.play.score import better
from lunar_env.rendering import palette
from lunar_env.rendering.numbers import number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lunar_env.play.score import Score
    from lunar_env.rendering.layout import Layout
    from lunar_env.rendering.primitives import Color, Primitive

__all__ = ["result"]

KEYS = "ENTER  next   ·   BACKSPACE  again   ·   M  levels   ·   ESC  close"
ROWS = ("outcome", "touchdown, down", "across", "tilt", "propellant burnt", "time")


def result(place: Layout, own: Score, other: Score | str) -> Iterator[Primitive]:
    """Yield the score beside that of the rival.

    Parameters
    ----------
    place : Layout
        The picture's layout.
    own : Score
        Of the player.
    other : Score or str
        Of the rival, or why there is none.

    Yields
    ------
    Primitive
        Drawn over the view.
    """
    verdict, color = _verdict(own, other)
    wide = min(place.px(560), place.width - place.px(12))
    top = place.px(222 if place.has_panel else 112)  # below the outcome, or over it
    panel = Panel(place, place.center_x, top, wide, color)
    panel.skip(8)
    panel.line(verdict, color, place.number, 38)
    columns = (0, 196, 366)
    rows = [_column(own)] if isinstance(other, str) else [_column(own), _column(other)]
    heads = ("you", "" if isinstance(other, str) else other.pilot)
    panel.row(("", *heads), columns, palette.LABEL)
    for k, name in enumerate(
        ("outcome", "touchdown, down", "across", "tilt", "propellant burnt", "time")
    ):
        values = [column[k] for column in rows]
        panel.row((name, *values, *[""] * (2 - len(values))), columns, palette.VALUE)
    panel.skip(6)
    if own.lost:
        panel.line("lost from the start: no control whatever could have landed", palette.LABEL)
    replays = "R  replay with the truth"
    if not isinstance(other, str):
        replays += "   ·   T  the pilot's flight"
    panel.line(replays, palette.BELIEVED)
    panel.line(KEYS, palette.BELIEVED)
    yield from panel.drawn()


def _column(score: Score) -> tuple[str, ...]:
    return (
        score.outcome.replace("_", " "),
        f"{number(score.v_vertical_m_s, 2)} m/s",
        f"{number(score.v_lateral_m_s, 2)} m/s",
        f"{number(score.tilt_deg)} deg",
        f"{number(score.propellant_kg)} kg",
        f"{number(score.duration_s)} s",
    )


def _verdict(own: Score, other: Score | str) -> tuple[str, Color]:
    if isinstance(other, str):
        return other, palette.LABEL
    won = better(own, other)
    if won == 0:
        return "Neither was better", palette.AMBER
    return ("You did better", palette.GREEN) if won > 0 else ("The pilot did better", palette.RED)
