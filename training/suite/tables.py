"""The leaderboard of a suite for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from lunar_env.cli.tables import name_column, number
from training.suite.scores import ALPHA
from training.tables import share

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["claims", "overall_table", "task_table"]


def task_table(boards: Sequence[Mapping[str, Any]]) -> Table:
    """Return the table of all tasks, with a row for each pilot.

    Parameters
    ----------
    boards : sequence of mapping
        ``boards`` of `training.suite.scores.scores`.

    Returns
    -------
    rich.table.Table
        Success with Wilson intervals, tail of the touchdown speed, propellant.
    """
    table = Table(
        box=SIMPLE_HEAD,
        padding=(0, 1),
        caption="95 % intervals in brackets; 99.7 % quantile of the touchdown speed; median of the"
        " propellant of landings; n/a: the pilot cannot fly the task",
    )
    names = [f"  {row['pilot']}" for board in boards for row in board["rows"]]
    name_column(table, "pilot", [*names, *(board["name"] for board in boards)])
    for title in ("landed", "99.7 % [m/s]", "propellant [kg]"):
        table.add_column(title, justify="right", no_wrap=True)
    for board in boards:
        table.add_row(Text(board["name"], style="bold"))
        for row in board["rows"]:
            table.add_row(f"  {row['pilot']}", *_cells(row))
    return table


def _cells(row: Mapping[str, Any]) -> list[str]:
    if "not_applicable" in row:
        return ["n/a", "", ""]
    return [
        share(row["success"], row["success_low"], row["success_high"]),
        number(row["speed_p997_m_s"]),
        number(row["propellant_used_p50_kg"]),
    ]


def overall_table(overall: Sequence[Mapping[str, Any]]) -> Table:
    """Return the table over all tasks.

    Parameters
    ----------
    overall : sequence of mapping
        ``overall`` of `training.suite.scores.scores`.

    Returns
    -------
    rich.table.Table
        The mean over tasks of each pilot.
    """
    table = Table(
        box=SIMPLE_HEAD,
        padding=(0, 1),
        caption="mean over the tasks that are scored by landings, with its 95 % interval"
        " (Wilson's, for the variance over landings); won and lost: comparisons with other pilots"
        f" in one task, Holm over tasks, {ALPHA:g}",
    )
    name_column(table, "pilot", [row["pilot"] for row in overall])
    for title in ("tasks", "landed", "won", "lost"):
        table.add_column(title, justify="right", no_wrap=True)
    for row in overall:
        table.add_row(
            row["pilot"],
            f"{row['tasks']} of {row['of_tasks']}",
            share(row["success"], row["success_low"], row["success_high"]),
            str(row["comparisons_won"]),
            str(row["comparisons_lost"]),
        )
    return table


def claims(comparisons: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield a sentence for each pair of pilots.

    Parameters
    ----------
    comparisons : sequence of mapping
        ``comparisons`` of `training.suite.scores.scores`.

    Yields
    ------
    str
        In which tasks one is better than the other.
    """
    for pair in comparisons:
        sides = [
            f"{name} is better in {', '.join(pair[key])}"
            for name, key in ((pair["first"], "first_better"), (pair["second"], "second_better"))
            if pair[key]
        ]
        if sides:
            yield "; ".join(sides)
        else:
            yield f"{pair['first']} and {pair['second']}: no difference is shown in any task"
