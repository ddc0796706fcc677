"""``benchmark``: fly pilots in missions and scenarios on the same seeds, with a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lunar_env.folders import is_free
from lunar_env.stopping import resumed_by
from training.arguments import check_bounds, split_names, worker_count
from training.benchmark.folder import BenchmarkFolder
from training.benchmark.plan import Plan
from training.benchmark.report import write_benchmark_report
from training.benchmark.run import fly_benchmark, work_of
from training.benchmark.summary import place_name
from training.bounds.jobs import bounds_of_tasks, flights_of
from training.progress import EvaluationProgress
from training.provenance import provenance
from training.summary import groups, missions_of, rows_where
from training.tables import summary_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from training.bounds.shares import Bounds
    from training.options import Benchmark
    from training.results import Landings

__all__ = ["run"]


def run(options: Benchmark, out: Console) -> Mapping[str, object]:
    """Fly the benchmark and write its report.

    Parameters
    ----------
    options : Benchmark
        Options of the command.
    out : Console
        Console for the user.

    Returns
    -------
    mapping
        Content of ``summary.json``.
    """
    plan = Plan(
        split_names(options.pilots),
        split_names(options.missions),
        split_names(options.scenarios),
        landings=options.landings,
        seed=options.seed,
        control=options.control,
        phase=options.phase,
        chunk=options.chunk,
        optima=options.optima,
        trust_code=options.trust_code,
    )
    workers = worker_count(options.workers)
    for task in plan.tasks() if options.bounds else ():
        check_bounds(task)
    resumed = options.resume and not is_free(options.out)
    settings = plan.settings()
    if resumed:
        folder = BenchmarkFolder.reopen(options.out, settings)
    else:
        folder = BenchmarkFolder.create(options.out, settings, provenance())
    with resumed_by(), EvaluationProgress(work_of(plan)) as progress:
        landings, timelines = fly_benchmark(plan, folder, workers, progress.update)
    bounds = _bounds(plan, landings, workers) if options.bounds else {}
    metadata = {**folder.made_from(), **settings}
    summary = write_benchmark_report(folder.path, landings, metadata, timelines, bounds)
    for mission in missions_of(landings):
        out.print(mission, style="bold")
        out.print(summary_table(groups(rows_where(landings, landings["mission"] == mission))))
    out.print(f"report: {folder.path / 'report.html'}", soft_wrap=True)
    return summary


def _bounds(plan: Plan, landings: Landings, workers: int) -> dict[str, Bounds]:
    """Return the bounds of each scenario of each mission."""
    names = dict.fromkeys((cell.mission, cell.scenario) for cell in plan.cells())
    tasks = {place_name(*name): task for name, task in zip(names, plan.tasks(), strict=True)}
    flown = {
        place_name(*name): rows_where(
            landings, (landings["mission"] == name[0]) & (landings["scenario"] == name[1])
        )
        for name in names
    }
    with resumed_by(), EvaluationProgress(sum(map(flights_of, tasks.values()))) as progress:
        return bounds_of_tasks(tasks, flown, plan.span, workers, progress.update)
