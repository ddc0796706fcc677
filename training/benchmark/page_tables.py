"""The HTML tables of a benchmark report."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING, Any

from lunar_env.cli.tables import number
from training.page import p_value_text
from training.taxonomy import CAUSES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from training.page import Page

__all__ = [
    "cause_table",
    "html_table",
    "legend_of_causes",
    "mcnemar_matrix",
    "propellant_table",
    "success_cell",
    "success_matrix",
    "tint",
]


def success_matrix(page: Page, groups: Sequence[Mapping[str, Any]]) -> str:
    """Return a table of success by pilot, mission and scenario.

    Parameters
    ----------
    page : Page
        Has the colours of the pilots.
    groups : sequence of mapping
        Groups of the summary.

    Returns
    -------
    str
        A ``table`` element.
    """
    columns = list(dict.fromkeys((g["mission"], g["scenario"]) for g in groups))
    by_place = {(g["pilot"], g["mission"], g["scenario"]): g for g in groups}
    head = ["pilot", *(f"{mission}<br>{scenario}" for mission, scenario in _escaped(columns))]
    rows = []
    for pilot in dict.fromkeys(g["pilot"] for g in groups):
        cells = [success_cell(by_place[pilot, *column]) for column in columns]
        rows.append([page.pilot_cell(pilot), *cells])
    return html_table("Landed, and landed among the episodes that are not lost", head, rows)


def success_cell(group: Mapping[str, Any]) -> str:
    """Return a cell with the share of landings, and that among the episodes that are not lost."""
    share = group["success"]
    lines = []
    for name in ("success", "success_not_lost"):
        value = group[name]
        if math.isnan(value):
            lines.append("-")
            continue
        low, high = 100 * group[f"{name}_low"], 100 * group[f"{name}_high"]
        lines.append(f"{100 * value:.1f} %<small>{low:.1f}-{high:.1f}</small>")
    return f'<td style="background:{tint(share)}">{"<br>".join(lines)}</td>'


def tint(share: float) -> str:
    """Return the background of a cell: red for 0, amber for a half, green for 1."""
    low, high = ("bad", "mid") if share < 0.5 else ("mid", "good")
    part = 200.0 * share - (0.0 if share < 0.5 else 100.0)
    hue = f"color-mix(in srgb, var(--{high}) {part:.0f}%, var(--{low}))"
    return f"color-mix(in srgb, {hue} 45%, transparent)"


def cause_table(page: Page, groups: Sequence[Mapping[str, Any]]) -> str:
    """Return a table of losses by cause.

    Parameters
    ----------
    page : Page
        Has the colours of the pilots.
    groups : sequence of mapping
        Groups of one mission.

    Returns
    -------
    str
        A ``table`` element.
    """
    occurring = _causes_in(groups)
    rows = [
        [
            page.pilot_cell(g["pilot"]),
            f"<td>{escape(g['scenario'])}</td>",
            f"<td>{g['landings'] - g['landed']:,}</td>",
            *(f"<td>{g['causes'].get(cause, 0) or '·'}</td>" for cause in occurring),
        ]
        for g in groups
    ]
    return html_table(
        "Losses by cause", ["pilot", "scenario", "lost", *map(escape, occurring)], rows
    )


def legend_of_causes(groups: Sequence[Mapping[str, Any]]) -> str:
    """Return the rules of the causes that occur, in the order in which they are applied."""
    occurring = _causes_in(groups)
    if not occurring:
        return "No landing was lost."
    rules = "; ".join(f"<strong>{c}</strong>: {escape(CAUSES[c])}" for c in occurring)
    return f"Every loss has one cause, the first of these that applies. {rules}."


def propellant_table(page: Page, groups: Sequence[Mapping[str, Any]]) -> str:
    """Return a table of propellant used relative to the optimum.

    Parameters
    ----------
    page : Page
        Has the colours of the pilots.
    groups : sequence of mapping
        Groups of one mission.

    Returns
    -------
    str
        A ``table`` element.
    """
    rows = []
    for g in groups:
        ratio = g["propellant_over_optimum"]
        rows.append(
            [
                page.pilot_cell(g["pilot"]),
                f"<td>{escape(g['scenario'])}</td>",
                *(f"<td>{number(ratio[name], 3)}</td>" for name in ("p50", "p95", "max")),
                f"<td>{ratio['landings']:,}</td>",
            ]
        )
    head = ["pilot", "scenario", "50 %", "95 %", "max", "landings"]
    return html_table("Propellant used / convex optimum of the same start", head, rows)


def mcnemar_matrix(page: Page, pairs: Iterable[Mapping[str, Any]], scenario: str) -> str:
    """Return a table that compares every pair of pilots by McNemar's exact test.

    Parameters
    ----------
    page : Page
        Has the colours of the pilots.
    pairs : iterable of mapping
        Comparisons of the mission.
    scenario : str
        Name of the scenario.

    Returns
    -------
    str
        A ``table`` element: in each cell the episodes that only the row's pilot landed, those that
        only the column's did, and the p-value of McNemar's exact test.
    """
    known: dict[tuple[str, str], tuple[int, int, float]] = {}
    names: dict[str, None] = {}
    for pair in pairs:
        if pair["scenario"] == scenario:
            a, b = pair["first"], pair["second"]
            known[a, b] = pair["only_first"], pair["only_second"], pair["p_value"]
            known[b, a] = pair["only_second"], pair["only_first"], pair["p_value"]
            names |= {a: None, b: None}
    rows = [
        [
            page.pilot_cell(pilot),
            *(_pair_cell(known.get((pilot, other))) for other in names),
        ]
        for pilot in names
    ]
    caption = f"{scenario}: landed only by the row's pilot : only by the column's"
    return html_table(caption, ["", *map(escape, names)], rows)


def _pair_cell(pair: tuple[int, int, float] | None) -> str:
    if pair is None:
        return "<td></td>"
    mine, other, p = pair
    better = ' class="best"' if p < 0.05 and mine > other else ""
    return f"<td{better}>{mine} : {other}<small>{p_value_text(p)}</small></td>"


def _causes_in(groups: Sequence[Mapping[str, Any]]) -> list[str]:
    return [cause for cause in CAUSES if any(cause in g["causes"] for g in groups)]


def _escaped(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(escape(a), escape(b)) for a, b in pairs]


def html_table(caption: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table that scrolls where the page is narrow.

    Parameters
    ----------
    caption : str
        Its caption, as text.
    head : sequence of str
        Titles of the columns, as HTML.
    rows : sequence of sequence of str
        ``td`` elements.

    Returns
    -------
    str
        A ``table`` element in a ``div``.
    """
    titles = "".join(f"<th>{title}</th>" for title in head)
    body = "".join(f"<tr>{''.join(cells)}</tr>" for cells in rows)
    return (
        f'<div class="scroll"><table><caption>{escape(caption)}</caption>'
        f"<tr>{titles}</tr>{body}</table></div>"
    )
