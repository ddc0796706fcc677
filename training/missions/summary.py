"""What a mission came to: outcomes, medians beside the published figures, one sentence."""

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

__all__ = ["About", "Figure", "about_mission", "figures_of", "is_about", "summarise_mission"]

# Not told of fewer flights than this share: an odd one out says nothing about the mission.
LEAST_SHARE = 0.05
_LOW, _HIGH = 0.05, 0.95


class Figure(NamedTuple):
    """A figure over the flights that have it: order statistics, all of them observed."""

    median: float
    low: float  # 5 %
    high: float  # 95 %
    flights: int


def figures_of(landings: Landings, flown: AsFlownSpec) -> dict[str, Figure]:
    """Return the figures that exist, published ones first.

    Parameters
    ----------
    landings : dict of ndarray
        Columns of `training.missions.cases.FlownPart`.
    flown : AsFlownSpec
        Whose published figures come first, however few flights have them.

    Returns
    -------
    dict
        By name.
    """
    told = [figure.name for figure in flown.published]
    others = (name for name in landings if name not in FIGURES and _is_figure(name))
    found = {}
    for name in dict.fromkeys((*told, *FIGURES, *others)):
        values = np.asarray(landings.get(name, ()), dtype=np.float64)
        count = int(np.sum(~np.isnan(values)))
        if count and (name in told or count >= LEAST_SHARE * len(values)):
            median, low, high = (order_statistic(values, share) for share in (0.5, _LOW, _HIGH))
            found[name] = Figure(median, low, high, count)
    return found


class About(NamedTuple):
    """What a mission's table depends on: with the same it comes out the same."""

    mission: str
    landings: int
    seed: int
    version: str
    commit: str | None
    mission_digest: str
    as_flown_digest: str


def about_mission(mission: str, landings: int, seed: int) -> About:
    """Return what the table of a mission depends on, as things are now.

    Parameters
    ----------
    mission : str
        Its name.
    landings, seed : int
        Of the flights on its day, and with a healthy set of sensors.
    """
    commit, flown = provenance()["commit"], as_flown_of(mission)
    digests = load_mission(mission).digest, flown.digest
    return About(mission, landings, seed, lunar_env.__version__, commit, *digests)


def is_about(table: Mapping[str, Any] | None, about: About) -> bool:
    """Whether a mission's table is of the same flights."""
    if table is None:
        return False
    return all(
        table.get(name) == value for name, value in about._asdict().items() if name != "mission"
    )


def summarise_mission(about: About, flown: Landings, healthy: Landings) -> dict[str, Any]:
    """Return the table of a mission for ``results.toml``.

    Parameters
    ----------
    about : About
        Which flights they are.
    flown, healthy : dict of ndarray
        Landings on its day, and with a healthy set of sensors.

    Returns
    -------
    dict
        Content of its table.
    """
    mission = about.mission
    as_flown = as_flown_of(mission)
    outcomes = Counter(str(outcome) for outcome in flown["outcome"])
    count = len(flown["outcome"])
    as_then = wilson(sum(outcomes[end] for end in as_flown.ends), count)
    figures = figures_of(flown, as_flown)
    entries = {
        name: _entry(name, figure, _published(as_flown, name)) for name, figure in figures.items()
    }
    inside = all(entries.get(p.name, {}).get("inside", p.band is None) for p in as_flown.published)
    medians = {name: figure.median for name, figure in figures.items()}
    return {
        "outcome": sentence(outcomes, as_flown, medians),
        "reproduced": as_then.value >= as_flown.ends_frac and inside,
        "landings": about.landings,
        "seed": about.seed,
        "pilot": OWN,
        "phase": as_flown.phase,
        "control": as_flown.control,
        "version": about.version,
        **({"commit": about.commit} if about.commit else {}),
        "mission_digest": about.mission_digest,
        "as_flown_digest": about.as_flown_digest,
        "outcomes": dict(outcomes.most_common()),
        "as_then": {"ends": list(as_flown.ends), "least": as_flown.ends_frac, **_share(as_then)},
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
    """Return a number to some significant digits: a file is read by people too."""
    if value == 0.0 or not math.isfinite(value):
        return value
    return round(value, digits - 1 - math.floor(math.log10(abs(value))))
