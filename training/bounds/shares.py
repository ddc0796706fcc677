"""Saved and attainable landings of a task: flown once, then read from disk."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from training.bounds.portfolio import PORTFOLIO, TUNE_LANDINGS, TUNE_SEED, best_of, fly_member
from training.bounds.stored import digest_of, stored
from training.seeds import Domain

if TYPE_CHECKING:
    from collections.abc import Callable

    from lunar_env.task import Task

__all__ = ["Bounds", "bounds_of"]


class Bounds(NamedTuple):
    """Episodes landed by pilots that know more; arrays of bool, shape (n,), in order of seeds."""

    saved: np.ndarray  # by the best pilot that is given the true state
    saved_by_any: np.ndarray  # by the best such pilot of any law
    attainable: np.ndarray  # by the best pilot that may be given the drawn parameters
    saved_pilot: str
    attainable_pilot: str
    portfolio: tuple[str, ...]  # of `saved_by_any`

    def above(self, landed: np.ndarray, label: str) -> list[str]:
        """Return a line for each bound that a pilot without the truth exceeds: to be explained.

        Parameters
        ----------
        landed : ndarray of bool, shape (n,)
            Success of the pilot in the same episodes.
        label : str
            Its name.
        """
        bounds = {
            f"saved ({self.saved_pilot})": self.saved,
            f"attainable ({self.attainable_pilot})": self.attainable,
        }
        return [
            f"{label} lands {landed.sum()} of {len(landed)} episodes, the bound {name}"
            f" {bound.sum()}: an error to explain"
            for name, bound in bounds.items()
            if landed.sum() > bound.sum()
        ]


def bounds_of(
    task: Task,
    landings: int,
    seed: int,
    *,
    domain: Domain = Domain.BENCH,
    threads: int | None = None,
    note: Callable[[str], None] | None = None,
) -> Bounds:
    """Return the bounds of the episodes of a seed.

    Parameters
    ----------
    task : Task
        The task; a pilot's history does not matter.
    landings : int
        Number of episodes.
    seed : int
        The user's seed.
    domain : Domain, optional
        What the episodes are used for.
    threads : int, optional
        Threads of the simulation; does not affect the results.
    note : callable, optional
        Called with the name of each pilot before it flies.

    Returns
    -------
    Bounds
        From disk where they are known.

    Raises
    ------
    ConfigError
        If no pilot of the portfolio can fly the task.
    """
    task = task._replace(history=1, reward=None)
    digest = digest_of(task, PORTFOLIO, TUNE_LANDINGS, TUNE_SEED, landings, seed, int(domain))
    episodes = landings, seed, domain, threads
    content = stored(digest, partial(_flown, task, episodes, note))
    bits = {name: _from_hex(content[name], landings) for name in Bounds._fields[:3]}
    return Bounds(
        **bits,
        saved_pilot=content["saved_pilot"],
        attainable_pilot=content["attainable_pilot"],
        portfolio=tuple(content["portfolio"]),
    )


def _flown(
    task: Task,
    episodes: tuple[int, int, Domain, int | None],
    note: Callable[[str], None] | None,
) -> dict[str, Any]:
    threads = episodes[3]
    saved, attainable = (best_of(kind, task, threads, note) for kind in ("saved", "attainable"))
    by_law = [fly_member(member, task, *episodes) for member in saved.of_laws]
    best = by_law[saved.of_laws.index(saved.best)]
    return {
        "saved": _to_hex(best),
        "saved_by_any": _to_hex(np.any(by_law, axis=0)),
        "attainable": _to_hex(fly_member(attainable.best, task, *episodes)),
        "saved_pilot": saved.best.label,
        "attainable_pilot": attainable.best.label,
        "portfolio": [member.label for member in saved.of_laws],
    }


def _to_hex(flags: np.ndarray) -> str:
    return np.packbits(flags).tobytes().hex()


def _from_hex(text: str, count: int) -> np.ndarray:
    packed = np.frombuffer(bytes.fromhex(text), np.uint8)
    return np.unpackbits(packed, count=count).astype(np.bool_)
