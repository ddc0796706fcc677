"""Flies the landings of accidents and counts what lands them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

import lunar_env
from lunar_env.specs import load_mission
from training.accidents.causes import KINDS, Landed, kinds_of
from training.accidents.flights import Flown, FlyJob, flown_by
from training.accidents.height_error import HeightJob
from training.accidents.propellant import PROPELLANT, PropellantJob
from training.benchmark.pool import run_jobs
from training.missions.cases import OWN, Case, FlownPart, as_flown_of
from training.missions.summary import rounded
from training.provenance import provenance
from training.seeds import Domain, episode_seeds
from training.statistics import order_statistic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from training.benchmark.pool import Job

__all__ = ["HEIGHT_ERROR", "Plan", "fly"]

# Where the height is judged [m] and how wrong it may be [m], by mission.
HEIGHT_ERROR: Final = {"hakuto-r-m1": (200.0, 20.0)}
# The part of the truth that the general pilots are given, by mission.
COMPARED: Final = {"hakuto-r-m1": "lateral"}


class Plan(NamedTuple):
    """What is flown for one mission."""

    mission: str
    pilots: Sequence[str]
    landings: int
    seed: int

    def jobs(self) -> dict[tuple[str, Any], Job[Any]]:
        """Return the jobs, each by what it is for and of whom."""
        task = Case(self.mission).task()
        seeds = tuple(episode_seeds(self.seed, Domain.BENCH, self.landings))
        who = flown_by(self.mission, self.pilots)
        jobs: dict[tuple[str, Any], Job[Any]] = {}
        jobs[OWN, OWN] = FlownPart(Case(self.mission), self.seed, 0, self.landings)
        flown = [pilot for kind in who if kind != OWN for pilot in who[kind]]
        laws = [pilot.pilot for pilot in who["general"] if pilot.pilot.endswith("+kalman")]
        if part := COMPARED.get(self.mission):
            flown += [Flown(law, part) for law in laws]
        for pilot in dict.fromkeys(flown):
            jobs["landed", pilot] = FlyJob(pilot, task, seeds)
        if self.mission in HEIGHT_ERROR:
            at_m, _ = HEIGHT_ERROR[self.mission]
            for law in laws:
                jobs["height", law] = HeightJob(law, task, seeds, at_m)
        for share in PROPELLANT.get(self.mission, ()):
            jobs["propellant", share] = PropellantJob(self.mission, share, tuple(laws), self.seed)
        return jobs

    def table(self, done: Mapping[tuple[str, Any], Any]) -> dict[str, Any]:
        """Return the results, from those of all jobs."""
        own, who = done[OWN, OWN], flown_by(self.mission, self.pilots)
        landed = {pilot: done[key] for key in done if key[0] == "landed" for pilot in [key[1]]}

        def counts(pilots: Sequence[Flown]) -> dict[str, int]:
            return {pilot.label: int(landed[pilot].sum()) for pilot in pilots}

        def best(*kinds: str) -> Flown:
            return max((p for kind in kinds for p in who[kind]), key=lambda p: landed[p].sum())

        onboard, told, truth = best("general"), best("general", "informed"), best("truth")
        given_state, same_filter = landed[Flown(OWN, "state")], landed[best("filter")]
        shares = Landed(own["landed"], given_state, landed[onboard], same_filter, landed[truth])
        count = Counter(kinds_of(shares, own["lost"]).tolist())
        other = next((p for p in (onboard, truth) if landed[p].mean() >= 0.5), onboard)
        ends = as_flown_of(self.mission).ends
        table: dict[str, Any] = {
            **self._made_of(),
            "own": int(own["landed"].sum()),
            "best": onboard.label,
            "attainable": told.label,
            "saved": truth.label,
            "lost": int(own["lost"].sum()),
            "ends": dict(Counter(own["outcome"].tolist()).most_common()),
            "kinds": {kind: count[kind] for kind in KINDS if count[kind]},
            "picture": {
                "landing": _typical(own, landed[other], ends),
                "other": other.label,
            },
            "general": counts(who["general"]),
            "filter": {p.pilot: int(landed[p].sum()) for p in who["filter"]},
            "informed": counts(who["informed"]),
            "truth": counts(who["truth"]),
            "given": {p.given: int(landed[p].sum()) for p in who["given"]},
        }
        return {**table, **self._asked(landed, done)}

    def _asked(
        self, landed: Mapping[Flown, np.ndarray], done: Mapping[tuple[str, Any], Any]
    ) -> dict[str, Any]:
        """Return what is asked of this mission alone."""
        table: dict[str, Any] = {}
        if part := COMPARED.get(self.mission):
            told_part = [p for p in landed if p.given == part and p.pilot != OWN]
            table["compared"] = {p.pilot: int(landed[p].sum()) for p in told_part}
        if self.mission in HEIGHT_ERROR:
            table["height_error"] = _heights(done, *HEIGHT_ERROR[self.mission])
        tanks = {f"{share:.2f}": done[kind, share] for kind, share in done if kind == "propellant"}
        return {**table, **({"propellant": tanks} if tanks else {})}

    def _made_of(self) -> dict[str, Any]:
        """Return what the results depend on."""
        return {
            "landings": self.landings,
            "seed": self.seed,
            "version": lunar_env.__version__,
            "commit": provenance()["commit"] or "",
            "mission_digest": load_mission(self.mission).digest,
            "as_flown_digest": as_flown_of(self.mission).digest,
        }


def _heights(
    done: Mapping[tuple[str, Any], Any], at_m: float, most_m: float
) -> dict[str, dict[str, Any]]:
    """Return how wrong the heights of the pilots are."""
    errors = {name: np.abs(done[kind, name]) for kind, name in done if kind == "height"}
    return {
        name: {
            "at_m": at_m,
            "most_m": most_m,
            "within": int((error <= most_m).sum()),
            "p50_m": rounded(order_statistic(error, 0.5)),
            "p95_m": rounded(order_statistic(error, 0.95)),
        }
        for name, error in errors.items()
    }


def fly(
    plans: Sequence[Plan],
    workers: int,
    on_progress: Callable[[int, str], None] | None = None,
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Fly plans.

    Parameters
    ----------
    plans : sequence of Plan
        One for each mission.
    workers : int
        Number of processes; does not affect the results.
    on_progress : callable, optional
        Called with the number of pilots that have flown, and the latest mission.

    Yields
    ------
    mission : str
        A mission that all have flown.
    table : dict
        Its results; see `Plan.table`.
    """
    named = [(plan, key, job) for plan in plans for key, job in plan.jobs().items()]
    left = Counter(plan.mission for plan, _, _ in named)
    done: dict[str, dict[tuple[str, Any], Any]] = {plan.mission: {} for plan in plans}
    for number, (index, result) in enumerate(run_jobs([job for *_, job in named], workers), 1):
        plan, key, _ = named[index]
        done[plan.mission][key] = result
        left[plan.mission] -= 1
        if on_progress is not None:
            on_progress(number, f"{plan.mission}: {key[0]} {_name(key[1])}")
        if not left[plan.mission]:
            yield plan.mission, plan.table({k: done[plan.mission][k] for k in plan.jobs()})


def _name(who: object) -> str:
    return who.label if isinstance(who, Flown) else str(who)


def _typical(own: Mapping[str, np.ndarray], other: np.ndarray, ends: Sequence[str]) -> int:
    """Return the flight nearest to the median in touchdown speed and error of the height there.

    Of those that ended as reported and that the other pilot lands, if there are any.
    """
    alike = np.isin(own["outcome"].astype(str), list(ends))
    choices = (alike & other, alike, np.ones_like(alike))
    chosen = np.flatnonzero(next(some for some in choices if some.any()))
    from_median = np.zeros(len(chosen))
    for figure in ("v_vertical_m_s", "touchdown_height_error_m"):
        values = np.nan_to_num(own[figure][chosen])
        from_median += np.abs(values - np.median(values)) / max(float(np.ptp(values)), 1e-9)
    return int(chosen[np.argmin(from_median)])
