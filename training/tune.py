"""Tuning of the gains of a classical pilot, on episodes that no benchmark uses.

Every trial flies the same episodes of the tune domain. The first trial has the code's defaults, so
that the result is at least as good on these episodes; use `evaluate` to test it on others. The
search is Optuna's tree-structured Parzen estimator. Each trial is drawn with a generator that is
seeded by the number of the trial, so that a resumed study continues with the same trials.

A trial that can no longer be among the best is given up before its last task. The best ones may fly
again, with more landings, before one is chosen.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from agents import make_pilot
from agents.tunable import tunable
from lunar_env import load_mission
from lunar_env.errors import ConfigError, MissingExtra, nearest
from lunar_env.pilots import resolve
from lunar_env.specs import load_scenario
from training.evaluate import evaluate
from training.objective import RULE, Score, score, total
from training.provenance import provenance
from training.seeds import Domain, check_seed, generator_seed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import ModuleType

    import optuna

    from lunar_env.task import Task
    from training.journal import Journal

__all__ = [
    "Study",
    "TuningResult",
    "defaults",
    "result_of",
    "start_of",
    "study_settings",
    "tune",
]

Gains = dict[str, dict[str, float]]
# Decimal places of a gain; gains are rounded before they are flown, so the file is exact.
_DIGITS = 4


class Study(NamedTuple):
    """A tuning study: the pilot, the tasks and the size of the search."""

    pilot: str
    tasks: tuple[Task, ...]
    trials: int
    landings: int  # in each task of each trial
    seed: int
    finalists: int = 0  # trials that fly again, besides the first
    final_landings: int = 1000  # in each task of these
    start: tuple[tuple[str, float], ...] = ()  # of the second trial, where not the code's

    @property
    def rounds(self) -> int:
        """Number of sets of gains that are flown, those flown twice counted twice."""
        return self.trials + (min(self.finalists + 1, self.trials) if self.finalists else 0)

    def labels(self) -> tuple[str, ...]:
        """Names of the tasks: of their scenarios, if that is all in which they differ."""
        alike = len({task._replace(scenario="") for task in self.tasks}) == 1
        named = [load_scenario(task.scenario, task.mission).name for task in self.tasks]
        if alike:
            return tuple(named)
        missions = [load_mission(task.mission).name for task in self.tasks]
        return tuple(
            f"{mission} {task.phase} {name}"
            for mission, task, name in zip(missions, self.tasks, named, strict=True)
        )


class TuningResult(NamedTuple):
    """Result of a study."""

    gains: Gains
    best: tuple[Score, ...]
    default: tuple[Score, ...]  # with the code's defaults
    trials: int  # number of trials flown


def tune(
    study: Study,
    on_trial: Callable[[int, float], None] | None = None,
    journal: Journal | None = None,
) -> TuningResult:
    """Search for the best gains of a pilot.

    Parameters
    ----------
    study : Study
        The study.
    on_trial : callable, optional
        Called after each trial with the number of trials and the best score.
    journal : Journal, optional
        Journal of this study: its trials are not repeated, and new ones are added.

    Returns
    -------
    TuningResult
        The best trial, compared with the first one.

    Raises
    ------
    MissingExtra
        If Optuna is not installed.
    ConfigError
        If the pilot has no gains or cannot fly such a task, or a gain of the start is not searched
        or out of its range.
    """
    library = _optuna()
    check_seed(study.seed)
    start = start_of(study)
    spans = tunable(study.pilot)
    ranges = {name: library.distributions.FloatDistribution(*span) for name, span in spans.items()}
    search: optuna.Study = library.create_study()
    done = [] if journal is None else journal.entries[: study.rounds]
    trials = done[: study.trials]
    for entry in trials:
        search.add_trial(
            library.trial.create_trial(
                params=entry["params"], distributions=ranges, value=entry["total"]
            )
        )
    for number in range(len(trials), study.trials):
        # Seeded by its number, a trial depends only on the results of those before it.
        search.sampler = library.samplers.TPESampler(seed=_seed_of(study, number))
        if number == 0:
            search.enqueue_trial(defaults(study))
        if number == 1 and study.start:
            search.enqueue_trial(start)
        trial = search.ask(ranges)
        # The first trial has the code's defaults, without rounding.
        scores = fly(study, _grouped(trial.params) if number else {}, _beaten(study, trials))
        trials.append(_entry(trial.params, scores))
        search.tell(trial, total(scores))
        if journal is not None:
            journal.add(trials[-1])
        if on_trial is not None:
            on_trial(number + 1, search.best_value)
    finals = _fly_finals(study, trials, done[study.trials :], journal, on_trial)
    return result_of([*trials, *finals])


def start_of(study: Study) -> dict[str, float]:
    """Return the gains of the second trial, by ``group.gain``.

    Parameters
    ----------
    study : Study
        The study.

    Raises
    ------
    ConfigError
        If one is not searched or out of its range, or the study has only one trial.
    """
    if study.start and study.trials < 2:
        raise ConfigError(f"trials = {study.trials} must be at least 2: the start is the second")
    spans = tunable(study.pilot)
    values = defaults(study)
    for name, value in study.start:
        if name not in spans:
            raise ConfigError(
                f"the gain {name!r} of the start is not searched{nearest(name, spans)}"
                f" (available: {', '.join(spans)})"
            )
        if not spans[name].low <= value <= spans[name].high:
            low, high = spans[name]
            raise ConfigError(f"{name} = {value} of the start must be between {low} and {high}")
        values[name] = value
    return values


def _beaten(study: Study, trials: Sequence[Mapping[str, Any]]) -> float:
    """Score from which a trial is not among the best of those flown so far."""
    best = sorted(float(entry["total"]) for entry in trials)
    place = max(study.finalists, 1)
    return best[place - 1] if len(best) >= place else math.inf


def _fly_finals(
    study: Study,
    trials: Sequence[Mapping[str, Any]],
    done: Sequence[Mapping[str, Any]],
    journal: Journal | None,
    on_trial: Callable[[int, float], None] | None,
) -> list[Mapping[str, Any]]:
    """Fly the first trial and the best ones again; `done` are those flown before a stop."""
    if not study.finalists:
        return []
    better = sorted(trials[1:], key=lambda entry: float(entry["total"]))
    chosen = [trials[0], *better[: study.finalists]]
    again = study._replace(landings=study.final_landings)
    finals = list(done)
    for number in range(len(finals), len(chosen)):
        params = chosen[number]["params"]
        entry = _entry(params, fly(again, _grouped(params) if number else {})) | {"final": True}
        finals.append(entry)
        if journal is not None:
            journal.add(entry)
        if on_trial is not None:
            best = min(float(one["total"]) for one in finals)
            on_trial(study.trials + number + 1, best)
    return finals


def _entry(params: Mapping[str, float], scores: tuple[Score, ...]) -> dict[str, Any]:
    """Entry of a journal, JSON content."""
    listed = [one._asdict() for one in scores]
    return {"params": dict(params), "total": total(scores), "scores": listed}


def result_of(trials: Sequence[Mapping[str, Any]]) -> TuningResult:
    """Return the result of trials.

    Parameters
    ----------
    trials : sequence of mapping
        Entries of a study's journal, at least one.
    """
    finals = [entry for entry in trials if entry.get("final")]
    judged = finals or trials
    best = min(judged, key=lambda entry: float(entry["total"]))
    of_best, of_first = (tuple(Score(**one) for one in e["scores"]) for e in (best, judged[0]))
    return TuningResult(_grouped(best["params"]), of_best, of_first, len(trials) - len(finals))


def study_settings(study: Study) -> dict[str, Any]:
    """Return everything that the trials of a study depend on, as JSON content."""
    made_from = provenance()
    commit = made_from["commit"]
    return {
        "pilot": study.pilot,
        "objective": RULE,
        "domain": Domain.TUNE.name,
        "seed": study.seed,
        "landings": study.landings,
        **({"final_landings": study.final_landings} if study.finalists else {}),
        "finalists": study.finalists,
        **({"start": dict(study.start)} if study.start else {}),
        "tasks": {
            label: _identity(task) for label, task in zip(study.labels(), study.tasks, strict=True)
        },
        "searched": {name: list(span) for name, span in tunable(study.pilot).items()},
        "versions": made_from["versions"] | {"optuna": _optuna().__version__},
        **({} if commit is None else {"commit": commit}),
    }


def _identity(task: Task) -> dict[str, str]:
    """Return what is flown, with the digests of its files."""
    mission = load_mission(task.mission)
    scenario = load_scenario(task.scenario, task.mission)
    return {
        "mission": mission.name,
        "mission_digest": mission.digest,
        "scenario": scenario.name,
        "scenario_digest": scenario.digest,
        "phase": task.phase,
        "control": task.control,
    }


def _seed_of(study: Study, number: int) -> int:
    words = (generator_seed(study.seed, Domain.TUNE), number)
    return int(np.random.SeedSequence(words).generate_state(1, np.uint32)[0])


def fly(
    study: Study, gains: Mapping[str, Mapping[str, float]], beaten: float = math.inf
) -> tuple[Score, ...]:
    """Fly the landings of a study with gains that override the code's defaults.

    Parameters
    ----------
    study : Study
        The study.
    gains : mapping of mappings
        Value by group and gain.
    beaten : float, optional
        Mean score of all tasks from which the rest of them is left out. The mean of those flown is
        above it, too.

    Returns
    -------
    tuple of Score
        One per task that was flown.
    """
    scores: list[Score] = []
    for label, task in zip(study.labels(), study.tasks, strict=True):
        if sum(one.value for one in scores) >= beaten * len(study.tasks):
            break
        entry = resolve(study.pilot, task, gains=gains)
        flown = entry.pilot, entry.task, study.landings, study.seed
        landings = evaluate(*flown, label=entry.label, domain=Domain.TUNE)
        scores.append(score(landings)._replace(scenario=label))
    return tuple(scores)


def defaults(study: Study) -> dict[str, float]:
    """Return the code's defaults of the gains that the study searches, by ``group.gain``."""
    pilot: Any = make_pilot(study.pilot, gains={})
    groups = {"law": getattr(pilot.law, "gains", None), "terminal": pilot.law.terminal}
    groups |= {"blind": pilot.blind, "filter": getattr(pilot.navigation, "gains", None)}
    values = {}
    for name in tunable(study.pilot):
        group, _, gain = name.partition(".")
        values[name] = float(getattr(groups[group], gain))
    return values


def _grouped(values: Mapping[str, float]) -> Gains:
    groups: Gains = {}
    for name, value in values.items():
        group, _, gain = name.partition(".")
        groups.setdefault(group, {})[gain] = round(value, _DIGITS)
    return groups


def _optuna() -> ModuleType:
    try:
        import optuna  # late import: only tuning needs it
    except ImportError:
        raise MissingExtra("train", "tuning") from None
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna
