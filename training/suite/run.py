"""Fly a suite: the missing parts of all tasks in one pool, then a results file for each task."""

from __future__ import annotations

from typing import TYPE_CHECKING

from training.benchmark.plan import PHASES
from training.benchmark.run import fly_missing
from training.results import join, read_results, write_results

if TYPE_CHECKING:
    from collections.abc import Callable

    from training.results import Landings
    from training.suite.plan import SuiteFolder, SuitePlan

__all__ = ["fly_suite"]


def fly_suite(
    plan: SuitePlan,
    folder: SuiteFolder,
    workers: int = 1,
    on_progress: Callable[[int, str], None] | None = None,
) -> dict[str, Landings]:
    """Fly the missing parts and write the results of each task.

    Parameters
    ----------
    plan : SuitePlan
        The plan.
    folder : SuiteFolder
        The folder of this plan.
    workers : int, optional
        Number of processes; does not affect the results.
    on_progress : callable, optional
        Called with the number of landings completed, and a description of the latest.

    Returns
    -------
    dict of dict of ndarray
        Columns of the results by task; tasks that no pilot can fly are left out.
    """
    jobs = {task: parts for task, parts in plan.jobs(folder).items() if parts}
    parts = [part for parts in jobs.values() for part in parts]
    # With the longest flights first, no worker is left alone with one of them at the end.
    parts.sort(key=lambda part: PHASES.index(part.cell.task.phase))
    fly_missing(parts, workers, on_progress)
    # The files depend on rows and settings alone, not on interruptions.
    metadata = {**folder.made_from(), **plan.settings()}
    flown = {}
    for task, own in jobs.items():
        flown[task] = join(read_results(part.path)[0] for part in own)
        write_results(folder.results_of(task), flown[task], {**metadata, "task": task})
    return flown
