"""A flight as a table of lines: what was true, what the pilot believed, what the lander did."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rich.box import SIMPLE_HEAD
from rich.table import Table

from lunar_env.cli.tables import number
from lunar_env.telemetry.course import course_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from lunar_env.telemetry import Flight
    from lunar_env.telemetry.course import Course

__all__ = ["time_line"]


class _Column(NamedTuple):
    head: str
    width: int
    rank: int  # columns of high ranks give way first where the page is narrow
    text: Callable[[Course, int], str]


_COLUMNS = (
    _Column("t [s]", 6, 0, lambda c, k: number(c.time_s[k])),
    _Column("height [m]", 8, 0, lambda c, k: number(c.height_m[k])),
    _Column("believed [m]", 8, 1, lambda c, k: number(c.believed_height_m[k])),
    _Column("dead reckoning [m]", 9, 4, lambda c, k: number(c.dead_reckoned_height_m[k])),
    _Column("descent [m/s]", 7, 0, lambda c, k: number(c.descent_m_s[k], 2)),
    _Column("lateral [m/s]", 7, 3, lambda c, k: number(c.lateral_m_s[k], 2)),
    _Column("thrust [%]", 6, 1, lambda c, k: number(100 * c.thrust_frac[k], 0)),
    _Column("propellant [kg]", 10, 6, lambda c, k: number(c.propellant_kg[k])),
    _Column("beam", 6, 2, lambda c, k: c.beam[k]),
    _Column("last range [m]", 7, 5, lambda c, k: number(c.last_range_m[k])),
    _Column("range age [s]", 7, 7, lambda c, k: number(c.last_range_age_s[k])),
)
# Widths in addition to the text: of each column, and of the whole table.
_GAP, _EDGE = 3, 1


def time_line(flight: Flight, every_s: float, width: int) -> Table:
    """Return a table of a flight.

    Parameters
    ----------
    flight : Flight
        The record.
    every_s : float
        Time between two lines [s]; changes of the beam and the end have lines of their own.
    width : int
        Of the page; what does not fit on it is left out, the least needed first.
    """
    course = course_of(flight)
    columns = _fitting(width)
    table = Table(
        title=f"{flight.pilot} pilot on {flight.mission.name}, scenario {flight.scenario.name}",
        box=SIMPLE_HEAD,
        padding=(0, 1),
    )
    for column in columns:
        table.add_column(column.head, justify="right", width=column.width)
    for k in _chosen(course, every_s):
        table.add_row(*(column.text(course, k) for column in columns))
    gone = [column.head for column in _COLUMNS if column not in columns]
    table.caption = f"columns omitted to fit the page: {', '.join(gone)}" if gone else None
    return table


def _fitting(width: int) -> list[_Column]:
    """Columns for which there is room, in their order."""
    kept: list[_Column] = []
    for column in sorted(_COLUMNS, key=lambda column: column.rank):
        if sum(each.width + _GAP for each in (*kept, column)) + _EDGE <= width:
            kept.append(column)
    return [column for column in _COLUMNS if column in kept]


def _chosen(course: Course, every_s: float) -> list[int]:
    """Return an instant now and then, every change of the beam, and the end."""
    times, last = course.time_s.tolist(), len(course.time_s) - 1
    chosen: list[int] = []
    for k, time_s in enumerate(times):
        due = not chosen or time_s - times[chosen[-1]] >= every_s - 1e-6
        if due or course.beam[k] != course.beam[chosen[-1]] or k == last:
            chosen.append(k)
    return chosen
