"""Results of a policy over all worlds of a run, in each of which it flies in proportion to weights.

Every landing counts alike, so that a world counts by its weight.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from training.evaluate import evaluate
from training.results import Landings, join
from training.summary import rows_where, statistics, summarise
from training.worlds import divided, judged

if TYPE_CHECKING:
    from collections.abc import Callable

    from agents.base import Pilot
    from training.config import TaskConfig
    from training.seeds import Domain
    from training.worlds import World

__all__ = ["evaluate_worlds", "scores_of"]


def evaluate_worlds(
    pilot_for: Callable[[World], Pilot],
    config: TaskConfig,
    landings: int,
    seed: int,
    *,
    label: str,
    domain: Domain,
) -> Landings:
    """Fly a policy in the worlds of its run.

    Parameters
    ----------
    pilot_for : callable
        Returns the policy as the pilot of a world.
    config : TaskConfig
        The task with its worlds; those that end early are left out.
    landings : int
        Number of episodes, over all worlds; those of a world are the first ones that
        `training.evaluate.evaluate` flies there.
    seed : int
        The user's seed.
    label : str
        Name of the policy in the results.
    domain : Domain
        What the episodes are used for.

    Returns
    -------
    dict of ndarray
        The columns of `training.results.SCHEMA`.
    """
    worlds = judged(config)
    counts = divided(landings, [world.config.weight for world in worlds])
    return join(
        evaluate(
            pilot_for(world),
            world.task,
            count,
            seed,
            label=label,
            domain=domain,
            num_threads=config.num_threads,
        )
        for world, count in zip(worlds, counts, strict=True)
    )


def scores_of(landings: Landings, config: TaskConfig) -> dict[str, Any]:
    """Return the statistics of a policy's landings, over all worlds and in each of several.

    Parameters
    ----------
    landings : dict of ndarray
        From `evaluate_worlds`.
    config : TaskConfig
        The task with its worlds.

    Returns
    -------
    dict
        JSON content: those of `training.summary.statistics`, ``landings``, and of several worlds
        ``worlds``, a list with ``mission``, ``scenario`` and ``phase`` and the same statistics of
        each.
    """
    content = _scores(landings)
    worlds = judged(config)
    if len(worlds) == 1:
        return content
    total = len(landings["landed"])
    counts = divided(total, [world.config.weight for world in worlds])
    ends = np.cumsum(counts)
    entries = []
    for world, end, count in zip(worlds, ends, counts, strict=True):
        here = np.zeros(total, dtype=np.bool_)
        here[end - count : end] = True
        names = dict(zip(("mission", "scenario", "phase"), world.identity(), strict=True))
        entries.append(names | _scores(rows_where(landings, here)))
    return content | {"worlds": entries}


def _scores(landings: Landings) -> dict[str, Any]:
    group = summarise(landings)
    return {**statistics(group), "landings": group.success.trials}
