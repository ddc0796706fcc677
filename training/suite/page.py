"""The report of a suite, a self-contained page computed from the results."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from lunar_env.cli.tables import number
from lunar_env.files import write_file
from lunar_env.formats import json_text
from training import plots
from training.benchmark.bounds_html import bounds_sentence
from training.benchmark.page_tables import cause_table, html_table, legend_of_causes, tint
from training.page import Page
from training.suite.scores import ALPHA
from training.suite.tables import claims, headroom, markdown
from training.tables import distance, share

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from training.results import Landings

__all__ = ["write_suite_report"]


def write_suite_report(
    folder: Path, flown: Mapping[str, Landings], content: Mapping[str, Any]
) -> None:
    """Write ``summary.json``, ``leaderboard.md`` and ``report.html``.

    Parameters
    ----------
    folder : Path
        The folder; files with these names are replaced.
    flown : mapping of str to dict of ndarray
        Columns of the results by task.
    content : mapping
        As `training.suite.scores.scores` returns it.
    """
    page = Page([row["pilot"] for row in content["boards"][0]["rows"]])
    page.raw(
        f"<h1>Who lands?</h1><p class='lead'>{len(content['overall'])} pilot(s), "
        f"{len(content['boards'])} task(s), {content['landings']:,} landings each; in every task "
        "all pilots fly the same episodes.</p>"
    )
    page.section(_overall(page, content))
    page.section(_matrix(page, content))
    page.raw(f"<p>{escape(headroom(content['boards']))}</p>")
    page.heading("Between pilots")
    page.raw(
        "<p>Exact tests of the same episodes, adjusted by Holm's method over the tasks, at "
        f"{ALPHA:g}.</p><ul>"
        + "".join(f"<li>{escape(line)}</li>" for line in claims(content["comparisons"]))
        + "</ul>"
    )
    for board in content["boards"]:
        _task(page, board, flown.get(board["name"]))
    left_out = ("boards", "overall")
    page.provenance({k: v for k, v in content.items() if k not in left_out})
    write_file(folder / "summary.json", json_text(content) + "\n", replace=True)
    write_file(folder / "leaderboard.md", markdown(content), replace=True)
    write_file(folder / "report.html", page.html("Suite"), replace=True)


def _overall(page: Page, content: Mapping[str, Any]) -> str:
    rows = [
        [
            page.pilot_cell(row["pilot"]),
            f"<td>{row['tasks']} of {row['of_tasks']}</td>",
            f"<td>{share(row['success'], row['success_low'], row['success_high'])}</td>",
            f"<td>{distance(row)}</td>",
            f"<td>{row['comparisons_won']} : {row['comparisons_lost']}</td>",
        ]
        for row in content["overall"]
    ]
    caption = "Mean over tasks that are scored by landings; comparisons won and lost"
    return html_table(caption, ["pilot", "tasks", "landed", "to attainable", "won : lost"], rows)


def _matrix(page: Page, content: Mapping[str, Any]) -> str:
    boards = content["boards"]
    rows = [
        [page.pilot_cell(row["pilot"]), *(_cell(board["rows"][k]) for board in boards)]
        for k, row in enumerate(boards[0]["rows"])
    ]
    return html_table(
        "Landed, by task", ["pilot", *(escape(board["name"]) for board in boards)], rows
    )


def _cell(row: Mapping[str, Any]) -> str:
    if "not_applicable" in row:
        return f'<td title="{escape(row["not_applicable"])}">n/a</td>'
    low, high = 100 * row["success_low"], 100 * row["success_high"]
    text = f"{100 * row['success']:.1f} %<small>{low:.1f}-{high:.1f}</small>"
    return f'<td style="background:{tint(row["success"])}">{text}</td>'


def _task(page: Page, board: Mapping[str, Any], landings: Landings | None) -> None:
    page.heading(board["name"])
    what = f"{board['mission']}, {board['scenario']}, {board['phase']}, {board['control']}"
    page.raw(f"<p>{escape(board['question'])} <small>({escape(what)})</small></p>")
    if board["bounds"]:
        page.raw(bounds_sentence(board["bounds"]))
    flown = [row for row in board["rows"] if "not_applicable" not in row]
    if landings is None:
        page.raw("<p>No pilot of this suite can fly it.</p>")
        return
    rows = [
        [
            page.pilot_cell(row["pilot"]),
            _cell(row),
            f"<td>{distance(row)}</td>",
            *(f"<td>{number(row[key])}</td>" for key in _NUMBERS),
        ]
        for row in flown
    ]
    page.section(
        html_table(board["name"], ["pilot", "landed", "to attainable", *_NUMBERS.values()], rows)
    )
    if landings["contact"].any():
        page.figure(
            plots.speed_distribution(landings),
            "Fraction of touchdowns faster than a given speed. Dashed: the vertical limits of the "
            "nominal and the survivable tier.",
        )
    groups = [{**row, "scenario": board["scenario"]} for row in flown]
    page.section(cause_table(page, groups))
    page.raw(f"<p>{legend_of_causes(groups)}</p>")


_NUMBERS = {
    "speed_p50_m_s": "50 % of touchdown speeds [m/s]",
    "speed_p997_m_s": "99.7 %",
    "propellant_used_p50_kg": "propellant [kg]",
}
