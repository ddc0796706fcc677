"""The bounds of the tasks of a suite, each computed by one process or read from disk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lunar_env.errors import ConfigError
from training.benchmark.plan import Span
from training.benchmark.pool import run_jobs
from training.bounds.portfolio import PORTFOLIO, members
from training.bounds.shares import Bounds, bounds_of
from training.suite.tasks import SuiteTask

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["bounds_of_tasks", "pilots_of"]


@dataclass(frozen=True)
class _BoundsJob:
    """The bounds of one task."""

    task: SuiteTask
    span: Span

    def run(self, note: Callable[[int], None] | None = None) -> Bounds | None:
        """Return the bounds; None for a control that no pilot of the portfolio has."""
        flown = 0

        def count(_: str) -> None:
            nonlocal flown
            flown += 1
            if note is not None:
                note(flown)

        task, (landings, seed, _) = self.task.task, self.span
        try:
            found = bounds_of(task, landings, seed, threads=1, note=count)
        except ConfigError:
            found = None
        if note is not None:
            note(pilots_of(self.task))  # also where the bounds were known
        return found


def pilots_of(task: SuiteTask) -> int:
    """Return the number of pilots that are tried for the bounds of a task."""
    return sum(len(members(kind, task.task)) for kind in PORTFOLIO)


def bounds_of_tasks(
    tasks: Sequence[SuiteTask],
    span: Span,
    workers: int,
    on_progress: Callable[[int, str], None] | None = None,
) -> dict[str, Bounds]:
    """Return the bounds of tasks.

    Parameters
    ----------
    tasks : sequence of SuiteTask
        The tasks.
    span : Span
        The landings.
    workers : int
        Number of processes; does not affect the results.
    on_progress : callable, optional
        Called with the number of pilots tried, of `pilots_of` each task, and a description.

    Returns
    -------
    dict of Bounds
        By task, without those for which there are none.
    """
    jobs = [_BoundsJob(task, span) for task in tasks]

    def report_progress(done: int, index: int) -> None:
        if on_progress is not None:
            on_progress(done, f"bounds of {tasks[index].name}")

    found = dict(run_jobs(jobs, workers, report_progress))
    return {task.name: bounds for k, task in enumerate(tasks) if (bounds := found[k]) is not None}
