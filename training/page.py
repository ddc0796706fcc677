"""The HTML page of a report."""

from __future__ import annotations

import json
import math
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lunar_env.cli.tables import number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lunar_env.proportion import Proportion
    from training.summary import Group

__all__ = ["Page", "p_value_text"]

CSS = Path(__file__).parent / "assets" / "report.css"
SPEED_TITLES = ("50 %", "95 %", "99 %", "99.7 %", "max")
PALETTE = 8


class Page:
    """A page that is built from parts.

    Parameters
    ----------
    pilots : sequence of str
        Pilots in the order of their colours.
    """

    def __init__(self, pilots: Sequence[str]) -> None:
        self._colour = {pilot: f"var(--p{i % PALETTE})" for i, pilot in enumerate(pilots)}
        self._parts: list[str] = []

    def head(self, mission: str, groups: Sequence[Group], scenario: str) -> None:
        """Add the title and a sentence with the main result."""
        rows = [group for group in groups if group.scenario == scenario]
        if len({group.pilot for group in groups}) == 1:
            self._parts.append(_single_pilot_head(mission, rows[0]))
            return
        hardest = ", the hardest scenario here" if len({g.scenario for g in groups}) > 1 else ""
        best = max(rows, key=lambda group: (_rank(group.success_not_lost), -group.speed["p99"]))
        share = best.success_not_lost
        self._parts.append(
            f"<h1>Who lands {escape(mission)}?</h1>"
            f'<p class="lead">In <strong>{escape(scenario)}</strong>{hardest}, '
            f"<strong>{escape(best.pilot)}</strong> lands most: "
            f"<strong>{_percent(share.value)}</strong> of the episodes that are not lost "
            f"({_percent(share.low)} to {_percent(share.high)}); "
            f"{_percent(best.lost.value)} of {best.success.trials:,} are lost from the start.</p>"
        )

    def table(self, groups: Sequence[Group], comparisons: Sequence[Mapping[str, Any]]) -> None:
        """Add the table of one scenario."""
        against = {entry["second"]: entry for entry in comparisons}
        top = max(_rank(group.success_not_lost) for group in groups)
        # Three columns, the speeds, propellant; then perhaps the comparison.
        head = ["pilot", "landed", "of not lost", *SPEED_TITLES, "propellant [kg]"]
        if comparisons:
            head.append(f"against {comparisons[0]['first']}")
        rows = []
        for group in groups:
            is_best = _rank(group.success_not_lost) == top
            cells = [
                self.pilot_cell(group.pilot),
                _share_cell(group.success),
                _share_cell(group.success_not_lost, "best" if is_best else ""),
                *(f"<td>{number(value)}</td>" for value in group.speed.values()),
                f"<td>{number(group.propellant_used_p50_kg)}</td>",
            ]
            if comparisons:
                cells.append(_comparison_cell(against.get(group.pilot)))
            rows.append(f"<tr>{''.join(cells)}</tr>")
        titles = "".join(f"<th>{escape(title)}</th>" for title in head)
        speeds = f'<th colspan="{len(SPEED_TITLES)}" class="over">touchdown speed [m/s]</th>'
        over = f'<tr><th colspan="3"></th>{speeds}<th colspan="{len(head) - 8}"></th></tr>'
        self._parts.append(
            f'<section><div class="scroll"><table><caption>{escape(groups[0].scenario)}</caption>'
            f"{over}<tr>{titles}</tr>{''.join(rows)}</table></div></section>"
        )

    def figure(self, element: str, caption: str) -> None:
        """Add a plot or film with its caption."""
        body = f'<div class="scroll">{element}</div><figcaption>{escape(caption)}</figcaption>'
        self._parts.append(f"<figure>{body}</figure>")

    def heading(self, text: str) -> None:
        """Add a heading."""
        self._parts.append(f"<h2>{escape(text)}</h2>")

    def raw(self, html: str) -> None:
        """Add HTML unchanged."""
        self._parts.append(html)

    def section(self, html: str) -> None:
        """Add HTML as a section."""
        self._parts.append(f"<section>{html}</section>")

    def details(self, pilot: str, title: str, command: str, element: str) -> None:
        """Add a plot in a collapsed section, with the command that flies the episode again."""
        self._parts.append(
            f"<details><summary>{self.dot(pilot)}{escape(title)}</summary>"
            f'<pre>{escape(command)}</pre><div class="scroll">{element}</div></details>'
        )

    def provenance(self, summary: Mapping[str, Any]) -> None:
        """Add explanations of the results and their provenance."""
        self._parts.append(
            "<h2>How to read this</h2>"
            "<p>A flight counts as landed if the lander comes to rest in its intended attitude "
            "with intact legs, after contacts within the survivable limits of the vehicle. "
            "An episode is lost if it is proven at the start that no control whatever could land "
            "it: full thrust at once meets the ground too fast, or the propellant cannot stop the "
            "lander. This is the same for every pilot. The percentages over touchdown "
            "speeds are quantiles. Propellant is the median over successful landings. "
            "Comparisons of two pilots count the episodes that only one of them landed, with the "
            "p-value of McNemar's exact test.</p>"
        )
        self.record({k: v for k, v in summary.items() if k not in {"groups", "comparisons"}})

    def record(self, entries: Mapping[str, Any]) -> None:
        """Add the provenance of the results as a list."""
        rows = "".join(
            f"<dt>{escape(key)}</dt><dd>{escape(_text(value))}</dd>"
            for key, value in entries.items()
        )
        self._parts.append(f"<h2>Provenance</h2><section><dl>{rows}</dl></section>")

    def html(self, title: str) -> str:
        """Return the page as an HTML document."""
        return (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<title>{escape(title)}</title><style>{CSS.read_text(encoding='utf-8')}</style></head>"
            f"<body><main>{''.join(self._parts)}</main></body></html>\n"
        )

    def dot(self, pilot: str) -> str:
        """Return a dot in the colour of a pilot."""
        return f'<span class="dot" style="background:{self._colour[pilot]}"></span>'

    def pilot_cell(self, pilot: str) -> str:
        """Return a table cell with the name of a pilot, after a dot in its colour."""
        return f"<td>{self.dot(pilot)}{escape(pilot)}</td>"


