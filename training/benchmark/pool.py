"""Jobs on several processes that neither outlive their parent nor do anything twice."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["Job", "run_jobs"]

T = TypeVar("T", covariant=True)


class Job(Protocol[T]):
    """Something that one process can do by itself; it can be pickled."""

    def run(self) -> T:
        """Do it."""


def run_jobs(jobs: Sequence[Job[T]], workers: int) -> Iterator[tuple[int, T]]:
    """Do jobs.

    Parameters
    ----------
    jobs : sequence of Job
        In the order in which they are begun.
    workers : int
        Processes; with 1, or a single job, this one does them all.

    Yields
    ------
    index : int
        Of a job that is done; with several workers in any order.
    result : object
        What it returned.
    """
    if workers <= 1 or len(jobs) <= 1:
        for index, job in enumerate(jobs):
            yield index, job.run()
        return
    # Forked children may not start threads of their own; spawned ones may.
    context = multiprocessing.get_context("spawn")
    workers = min(workers, len(jobs))
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_begin)
    try:
        index_of = {pool.submit(_run, job): index for index, job in enumerate(jobs)}
        for future in as_completed(index_of):
            yield index_of[future], future.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _run(job: Job[T]) -> T:
    return job.run()


def _begin() -> None:
    """Leave Ctrl-C to the parent, and end when the parent is gone, however it went."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent(leave: Callable[[int], object] = os._exit) -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        leave(1)
