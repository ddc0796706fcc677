"""Jobs on several processes that neither outlive their parent nor do anything twice."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from lunar_env.errors import LunarEnvError
from lunar_env.stopping import held_back

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Future
    from multiprocessing.connection import Connection

__all__ = ["Job", "run_jobs"]

T = TypeVar("T", covariant=True)
R = TypeVar("R")

# The pace at which a parent looks how far its workers are.
LOOK_EVERY_S = 0.25
# In a worker: how far each job is, one place a job, in memory that the parent reads.
_counts: Any = None


class Job(Protocol[T]):
    """Something that one process can do by itself; it can be pickled."""

    def run(self, note: Callable[[int], None] | None = None) -> T:
        """Do it; `note` is told now and then how much of it is done."""


def run_jobs(
    jobs: Sequence[Job[R]],
    workers: int,
    on_progress: Callable[[int, int], None] | None = None,
) -> Iterator[tuple[int, R]]:
    """Do jobs.

    Parameters
    ----------
    jobs : sequence of Job
        In the order in which they are begun.
    workers : int
        Processes; with 1, or a single job, this one does them all.
    on_progress : callable, optional
        Called, also while jobs are under way, with the sum of what they noted and the index of one
        that noted something.

    Yields
    ------
    index : int
        Of a job that is done; with several workers in any order.
    result : object
        What it returned.

    Raises
    ------
    LunarEnvError
        If a worker was killed.
    """
    if workers > 1 and len(jobs) > 1:
        yield from _run_in_workers(jobs, min(workers, len(jobs)), on_progress)
        return
    before = latest = 0

    def note(done: int) -> None:
        nonlocal latest
        latest = done
        if on_progress is not None:
            on_progress(before + done, index)

    for index, job in enumerate(jobs):
        yield index, job.run(note)
        before, latest = before + latest, 0


def _run_in_workers(
    jobs: Sequence[Job[R]], workers: int, on_progress: Callable[[int, int], None] | None
) -> Iterator[tuple[int, R]]:
    # Forked children may not start threads of their own; spawned ones may.
    context = multiprocessing.get_context("spawn")
    counts = context.RawArray("q", len(jobs))
    ours, theirs = context.Pipe()
    pool = ProcessPoolExecutor(
        workers, mp_context=context, initializer=_begin, initargs=(theirs, counts)
    )
    seen = [0] * len(jobs)
    try:
        with held_back():  # a signal in the midst of it would leave a child half begun
            index_of = {pool.submit(_run, k, job): k for k, job in enumerate(jobs)}
        left: set[Future[R]] = set(index_of)
        while left:
            done, left = wait(left, LOOK_EVERY_S, FIRST_COMPLETED)
            now = list(counts)
            changed = [k for k, count in enumerate(now) if count != seen[k]]
            if changed and on_progress is not None:
                on_progress(sum(now), changed[-1])
            seen = now
            for future in done:
                yield index_of[future], future.result()
        pool.shutdown()
    except BrokenProcessPool:
        raise LunarEnvError(
            "a worker process was killed, perhaps because memory ran out; try fewer --workers"
        ) from None
    finally:
        ours.close()  # ends workers in the midst of a job
        pool.shutdown(cancel_futures=True)
        theirs.close()


def _run(index: int, job: Job[R]) -> R:
    def note(done: int) -> None:
        _counts[index] = done

    return job.run(note)


def _begin(parent: Connection, counts: Any) -> None:
    """Leave signals from the terminal to the parent, and end when it is gone or closes the pipe."""
    global _counts  # set once, before any job
    _counts = counts
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_SETMASK, ())  # undoes what `held_back` left
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: Connection, leave: Callable[[int], object] = os._exit) -> None:
    try:
        parent.recv_bytes()
    except (EOFError, OSError):
        leave(1)