def _single_pilot_head(mission: str, group: Group) -> str:
    """Return the title and main result of a page with a single pilot."""
    overall, possible = group.success, group.success_not_lost
    return (
        f"<h1>How {escape(group.pilot)} lands {escape(mission)}</h1>"
        f'<p class="lead">In <strong>{escape(group.scenario)}</strong> it lands '
        f"<strong>{_percent(overall.value)}</strong> of {overall.trials:,} episodes "
        f"({_percent(overall.low)} to {_percent(overall.high)}), and "
        f"<strong>{_percent(possible.value)}</strong> "
        f"({_percent(possible.low)} to {_percent(possible.high)}) of the "
        f"{possible.trials:,} that are not lost from the start.</p>"
    )


def _rank(share: Proportion) -> float:
    return -1.0 if math.isnan(share.value) else share.value


def _percent(value: float) -> str:
    return "-" if math.isnan(value) else f"{100 * value:.1f} %"


def _share_cell(share: Proportion, kind: str = "") -> str:
    interval = "" if share.trials == 0 else f"{100 * share.low:.1f}-{100 * share.high:.1f}"
    return f'<td class="{kind}">{_percent(share.value)}<small>{interval}</small></td>'


def _comparison_cell(entry: Mapping[str, Any] | None) -> str:
    if entry is None:
        return "<td></td>"
    counts = f"{entry['only_second']} : {entry['only_first']}"
    return f"<td>{counts}<small>{p_value_text(entry['p_value'])}</small></td>"


def p_value_text(p_value: float) -> str:
    """Return a p-value as HTML, for example ``p = 0.041``."""
    return "p &lt; 0.001" if p_value < 0.001 else f"p = {p_value:.3f}"


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
