"""The plot of a learning curve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np

from training.svg import MUTED, STYLE, new_figure, pilot_colour, svg_element

if TYPE_CHECKING:
    from collections.abc import Sequence

    from training.curve import Curve

__all__ = ["learning_curve"]


def learning_curve(curve: Curve) -> str:
    """Draw success and return over the steps of a run.

    Parameters
    ----------
    curve : Curve
        Of at least one rollout or choice.

    Returns
    -------
    str
        An ``svg`` element.
    """
    with mpl.rc_context(STYLE):
        figure = new_figure(7.0, 4.6)
        success, gained = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
        steps, landed = _columns(curve.rollouts, "landed")
        success.plot(steps, 100 * landed, color=MUTED, lw=1.2, label="exploring")
        steps, landed = _columns(curve.choices, "landed")
        colour = pilot_colour(0)
        success.plot(steps, 100 * landed, "o-", color=colour, lw=1.6, ms=4, label="policy, of all")
        steps, landed = _columns(curve.choices, "landed_recoverable")
        success.plot(steps, 100 * landed, "o--", color=pilot_colour(1), lw=1.4, ms=4,
                     label="policy, of recoverable")  # fmt: skip
        success.set_ylabel("landed [%]")
        success.set_ylim(-3, 103)
        figure.legend(loc="outside upper left", ncols=3)
        gained.plot(*_columns(curve.rollouts, "episode_return"), color=MUTED, lw=1.4)
        gained.set_ylabel("return [-]")
        gained.set_xlabel("environment steps [million]")
        return svg_element(figure, "learning")


def _columns(points: Sequence[dict[str, Any]], name: str) -> tuple[np.ndarray, np.ndarray]:
    """Millions of steps, and values; NaN where there is none."""
    steps = np.array([point["steps"] for point in points], dtype=np.float64)
    values = [np.nan if point[name] is None else point[name] for point in points]
    return steps / 1e6, np.array(values, dtype=np.float64)
