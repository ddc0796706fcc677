"""Threads that share the parts of a batch.

The kernels release the interpreter's lock, so plain Python threads serve: nothing has to be
compiled twice, a forked child may start its own, and several callers may share them.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["share"]

_crew: ThreadPoolExecutor | None = None


def _forget() -> None:
    """Leave the parent's threads to the parent: a fork does not copy them."""
    global _crew
    _crew = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


def share(work: Callable[[int], None], parts: int, threads: int) -> None:
    """Call `work` with 0 to `parts` - 1, each once, on the caller's thread and others.

    Parameters
    ----------
    work : callable
        Does one part; the parts must not depend on each other.
    parts : int
        How many there are. Who is free takes the next.
    threads : int
        How many threads work, the caller's included.
    """
    turns = count()

    def labour() -> None:
        while (part := next(turns)) < parts:  # one turn is taken whole, by the interpreter's lock
            work(part)

    helpers = [_hands().submit(labour) for _ in range(threads - 1)]
    try:
        labour()
    finally:
        for helper in helpers:
            # One that other callers kept waiting finds nothing left to do.
            if not helper.cancel():
                helper.result()


def _hands() -> ThreadPoolExecutor:
    global _crew
    if _crew is None:
        _crew = ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="lunar_env")
    return _crew
