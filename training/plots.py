"""The plots of a report, as SVG elements in the colours and font of the page (see `svg`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, NullFormatter

from training.summary import groups, pilots_of, scenarios_of, select
from training.svg import BAD, INK, MUTED, STYLE, new_figure, pilot_colour, svg_element

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from training.curve import Curve
    from training.results import Landings

__all__ = [
    "has_traces",
    "height_fan",
    "learning_curve",
    "speed_distribution",
    "success_by_scenario",
    "success_over_time",
]

TIER_LINES = (("nominal", "nominal_v_vertical_m_s"), ("survivable", "v_vertical_m_s"))


def success_by_scenario(landings: Landings) -> str:
    """Plot the share of landings by pilot and scenario, with 95 % Wilson intervals.

    Parameters
    ----------
    landings : dict of ndarray
        Columns of the results.

    Returns
    -------
    str
        An ``svg`` element.
    """
    pilots, scenarios = pilots_of(landings), scenarios_of(landings)
    summary = {(group.scenario, group.pilot): group for group in groups(landings)}
    with mpl.rc_context(STYLE):
        figure = new_figure(2.7 * len(scenarios) + 2.2, 0.42 * len(pilots) + 1.1)
        axes = figure.subplots(1, len(scenarios), sharex=True, sharey=True, squeeze=False)[0]
        for ax, scenario in zip(axes, scenarios, strict=True):
            for row, pilot in enumerate(pilots):
                group = summary[scenario, pilot]
                shares = (group.success, group.success_not_lost)
                for offset, share, filled in zip((0.16, -0.16), shares, (False, True), strict=True):
                    _interval(ax, row + offset, share, pilot_colour(row), filled=filled)
            ax.set_title(scenario)
            ax.set_xlabel("landed [%]")
            ax.grid(axis="y", visible=False)
        axes[0].set_yticks(range(len(pilots)), pilots)
        axes[0].tick_params(axis="y", labelcolor=INK, length=0)
        axes[0].set_ylim(len(pilots) - 0.5, -0.5)
        axes[0].set_xlim(right=101.5)
        return svg_element(figure, "success")


def _interval(ax: Axes, y: float, share: Any, colour: str, *, filled: bool) -> None:
    if share.trials == 0:
        return
    low, value, high = 100 * share.low, 100 * share.value, 100 * share.high
    ax.plot([low, high], [y, y], color=colour, lw=1.6, alpha=0.9, solid_capstyle="round")
    face = colour if filled else "none"
    ax.plot(value, y, "o", ms=5.5, mfc=face, mec=colour, mew=1.4)


def speed_distribution(landings: Landings) -> str:
    """Plot the share of landings that touch down faster than a speed.

    Parameters
    ----------
    landings : dict of ndarray
        Columns of the results.

    Returns
    -------
    str
        An ``svg`` element.
    """
    pilots, scenarios = pilots_of(landings), scenarios_of(landings)
    with mpl.rc_context(STYLE):
        figure = new_figure(max(4.5, 3.2 * len(scenarios) + 0.6), 3.6)
        axes = figure.subplots(1, len(scenarios), sharex=True, sharey=True, squeeze=False)[0]
        for ax, scenario in zip(axes, scenarios, strict=True):
            for index, pilot in enumerate(pilots):
                speeds = select(landings, pilot, scenario)["speed_m_s"]
                _exceedance(ax, speeds, pilot_colour(index))
            _mark_tiers(ax, landings)
            ax.set_title(scenario)
            ax.set_xlabel("touchdown speed [m/s]")
        axes[0].set_xscale("log")
        axes[0].set_yscale("log")
        axes[0].set_ylim(top=1.15)
        axes[0].set_xlim(left=0.2)
        for ax in axes:
            ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
            ax.xaxis.set_minor_formatter(NullFormatter())
            ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:g} %"))
        axes[0].set_ylabel("share faster than this")
        _pilot_legend(figure, pilots)
        return svg_element(figure, "speed")


def _exceedance(ax: Axes, speeds: np.ndarray, colour: str) -> None:
    fast_first = np.sort(speeds[~np.isnan(speeds)])[::-1]
    share = np.arange(1, len(fast_first) + 1) / max(1, len(speeds))
    # 250 points are as many as can be distinguished.
    keep = np.unique(np.geomspace(1, max(1, len(share)), 250).astype(int)) - 1
    if len(share):
        ax.plot(fast_first[keep], share[keep], color=colour, lw=1.7, drawstyle="steps-post")


def _mark_tiers(ax: Axes, landings: Landings) -> None:
    """Mark the limits of vertical speed, each the sum of a margin and its value."""
    for name, key in TIER_LINES:
        limits = landings["v_vertical_m_s"] + landings[f"margin_{key}"]
        limits = limits[~np.isnan(limits)]
        if not len(limits):
            continue
        ax.axvline(limits[0], color=MUTED, lw=1, ls=(0, (4, 3)))
        ax.text(limits[0], 0.02, f" {name}", rotation=90, color=MUTED, fontsize=8, ha="right",
                va="bottom", transform=ax.get_xaxis_transform())  # fmt: skip


def learning_curve(curve: Curve) -> str:
    """Plot success and return over the environment steps of a run.

    Parameters
    ----------
    curve : Curve
        With at least one rollout or choice.

    Returns
    -------
    str
        An ``svg`` element.
    """
    with mpl.rc_context(STYLE):
        figure = new_figure(7.0, 4.6)
        success, returns = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
        steps, landed = _columns(curve.rollouts, "landed")
        success.plot(steps, 100 * landed, color=MUTED, lw=1.2, label="with exploration")
        steps, landed = _columns(curve.choices, "landed")
        colour = pilot_colour(0)
        success.plot(
            steps, 100 * landed, "o-", color=colour, lw=1.6, ms=4, label="policy, all landings"
        )
        steps, landed = _columns(curve.choices, "landed_not_lost")
        success.plot(steps, 100 * landed, "o--", color=pilot_colour(1), lw=1.4, ms=4,
                     label="policy, not lost")  # fmt: skip
        success.set_ylabel("landed [%]")
        success.set_ylim(-3, 103)
        figure.legend(loc="outside upper left", ncols=3)
        returns.plot(*_columns(curve.rollouts, "episode_return"), color=MUTED, lw=1.4)
        returns.set_ylabel("return [-]")
        returns.set_xlabel("environment steps [million]")
        return svg_element(figure, "learning")


def success_over_time(curves: Mapping[str, Curve]) -> str:
    """Plot the success of policies without noise over the training time of their runs.

    Parameters
    ----------
    curves : mapping of str to Curve
        By name of the run, in the order of the pilots' colours.

    Returns
    -------
    str
        An ``svg`` element.
    """
    with mpl.rc_context(STYLE):
        figure = new_figure(7.0, 3.6)
        ax = figure.subplots()
        for index, (name, curve) in enumerate(curves.items()):
            _, landed = _columns(curve.choices, "landed")
            ax.plot(
                curve.choice_seconds,
                100 * landed,
                "o-",
                color=pilot_colour(index),
                lw=1.8,
                ms=4,
                label=name,
            )
        ax.set_ylabel("landed [%]")
        ax.set_ylim(-3, 103)
        ax.set_xlabel("training time [s]")
        ax.set_xlim(left=0)
        figure.legend(loc="outside upper left", ncols=3)
        return svg_element(figure, "time")


def _columns(points: Sequence[dict[str, Any]], name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return steps [million] and values of a column; NaN for missing values."""
    steps = np.array([point["steps"] for point in points], dtype=np.float64)
    values = [np.nan if point[name] is None else point[name] for point in points]
    return steps / 1e6, np.array(values, dtype=np.float64)


