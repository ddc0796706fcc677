"""The report of a results file: ``summary.json`` and a self-contained HTML page.

All numbers and plots are computed from the rows of the results.
"""

from __future__ import annotations

import base64
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lunar_env.errors import ConfigError
from lunar_env.files import write_file
from lunar_env.formats import json_text
from training import plots
from training.blind.page import add_blind
from training.page import Page
from training.summary import compare, groups, missions_of, pilots_of, scenarios_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from training.blind.study import Blind
    from training.curve import Curve
    from training.results import Landings

__all__ = ["summary_content", "write_report", "write_run_report"]

FORMAT = "lunar-env-report/1"
FILM_LIMIT_BYTES = 12_000_000


class _Training(NamedTuple):
    """What a page shows of the training of its pilots."""

    curve: Curve | None = None  # of the only pilot
    curves: Mapping[str, Curve] = MappingProxyType({})  # of the first pilots, by name
    blind: Sequence[Blind] = ()


def write_report(
    folder: Path,
    landings: Landings,
    metadata: Mapping[str, Any],
    film: Path | None = None,
    curves: Mapping[str, Curve] | None = None,
) -> dict[str, Any]:
    """Write ``summary.json`` and ``report.html``.

    Parameters
    ----------
    folder : Path
        The folder; files with these names are replaced.
    landings : dict of ndarray
        Columns of the results.
    metadata : mapping
        Metadata of the results file.
    film : Path, optional
        A .mp4 or .gif file, embedded in the page if it is small enough.
    curves : mapping of str to Curve, optional
        Learning curves of the first pilots, by name, to be compared over training time.

    Returns
    -------
    dict
        Content of ``summary.json``.

    Raises
    ------
    ConfigError
        If there are landings of several missions.
    """
    missions = missions_of(landings)
    if len(missions) > 1:
        raise ConfigError(
            f"a report covers one mission, but these landings are from {', '.join(missions)};"
            " use `benchmark` for several missions"
        )
    summary = summary_content(landings, metadata)
    write_file(folder / "summary.json", json_text(summary) + "\n", replace=True)
    page = _page(landings, summary, film, _Training(curves=curves or {}))
    write_file(folder / "report.html", page, replace=True)
    return summary


def summary_content(landings: Landings, metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Return the statistics of all pilots in all scenarios of a mission, and their comparisons.

    Parameters
    ----------
    landings : dict of ndarray
        Columns of the results.
    metadata : mapping
        Metadata of the results file.

    Returns
    -------
    dict
        JSON content: ``groups`` by pilot and scenario, ``comparisons`` of the first pilot with
        each of the others by McNemar's exact test, and the metadata.
    """
    first, *others = pilots_of(landings)
    comparisons = []
    for scenario in scenarios_of(landings):
        for other in others:
            result = compare(landings, scenario, first, other)
            pair = {"scenario": scenario, "first": first, "second": other}
            comparisons.append(pair | result._asdict())
    return {
        "format": FORMAT,
        **{key: value for key, value in metadata.items() if key != "format"},
        "groups": [group.to_dict() for group in groups(landings)],
        "comparisons": comparisons,
    }


def hardest_scenario(landings: Landings) -> str:
    """Return the scenario in which the best pilot lands least; the last of equal ones."""
    best: dict[str, float] = {}
    for group in groups(landings):
        best[group.scenario] = max(group.success.value, best.get(group.scenario, 0.0))
    return min(reversed(best), key=best.__getitem__)


def write_run_report(
    path: Path,
    landings: Landings,
    metadata: Mapping[str, Any],
    curve: Curve,
    blind: Sequence[Blind] = (),
) -> None:
    """Write the report of a training run: results of the best policy, and how it learned them.

    Parameters
    ----------
    path : Path
        The HTML file, replaced if it exists.
    landings : dict of ndarray
        Columns of the final results of the best policy.
    metadata : mapping
        Seed, digests and provenance.
    curve : Curve
        The learning curve.
    blind : sequence of Blind, optional
        What the policy does without ranges, and another pilot.
    """
    if len(missions_of(landings)) > 1:
        names = zip(landings["mission"], landings["scenario"], strict=True)
        worlds = np.array([", ".join(pair) for pair in names], dtype=object)
        landings = landings | {"scenario": worlds}
    training = _Training(curve, blind=blind)
    page = _page(landings, summary_content(landings, metadata), None, training)
    write_file(path, page, replace=True)


def _page(
    landings: Landings, summary: Mapping[str, Any], film: Path | None, training: _Training
) -> str:
    scenario, blind = hardest_scenario(landings), training.blind
    page = Page(list(dict.fromkeys([*pilots_of(landings), *(each.pilot for each in blind)])))
    known = summary.get("missions", {})
    names = dict.fromkeys(landings["mission"].tolist())
    mission = ", ".join(known.get(name, {}).get("title", name) for name in names)
    page.head(mission, groups(landings), scenario)
    for name in scenarios_of(landings):
        rows = [group for group in groups(landings) if group.scenario == name]
        page.table(rows, [c for c in summary["comparisons"] if c["scenario"] == name])
    _add_curves(page, training)
    _add_figures(page, landings, scenario)
    if blind:
        add_blind(page, blind)
    if film is not None:
        caption = "One of these episodes; each picture has the name of its pilot."
        page.figure(_film_element(film), caption)
    page.provenance(summary)
    return page.html(f"Landing report: {mission}")


def _add_curves(page: Page, training: _Training) -> None:
    curve = training.curve
    if curve is not None and (curve.rollouts or curve.choices):
        page.figure(
            plots.learning_curve(curve),
            "Learning curve over environment steps: share of episodes that landed in each rollout, "
            "with exploration noise, and of the policy without noise on the seeds used to choose "
            "the best one; below, the mean return of the rollout's episodes.",
        )
    if training.curves:
        page.figure(
            plots.success_over_time(training.curves),
            "Share of landings over training time, evaluations included, on the same machine: of"
            " the policy without noise on the seeds used to choose the best one.",
        )


def _add_figures(page: Page, landings: Landings, scenario: str) -> None:
    """Add the plots for which there are data."""
    page.figure(
        plots.success_by_scenario(landings),
        "Share of landings with 95 % Wilson intervals: hollow marks count all landings, filled "
        "marks only the episodes that are not lost from the start."
        + (" All pilots fly the same episodes." if len(pilots_of(landings)) > 1 else ""),
    )
    if landings["contact"].any():
        page.figure(
            plots.speed_distribution(landings),
            "Fraction of touchdowns faster than a given speed; the lower right is the tail that "
            "destroys landers. Dashed: the vertical limits of the nominal and the survivable tier.",
        )
    if plots.has_traces(landings, scenario):
        page.figure(
            plots.height_fan(landings, scenario),
            f"Height over time in {scenario}, the same episodes in every panel. A dot is the first "
            "valid range: until then the lander knows its height from dead reckoning alone.",
        )


def _film_element(film: Path) -> str:
    kind = film.suffix.removeprefix(".")
    if film.stat().st_size > FILM_LIMIT_BYTES:
        source = film.name
    else:
        content = base64.b64encode(film.read_bytes()).decode()
        source = f"data:{'video' if kind == 'mp4' else 'image'}/{kind};base64,{content}"
    if kind == "gif":
        return f'<img alt="Landing" src="{source}" style="width:100%">'
    return f'<video controls loop muted playsinline preload="metadata" src="{source}"></video>'
