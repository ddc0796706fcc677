"""Saved and attainable landings of a task."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from training.bounds.flights import landed_by
from training.bounds.portfolio import knows_more
from training.bounds.race import best_of
from training.seeds import Domain, episode_seeds
from training.statistics import mcnemar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lunar_env.task import Task
    from training.bounds.race import Chosen

__all__ = ["Bounds", "bounds_of"]

_ALPHA: Final = 0.05


class Bounds(NamedTuple):
    """Episodes landed by pilots that know more; arrays of bool, shape (n,), in order of seeds."""

    saved: np.ndarray  # by the best pilot that is given the true state
    saved_by_any: np.ndarray  # by the best such pilot of any law
    attainable: np.ndarray  # by the best pilot that may be given the drawn parameters
    classical: np.ndarray  # by the best pilot of that portfolio that is given nothing
    saved_pilot: str
    attainable_pilot: str
    classical_pilot: str
    portfolio: tuple[str, ...]  # of `saved_by_any`

    def above(self, landed: np.ndarray, label: str) -> list[str]:
        """Return a line for each bound that a pilot without the truth exceeds.

        Parameters
        ----------
        landed : ndarray of bool, shape (n,)
            Success of the pilot in the same episodes.
        label : str
            Its name.

        Returns
        -------
        list of str
            Each with McNemar's exact test, and whether the excess is an error to explain.
        """
        bounds = {
            f"saved ({self.saved_pilot})": self.saved,
            f"attainable ({self.attainable_pilot})": self.attainable,
        }
        lines = []
        for name, bound in bounds.items():
            if landed.sum() > bound.sum():
                test = mcnemar(landed, bound)
                verdict = "an error to explain" if test.p_value < _ALPHA else "within chance"
                lines.append(
                    f"{label} lands {landed.sum()} of {len(landed)} episodes, the bound {name}"
                    f" {bound.sum()} ({test.only_first} only by it, {test.only_second} only by the"
                    f" bound, p = {test.p_value:.2g}): {verdict}"
                )
        return lines

    def to_dict(self, landed: Mapping[str, np.ndarray]) -> dict[str, Any]:
        """Return the shares as JSON content, with what exceeds them.

        Parameters
        ----------
        landed : mapping of str to ndarray of bool, shape (n,)
            Success by pilot in the same episodes; those that know more are no pilots to compare.

        Returns
        -------
        dict
            Shares and names of the pilots; ``exceeded``, the lines of `above` for these pilots and
            for those of the portfolio that are given no state.
        """
        shares = ("saved", "saved_by_any", "attainable", "classical")
        members = {self.classical_pilot: self.classical, self.attainable_pilot: self.attainable}
        without_truth = {**members, **{p: own for p, own in landed.items() if not knows_more(p)}}
        exceeded = [line for pilot, own in without_truth.items() for line in self.above(own, pilot)]
        return {
            **{name: float(getattr(self, name).mean()) for name in shares},
            "saved_pilot": self.saved_pilot,
            "attainable_pilot": self.attainable_pilot,
            "classical_pilot": self.classical_pilot,
            "exceeded": exceeded,
        }


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
        Each flight from disk where it is known.

    Raises
    ------
    ConfigError
        If no pilot of the portfolio can fly the task.
    """
    seeds = episode_seeds(seed, domain, landings)
    saved, attainable = (best_of(kind, task, threads, note) for kind in ("saved", "attainable"))
    best = landed_by(saved.best, task, seeds, threads)
    classical = attainable.classical or attainable.best
    return Bounds(
        best,
        _by_any(best, saved, task, seeds, threads),
        landed_by(attainable.best, task, seeds, threads),
        landed_by(classical, task, seeds, threads),
        saved_pilot=saved.best.label,
        attainable_pilot=attainable.best.label,
        classical_pilot=classical.label,
        portfolio=tuple(member.label for member in saved.of_laws),
    )


def _by_any(
    best: np.ndarray, chosen: Chosen, task: Task, seeds: list[int], threads: int | None
) -> np.ndarray:
    """Return what any law lands: the others fly only what those before them lose."""
    landed = best.copy()
    for member in chosen.of_laws:
        if member != chosen.best:
            lost = np.flatnonzero(~landed)
            landed[lost] = landed_by(member, task, [seeds[k] for k in lost], threads)
    return landed