def has_traces(landings: Landings, scenario: str) -> bool:
    """Return whether height traces of a scenario were kept."""
    kept = landings["trace_time_s"][landings["scenario"] == scenario]
    return any(trace is not None and len(trace) for trace in kept)


def height_fan(landings: Landings, scenario: str, columns: int = 3) -> str:
    """Plot the height traces of every pilot in a scenario.

    Parameters
    ----------
    landings : dict of ndarray
        Columns of the results.
    scenario : str
        Name of the scenario.
    columns : int, optional
        Number of panels in a row.

    Returns
    -------
    str
        An ``svg`` element.
    """
    pilots = pilots_of(landings)
    columns = min(columns, len(pilots))
    rows = -(-len(pilots) // columns)
    with mpl.rc_context(STYLE):
        figure = new_figure(max(4.5, 3.35 * columns), 2.4 * rows + 0.7)
        grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
        panels = grid.ravel()
        for index, (ax, pilot) in enumerate(zip(panels, pilots, strict=False)):
            _fan(ax, select(landings, pilot, scenario), pilot_colour(index))
            ax.set_title(pilot)
        for ax in panels[len(pilots) :]:
            ax.set_visible(False)
        for ax in grid[:, 0]:
            ax.set_ylabel("height [km]")
        for ax in panels[max(0, len(pilots) - columns) : len(pilots)]:
            ax.set_xlabel("time [s]")
            ax.tick_params(labelbottom=True)
        panels[0].set_ylim(bottom=0)
        panels[0].set_xlim(left=0)
        _fan_legend(figure)
        return svg_element(figure, "fan")


def _fan(ax: Axes, landings: Landings, colour: str) -> None:
    for row, time_s in enumerate(landings["trace_time_s"]):
        if time_s is None:
            continue
        landed = landings["landed"][row]
        height_km = landings["trace_height_m"][row] / 1000
        ax.plot(
            time_s,
            np.maximum(height_km, 0),
            color=colour if landed else BAD,
            lw=0.9,
            alpha=0.5 if landed else 0.9,
            zorder=2 if landed else 3,
        )
        fix = landings["first_fix_time_s"][row], landings["first_fix_height_m"][row] / 1000
        ax.plot(*fix, "o", ms=3.2, color=INK, mew=0, zorder=4)


def _fan_legend(figure: Figure) -> None:
    marks = [
        Line2D([], [], color=pilot_colour(0), lw=1.4, label="landed (the pilot's colour)"),
        Line2D([], [], color=BAD, lw=1.4, label="lost"),
        Line2D([], [], color=INK, marker="o", ls="", ms=4, label="first valid range"),
    ]
    legend_columns = 3 if figure.get_figwidth() > 5.0 else 1
    figure.legend(handles=marks, loc="outside upper left", ncols=legend_columns)


def _pilot_legend(figure: Figure, pilots: Sequence[str]) -> None:
    lines = [
        Line2D([], [], color=pilot_colour(i), lw=2, label=name) for i, name in enumerate(pilots)
    ]
    figure.legend(handles=lines, loc="outside upper left", ncols=min(3, len(lines)))
