"""A flight as a plot over time: heights, speeds, thrust."""

from __future__ import annotations

import importlib.util
import io
from typing import TYPE_CHECKING, Any

import numpy as np

from lunar_env.errors import MissingExtra
from lunar_env.files import require_suffix
from lunar_env.telemetry.course import course_of

if TYPE_CHECKING:
    from pathlib import Path

    from lunar_env.telemetry import Flight
    from lunar_env.telemetry.course import Course

__all__ = ["check_plot", "plot_bytes"]

SUFFIXES = (".png", ".svg", ".pdf")
TRUE, BELIEVED, RECKONED, MARK = "#1d2230", "#1668c9", "#c27a00", "#d6263a"


def check_plot(path: Path) -> None:
    """Check that a plot can be drawn, before anything is flown.

    Raises
    ------
    ConfigError
        If the suffix is unknown.
    MissingExtra
        If Matplotlib is not installed.
    """
    require_suffix(path, SUFFIXES, "a plot")
    if importlib.util.find_spec("matplotlib") is None:
        raise MissingExtra("train", "plotting")


def plot_bytes(flight: Flight, suffix: str) -> bytes:
    """Draw a flight.

    Parameters
    ----------
    flight : Flight
        The record.
    suffix : str
        ``.png``, ``.svg`` or ``.pdf``.

    Returns
    -------
    bytes
        Content of the file.
    """
    from matplotlib.figure import Figure

    course = course_of(flight)
    figure = Figure(figsize=(8.0, 8.0), layout="constrained")
    heights, speeds, thrust = figure.subplots(3, 1, sharex=True, height_ratios=(3, 2, 1))
    figure.suptitle(
        f"{flight.pilot} pilot on {flight.mission.name}, scenario {flight.scenario.name}:"
        f" {flight.outcome}"
    )
    _heights(heights, course)
    speeds.plot(course.time_s, course.descent_m_s, color=TRUE, label="down, true")
    speeds.plot(course.time_s, course.believed_descent_m_s, color=BELIEVED, label="down, believed")
    speeds.plot(course.time_s, course.lateral_m_s, color=TRUE, ls=":", label="lateral, true")
    speeds.set_ylabel("speed [m/s]")
    thrust.plot(course.time_s, 100 * course.thrust_frac, color=TRUE, drawstyle="steps-pre")
    thrust.set_ylabel("thrust [%]")
    thrust.set_ylim(-3, 103)
    thrust.set_xlabel("time [s]")
    speeds.legend(frameon=False)
    for axes in (heights, speeds, thrust):
        axes.grid(alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
    content = io.BytesIO()
    figure.savefig(content, format=suffix.removeprefix("."), dpi=150)
    return content.getvalue()


def _heights(axes: Any, course: Course) -> None:
    low, high = (course.believed_height_m + sign * course.believed_sigma_m for sign in (-1, 1))
    axes.fill_between(course.time_s, low, high, color=BELIEVED, alpha=0.15, lw=0)
    axes.plot(course.time_s, course.height_m, color=TRUE, label="true")
    believed = "believed, with 1 sigma"
    axes.plot(course.time_s, course.believed_height_m, color=BELIEVED, label=believed)
    axes.plot(course.time_s, course.dead_reckoned_height_m, color=RECKONED, ls="--",
              label="dead reckoning")  # fmt: skip
    seen = np.flatnonzero(~np.isnan(course.last_range_m))
    if seen.size:
        first = course.time_s[seen[0]], course.height_m[seen[0]]
        axes.plot(*first, "o", color=MARK, label="first valid range")
    axes.set_ylabel("height [m]")
    axes.legend(frameon=False)
