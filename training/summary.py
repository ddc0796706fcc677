"""Statistics of landings: proportions with intervals, speeds as order statistics."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lunar_env.errors import ConfigError
from lunar_env.proportion import Proportion, wilson
from training.results import MARGINS
from training.statistics import Comparison, mcnemar, order_statistic

if TYPE_CHECKING:
    from training.bounds.shares import Bounds
    from training.results import Landings

__all__ = [
    "Group",
    "compare",
    "groups",
    "headline",
    "missions_of",
    "pilots_of",
    "rows_where",
    "scenarios_of",
    "select",
    "statistics",
    "summarise",
]

SPEEDS = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "p997": 0.997, "max": 1.0}
_NOMINAL = tuple(f"margin_{name}" for name in MARGINS if name.startswith("nominal_"))


class Group(NamedTuple):
    """Statistics of one pilot in one scenario of one mission."""

    pilot: str
    mission: str
    scenario: str
    success: Proportion
    lost: Proportion  # starts from which no control could land
    success_not_lost: Proportion  # success among the others
    nominal: Proportion  # success within the nominal limits
    speed: dict[str, float]  # at touchdown [m/s], by name in SPEEDS
    propellant_used_p50_kg: float  # median of the successful landings
    first_fix_height_p50_m: float
    worst_height_error_p95_m: float
    outcomes: dict[str, int]

    def to_dict(self) -> dict[str, Any]:
        """Return the group as JSON content."""
        return {
            "pilot": self.pilot,
            "mission": self.mission,
            "scenario": self.scenario,
            "landings": self.success.trials,
            "landed": self.success.successes,
            **statistics(self),
            "nominal": self.nominal.value,
            "propellant_used_p50_kg": self.propellant_used_p50_kg,
            "first_fix_height_p50_m": self.first_fix_height_p50_m,
            "worst_height_error_p95_m": self.worst_height_error_p95_m,
            "outcomes": self.outcomes,
        }


def headline(group: Group, bounds: Bounds | None = None) -> dict[str, float]:
    """Return the statistics that ``evaluate --json`` prints.

    Parameters
    ----------
    group : Group
        Statistics of one pilot in one scenario.
    bounds : Bounds, optional
        Of the same episodes; the shares saved and attainable are NaN without them.

    Returns
    -------
    dict
        Proportions in [0, 1] with 95 % intervals, touchdown speeds [m/s].
    """
    return {
        **statistics(group),
        "saved": math.nan if bounds is None else float(bounds.saved.mean()),
        "attainable": math.nan if bounds is None else float(bounds.attainable.mean()),
    }


def statistics(group: Group) -> dict[str, float]:
    """Return the statistics of a pilot's landings alone, see `headline`.

    Parameters
    ----------
    group : Group
        Statistics of one pilot in one scenario.

    Returns
    -------
    dict
        Proportions in [0, 1] with 95 % intervals, touchdown speeds [m/s].
    """
    possible = group.success_not_lost
    return {
        "success": group.success.value,
        "success_low": group.success.low,
        "success_high": group.success.high,
        "lost": group.lost.value,
        "success_not_lost": possible.value,
        "success_not_lost_low": possible.low,
        "success_not_lost_high": possible.high,
        **{f"speed_{name}": value for name, value in group.speed.items()},
    }


def summarise(landings: Landings) -> Group:
    """Return the statistics of one pilot in one scenario.

    Parameters
    ----------
    landings : dict of ndarray
        Columns of the results.

    Returns
    -------
    Group
        The statistics.
    """
    landed, lost = landings["landed"], landings["lost"]
    total = len(landed)
    nominal = landed & np.all([landings[name] >= 0 for name in _NOMINAL], axis=0)
    speed = landings["speed_m_s"]
    return Group(
        pilot=str(landings["pilot"][0]),
        mission=str(landings["mission"][0]),
        scenario=str(landings["scenario"][0]),
        success=wilson(int(landed.sum()), total),
        lost=wilson(int(lost.sum()), total),
        success_not_lost=wilson(int((landed & ~lost).sum()), int((~lost).sum())),
        nominal=wilson(int(nominal.sum()), total),
        speed={name: order_statistic(speed, fraction) for name, fraction in SPEEDS.items()},
        propellant_used_p50_kg=order_statistic(landings["propellant_used_kg"][landed], 0.5),
        first_fix_height_p50_m=order_statistic(landings["first_fix_height_m"], 0.5),
        worst_height_error_p95_m=order_statistic(landings["worst_height_error_m"], 0.95),
        outcomes=dict(Counter(landings["outcome"].tolist()).most_common()),
    )


def groups(landings: Landings) -> list[Group]:
    """Return the statistics of each pilot in each scenario.

    Parameters
    ----------
    landings : dict of ndarray
        Columns of the results.

    Returns
    -------
    list of Group
        By scenario, then pilot, in order of appearance.
    """
    return [
        summarise(select(landings, pilot, scenario))
        for scenario in scenarios_of(landings)
        for pilot in pilots_of(landings)
        if len(select(landings, pilot, scenario)["landed"])
    ]


def compare(landings: Landings, scenario: str, first: str, second: str) -> Comparison:
    """Compare two pilots that flew the same episodes of a scenario.

    Parameters
    ----------
    landings : dict of ndarray
        Columns of the results.
    scenario : str
        Name of the scenario.
    first, second : str
        Names of the pilots.

    Returns
    -------
    Comparison
        McNemar's exact test.

    Raises
    ------
    ConfigError
        If they did not fly the same episodes.
    """
    a, b = (select(landings, pilot, scenario) for pilot in (first, second))
    if not np.array_equal(a["seed"], b["seed"]):
        raise ConfigError(f"{first} and {second} did not fly the same episodes of {scenario}")
    return mcnemar(a["landed"], b["landed"])


def select(landings: Landings, pilot: str, scenario: str) -> Landings:
    """Return the landings of one pilot in one scenario."""
    return rows_where(landings, (landings["pilot"] == pilot) & (landings["scenario"] == scenario))


def rows_where(landings: Landings, chosen: np.ndarray) -> Landings:
    """Return some rows of a table.

    Parameters
    ----------
    landings : dict of ndarray
        Columns with one entry per landing.
    chosen : ndarray of bool, shape (n,)
        The rows to keep.

    Returns
    -------
    dict of ndarray
        The same columns.
    """
    return {name: column[chosen] for name, column in landings.items()}


def missions_of(landings: Landings) -> list[str]:
    """Return the missions in order of appearance."""
    return list(dict.fromkeys(landings["mission"].tolist()))


def pilots_of(landings: Landings) -> list[str]:
    """Return the pilots in order of appearance."""
    return list(dict.fromkeys(landings["pilot"].tolist()))


def scenarios_of(landings: Landings) -> list[str]:
    """Return the scenarios in order of appearance."""
    return list(dict.fromkeys(landings["scenario"].tolist()))
