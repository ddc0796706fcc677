"""Tables of results for the terminal."""

from __future__ import annotations

import math
from itertools import groupby
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from lunar_env.cli.tables import name_column, number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lunar_env.proportion import Proportion
    from training.curve import Curve
    from training.summary import Group

__all__ = ["curve_table", "distance", "share", "summary_table"]

_TIMES_S = (5, 10, 15, 20, 30, 40, 60, 120, 240)


def share(value: float, low: float, high: float) -> str:
    """Return a proportion with its 95 % interval, in percent.

    Parameters
    ----------
    value, low, high : float
        In [0, 1]; NaN for an empty sample.

    Returns
    -------
    str
        For example ``97.2 % (95.9-98.1)``; ``-`` for NaN.
    """
    if math.isnan(value):
        return "-"
    return f"{100 * value:.1f} % ({100 * low:.1f}-{100 * high:.1f})"


def curve_table(curves: Mapping[str, Curve]) -> Table:
    """Return a table of the success of policies by training time.

    Parameters
    ----------
    curves : mapping of str to Curve
        By name of the policy.

    Returns
    -------
    rich.table.Table
        Share of landings without noise at the last evaluation before each time; the last column is
        the first time after the end of all runs.
    """
    table = Table(box=SIMPLE_HEAD, padding=(0, 1), caption="landed, by training time")
    name_column(table, "policy", list(curves))
    end = max((seconds for curve in curves.values() for seconds in curve.choice_seconds), default=0)
    times = [time for time in _TIMES_S if time < end]
    times += [time for time in _TIMES_S if time >= end][:1]
    for time in times:
        table.add_column(f"{time} s", justify="right")
    for name, curve in curves.items():
        table.add_row(name, *(_landed_at(curve, time) for time in times))
    return table


def _landed_at(curve: Curve, time_s: float) -> str:
    before = [
        point["landed"]
        for seconds, point in zip(curve.choice_seconds, curve.choices, strict=True)
        if seconds <= time_s
    ]
    return f"{100 * before[-1]:.0f} %" if before else "-"


def summary_table(groups: Sequence[Group]) -> Table:
    """Return a table of pilots by scenario.

    Parameters
    ----------
    groups : sequence of Group
        The rows, in order.

    Returns
    -------
    rich.table.Table
        Proportions with 95 % Wilson intervals, and touchdown speeds.
    """
    table = Table(
        box=SIMPLE_HEAD,
        padding=(0, 1),
        caption="95 % intervals in brackets; quantiles and maximum of the touchdown speed [m/s]",
    )
    name_column(table, "pilot", [f"  {group.pilot}" for group in groups])
    for title in ("landed %", "of not lost %", "p50", "p95", "p99", "p99.7", "max"):
        table.add_column(title, justify="right", no_wrap=True)
    for scenario, rows in groupby(groups, key=lambda group: group.scenario):
        table.add_row(Text(scenario, style="bold"))
        for group in rows:
            table.add_row(
                f"  {group.pilot}",
                _bracketed(group.success),
                _bracketed(group.success_not_lost),
                *(number(value) for value in group.speed.values()),
            )
    return table


def _bracketed(share: Proportion) -> str:
    if share.trials == 0:
        return "-"
    return f"{100 * share.value:.1f} ({100 * share.low:.1f}-{100 * share.high:.1f})"


def distance(row: Mapping[str, Any]) -> str:
    """Return the difference to the attainable share in points, with its 95 % interval.

    Parameters
    ----------
    row : mapping
        A row of a task or of the table over all tasks.

    Returns
    -------
    str
        For example ``2.4 (1.9 to 2.9)``; ``-`` where it is not known.
    """
    names = ("to_attainable", "to_attainable_low", "to_attainable_high")
    value, low, high = (100 * row[name] for name in names)
    return "-" if math.isnan(value) else f"{number(value)} ({number(low)} to {number(high)})"
