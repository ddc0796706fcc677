"""Saved and attainable shares on the pages of a benchmark and of a suite."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from training.benchmark.page_tables import html_table, success_cell
from training.tables import distance

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from training.page import Page

__all__ = ["bounds_sentence", "bounds_table"]


def bounds_sentence(bounds: Mapping[str, Any]) -> str:
    """Return who lands the bounds, and which pilots exceed them, as paragraphs.

    Parameters
    ----------
    bounds : mapping
        As `training.bounds.shares.Bounds.to_dict` returns it.
    """
    saved, union, attainable = (
        f"{100 * bounds[name]:.1f} %" for name in ("saved", "saved_by_any", "attainable")
    )
    lines = [
        f"Saved, by {bounds['saved_pilot']}, which is given the true state: {saved} (by the best"
        f" such pilot of each law together: {union}). Attainable, by {bounds['attainable_pilot']}:"
        f" {attainable}. The best pilot of that portfolio that knows no more than a lander,"
        f" {bounds['classical_pilot']}, lands {100 * bounds['classical']:.1f} %.",
        *bounds["exceeded"],
    ]
    return "".join(f"<p>{escape(line)}</p>" for line in lines)


def bounds_table(page: Page, groups: Sequence[Mapping[str, Any]], bounds: Mapping[str, Any]) -> str:
    """Return a table of the bounds of a scenario and the distance of each pilot to them.

    Parameters
    ----------
    page : Page
        Has the colours of the pilots.
    groups : sequence of mapping
        Groups of the scenario in the summary.
    bounds : mapping
        As `training.bounds.shares.Bounds.to_dict` returns it.
    """
    shares = [f"<td>{100 * bounds[name]:.1f} %</td>" for name in ("attainable", "saved")]
    rows = [
        [page.pilot_cell(g["pilot"]), success_cell(g), *shares, f"<td>{distance(g)}</td>"]
        for g in groups
    ]
    head = ["pilot", "landed; of starts not lost", "attainable", "saved", "to attainable [points]"]
    return html_table(f"{groups[0]['scenario']}: bounds of the same episodes", head, rows)
