"""Summary of a mission: outcomes, simulated and published figures, and a sentence."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

import lunar_env
from lunar_env.proportion import Proportion, wilson
from lunar_env.specs import load_mission
from lunar_env.specs.published import FIGURES, meaning_of
from lunar_env.specs.quantity import unit_of
from training.missions.cases import HEALTHY, OWN, Case, as_flown_of
from training.missions.sentence import sentence
from training.provenance import provenance
from training.statistics import order_statistic

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lunar_env.specs import AsFlownSpec, PublishedFigure
    from training.results import Landings

__all__ = ["Figure", "MissionKey", "figures_of", "has_key", "mission_key", "summarise_mission"]

# Smallest fraction of flights that must have an unpublished figure for it to be reported.
MIN_FRACTION = 0.05
_LOW, _HIGH = 0.05, 0.95


class Figure(NamedTuple):
    """Order statistics of a figure over the flights that have it; all are observed values."""

    median: float
    low: float  # 5 %
    high: float  # 95 %
    flights: int  # number of flights that have the figure


def figures_of(landings: Landings, flown: AsFlownSpec) -> dict[str, Figure]:
    """Return the figures that exist, published ones first.

    Parameters
    ----------
    landings : dict of ndarray
        Columns of `training.missions.cases.FlownPart`.
    flown : AsFlownSpec
        Its published figures come first, even if few flights have them.

    Returns
    -------
    dict
        Figures by name.
    """
    published = [figure.name for figure in flown.published]
    others = (name for name in landings if name not in FIGURES and _is_figure(name))
    figures = {}
    for name in dict.fromkeys((*published, *FIGURES, *others)):
        values = np.asarray(landings.get(name, ()), dtype=np.float64)
        count = int(np.sum(~np.isnan(values)))
        if count and (name in published or count >= MIN_FRACTION * len(values)):
            median, low, high = (order_statistic(values, share) for share in (0.5, _LOW, _HIGH))
            figures[name] = Figure(median, low, high, count)
    return figures


class MissionKey(NamedTuple):
    """Everything that the results of a mission depend on."""

    mission: str
    landings: int
    seed: int
    version: str
    commit: str | None
    mission_digest: str
    as_flown_digest: str


def mission_key(mission: str, landings: int, seed: int) -> MissionKey:
    """Return what the results of a mission depend on, for the present code and data.

    Parameters
    ----------
    mission : str
        Name of the mission.
    landings, seed : int
        Number of landings in each scenario, and the user's seed.
    """
    commit, flown = provenance()["commit"], as_flown_of(mission)
    digests = load_mission(mission).digest, flown.digest
    return MissionKey(mission, landings, seed, lunar_env.__version__, commit, *digests)


def has_key(table: Mapping[str, Any] | None, key: MissionKey) -> bool:
    """Return whether the results of a mission have a key."""
    if table is None:
        return False
    return all(
        table.get(name) == value for name, value in key._asdict().items() if name != "mission"
    )


def summarise_mission(key: MissionKey, flown: Landings, healthy: Landings) -> dict[str, Any]:
    """Return the results of a mission, for ``results.toml``.

    Parameters
    ----------
    key : MissionKey
        What the results depend on.
    flown, healthy : dict of ndarray
        Landings with the recorded faults, and with healthy sensors.

    Returns
    -------
    dict
        Content of the table of the mission.
    """
    mission = key.mission
    as_flown = as_flown_of(mission)
    outcomes = Counter(str(outcome) for outcome in flown["outcome"])
    count = len(flown["outcome"])
    as_reported = wilson(sum(outcomes[end] for end in as_flown.ends), count)
    figures = figures_of(flown, as_flown)
    entries = {
        name: _entry(name, figure, _published(as_flown, name)) for name, figure in figures.items()
    }
    inside = all(entries.get(p.name, {}).get("inside", p.band is None) for p in as_flown.published)
    medians = {name: figure.median for name, figure in figures.items()}
    return {
        "outcome": sentence(outcomes, as_flown, medians),
        "reproduced": as_reported.value >= as_flown.ends_frac and inside,
        "landings": key.landings,
        "seed": key.seed,
        "pilot": OWN,
        "phase": as_flown.phase,
        "control": as_flown.control,
        "version": key.version,
        **({"commit": key.commit} if key.commit else {}),
        "mission_digest": key.mission_digest,
        "as_flown_digest": key.as_flown_digest,
        "outcomes": dict(outcomes.most_common()),
        "as_then": {
            "ends": list(as_flown.ends),
            "least": as_flown.ends_frac,
            **_share(as_reported),
        },
        "healthy": {
            "scenario": HEALTHY,
            "phase": Case(mission, HEALTHY).task().phase,
            **_share(wilson(int(np.sum(healthy["landed"])), len(healthy["landed"]))),
        },
        "figures": entries,
    }


def _is_figure(name: str) -> bool:
    try:
        return bool(meaning_of(name))
    except ValueError:
        return False


def _published(flown: AsFlownSpec, name: str) -> PublishedFigure | None:
    return next((figure for figure in flown.published if figure.name == name), None)


def _entry(name: str, figure: Figure, published: PublishedFigure | None) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "median": rounded(figure.median),
        "p5": rounded(figure.low),
        "p95": rounded(figure.high),
        "unit": unit_of(name),
        "flights": figure.flights,
    }
    if published is not None:
        entry["published"] = published.value
        source = published.provenance["value"].source
        if source:
            entry["source"] = source
        if published.band is not None:
            low, high = published.band
            entry |= {"band": [low, high], "inside": low <= figure.median <= high}
    return entry


def _share(share: Proportion) -> Mapping[str, object]:
    return {
        "count": share.successes,
        "of": share.trials,
        "low": rounded(share.low),
        "high": rounded(share.high),
    }


def rounded(value: float, digits: int = 4) -> float:
    """Return a number rounded to significant digits."""
    if value == 0.0 or not math.isfinite(value):
        return value
    return round(value, digits - 1 - math.floor(math.log10(abs(value))))
