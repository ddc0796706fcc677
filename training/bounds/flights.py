"""Which episodes the pilots of a portfolio land; each flight is kept on disk when it is flown."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from gymnasium.vector import AutoresetMode

from training.bounds.portfolio import entry_of
from training.bounds.stored import digest_of, store, stored
from training.evaluate import DEFAULT_BATCH, fly_seeds
from training.vector_env import make_vector_env

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lunar_env.task import Task
    from training.bounds.portfolio import Member

__all__ = ["keep_flight", "landed_by"]


def landed_by(
    member: Member, task: Task, seeds: Sequence[int], threads: int | None = None
) -> np.ndarray:
    """Return which episodes a member lands, from disk where they have been flown.

    Parameters
    ----------
    member : Member
        The pilot.
    task : Task
        The task; a pilot's history does not matter.
    seeds : sequence of int
        Seeds of the episodes.
    threads : int, optional
        Threads of the simulation; does not affect the results.

    Returns
    -------
    ndarray of bool, shape (n,)
        Success, in order of the seeds.
    """
    if not seeds:
        return np.zeros(0, dtype=np.bool_)
    content = stored(_digest(member, task, seeds), partial(_flown, member, task, seeds, threads))
    packed = np.frombuffer(bytes.fromhex(content["landed"]), np.uint8)
    return np.unpackbits(packed, count=len(seeds)).astype(np.bool_)


def keep_flight(member: Member, task: Task, seeds: Sequence[int], landed: np.ndarray) -> None:
    """Keep what a member landed elsewhere, so that it is not flown again.

    Parameters
    ----------
    member : Member
        The pilot.
    task : Task
        The task.
    seeds : sequence of int
        Seeds of the episodes.
    landed : ndarray of bool, shape (n,)
        Success, in order of the seeds.
    """
    store(_digest(member, task, seeds), _content(landed))


def _digest(member: Member, task: Task, seeds: Sequence[int]) -> str:
    return digest_of(task, member.pilot, member.gains(task), member.given, tuple(seeds))


def _flown(member: Member, task: Task, seeds: Sequence[int], threads: int | None) -> dict[str, Any]:
    entry = entry_of(member, task._replace(history=1, reward=None))
    rows = min(DEFAULT_BATCH, len(seeds))
    env = make_vector_env(entry.task, rows, AutoresetMode.NEXT_STEP, threads)
    landed = fly_seeds(entry.pilot, env, list(seeds))["landed"]
    env.close()
    return _content(landed)


def _content(landed: np.ndarray) -> dict[str, Any]:
    return {"landed": np.packbits(landed).tobytes().hex(), "landings": len(landed)}
