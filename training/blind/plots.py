"""The plots of what pilots do without ranges: a panel for each pilot, in its colour."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import matplotlib as mpl
from matplotlib.lines import Line2D

from training.blind.scenarios import ASSUMED_M
from training.blind.study import ASSUMPTIONS
from training.svg import INK, MUTED, STYLE, new_figure, pilot_colour, svg_element

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy as np
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from training.blind.bands import Band
    from training.blind.study import Blind

__all__ = ["speed_over_believed", "speed_over_true", "throttle_over_age"]

_DASHES: Final[dict[str, Any]] = dict(zip(ASSUMPTIONS, ("-", (0, (4, 2))), strict=True))
_FADED: Final = dict(zip(ASSUMED_M, (0.3, 0.5, 0.75, 1.0), strict=True))
_STOP: Final[dict[str, Any]] = {"color": MUTED, "lw": 1.2, "ls": (0, (1, 1.5))}


def speed_over_believed(pilots: Sequence[Blind]) -> str:
    """Plot the descent speed over the dead-reckoned height before the first range.

    Parameters
    ----------
    pilots : sequence of Blind
        One panel each.

    Returns
    -------
    str
        An ``svg`` element, as of the other functions.
    """
    with mpl.rc_context(STYLE):
        figure, panels = _panels(pilots)
        for index, (ax, blind) in enumerate(zip(panels, pilots, strict=True)):
            for assumed, curve in blind.believed.items():
                ax.plot(curve.at / 1e3, curve.middle, color=pilot_colour(index), lw=1.8,
                        alpha=_FADED[assumed])  # fmt: skip
            _stop_line(ax, blind.stop, blind.believed.values())
            _label(ax, "height by dead reckoning [km]")
        panels[0].set_ylabel("descent speed [m/s]")
        marks = [
            Line2D(
                [], [], color=INK, lw=1.8, alpha=_FADED[assumed], label=f"assumed: {assumed:.0f} m"
            )
            for assumed in ASSUMED_M
        ]
        _legend(figure, [*marks, Line2D([], [], label="fastest stop", **_STOP)])
        return svg_element(figure, "believed")


def speed_over_true(pilots: Sequence[Blind]) -> str:
    """Plot the descent speed over the true height, with correct and overconfident assumptions."""
    with mpl.rc_context(STYLE):
        figure, panels = _panels(pilots)
        for index, (ax, blind) in enumerate(zip(panels, pilots, strict=True)):
            for name, curve in blind.true.items():
                _draw(ax, curve, curve.at / 1e3, pilot_colour(index), name)
            _stop_line(ax, blind.stop, blind.true.values())
            _label(ax, "true height [km]")
        panels[0].set_ylabel("descent speed [m/s]")
        stop = Line2D([], [], label="fastest stop", **_STOP)
        _legend(figure, [*_assumption_marks(), stop])
        return svg_element(figure, "true")


def throttle_over_age(pilots: Sequence[Blind]) -> str:
    """Plot the change of the throttle over the age of the latest range."""
    with mpl.rc_context(STYLE):
        figure, panels = _panels(pilots)
        for index, (ax, blind) in enumerate(zip(panels, pilots, strict=True)):
            for name, curve in blind.throttle.items():
                percent = curve._replace(
                    low=100 * curve.low, middle=100 * curve.middle, high=100 * curve.high
                )
                _draw(ax, percent, curve.at, pilot_colour(index), name)
            ax.axhline(0.0, **_STOP)
            ax.set_xlabel("age of the latest range [s]")
        panels[0].set_ylabel("change of throttle [points]")
        _legend(figure, _assumption_marks())
        return svg_element(figure, "age")


def _panels(pilots: Sequence[Blind]) -> tuple[Figure, Sequence[Axes]]:
    figure = new_figure(max(4.8, 3.7 * len(pilots) + 0.4), 3.7)
    panels = figure.subplots(1, len(pilots), sharex=True, sharey=True, squeeze=False)[0]
    for ax, blind in zip(panels, pilots, strict=True):
        ax.set_title(blind.pilot)
    return figure, panels


def _draw(ax: Axes, curve: Band, at: np.ndarray, colour: str, name: str) -> None:
    ax.fill_between(at, curve.low, curve.high, color=colour, alpha=0.13, lw=0)
    ax.plot(at, curve.middle, color=colour, lw=1.8, ls=_DASHES[name])


def _stop_line(ax: Axes, stop: Band, curves: Iterable[Band]) -> None:
    """Draw the height of the fastest stop, up to the speeds of the curves."""
    shown = stop.at <= max(curve.middle.max(initial=0.0) for curve in curves)
    ax.plot(stop.middle[shown] / 1e3, stop.at[shown], **_STOP)


def _label(ax: Axes, text: str) -> None:
    ax.set_xlabel(text)
    ax.set_xlim(left=0)
    ax.set_ylim(bottom=0)


def _assumption_marks() -> list[Line2D]:
    return [
        Line2D(
            [], [], color=INK, lw=1.8, ls=_DASHES[name], label=f"{name}: {assumed:.0f} m assumed"
        )
        for name, assumed in ASSUMPTIONS.items()
    ]


def _legend(figure: Figure, marks: list[Line2D]) -> None:
    columns = len(marks) if figure.get_figwidth() > 6.0 else 2
    figure.legend(handles=marks, loc="outside upper left", ncols=columns)
