"""The page of what pilots do without ranges, and the same as a part of other reports."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING, Any, Final

from lunar_env.cli.tables import number
from lunar_env.files import write_file
from lunar_env.formats import json_text
from training.blind import plots
from training.blind.scenarios import ASSUMED_M, DRAWN_M
from training.blind.study import ASSUMPTIONS
from training.page import Page

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from lunar_env.proportion import Proportion
    from training.blind.study import Blind

__all__ = ["add_blind", "heights_of", "sentence", "write_blind"]

FORMAT: Final = "lunar-env-blind/1"
# Parts of the height at the start at which speeds are tabulated.
_PARTS: Final = (2 / 3, 1 / 3, 1 / 6, 1 / 30)
_AGES_S: Final = (2.0, 5.0, 10.0)


def write_blind(folder: Path, pilots: Sequence[Blind], metadata: Mapping[str, Any]) -> None:
    """Write ``explain.json`` and ``explain.html``.

    Parameters
    ----------
    folder : Path
        The folder.
    pilots : sequence of Blind
        Results, those of the pilot that is explained first.
    metadata : mapping
        Mission, seed, number of landings and provenance.
    """
    content = {"format": FORMAT, **metadata, "pilots": [blind.to_dict() for blind in pilots]}
    write_file(folder / "explain.json", json_text(content, indent=None) + "\n")
    page = Page([blind.pilot for blind in pilots])
    name = pilots[0].pilot
    page.raw(f"<h1>What {escape(name)} does while it is blind</h1>")
    page.raw("".join(f'<p class="lead">{escape(sentence(blind))}</p>' for blind in pilots))
    add_blind(page, pilots)
    page.record(metadata)
    write_file(folder / "explain.html", page.html(f"Blind: {name}"))


def sentence(blind: Blind) -> str:
    """Return how a descent depends on the assumed height error, in one sentence."""
    height = heights_of([blind])[-2]
    certain, vague = (
        blind.believed[assumed].value(height) for assumed in (ASSUMED_M[0], ASSUMED_M[-1])
    )
    return (
        f"If it assumes a height error of {ASSUMED_M[0]:.0f} m, {blind.pilot} descends at"
        f" {number(certain)} m/s at {height:.0f} m by dead reckoning, before its first range; if it"
        f" assumes {ASSUMED_M[-1]:.0f} m, at {number(vague)} m/s."
    )


def heights_of(pilots: Sequence[Blind]) -> list[float]:
    """Return round heights [m], the largest first, at which speeds are tabulated."""
    start = max((c.at.max(initial=0.0) for b in pilots for c in b.believed.values()), default=0.0)
    return [_round(part * start) for part in _PARTS]


def add_blind(page: Page, pilots: Sequence[Blind]) -> None:
    """Add plots and tables to a page.

    Parameters
    ----------
    page : Page
        Made with the names of these pilots.
    pilots : sequence of Blind
        Results.
    """
    page.heading("Before the first range")
    page.figure(
        plots.speed_over_believed(pilots),
        "Descent speed over the height by dead reckoning, read from right to left: nothing measures"
        " the height. Each line is the median of the same episodes, for one standard deviation of"
        " the initial height error, which the lander's computer assumes correctly. The dotted line"
        " is the height that the fastest stop takes: a lander above the line can no longer stop if"
        " the ground is where it believes.",
    )
    page.section(_speed_table(page, pilots))
    page.figure(
        plots.speed_over_true(pilots),
        f"The same over the true height, with a standard deviation of {DRAWN_M:.0f} m, which the"
        " computer assumes correctly or, overconfident, takes for"
        f" {ASSUMPTIONS['overconfident']:.0f} m. Line: median; shaded: 80 % of the flights. A"
        " lander above the dotted line can no longer stop.",
    )
    page.section(_late_table(page, pilots))
    page.heading("While ranges fail to arrive")
    if not any(len(curve.at) for blind in pilots for curve in blind.throttle.values()):
        page.raw("<p>No range was lost after the first: there is nothing to compare.</p>")
        return
    page.figure(
        plots.throttle_over_age(pilots),
        "Throttle in the first outage of each episode, minus that of the same episode at the same"
        " time with all ranges, over the age of the latest range: until the first loss both are"
        " the same to the bit. Percentage points of the installed thrust; line: median; shaded:"
        " 80 %.",
    )
    page.section(_throttle_table(page, pilots))


def _speed_table(page: Page, pilots: Sequence[Blind]) -> str:
    heights = heights_of(pilots)
    head = ["pilot", "assumed", *(f"{height:.0f} m" for height in heights)]
    rows = [
        [page.pilot_cell(blind.pilot), f"{assumed:.0f} m", *map(number, map(curve.value, heights))]
        for blind in pilots
        for assumed, curve in blind.believed.items()
    ]
    return _table("descent speed [m/s] by dead-reckoned height, without a range", head, rows)


def _late_table(page: Page, pilots: Sequence[Blind]) -> str:
    head = ["pilot", "assumed", "landed", "first range too late", "height there [m]",
            "speed there [m/s]", "touchdown, 95 % [m/s]"]  # fmt: skip
    rows = [
        [
            page.pilot_cell(blind.pilot),
            f"{ASSUMPTIONS[name]:.0f} of {DRAWN_M:.0f} m",
            _share(late.landed),
            _share(late.too_late),
            number(late.fix_m),
            number(late.fix_m_s),
            number(late.speed_p95_m_s),
        ]
        for blind in pilots
        for name, late in blind.late.items()
    ]
    return _table("ranges late as in late-acquisition", head, rows)


def _throttle_table(page: Page, pilots: Sequence[Blind]) -> str:
    head = ["pilot", "assumed", *(f"{age:.0f} s" for age in _AGES_S)]
    rows = [
        [
            page.pilot_cell(blind.pilot),
            f"{ASSUMPTIONS[name]:.0f} of {DRAWN_M:.0f} m",
            *(_signed(100 * curve.value(age)) for age in _AGES_S),
        ]
        for blind in pilots
        for name, curve in blind.throttle.items()
    ]
    return _table("change of throttle [points] by the age of the latest range", head, rows)


def _table(caption: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table; the first cell of each row is HTML, the others are text."""
    titles = "".join(f"<th>{escape(title)}</th>" for title in head)
    body = "".join(
        f"<tr>{first}{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"
        for first, *cells in rows
    )
    return (
        f'<div class="scroll"><table><caption>{escape(caption)}</caption>'
        f"<tr>{titles}</tr>{body}</table></div>"
    )


def _share(share: Proportion) -> str:
    if share.trials == 0:
        return "-"
    return f"{100 * share.value:.1f} % ({100 * share.low:.1f}-{100 * share.high:.1f})"


def _signed(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:+.1f}"


def _round(value: float) -> float:
    """Round to one significant digit, so that a table has round heights."""
    if value <= 0.0:
        return 0.0
    unit = 10.0 ** math.floor(math.log10(value))
    return round(value / unit) * unit
