"""A flight as the ground saw it: a table of lines, and what there is to say of its end."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.table import Table

from lunar_env.cli.tables import number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lunar_env.telemetry import Downlink, Flight, GroundView

__all__ = ["ground_summary", "ground_table"]

_LOOK_S = 0.05  # between two looks for what happens


def ground_table(flight: Flight, downlink: Downlink, every_s: float) -> Table:
    """Return a table of what the ground had, and what was true at the same time.

    Parameters
    ----------
    flight : Flight
        The record.
    downlink : Downlink
        Of this flight.
    every_s : float
        Time between two lines [s]; changes of the signal have lines of their own.
    """
    table = Table(
        title=f"seen from the ground: {downlink.spec.title}", box=SIMPLE_HEAD, padding=(0, 1)
    )
    for head in ("t [s]", "signal", "age [s]", "height shown [m]", "descent shown [m/s]"):
        table.add_column(head, justify="right")
    table.add_column("true height [m]", justify="right")
    for view in _chosen(downlink, every_s):
        table.add_row(
            number(view.time_s),
            view.signal,
            number(view.age_s),
            number(view.height_m),
            number(-view.v_vertical_m_s, 2),
            number(_true_height(flight, view.time_s)),
        )
    return table


def ground_summary(flight: Flight, downlink: Downlink) -> dict[str, object]:
    """Return what the ground saw, as JSON content.

    Parameters
    ----------
    flight : Flight
        The record.
    downlink : Downlink
        Of this flight.
    """
    views = list(_looks(downlink, _LOOK_S))
    last = downlink.at(downlink.end_s + _LOOK_S)
    # On the screen the lander went through the ground, before it touched it.
    contact_s = float(flight.quantity("privileged", "time_s")[-1])
    through = next((v for v in views if v.height_m < 0.0 and v.time_s < contact_s), None)
    return {
        "downlink": downlink.spec.name,
        "signal": last.signal,
        "last_frame_s": math.nan if last.frame is None else last.frame.time_s,
        "end_s": downlink.end_s,
        "height_shown_m": last.height_m,
        "through_ground_s": math.nan if through is None else through.time_s,
        "true_height_then_m": math.nan if through is None else _true_height(flight, through.time_s),
    }


def _looks(downlink: Downlink, every_s: float) -> Iterator[GroundView]:
    for k in range(math.floor(downlink.end_s / every_s) + 2):
        yield downlink.at(k * every_s)


def _chosen(downlink: Downlink, every_s: float) -> Iterator[GroundView]:
    """Yield a look now and then, every change of the signal, and the end."""
    shown: GroundView | None = None
    for view in _looks(downlink, _LOOK_S):
        due = shown is None or view.time_s - shown.time_s >= every_s - 1e-6
        if due or (shown is not None and view.signal != shown.signal):
            yield view
            shown = view


def _true_height(flight: Flight, time_s: float) -> float:
    """Return the true height [m]; NaN after the end."""
    times = flight.quantity("privileged", "time_s")
    heights = flight.quantity("privileged", "height_m")
    return float(np.interp(time_s, times, heights, right=math.nan))
