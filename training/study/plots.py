"""The picture of a study: learning curves over training time, and the policies' landings."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from lunar_env.files import write_file
from training.study.measures import curve_at, mean_of_iqms
from training.study.results import StudyResults

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from matplotlib.axes import Axes

__all__ = ["draw_study"]

_POINTS: Final = 60
_COLOURS: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
"""Of what the network sees; Okabe and Ito's palette, which colour-blind people can tell apart."""
_DASHES: Final = ("-", "--", ":", "-.")
"""Of what it learns from."""
_STYLE: Final[dict[Any, Any]] = {
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.6,
    "axes.titlelocation": "left",
    "legend.frameon": False,
    "svg.hashsalt": "study",
}


def draw_study(path: Path, content: Mapping[str, Any]) -> None:
    """Draw the learning curves of all variants, one panel for each task.

    A curve is the interquartile mean over seeds, with its 95 % bootstrap interval. It begins where
    the policy of each seed has been evaluated. Nothing is drawn without a complete run.

    Parameters
    ----------
    path : Path
        PNG file; replaced.
    content : mapping
        As `training.study.results.study_content` returns it.
    """
    results = StudyResults(content)
    styles = _styles(results)
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(3.4 * len(results.tasks) + 0.6, 4.4), layout="constrained")
        axes = figure.subplots(1, len(results.tasks), sharey=True, squeeze=False)[0]
        for ax, task in zip(axes, results.tasks, strict=True):
            _panel(ax, results, task, styles)
        axes[0].set_ylabel("landed [%]")
        handles, labels = axes[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper left", ncols=4)
        image = io.BytesIO()
        figure.savefig(image, format="png", dpi=150, metadata={"Software": None})
    write_file(path, image.getvalue(), replace=True)


def _styles(results: StudyResults) -> dict[str, dict[str, Any]]:
    """Return colour and dashes of each variant: by what it sees, and by what it learns from."""
    seen = list(dict.fromkeys(each["inputs"] for each in results.variants))
    learned = list(dict.fromkeys(each["learning"] for each in results.variants))
    return {
        each["name"]: {
            "color": _COLOURS[seen.index(each["inputs"]) % len(_COLOURS)],
            "ls": _DASHES[learned.index(each["learning"]) % len(_DASHES)],
        }
        for each in results.variants
    }


def _panel(ax: Axes, results: StudyResults, task: str, styles: dict[str, dict[str, Any]]) -> None:
    end = 60 * results.content["minutes"]
    times = np.linspace(0.0, end, _POINTS + 1)
    for variant, style in styles.items():
        curves = [
            curve_at(run["curve"]["seconds"], run["curve"]["landed"], times)
            for run in results.runs(variant, task)
        ]
        if not curves:
            continue
        at = ~np.isnan(curves).any(axis=0)
        points = [mean_of_iqms([moment]) for moment in np.transpose(curves)[at].tolist()]
        value, low, high = 100 * np.array(points).T.reshape(3, -1)
        ax.fill_between(times[at], low, high, color=style["color"], alpha=0.15, lw=0)
        ax.plot(times[at], value, lw=1.8, label=variant, **style)
    for pilot in results.pilots:
        level = 100 * results.pilot_share(pilot, task)
        ax.axhline(level, color="#444444", lw=0.9, ls=(0, (1, 2)), label=pilot)
    ax.set_title(task)
    ax.set_xlabel("CPU time [s]")
    ax.set_xlim(0.0, end)
    ax.set_ylim(-2.0, 102.0)
