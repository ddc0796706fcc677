"""Checks and defaults that several commands apply to their options."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numba

from lunar_env.errors import ConfigError
from training.bounds.portfolio import PORTFOLIO, members

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lunar_env.task import Task

__all__ = [
    "check_at_least",
    "check_bounds",
    "check_threads",
    "split_names",
    "worker_count",
]


def split_names(given: Sequence[str]) -> tuple[str, ...]:
    """Return names that were separated by spaces, by commas, or by both.

    Examples
    --------
    >>> split_names(("im-1,im-2", "slim"))
    ('im-1', 'im-2', 'slim')
    """
    return tuple(name for word in given for name in word.split(",") if name)


def check_at_least(least: int, **values: int) -> None:
    """Check options that count something.

    Parameters
    ----------
    least : int
        The smallest number allowed.
    **values : int
        By name of the option.

    Raises
    ------
    ConfigError
        If one is smaller.
    """
    for name, value in values.items():
        if value < least:
            raise ConfigError(f"{name} = {value} must be at least {least}")


def check_threads(threads: int | None) -> None:
    """Check the number of threads of the simulation; None is as many as Numba uses.

    Raises
    ------
    ConfigError
        If it is out of range.
    """
    most = int(numba.config.NUMBA_NUM_THREADS)  # type: ignore[attr-defined]  # set at run time
    if threads is not None and not 1 <= threads <= most:
        raise ConfigError(f"threads = {threads} must be between 1 and {most}")


def check_bounds(task: Task) -> None:
    """Check that the bounds of a task can be computed.

    Raises
    ------
    ConfigError
        If no pilot of a portfolio can fly it.
    """
    if not all(members(kind, task) for kind in PORTFOLIO):
        raise ConfigError(
            f"--bounds: no pilot whose landings are a bound flies control {task.control!r}"
            " (possible: throttle, thrust_vector)"
        )


def worker_count(workers: int | None) -> int:
    """Return the number of worker processes.

    Parameters
    ----------
    workers : int or None
        The option; None for one process per core that this process may use.

    Raises
    ------
    ConfigError
        If it is below 1.
    """
    if workers is None:
        affinity = hasattr(os, "sched_getaffinity")
        return len(os.sched_getaffinity(0)) if affinity else os.cpu_count() or 1
    check_at_least(1, workers=workers)
    return workers
