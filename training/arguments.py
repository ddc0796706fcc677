"""Checks and defaults that several commands apply to their options."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from lunar_env.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["check_positive", "split_names", "worker_count"]


def split_names(given: Sequence[str]) -> tuple[str, ...]:
    """Return names that were separated by spaces, by commas, or by both.

    Examples
    --------
    >>> split_names(("im-1,im-2", "slim"))
    ('im-1', 'im-2', 'slim')
    """
    return tuple(name for word in given for name in word.split(",") if name)


def check_positive(**values: int) -> None:
    """Check options that count something.

    Parameters
    ----------
    **values : int
        By name of the option.

    Raises
    ------
    ConfigError
        If one is below 1.
    """
    for name, value in values.items():
        if value < 1:
            raise ConfigError(f"{name} = {value} must be at least 1")


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
    check_positive(workers=workers)
    return workers
