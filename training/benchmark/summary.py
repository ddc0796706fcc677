"""The statistics of a benchmark, from its rows."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lunar_env.proportion import Proportion, wilson
from training.bounds.distance import distance_to_attainable
from training.statistics import order_statistic
from training.summary import (
    compare,
    missions_of,
    pilots_of,
    rows_where,
    scenarios_of,
    select,
    summarise,
)
from training.taxonomy import CAUSES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from training.bounds.shares import Bounds
    from training.results import Landings

__all__ = [
    "SURVIVAL",
    "Bin",
    "causes_of",
    "place_name",
    "propellant_ratio",
    "summary_content",
    "survival",
]

# Columns against which success is plotted, with their labels.
SURVIVAL = {
    "latency_s": "latency [s]",
    "first_fix_height_m": "height at the first range [m]",
    "missed_share": "fraction of ranges that never arrived",
}
FORMAT = "lunar-env-benchmark-summary/3"
MAX_BINS = 8
MIN_PER_BIN = 10


class Bin(NamedTuple):
    """Landings with a drawn value in an interval."""

    low: float
    high: float
    middle: float  # median of the values in the bin
    share: Proportion  # successful landings


def causes_of(landings: Landings) -> dict[str, int]:
    """Count losses by cause, in the order of `training.taxonomy.CAUSES`.

    Parameters
    ----------
    landings : dict of ndarray
        Columns of the results.

    Returns
    -------
    dict
        Numbers of losses, without causes that do not occur.
    """
    count = Counter(landings["cause"].tolist())
    return {cause: count[cause] for cause in CAUSES if count[cause]}


def propellant_ratio(landings: Landings) -> dict[str, float]:
    """Return the ratio of propellant used to the optimum, for successful landings.

    Parameters
    ----------
    landings : dict of ndarray
        Columns of the results.

    Returns
    -------
    dict
        ``p50``, ``p95`` and ``max`` (NaN for no landings), and the number of ``landings``.
    """
    known = landings["landed"] & np.isfinite(landings["optimum_kg"])
    ratio = landings["propellant_used_kg"][known] / landings["optimum_kg"][known]
    shares = {"p50": 0.5, "p95": 0.95, "max": 1.0}
    return {
        **{name: order_statistic(ratio, share) for name, share in shares.items()},
        "landings": int(known.sum()),
    }


def survival(landings: Landings, column: str) -> dict[str, list[Bin]]:
    """Return success by pilot in bins of a drawn quantity, the same bins for all pilots.

    Parameters
    ----------
    landings : dict of ndarray
        Landings of one scenario of one mission.
    column : str
        A key of `SURVIVAL`.

    Returns
    -------
    dict of list of Bin
        Empty if the quantity does not vary or there are too few landings.
    """
    values = landings[column]
    known = values[np.isfinite(values)]
    pilots = pilots_of(landings)
    bins = min(MAX_BINS, len(known) // (MIN_PER_BIN * len(pilots)))
    if bins < 2 or np.ptp(known) <= 1e-9 * max(1.0, float(np.abs(known).max())):
        return {}
    edges = np.unique(np.quantile(known, np.linspace(0.0, 1.0, bins + 1), method="inverted_cdf"))
    of_row = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, len(edges) - 2)
    curves: dict[str, list[Bin]] = {}
    for pilot in pilots:
        mine = (landings["pilot"] == pilot) & np.isfinite(values)
        curves[pilot] = []
        for k, (low, high) in enumerate(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)):
            inside = mine & (of_row == k)
            if inside.any():
                share = wilson(int(landings["landed"][inside].sum()), int(inside.sum()))
                curves[pilot].append(Bin(low, high, float(np.median(values[inside])), share))
    return curves


def summary_content(
    landings: Landings,
    metadata: Mapping[str, Any],
    timelines: Sequence[Mapping[str, Any]],
    bounds: Mapping[str, Bounds],
) -> dict[str, Any]:
    """Return the content of the report as JSON content.

    Parameters
    ----------
    landings : dict of ndarray
        Columns of the results.
    metadata : mapping
        Settings, versions, digests.
    timelines : sequence of mapping
        Time histories of the worst failures.
    bounds : mapping of str to Bounds
        Of the same episodes, by `place_name` of mission and scenario; may be empty.

    Returns
    -------
    dict
        ``groups`` by mission, scenario and pilot, ``bounds`` by place, ``comparisons`` of all pairs
        of pilots by McNemar's exact test, ``worst`` failures with the commands that repeat them,
        and the metadata.
    """
    groups, comparisons, shares = [], [], {}
    for mission in missions_of(landings):
        part = rows_where(landings, landings["mission"] == mission)
        for scenario in scenarios_of(part):
            place = place_name(mission, scenario)
            known = bounds.get(place)
            groups += [_group(part, pilot, scenario, known) for pilot in pilots_of(part)]
            if known is not None:
                pilots = pilots_of(part)
                landed = {pilot: select(part, pilot, scenario)["landed"] for pilot in pilots}
                shares[place] = known.to_dict(landed)
            for pair in combinations(pilots_of(part), 2):
                names = {"mission": mission, "scenario": scenario}
                names |= dict(zip(("first", "second"), pair, strict=True))
                comparisons.append(names | compare(part, scenario, *pair)._asdict())
    worst = [{k: v for k, v in line.items() if k != "line"} for line in timelines]
    head = {"format": FORMAT, **metadata}
    found = {"groups": groups, "bounds": shares, "comparisons": comparisons}
    return {**head, **found, "worst": worst}


def place_name(mission: str, scenario: str) -> str:
    """Return the name of a scenario of a mission."""
    return f"{mission} {scenario}"


def _group(landings: Landings, pilot: str, scenario: str, bounds: Bounds | None) -> dict[str, Any]:
    rows = select(landings, pilot, scenario)
    all_pilots = rows_where(landings, landings["scenario"] == scenario)
    curves = {column: survival(all_pilots, column).get(pilot, []) for column in SURVIVAL}
    return {
        **summarise(rows).to_dict(),
        **_distance(rows["landed"], bounds),
        "causes": causes_of(rows),
        "propellant_over_optimum": propellant_ratio(rows),
        "lockout_p99_s": order_statistic(rows["lockout_s"], 0.99),
        "worst_estimate_error_p95_m": order_statistic(rows["worst_estimate_error_m"], 0.95),
        "survival": {
            column: [
                {"low": b.low, "high": b.high, "landed": b.share.successes, "of": b.share.trials}
                for b in bins
            ]
            for column, bins in curves.items()
            if bins
        },
    }


def _distance(landed: np.ndarray, bounds: Bounds | None) -> dict[str, float]:
    known = [] if bounds is None else [bounds.attainable]
    return distance_to_attainable([landed][: len(known)], known)
