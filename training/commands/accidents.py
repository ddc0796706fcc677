"""``accidents``: what would have saved the landers that were lost, as pages with pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.table import Table

from lunar_env.errors import ConfigError, nearest
from lunar_env.files import check_output, write_file
from lunar_env.stopping import resumed_by
from training.accidents.flights import STORY, general_pilots
from training.accidents.page import index, page
from training.accidents.pictures import picture
from training.accidents.results import RESULTS, read, write
from training.accidents.study import Plan, fly
from training.arguments import check_at_least, split_names, worker_count
from training.progress import EvaluationProgress
from training.seeds import check_seed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from training.accidents.options import Accidents

__all__ = ["run"]


def run(options: Accidents, out: Console) -> Mapping[str, object]:
    """Fly the accidents and write their pages.

    Parameters
    ----------
    options : Accidents
        Options of the command.
    out : Console
        Console for the user.

    Returns
    -------
    mapping
        The results by mission.
    """
    check_at_least(1, landings=options.landings)
    check_seed(options.seed)
    missions, pilots = _missions(options), general_pilots(split_names(options.pilots))
    workers = worker_count(options.workers)
    check_output(options.out / RESULTS, replace=True)
    tables: dict[str, dict[str, Any]] = {}
    if options.rewrite:
        tables = {name: table for name, table in read(options.out).items() if name in missions}
        if not tables:
            raise ConfigError(f"--rewrite: {options.out} has no results of {', '.join(missions)}")
    else:
        plans = [Plan(name, pilots, options.landings, options.seed) for name in missions]
        total = sum(len(plan.jobs()) for plan in plans)
        with resumed_by(), EvaluationProgress(total) as progress:
            for name, table in fly(plans, workers, progress.update):
                tables[name] = table
                write(options.out, {**read(options.out), name: table})
                write_file(options.out / f"{name}.svg", picture(name, table), replace=True)
    for name, table in tables.items():
        write_file(options.out / f"{name}.md", page(name, table), replace=True)
    known = read(options.out)
    write_file(options.out / "README.md", index(known), replace=True)
    out.print(_summary(tables))
    return {"accidents": {name: known[name] for name in missions if name in known}}


def _missions(options: Accidents) -> list[str]:
    asked = split_names(options.missions)
    for name in asked:
        if name not in STORY:
            raise ConfigError(
                f"accident {name!r} is not in the story{nearest(name, STORY)}"
                f" (available: {', '.join(STORY)})"
            )
    return [name for name in STORY if name in asked] if asked else list(STORY)


def _summary(tables: Mapping[str, Mapping[str, Any]]) -> Table:
    table = Table("accident")
    for name in ("landings", "own", "best here", "with the truth", "lost from the start"):
        table.add_column(name, justify="right")
    for name in (name for name in STORY if name in tables):
        now = tables[name]
        best, saved = now["general"][now["best"]], now["truth"][now["saved"]]
        counts = (now["landings"], now["own"], best, saved, now["lost"])
        table.add_row(name, *map(str, counts))
    return table
