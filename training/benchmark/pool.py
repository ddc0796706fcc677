"""A pool of worker processes that end with their parent and do each job once."""

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

# Interval at which the parent reads the progress of its workers.
POLL_EVERY_S = 0.25
# In a worker: progress of each job, in memory shared with the parent.
_counts: Any = None


class Job(Protocol[T]):
    """A piece of work for one process; can be pickled."""

    def run(self, note: Callable[[int], None] | None = None) -> T:
        """Do the job and return its result; call `note` with the amount done so far."""


def run_jobs(
    jobs: Sequence[Job[R]],
    workers: int,
    on_progress: Callable[[int, int], None] | None = None,
) -> Iterator[tuple[int, R]]:
    """Run jobs, in several processes if there are several workers.

    Parameters
    ----------
    jobs : sequence of Job
        The jobs, in the order in which they are started.
    workers : int
        Number of processes; with 1 worker or 1 job everything runs in this process.
    on_progress : callable, optional
        Called with the total amount done, including unfinished jobs, and the index of a job that
        made progress.

    Yields
    ------
    index : int
        Index of a finished job; with several workers in any order.
    result : object
        Its result.

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
    # Forked children cannot start threads safely; spawned ones can.
    context = multiprocessing.get_context("spawn")
    counts = context.RawArray("q", len(jobs))
    ours, theirs = context.Pipe()
    pool = ProcessPoolExecutor(
        workers, mp_context=context, initializer=_start_worker, initargs=(theirs, counts)
    )
    seen = [0] * len(jobs)
    try:
        with held_back():  # a signal here would leave a child partly started
            index_of = {pool.submit(_run, k, job): k for k, job in enumerate(jobs)}
        left: set[Future[R]] = set(index_of)
        while left:
            done, left = wait(left, POLL_EVERY_S, FIRST_COMPLETED)
            current = list(counts)
            changed = [k for k, count in enumerate(current) if count != seen[k]]
            if changed and on_progress is not None:
                on_progress(sum(current), changed[-1])
            seen = current
            for future in done:
                yield index_of[future], future.result()
        pool.shutdown()
    except BrokenProcessPool:
        raise LunarEnvError(
            "a worker process was killed, perhaps because memory ran out; try fewer --workers"
        ) from None
    finally:
        ours.close()  # ends workers that are in a job
        pool.shutdown(cancel_futures=True)
        theirs.close()


def _run(index: int, job: Job[R]) -> R:
    def note(done: int) -> None:
        _counts[index] = done

    return job.run(note)


def _start_worker(parent: Connection, counts: Any) -> None:
    """Ignore signals from the terminal, and end when the parent ends or closes the pipe."""
    global _counts  # set once, before any job
    _counts = counts
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_SETMASK, ())  # the mask was inherited from `held_back`
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: Connection, leave: Callable[[int], object] = os._exit) -> None:
    try:
        parent.recv_bytes()
    except (EOFError, OSError):
        leave(1)
