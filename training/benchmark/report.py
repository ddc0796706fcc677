"""The report of a benchmark, a self-contained page computed from the results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lunar_env.cli.tables import number
from lunar_env.files import write_file
from lunar_env.formats import json_text
from training import plots
from training.benchmark import page_tables
from training.benchmark.bounds_html import bounds_sentence, bounds_table
from training.benchmark.plots import survival_curves, timeline_plot
from training.benchmark.summary import place_name, summary_content
from training.page import Page
from training.report import hardest_scenario
from training.summary import groups, missions_of, pilots_of, rows_where, scenarios_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from training.bounds.shares import Bounds
    from training.results import Landings

__all__ = ["write_benchmark_report"]

# Number of scenarios in a row of a figure.
SCENARIOS_PER_ROW = 3


def write_benchmark_report(
    folder: Path,
    landings: Landings,
    metadata: Mapping[str, Any],
    timelines: Sequence[Mapping[str, Any]],
    bounds: Mapping[str, Bounds] | None = None,
) -> dict[str, Any]:
    """Write ``summary.json`` and ``report.html``.

    Parameters
    ----------
    folder : Path
        The folder; files with these names are replaced.
    landings : dict of ndarray
        Columns of the results.
    metadata : mapping
        Settings, versions, digests.
    timelines : sequence of mapping
        Time histories of the worst failures.
    bounds : mapping of str to Bounds, optional
        Of the same episodes, as for `training.benchmark.summary.summary_content`.

    Returns
    -------
    dict
        Content of ``summary.json``.
    """
    summary = summary_content(landings, metadata, timelines, bounds or {})
    page = Page(pilots_of(landings))
    _overview(page, landings, summary)
    for mission in missions_of(landings):
        _mission(page, rows_where(landings, landings["mission"] == mission), mission, summary)
    _worst(page, timelines)
    page.provenance({k: v for k, v in summary.items() if k != "worst"})
    write_file(folder / "summary.json", json_text(summary) + "\n", replace=True)
    write_file(folder / "report.html", page.html("Landing benchmark"), replace=True)
    return summary


def _overview(page: Page, landings: Landings, summary: Mapping[str, Any]) -> None:
    pilots, missions = pilots_of(landings), missions_of(landings)
    each = len(landings["landed"]) // max(1, len(summary["groups"]))
    page.raw(
        "<h1>Who lands?</h1>"
        f'<p class="lead">{len(pilots)} pilot(s), {len(missions)} mission(s), '
        f"{len(summary['groups'])} combinations of {each:,} landings each; in every scenario all "
        "pilots fly the same episodes.</p>"
    )
    page.section(page_tables.success_matrix(page, summary["groups"]))
    page.raw(
        "<p>Share of landings with its 95 % Wilson interval; below it the same for the episodes "
        "that are not lost from the start.</p>"
    )


def _mission(page: Page, landings: Landings, mission: str, summary: Mapping[str, Any]) -> None:
    title = summary.get("missions", {}).get(mission, {}).get("title", mission)
    mine = [group for group in summary["groups"] if group["mission"] == mission]
    pairs = [pair for pair in summary["comparisons"] if pair["mission"] == mission]
    page.heading(title)
    for name in scenarios_of(landings):
        rows = [group for group in groups(landings) if group.scenario == name]
        against = [p for p in pairs if p["scenario"] == name and p["first"] == rows[0].pilot]
        page.table(rows, against)
        _bounds(page, [g for g in mine if g["scenario"] == name], summary["bounds"])
    for part in _side_by_side(landings):
        if not part["contact"].any():
            continue
        page.figure(
            plots.speed_distribution(part),
            "Fraction of touchdowns faster than a given speed. Dashed: the vertical limits of the "
            "nominal and the survivable tier.",
        )
    page.section(page_tables.cause_table(page, mine))
    page.raw(f"<p>{page_tables.legend_of_causes(mine)}</p>")
    for scenario in scenarios_of(landings):
        element = survival_curves(landings, scenario)
        if element:
            page.figure(
                element,
                f"Success in {scenario} against the drawn values, with 95 % Wilson intervals; "
                "every bin has the same number of episodes. Landings without any range are left "
                "out of the middle panel.",
            )
    page.section(page_tables.propellant_table(page, mine))
    for scenario in scenarios_of(landings):
        if len(pilots_of(landings)) > 1:
            page.section(page_tables.mcnemar_matrix(page, pairs, scenario))
    hardest = hardest_scenario(landings)
    if plots.has_traces(landings, hardest):
        page.figure(
            plots.height_fan(landings, hardest),
            f"Height over time in {hardest}, the same episodes in every panel. A dot is the first "
            "valid range.",
        )


def _bounds(
    page: Page, groups: Sequence[Mapping[str, Any]], bounds: Mapping[str, Mapping[str, Any]]
) -> None:
    """Add saved and attainable shares of a scenario, if they are known."""
    shares = bounds.get(place_name(groups[0]["mission"], groups[0]["scenario"]))
    if shares is not None:
        page.section(bounds_table(page, groups, shares))
        page.raw(bounds_sentence(shares))


def _side_by_side(landings: Landings) -> Iterator[Landings]:
    scenarios = scenarios_of(landings)
    for first in range(0, len(scenarios), SCENARIOS_PER_ROW):
        names = scenarios[first : first + SCENARIOS_PER_ROW]
        yield rows_where(landings, np.isin(landings["scenario"].astype(str), names))


def _worst(page: Page, timelines: Sequence[Mapping[str, Any]]) -> None:
    page.heading("The worst failures in detail")
    if not timelines:
        page.raw("<p>No landing was lost.</p>")
        return
    page.raw(
        "<p>For each pilot, avoidable losses first, then by touchdown speed, highest first. Click "
        "one to see its time history.</p>"
    )
    for index, line in enumerate(timelines):
        speed = line["speed_m_s"]
        end = "no contact" if speed is None else f"{number(speed)} m/s"
        title = (
            f"{line['pilot']}: {line['mission']}, {line['scenario']}, landing {line['landing']}: "
            f"{line['cause']}, {line['outcome']}, {end}"
        )
        page.details(
            line["pilot"], title, line["command"], timeline_plot(line["line"], f"line{index}")
        )
