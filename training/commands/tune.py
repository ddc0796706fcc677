"""``tune``: find a pilot's gains and write them where they are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

from agents import list_pilots
from lunar_env.errors import ConfigError, nearest
from lunar_env.files import require_suffix
from lunar_env.stopping import Stopped, resumed_by
from lunar_env.task import Task
from training.arguments import check_positive
from training.journal import Journal
from training.objective import total
from training.progress import EvaluationProgress, say
from training.tune import Study, about, found_in, tune, write_gains

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from rich.console import Console

    from training.options import Tune
    from training.tune import Found

__all__ = ["run"]


def run(options: Tune, out: Console) -> Mapping[str, object]:
    """Tune.

    Parameters
    ----------
    options : Tune
        What was asked for.
    out : Console
        Where people read.

    Returns
    -------
    mapping
        Gains and scores, those of the defaults beside.
    """
    check_positive(trials=options.trials, landings=options.landings)
    if options.pilot not in list_pilots():
        hint = nearest(options.pilot, list_pilots())
        raise ConfigError(f"unknown pilot {options.pilot!r}{hint} (`lunar-env list pilots`)")
    if not options.scenario:
        raise ConfigError("give --scenario at least one scenario")
    require_suffix(options.out, (".toml",), "a file of gains")
    tasks = tuple(
        Task(options.mission, name, control=options.control, phase=options.phase)
        for name in options.scenario
    )
    study = Study(options.pilot, tasks, options.trials, options.landings, options.seed)
    path = options.out
    journal = Journal(path, about(study), resume=options.resume)
    with resumed_by():
        found = _search(study, journal, path)
    journal.close()
    out.print(_table(found))
    out.print(f"gains: {path}", soft_wrap=True)
    return {
        "gains": found.gains,
        "score": total(found.best),
        "default_score": total(found.default),
        "trials": found.trials,
    }


def _search(study: Study, journal: Journal, path: Path) -> Found:
    """Tune, and write the best gains, be it those of the trials until a stop."""
    try:
        with EvaluationProgress(study.trials) as progress:
            found = tune(
                study, lambda done, best: progress.update(done, f"best {best:.4f}"), journal
            )
    except Stopped:
        if journal.entries:
            write_gains(path, study, found_in(journal.entries))
            say(f"gains of the best of {len(journal.entries)} trials: {path}")
        raise
    write_gains(path, study, found)
    return found


def _table(found: Found) -> Table:
    table = Table(
        "scenario", "gains", "score", "recoverable lost", "lost", "99.7 % [m/s]", "used [kg]"
    )
    for name, scores in (("default", found.default), ("best", found.best)):
        for entry in scores:
            table.add_row(
                *(entry.scenario, name, f"{entry.value:.4f}"),
                f"{entry.lost} of {entry.recoverable}",
                f"{entry.lost_of_all} of {entry.landings}",
                *(f"{entry.speed_p997_m_s:.2f}", f"{entry.propellant_used_kg:.2f}"),
            )
    return table
