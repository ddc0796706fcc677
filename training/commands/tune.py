"""``tune``: search for the best gains of a pilot and write them to a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.table import Table

from agents import list_pilots
from agents.gains import read_gains
from lunar_env import load_mission
from lunar_env.errors import ConfigError, nearest, shown
from lunar_env.files import require_suffix
from lunar_env.pilots import MISSION, default_phase
from lunar_env.stopping import Stopped, resumed_by
from lunar_env.task import Task
from training.arguments import check_at_least
from training.journal import Journal
from training.objective import total
from training.options import CONTROL, TUNED_ON
from training.progress import EvaluationProgress, say
from training.seeds import check_seed
from training.suite.tasks import load_suite
from training.tune import Study, result_of, start_of, study_settings, tune
from training.tune_file import write_gains

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from rich.console import Console

    from training.options import Tune
    from training.tune import TuningResult

__all__ = ["run"]


def run(options: Tune, out: Console) -> Mapping[str, object]:
    """Run the study and write the gains.

    Parameters
    ----------
    options : Tune
        Options of the command.
    out : Console
        Console for the user.

    Returns
    -------
    mapping
        Gains, and the scores of these and of the code's defaults.
    """
    check_at_least(1, trials=options.trials, landings=options.landings)
    check_at_least(1, final_landings=options.final_landings)
    check_at_least(0, finalists=options.finalists)
    check_seed(options.seed)
    if options.pilot not in list_pilots():
        classical = [name for name in list_pilots() if "+" in name]
        raise ConfigError(
            f"--pilot {options.pilot!r} cannot be tuned: tune takes a guidance law and a filter, as"
            f" in {classical[0]!r}{nearest(options.pilot, classical)}"
            " (`lunar-env list pilots` lists them)"
        )
    require_suffix(options.out, (".toml",), "a file of gains")
    tasks = _tasks(options)
    study = Study(
        options.pilot,
        tasks,
        options.trials,
        options.landings,
        options.seed,
        options.finalists,
        options.final_landings,
        _start(options, tasks),
    )
    start_of(study)  # a wrong one ends here, before anything is written
    path = options.out
    journal = Journal(path, study_settings(study), resume=options.resume)
    with resumed_by():
        result = _search(study, journal, path)
    journal.close()
    out.print(_table(result))
    out.print(f"gains: {path}", soft_wrap=True)
    return {
        "gains": result.gains,
        "score": total(result.best),
        "default_score": total(result.default),
        "trials": result.trials,
    }


def _start(options: Tune, tasks: Sequence[Task]) -> tuple[tuple[str, float], ...]:
    """Gains of the second trial, by ``group.gain``; those for the tasks' one control or mission."""
    if options.start is None:
        return ()
    controls = {task.control for task in tasks}
    missions = {load_mission(task.mission).name for task in tasks}
    control, mission = (one.pop() if len(one) == 1 else None for one in (controls, missions))
    groups = read_gains(options.start, control, mission)
    named: dict[str, Any] = {
        f"{group}.{gain}": value for group, gains in groups.items() for gain, value in gains.items()
    }
    for name, value in named.items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ConfigError(f"{options.start}: {name} = {shown(value)} must be a number")
    return tuple((name, float(value)) for name, value in named.items())


def _tasks(options: Tune) -> tuple[Task, ...]:
    """Tasks of the study: of the file, or scenarios of one mission."""
    if options.tasks is not None:
        for name in ("mission", "scenario", "control", "phase"):
            if getattr(options, name) is not None:
                raise ConfigError(
                    f"--tasks and --{name} exclude each other: the file names the {name} of each"
                    " task"
                )
        return tuple(task.task for task in load_suite(options.tasks).chosen(()))
    scenarios = TUNED_ON if options.scenario is None else options.scenario
    if not scenarios:
        raise ConfigError("--scenario needs at least one name")
    for name in scenarios:
        if scenarios.count(name) > 1:
            raise ConfigError(f"--scenario: {name!r} is given twice")
    mission, control = options.mission or MISSION, options.control or CONTROL
    phase = options.phase or default_phase(mission)
    return tuple(Task(mission, name, control=control, phase=phase) for name in scenarios)


def _search(study: Study, journal: Journal, path: Path) -> TuningResult:
    """Tune and write the best gains, also if the study is stopped."""
    try:
        with EvaluationProgress(study.rounds) as progress:
            result = tune(
                study, lambda done, best: progress.update(done, f"best {best:.4f}"), journal
            )
    except Stopped:
        if journal.entries:
            write_gains(path, study, result_of(journal.entries))
            say(f"gains of the best of {min(len(journal.entries), study.trials)} trials: {path}")
        raise
    write_gains(path, study, result)
    return result


def _table(result: TuningResult) -> Table:
    table = Table(
        "task", "gains", "score", "failed, not lost", "failed", "99.7 % [m/s]", "used [kg]"
    )
    for name, scores in (("default", result.default), ("best", result.best)):
        for entry in scores:
            table.add_row(
                entry.scenario,
                name,
                f"{entry.value:.4f}",
                f"{entry.failed} of {entry.not_lost}",
                f"{entry.failed_of_all} of {entry.landings}",
                f"{entry.speed_p997_m_s:.2f}",
                f"{entry.propellant_used_kg:.2f}",
            )
    return table
