"""Run a benchmark: fly the missing parts, then combine all parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from lunar_env.files import write_file
from lunar_env.formats import json_text
from lunar_env.parquet import read_table, table_bytes, typed_column
from lunar_env.reading import from_json
from training.benchmark.jobs import OPTIMA_SCHEMA, FlyPart, check_optima, jobs_of, warm_up
from training.benchmark.optima import check_extra, with_optima
from training.benchmark.pool import run_jobs
from training.benchmark.timelines import worst_failures
from training.results import Landings, check_once, join, read_results, write_results

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from training.benchmark.folder import BenchmarkFolder
    from training.benchmark.jobs import OptimaPart
    from training.benchmark.plan import Plan

__all__ = ["fly_benchmark", "fly_missing", "work_of"]


TIMELINES_FORMAT = "lunar-env-timelines/2"


def work_of(plan: Plan) -> int:
    """Return the number of landings to fly and optima to compute."""
    optima = min(plan.optima, plan.landings)
    return len(plan.cells()) * plan.landings + len(plan.tasks()) * optima


def fly_benchmark(
    plan: Plan,
    folder: BenchmarkFolder,
    workers: int = 1,
    on_progress: Callable[[int, str], None] | None = None,
) -> tuple[Landings, list[dict[str, Any]]]:
    """Fly the missing parts and write results, optima and time histories.

    Parameters
    ----------
    plan : Plan
        The plan.
    folder : BenchmarkFolder
        The folder of this plan.
    workers : int, optional
        Number of processes; does not affect the results.
    on_progress : callable, optional
        Called with the number of landings and optima completed, and a description of the latest.

    Returns
    -------
    landings : dict of ndarray
        Columns of all results.
    timelines : list of dict
        Time histories of the worst failures.
    """
    fly, optima = jobs_of(plan, folder)
    if any(not job.done() for job in optima):
        check_extra()
    fly_missing([*fly, *optima], workers, on_progress)
    write_optima(folder, optima)
    landings = with_optima(join([read_results(job.path)[0] for job in fly]), read_optima(folder))
    # The file depends on rows and settings alone, not on interruptions.
    settings = plan.settings()
    write_results(folder.results, landings, {**folder.made_from(), **settings})
    timelines = _timelines(plan, folder, landings, workers, on_progress)
    return landings, timelines


def fly_missing(
    jobs: Sequence[FlyPart | OptimaPart],
    workers: int,
    on_progress: Callable[[int, str], None] | None,
) -> None:
    """Do the jobs that are not done.

    Parameters
    ----------
    jobs : sequence of FlyPart or OptimaPart
        All jobs; each writes a file.
    workers : int
        Number of processes.
    on_progress : callable or None
        As for `fly_benchmark`.
    """
    missing = [job for job in jobs if not job.done()]
    done = sum(job.count for job in jobs if job not in missing)
    if on_progress is not None:
        on_progress(done, "preparing")  # starting workers and compiling takes a while
    if workers > 1 and missing:
        warm_up([job.cell for job in missing if isinstance(job, FlyPart)])

    def report_progress(more: int, index: int) -> None:
        if on_progress is not None:
            on_progress(done + more, _title(missing[index]))

    for _ in run_jobs(missing, workers, report_progress):
        pass  # each job writes a file


def _title(job: FlyPart | OptimaPart) -> str:
    if isinstance(job, FlyPart):
        return f"{job.cell.label} in {job.cell.mission} {job.cell.scenario}"
    return f"optima of {job.mission} {job.scenario}"


def write_optima(folder: BenchmarkFolder, optima: list[OptimaPart]) -> None:
    """Combine the parts in one file."""
    tables = [read_table(job.path) for job in optima]
    table = pa.concat_tables(tables) if tables else OPTIMA_SCHEMA.empty_table()
    write_file(folder.optima, table_bytes(table), replace=True)


def read_optima(folder: BenchmarkFolder) -> Landings:
    """Return the columns of ``optima.parquet``; NaN where there is no optimum."""
    table = read_table(folder.optima)
    check_optima(table, folder.optima)
    columns = {f.name: typed_column(table, f, folder.optima, nulls=True) for f in OPTIMA_SCHEMA}
    optima = {name: column.to_numpy() for name, column in columns.items()}
    check_once(optima, ("mission", "scenario", "seed"), folder.optima, "optima")
    return optima


def _timelines(
    plan: Plan,
    folder: BenchmarkFolder,
    landings: Landings,
    workers: int,
    on_progress: Callable[[int, str], None] | None,
) -> list[dict[str, Any]]:
    jobs = worst_failures(landings, plan.cells())
    done: dict[int, dict[str, Any]] = {}
    for index, line in run_jobs(jobs, workers):
        done[index] = line
        if on_progress is not None:
            on_progress(work_of(plan), f"time history {len(done)} of {len(jobs)}")
    in_order = [done[k] for k in range(len(jobs))]
    text = json_text({"format": TIMELINES_FORMAT, "timelines": in_order})
    write_file(folder.timelines, text, replace=True)
    lines: list[dict[str, Any]] = from_json(text, "timelines")["timelines"]  # with null for NaN
    return lines
