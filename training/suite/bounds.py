"""The bounds of the tasks of a suite, each computed by one process or read from disk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lunar_env.errors import ConfigError
from training.benchmark.plan import Span
from training.benchmark.pool import run_jobs
from training.bounds.flights import keep_flight
from training.bounds.portfolio import PORTFOLIO, members
from training.bounds.race import FINALISTS
from training.bounds.shares import Bounds, bounds_of
from training.seeds import Domain, episode_seeds
from training.suite.tasks import PHASES, SuiteTask

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from training.results import Landings

__all__ = ["bounds_of_tasks", "pilots_of"]


@dataclass(frozen=True)
class _BoundsJob:
    """The bounds of one task."""

    task: SuiteTask
    span: Span
    landed: Mapping[str, np.ndarray]  # by pilots of the suite

    def run(self, note: Callable[[int], None] | None = None) -> Bounds | None:
        """Return the bounds; None for a control that no pilot of the portfolio has."""
        flown = 0

        def count(_: str) -> None:
            nonlocal flown
            flown += 1
            if note is not None:
                note(flown)

        task, (landings, seed, _) = self.task.task, self.span
        self._keep(episode_seeds(seed, Domain.BENCH, landings))
        try:
            found = bounds_of(task, landings, seed, threads=1, note=count)
        except ConfigError:
            found = None
        if note is not None:
            note(pilots_of(self.task))  # also where the bounds were known
        return found

    def _keep(self, seeds: list[int]) -> None:
        """Keep the flights of pilots that are members of a portfolio, too."""
        for member in members("attainable", self.task.task):
            if member.label in self.landed:
                keep_flight(member, self.task.task, seeds, self.landed[member.label])


def pilots_of(task: SuiteTask) -> int:
    """Return the number of flights by which the pilots for the bounds of a task are chosen."""
    counts = [len(members(kind, task.task)) for kind in PORTFOLIO]
    return sum(count + min(FINALISTS, count) for count in counts)


def bounds_of_tasks(
    tasks: Sequence[SuiteTask],
    flown: Mapping[str, Landings],
    span: Span,
    workers: int,
    on_progress: Callable[[int, str], None] | None = None,
) -> dict[str, Bounds]:
    """Return the bounds of tasks.

    Parameters
    ----------
    tasks : sequence of SuiteTask
        The tasks.
    flown : mapping of str to dict of ndarray
        Columns of the results by task, as `training.suite.run.fly_suite` returns them.
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
    tasks = sorted(tasks, key=lambda task: PHASES.index(task.phase))  # the longest flights first
    jobs = [_BoundsJob(task, span, _landed(flown.get(task.name))) for task in tasks]

    def report_progress(done: int, index: int) -> None:
        if on_progress is not None:
            on_progress(done, f"bounds of {tasks[index].name}")

    found = dict(run_jobs(jobs, workers, report_progress))
    return {task.name: bounds for k, task in enumerate(tasks) if (bounds := found[k]) is not None}


def _landed(landings: Landings | None) -> dict[str, np.ndarray]:
    """Which landings succeeded, by pilot."""
    if landings is None:
        return {}
    pilots = dict.fromkeys(landings["pilot"].tolist())
    return {pilot: landings["landed"][landings["pilot"] == pilot] for pilot in pilots}
