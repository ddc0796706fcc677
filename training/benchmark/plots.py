"""The plots of a benchmark report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from training.benchmark.summary import SURVIVAL, survival
from training.summary import pilots_of, rows_where
from training.svg import BAD, INK, MUTED, STYLE, new_figure, pilot_colour, svg_element

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes

    from training.benchmark.summary import Bin
    from training.results import Landings

__all__ = ["survival_curves", "timeline_plot"]

# Offset between pilots in a bin, so that their intervals do not overlap; fraction of the axis.
OFFSET = 0.006
PANELS = 3
MARGINS = {"left": 0.05, "right": 0.995, "bottom": 0.16, "top": 0.9, "wspace": 0.22}


def survival_curves(landings: Landings, scenario: str) -> str:
    """Plot success against each drawn quantity that varies in a scenario.

    Parameters
    ----------
    landings : dict of ndarray
        Landings of one mission.
    scenario : str
        Name of the scenario.

    Returns
    -------
    str
        An ``svg`` element; empty if nothing varies.
    """
    part = rows_where(landings, landings["scenario"] == scenario)
    drawn = {column: survival(part, column) for column in SURVIVAL}
    shown = {column: curves for column, curves in drawn.items() if curves}
    if not shown:
        return ""
    pilots = pilots_of(landings)
    with mpl.rc_context(STYLE):
        # Always the width of all panels, so that text has the same size.
        figure = new_figure(3.6 * PANELS, 3.2)
        axes = figure.subplots(1, PANELS, sharey=True, squeeze=False)[0]
        for ax in axes[len(shown) :]:
            ax.set_visible(False)
        for ax, (column, curves) in zip(axes, shown.items(), strict=False):
            for pilot, bins in curves.items():
                _curve(ax, bins, pilots.index(pilot), len(pilots))
            ax.set_xlabel(SURVIVAL[column])
        axes[0].set_ylabel("landed [%]")
        # Leave room for the marks at 100 %.
        low, _ = axes[0].get_ylim()
        axes[0].set_ylim(min(low, 99.0), 100.0 + 0.03 * (100.0 - min(low, 99.0)))
        lines = [Line2D([], [], color=pilot_colour(i), lw=2, label=p) for i, p in enumerate(pilots)]
        figure.legend(handles=lines, loc="outside upper left", ncols=3)
        return svg_element(figure, f"survival-{scenario}")


def _curve(ax: Axes, bins: list[Bin], index: int, pilots: int) -> None:
    width = bins[-1].high - bins[0].low
    x = np.array([b.middle for b in bins]) + (index - (pilots - 1) / 2) * OFFSET * width
    value, low, high = (100.0 * np.array([b.share[k] for b in bins]) for k in (2, 3, 4))
    ax.plot(x, value, "o-", ms=3.5, lw=1.2, color=pilot_colour(index))
    ax.vlines(x, low, high, color=pilot_colour(index), lw=1.2, alpha=0.8)


def timeline_plot(line: Mapping[str, Any], salt: str) -> str:
    """Plot height, speed, error of the estimate and thrust over time.

    Parameters
    ----------
    line : mapping
        Columns over time, None for missing values; see `training.benchmark.timelines`.
    salt : str
        Name of the figure, unique on the page.

    Returns
    -------
    str
        An ``svg`` element.
    """
    columns = {name: np.array(column, dtype=np.float64) for name, column in line.items()}
    time = columns["time_s"]
    with mpl.rc_context(STYLE):
        # With fixed margins, because the layout engine takes a second per figure.
        figure = Figure(figsize=(10.8, 3.0))
        height, speed, error, thrust = figure.subplots(1, 4, sharex=True, gridspec_kw=MARGINS)
        seen = columns["stamp_s"], columns["range_m"]
        height.plot(*seen, ".", ms=2.5, color=pilot_colour(0), label="ranges", zorder=5)
        height.plot(
            time, columns["dead_reckoned_m"], "--", lw=1, color=MUTED, label="dead reckoning"
        )
        height.plot(time, columns["believed_m"], lw=1.2, color=BAD, label="estimated")
        height.plot(time, columns["height_m"], lw=1.4, color=INK, label="true")
        height.set_title("height [m]")
        height.legend(fontsize=8)
        speed.plot(time, columns["descent_m_s"], lw=1.4, color=INK, label="down")
        speed.plot(time, columns["lateral_m_s"], lw=1, color=MUTED, label="sideways")
        speed.set_title("speed [m/s]")
        speed.legend(fontsize=8)
        reckoned = columns["dead_reckoned_m"] - columns["height_m"]
        error.plot(time, reckoned, "--", lw=1, color=MUTED)
        error.plot(time, columns["believed_m"] - columns["height_m"], lw=1.2, color=BAD)
        error.set_title("estimated minus true [m]")
        thrust.plot(time, 100.0 * columns["thrust_frac"], lw=1.2, color=INK)
        thrust.set_title("thrust [%]")
        thrust.set_ylim(-2, 105)
        for ax in (height, speed, error, thrust):
            ax.set_xlabel("time [s]")
        return svg_element(figure, salt)
