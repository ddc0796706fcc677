"""Tuning: the few gains of a classical pilot, found on landings that no benchmark flies.

Every trial flies the same landings, drawn for tuning. The first trial is the pilot with the
defaults of the code, so that what is found can only be better on these landings; whether it is on
others is for `evaluate` to say. The study is a tree-structured Parzen estimator's (Optuna), which
draws every trial from a generator seeded by the trial's number: a study that was stopped goes on to
the same trials.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import tomli_w

from agents.tunable import tunable
from lunar_env import load_mission
from lunar_env.errors import MissingExtra
from lunar_env.files import write_file
from lunar_env.pilots import resolve
from lunar_env.specs import load_scenario
from training.evaluate import evaluate
from training.objective import RULE, Score, score, total
from training.provenance import provenance
from training.seeds import Domain, check_seed, generator_seed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path
    from types import ModuleType

    import optuna

    from lunar_env.task import Task
    from training.journal import Journal

__all__ = ["Found", "Study", "about", "defaults", "found_in", "tune", "write_gains"]

Gains = dict[str, dict[str, float]]
# Digits that a gain is rounded to before it is flown: what is written is what was flown.
_DIGITS = 4


class Study(NamedTuple):
    """What is tuned, and on what."""

    pilot: str
    tasks: tuple[Task, ...]  # one per scenario
    trials: int
    landings: int  # of each scenario in each trial
    seed: int


class Found(NamedTuple):
    """What a study found."""

    gains: Gains
    best: tuple[Score, ...]
    default: tuple[Score, ...]  # of the pilot as the code has it
    trials: int  # flown


def tune(
    study: Study,
    on_trial: Callable[[int, float], None] | None = None,
    journal: Journal | None = None,
) -> Found:
    """Search the gains of a pilot.

    Parameters
    ----------
    study : Study
        What is tuned.
    on_trial : callable, optional
        Called after each trial with the number of trials and the best score.
    journal : Journal, optional
        Of this study: its trials are not flown again, those that are flown are added.

    Returns
    -------
    Found
        The best trial's.

    Raises
    ------
    MissingExtra
        If Optuna is not installed.
    ConfigError
        If the pilot has no gains, or cannot fly such a task.
    """
    library = _optuna()
    spans = tunable(study.pilot)
    check_seed(study.seed)
    ranges = {name: library.distributions.FloatDistribution(*span) for name, span in spans.items()}
    search: optuna.Study = library.create_study()
    trials = [] if journal is None else journal.entries[: study.trials]
    for entry in trials:
        search.add_trial(
            library.trial.create_trial(
                params=entry["params"], distributions=ranges, value=entry["total"]
            )
        )
    for number in range(len(trials), study.trials):
        # Seeded by its number, a trial follows from those before it, whoever flew them.
        search.sampler = library.samplers.TPESampler(seed=_seed_of(study, number))
        if number == 0:
            search.enqueue_trial(defaults(study))
        trial = search.ask(ranges)
        # The first trial is the code's own numbers, to the last digit.
        scores = fly(study, _grouped(trial.params) if number else {})
        search.tell(trial, total(scores))
        entry = {"params": trial.params, "total": total(scores)}
        trials.append(entry | {"scores": [one._asdict() for one in scores]})
        if journal is not None:
            journal.add(trials[-1])
        if on_trial is not None:
            on_trial(number + 1, search.best_value)
    return found_in(trials)


def found_in(trials: Sequence[Mapping[str, Any]]) -> Found:
    """Return what some trials found.

    Parameters
    ----------
    trials : sequence of mapping
        Entries of a study's journal, at least one.
    """
    best = min(trials, key=lambda entry: float(entry["total"]))
    of_best, of_first = (tuple(Score(**one) for one in e["scores"]) for e in (best, trials[0]))
    return Found(_grouped(best["params"]), of_best, of_first, len(trials))


def about(study: Study) -> dict[str, Any]:
    """Return everything that the trials of a study depend on, but for their number."""
    made_from = provenance()
    mission = load_mission(study.tasks[0].mission)
    scenarios = [load_scenario(task.scenario, task.mission) for task in study.tasks]
    commit = made_from["commit"]
    return {
        "pilot": study.pilot,
        "objective": RULE,
        "domain": Domain.TUNE.name,
        "seed": study.seed,
        "landings": study.landings,
        "control": study.tasks[0].control,
        "phase": study.tasks[0].phase,
        "mission": {"name": mission.name, "digest": mission.digest},
        "scenarios": {spec.name: {"digest": spec.digest} for spec in scenarios},
        "searched": {name: list(span) for name, span in tunable(study.pilot).items()},
        "versions": made_from["versions"] | {"optuna": _optuna().__version__},
        **({} if commit is None else {"commit": commit}),
    }


def _seed_of(study: Study, number: int) -> int:
    words = (generator_seed(study.seed, Domain.TUNE), number)
    return int(np.random.SeedSequence(words).generate_state(1, np.uint32)[0])


def fly(study: Study, gains: Mapping[str, Mapping[str, float]]) -> tuple[Score, ...]:
    """Fly the study's landings with some gains laid over the code's.

    Returns
    -------
    tuple of Score
        One per scenario.
    """
    scores = []
    for task in study.tasks:
        entry = resolve(study.pilot, task, gains=gains)
        flown = entry.pilot, entry.task, study.landings, study.seed
        landings = evaluate(*flown, label=entry.label, domain=Domain.TUNE)
        scores.append(score(landings))
    return tuple(scores)


def defaults(study: Study) -> dict[str, float]:
    """Gains of the code for everything that the study may change, by ``group.gain``."""
    pilot: Any = resolve(study.pilot, study.tasks[0], gains={}).pilot
    groups = {"law": getattr(pilot.law, "gains", None), "terminal": pilot.law.terminal}
    groups |= {"blind": pilot.blind, "filter": getattr(pilot.navigation, "gains", None)}
    found = {}
    for name in tunable(study.pilot):
        group, _, gain = name.partition(".")
        found[name] = float(getattr(groups[group], gain))
    return found


def write_gains(path: Path, study: Study, found: Found) -> None:
    """Write gains as a file that `make_pilot` reads, with the study that found them.

    Parameters
    ----------
    path : Path
        A TOML file, written whole.
    study : Study
        What was tuned.
    found : Found
        What came of it.
    """
    content = {**found.gains, "study": _record(study, found)}
    write_file(path, tomli_w.dumps(content), replace=True)


def _record(study: Study, found: Found) -> dict[str, Any]:
    return about(study) | {
        "trials": found.trials,
        "trials_asked": study.trials,
        "score": total(found.best),
        "default_score": total(found.default),
        "best": _scores(found.best),
        "default": _scores(found.default),
    }


def _scores(scores: tuple[Score, ...]) -> dict[str, Mapping[str, float]]:
    return {
        entry.scenario: {
            name: value for name, value in entry._asdict().items() if name != "scenario"
        }
        for entry in scores
    }


def _grouped(values: Mapping[str, float]) -> Gains:
    groups: Gains = {}
    for name, value in values.items():
        group, _, gain = name.partition(".")
        groups.setdefault(group, {})[gain] = round(value, _DIGITS)
    return groups


def _optuna() -> ModuleType:
    try:
        import optuna  # late: nothing else needs it
    except ImportError:
        raise MissingExtra("train", "tuning") from None
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna
