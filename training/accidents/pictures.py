"""One flight of the lander's own pilot and one that lands, or gets furthest, from one start."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from lunar_env.flyer import Flyer
from lunar_env.pilots import resolve
from lunar_env.telemetry.course import course_of
from training.accidents.causes import KINDS
from training.bounds.portfolio import Member, entry_of
from training.missions.cases import OWN, Case
from training.seeds import Domain, episode_seeds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

    from lunar_env.pilots import Entry
    from lunar_env.task import Task
    from lunar_env.telemetry import Flight
    from lunar_env.telemetry.course import Course

__all__ = ["picture"]

# Height from which the end of the flight is shown [m].
SHOWN_M: Final = {
    **{"hakuto-r-m1": 9000.0, "peregrine-1": 9000.0, "slim": 120.0},
    **{"im-1": 400.0, "im-2": 400.0, "hakuto-r-m2": 3000.0},
}
# From here on down the horizontal speed is shown as well [m].
_LAST_METRES_M: Final = 1000.0
_SPEEDS: Final = {"speed": "descent rate", "lateral": "horizontal speed"}
_INK, _OWN, _OTHER, _GRID = "#333333", "#c0392b", "#1f77b4", "#d8d8d8"
_COLOURS: Final = {
    **{"landed": "#2e8b57", "navigation": "#1f77b4", "information": "#7b5ea7"},
    **{"law": "#e08e0b", "law and information": "#b5651d", "open": "#9e9e9e", "physics": "#444444"},
}
_STYLE: Final[dict[Any, Any]] = {
    **{"svg.fonttype": "none", "svg.hashsalt": "accidents", "font.family": "sans-serif"},
    **{"font.size": 10, "text.color": _INK, "axes.labelcolor": _INK, "axes.edgecolor": _GRID},
    **{
        "xtick.color": _INK,
        "ytick.color": _INK,
        "axes.titlesize": 11,
        "axes.titlelocation": "left",
    },
    **{"axes.grid": True, "grid.color": _GRID, "grid.linewidth": 0.7, "axes.axisbelow": True},
    **{"axes.spines.top": False, "axes.spines.right": False, "legend.frameon": False},
}
_POINTS: Final = 400  # of a line: as many as can be distinguished


def picture(mission: str, results: Mapping[str, Any]) -> str:
    """Fly the two flights of a mission's picture and draw them.

    Parameters
    ----------
    mission : str
        Its name.
    results : mapping
        Its table in the results.

    Returns
    -------
    str
        An SVG file.
    """
    task, shown = Case(mission).task(), results["picture"]
    seed = episode_seeds(results["seed"], Domain.BENCH, shown["landing"] + 1)[-1]
    flights = {name: Flyer(_entry(name, task)).fly(seed) for name in (OWN, shown["other"])}
    return draw(flights, results["kinds"], SHOWN_M[mission])


def draw(flights: Mapping[str, Flight], kinds: Mapping[str, int], shown_m: float) -> str:
    """Draw flights from one start, and below them what all flights are made of.

    Parameters
    ----------
    flights : mapping of Flight
        The own pilot's, then the other's, by name.
    kinds : mapping of int
        Number of flights by kind.
    shown_m : float
        Height from which they are shown [m].

    Returns
    -------
    str
        An SVG file.
    """
    with mpl.rc_context(_STYLE):
        panels = ["time", "speed", *(["lateral"] if shown_m <= _LAST_METRES_M else [])]
        figure = Figure(figsize=(4.2 * len(panels), 4.9), layout="constrained")
        rows: list[Any] = [panels, ["kinds"] * len(panels)]
        axes = figure.subplot_mosaic(rows, height_ratios=(6, 1))
        for flight, colour in zip(flights.values(), (_OWN, _OTHER), strict=False):
            _course(axes, course_of(flight), shown_m, colour)
        unit, metres = ("km", 1e3) if shown_m > _LAST_METRES_M else ("m", 1.0)
        axes["time"].set_xlabel("time since the start [s]")
        axes["time"].set_ylabel(f"height above the ground [{unit}]")
        heights: list[Axis] = [axes["time"].yaxis]
        for panel, speed in _SPEEDS.items():
            if panel in axes:
                axes[panel].set_xlabel(f"height above the ground [{unit}]")
                axes[panel].set_ylabel(f"{speed} [m/s]")
                axes[panel].invert_xaxis()
                heights.append(axes[panel].xaxis)
        for axis in heights:
            axis.set_major_formatter(lambda value, _: f"{value / metres:g}")
        _legend(figure, flights)
        _kinds(axes["kinds"], kinds)
        text = io.StringIO()
        figure.savefig(text, format="svg", facecolor="white", metadata={"Date": None})
    return text.getvalue()


def _entry(name: str, task: Task) -> Entry:
    pilot, _, given = name.partition(" given ")
    if "+" in pilot or pilot == OWN:
        return entry_of(Member(pilot, {}, given), task)
    return resolve(pilot, task)


def _course(axes: Mapping[str, Axes], course: Course, shown_m: float, colour: str) -> None:
    seen = np.flatnonzero(course.height_m > shown_m)
    rows = np.arange(seen[-1] + 1 if seen.size else 0, len(course.time_s))
    rows = rows[np.unique(np.linspace(0, len(rows) - 1, _POINTS).astype(int))]
    time, true, believed = (
        values[rows] for values in (course.time_s, course.height_m, course.believed_height_m)
    )
    axes["time"].plot(time, true, color=colour, lw=1.8)
    axes["time"].plot(time, believed, color=colour, lw=1.2, ls=(0, (4, 2)))
    axes["speed"].plot(true, course.descent_m_s[rows], color=colour, lw=1.8)
    axes["speed"].plot(
        believed, course.believed_descent_m_s[rows], color=colour, lw=1.2, ls=(0, (4, 2))
    )
    if "lateral" in axes:
        axes["lateral"].plot(true, course.lateral_m_s[rows], color=colour, lw=1.8)
    axes["time"].plot(time[-1], true[-1], "o", color=colour, ms=5)
    axes["speed"].plot(true[-1], course.descent_m_s[rows][-1], "o", color=colour, ms=5)


def _legend(figure: Figure, flights: Mapping[str, Flight]) -> None:
    lines = [
        Line2D([], [], color=colour, lw=1.8, label=f"{name}: {flight.outcome}")
        for (name, flight), colour in zip(flights.items(), (_OWN, _OTHER), strict=False)
    ]
    lines.append(Line2D([], [], color=_INK, lw=1.2, ls=(0, (4, 2)), label="what it believes"))
    figure.legend(handles=lines, loc="outside upper left", ncols=3)


def _kinds(ax: Axes, kinds: Mapping[str, int]) -> None:
    left = 0
    for kind in (kind for kind in KINDS if kinds.get(kind)):
        count = kinds[kind]
        ax.barh(0, count, left=left, color=_COLOURS[kind], label=f"{kind} {count}")
        left += count
    ax.set_xlim(0, left)
    ax.set_axis_off()
    ax.set_title(f"what {left} flights are made of")
    ax.legend(loc="upper left", bbox_to_anchor=(0.0, 0.05), ncols=4, fontsize=9, borderaxespad=0.0)
