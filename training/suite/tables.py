"""The leaderboard of a suite for the terminal."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from lunar_env.cli.tables import name_column, number
from training.bounds.portfolio import knows_more
from training.suite.scores import ALPHA
from training.tables import distance, share

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["best_pilot", "claims", "headroom", "markdown", "overall_table", "task_table"]

HEADROOM = 0.02  # what is worth winning


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
        caption="95 % intervals in brackets; lost: starts that no control could land; control: a"
        " task that every good pilot lands; saved: landed by the best pilot that is given the true"
        " state; attainable: by the best that may be given the drawn parameters, and the difference"
        " to it in points; 99.7 % quantile of the touchdown speed; median of the"
        " propellant of landings; n/a: the pilot cannot fly the task",
    )
    names = [f"  {row['pilot']}" for board in boards for row in board["rows"]]
    name_column(table, "pilot", [*names, *map(_title, boards)])
    of_rest = "landed, of\nstarts not lost [%]"
    for title in ("landed", "to attainable", of_rest, "99.7 % [m/s]", "propellant [kg]"):
        table.add_column(title, justify="right", no_wrap=True)
    for board in boards:
        table.add_row(Text(_title(board), style="bold"))
        for row in board["rows"]:
            table.add_row(f"  {row['pilot']}", *_cells(row))
    return table


def _title(board: Mapping[str, Any]) -> str:
    """Return the name of a task, with its bounds."""
    lost = next((row["lost"] for row in board["rows"] if "lost" in row), 0.0)
    words = ["control"] * board["saturated"] + [f"{100 * lost:.1f} % lost"] * (lost > 0.0)
    if board["bounds"]:
        saved, attainable = (100 * board["bounds"][name] for name in ("saved", "attainable"))
        words += [f"saved {saved:.1f} %", f"attainable {attainable:.1f} %"]
    return f"{board['name']} ({', '.join(words)})" if words else str(board["name"])


def _cells(row: Mapping[str, Any]) -> list[str]:
    if "not_applicable" in row:
        return ["n/a", "", "", "", ""]
    return [
        share(row["success"], row["success_low"], row["success_high"]),
        distance(row),
        number(100 * row["success_not_lost"]),
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
    for title in ("tasks", "landed", "to attainable", "won", "lost"):
        table.add_column(title, justify="right", no_wrap=True)
    for row in overall:
        table.add_row(
            row["pilot"],
            f"{row['tasks']} of {row['of_tasks']}",
            share(row["success"], row["success_low"], row["success_high"]),
            distance(row),
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


def best_pilot(board: Mapping[str, Any]) -> tuple[float, str]:
    """Return the best pilot that knows no more than a lander, and the share that it lands.

    Where the score is the propellant, it is the pilot that uses least.

    Parameters
    ----------
    board : mapping
        One of ``boards`` of `training.suite.scores.scores`.

    Returns
    -------
    float
        Of the pilots of the suite, and of the best such pilot of the portfolio of the bounds.
    str
        The pilot; empty if none flies the task.
    """
    rows = [r for r in board["rows"] if "success" in r and not knows_more(r["pilot"])]
    if board["score"] == "propellant":
        rows = [row for row in rows if row["success"] > 0.0]  # else no landing used any
        least = min(rows, key=lambda row: float(row["propellant_used_p50_kg"]), default=None)
        return (0.0, "") if least is None else (least["success"], least["pilot"])
    flown = [(row["success"], row["pilot"]) for row in rows]
    if board["bounds"]:
        flown.append((board["bounds"]["classical"], board["bounds"]["classical_pilot"]))
    return max(flown, key=lambda pair: pair[0], default=(0.0, ""))


def headroom(boards: Sequence[Mapping[str, Any]]) -> str:
    """Return a sentence on the tasks in which there is something left to win.

    Parameters
    ----------
    boards : sequence of mapping
        ``boards`` of `training.suite.scores.scores`.

    Returns
    -------
    str
        The tasks scored by landings in which `best_pilot` is `HEADROOM` or more below the
        attainable share, with the distance in points; empty if no bounds are known.
    """
    bounded = [b for b in boards if b["bounds"] and b["score"] == "success"]
    if not bounded:
        return ""
    left = {b["name"]: b["bounds"]["attainable"] - best_pilot(b)[0] for b in bounded}
    named = [f"{name} ({100 * x:.1f})" for name, x in left.items() if x >= HEADROOM]
    return (
        f"{len(named)} of {len(bounded)} tasks have {100 * HEADROOM:g} points or more between the"
        " best pilot that knows no more than a lander and the attainable share"
        f"{': ' if named else ''}{', '.join(named)}"
    )


def markdown(content: Mapping[str, Any]) -> str:
    """Return the leaderboard as Markdown: a row for each task, a column for each pilot.

    Parameters
    ----------
    content : mapping
        As `training.suite.scores.scores` returns it.

    Returns
    -------
    str
        Landings in percent with intervals, and their mean over tasks; for a task that is scored by
        propellant its median and the 99.7 % quantile of the touchdown speed.
    """
    boards = content["boards"]
    pilots = [row["pilot"] for row in boards[0]["rows"]]
    head = [
        "task",
        "lost",
        "saved",
        "attainable",
        "best pilot",
        *(f"`{pilot}`" for pilot in pilots),
    ]
    rows = [head, ["---"] * len(head)]
    for board in boards:
        lost = next((number(100 * row["lost"]) for row in board["rows"] if "lost" in row), "-")
        shares = [board["bounds"].get(name, math.nan) for name in ("saved", "attainable")]
        written = _in_percent if board["score"] == "success" else _by_propellant
        cells = [number(100 * share) for share in shares]
        share, name = best_pilot(board)
        cells.append(f"{100 * share:.1f} `{name}`" if name else "-")
        rows.append([f"`{board['name']}`", lost, *cells, *map(written, board["rows"])])
    overall = {row["pilot"]: row for row in content["overall"]}
    rows.append(["mean", "", "", "", "", *(_mean(overall[pilot]) for pilot in pilots)])
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _in_percent(row: Mapping[str, Any]) -> str:
    if "not_applicable" in row:
        return "n/a"
    value, low, high = (100 * row[name] for name in ("success", "success_low", "success_high"))
    return f"{value:.1f} ({low:.1f}-{high:.1f})"


def _by_propellant(row: Mapping[str, Any]) -> str:
    if "not_applicable" in row:
        return "n/a"
    kg, tail = number(row["propellant_used_p50_kg"]), number(row["speed_p997_m_s"])
    return f"{kg} kg, {tail} m/s"


def _mean(row: Mapping[str, Any]) -> str:
    if row["tasks"] == 0:
        return "-"
    part = "" if row["tasks"] == row["of_tasks"] else f" of {row['tasks']} tasks"
    return f"{_in_percent(row)}{part}"
