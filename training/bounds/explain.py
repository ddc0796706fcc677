"""What losses are made of: each is flown again with one part of the belief made true."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from gymnasium.vector import AutoresetMode
from rich.box import SIMPLE_HEAD
from rich.table import Table

from agents.substitution import PARTS, substituted
from lunar_env import PRIVILEGED_FIELDS
from training.evaluate import fly_seeds
from training.vector_env import make_vector_env

if TYPE_CHECKING:
    from agents.base import Pilot
    from lunar_env.task import Task
    from training.results import Landings

__all__ = ["Explanation", "explain", "explanation_table"]


class Explanation(NamedTuple):
    """Losses that one part of the truth turns into landings."""

    failed: int  # episodes that are not lost and were not landed
    landed: dict[str, int]  # of these, with each part of `PARTS`
    never: int  # of these, with none of them


def explain(
    pilot: Pilot, task: Task, landings: Landings, batch: int, threads: int | None = None
) -> Explanation:
    """Fly the losses of a pilot again, with each part of the truth in turn.

    Parameters
    ----------
    pilot : Pilot
        A classical pilot.
    task : Task
        The task that it flew.
    landings : dict of ndarray
        Its results.
    batch : int
        Rows of the environment at most.
    threads : int, optional
        Threads of the simulation.

    Returns
    -------
    Explanation
        Numbers of episodes. A loss may be saved by several parts.

    Raises
    ------
    ConfigError
        If the pilot has no navigation filter.
    """
    seeds = landings["seed"][~landings["landed"] & ~landings["lost"]].tolist()
    task = task._replace(history=1)
    fields = (*task.settings().frame_fields, *PRIVILEGED_FIELDS)
    pilots = {part: substituted(pilot, fields, part) for part in PARTS}
    if not seeds:
        return Explanation(0, dict.fromkeys(PARTS, 0), 0)
    env = make_vector_env(task, min(batch, len(seeds)), AutoresetMode.NEXT_STEP, threads)
    flown = {part: fly_seeds(each, env, seeds)["landed"] for part, each in pilots.items()}
    env.close()
    saved = np.any(list(flown.values()), axis=0)
    counts = {part: int(landed.sum()) for part, landed in flown.items()}
    return Explanation(len(seeds), counts, int((~saved).sum()))


def explanation_table(explanation: Explanation) -> Table:
    """Return a table of the parts of the truth and the losses that each turns into landings."""
    title = f"{explanation.failed} losses flown again with one part of the truth"
    table = Table(box=SIMPLE_HEAD, padding=(0, 1), title=title, title_justify="left")
    table.add_column("given the truth of")
    table.add_column("landed", justify="right")
    for part, count in explanation.landed.items():
        table.add_row(f"{part}: {PARTS[part]}", str(count))
    table.add_row("none of these lands it", str(explanation.never))
    return table
