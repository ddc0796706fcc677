"""The bounds of several tasks, each computed by one process or read from disk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lunar_env.task import Task
from training.benchmark.plan import PHASES, Span
from training.benchmark.pool import run_jobs
from training.bounds.flights import keep_flight
from training.bounds.portfolio import PORTFOLIO, members
from training.bounds.race import FINALISTS
from training.bounds.shares import Bounds, bounds_of
from training.seeds import Domain, episode_seeds

if TYPE_CHECKING:
    from collections.abc import Callable

    from training.results import Landings

__all__ = ["bounds_of_tasks", "flights_of"]


@dataclass(frozen=True)
class _BoundsJob:
    """The bounds of one task."""

    task: Task
    span: Span
    landed: Mapping[str, np.ndarray]  # by pilots that have flown it

    def run(self, note: Callable[[int], None] | None = None) -> Bounds | None:
        """Return the bounds; None for a control that no pilot of the portfolio has."""
        flown = 0

        def count(_: str) -> None:
            nonlocal flown
            flown += 1
            if note is not None:
                note(flown)

        landings, seed, _ = self.span
        self._keep(episode_seeds(seed, Domain.BENCH, landings))
        found = None
        if all(members(kind, self.task) for kind in PORTFOLIO):
            found = bounds_of(self.task, landings, seed, threads=1, note=count)
        if note is not None:
            note(flights_of(self.task))  # also where the bounds were known
        return found

    def _keep(self, seeds: list[int]) -> None:
        """Keep the flights of pilots that are members of a portfolio, too."""
        for member in members("attainable", self.task):
            if member.label in self.landed:
                keep_flight(member, self.task, seeds, self.landed[member.label])


def flights_of(task: Task) -> int:
    """Return the number of flights by which the pilots for the bounds of a task are chosen."""
    counts = [len(members(kind, task)) for kind in PORTFOLIO]
    return sum(count + min(FINALISTS, count) for count in counts)


def bounds_of_tasks(
    tasks: Mapping[str, Task],
    flown: Mapping[str, Landings],
    span: Span,
    workers: int,
    on_progress: Callable[[int, str], None] | None = None,
) -> dict[str, Bounds]:
    """Return the bounds of tasks.

    Parameters
    ----------
    tasks : mapping of Task
        The tasks by name.
    flown : mapping of dict of ndarray
        Columns of the landings of each task, by any pilots, in the order of the seeds.
    span : Span
        The landings.
    workers : int
        Number of processes; does not affect the results.
    on_progress : callable, optional
        Called with the number of flights done, of `flights_of` each task, and a description.

    Returns
    -------
    dict of Bounds
        By name, without those for which there are none.
    """
    # The longest flights first: then no worker is left alone with them.
    names = sorted(tasks, key=lambda name: PHASES.index(tasks[name].phase))
    jobs = [_BoundsJob(tasks[name], span, _landed(flown.get(name))) for name in names]

    def report_progress(done: int, index: int) -> None:
        if on_progress is not None:
            on_progress(done, f"bounds of {names[index]}")

    found = dict(run_jobs(jobs, workers, report_progress))
    return {name: bounds for k, name in enumerate(names) if (bounds := found[k]) is not None}


def _landed(landings: Landings | None) -> dict[str, np.ndarray]:
    """Which landings succeeded, by pilot."""
    if landings is None:
        return {}
    pilots = dict.fromkeys(landings["pilot"].tolist())
    return {pilot: landings["landed"][landings["pilot"] == pilot] for pilot in pilots}
