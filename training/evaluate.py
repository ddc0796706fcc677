"""Paired evaluation: every pilot flies the same episodes, one row of results for each.

Landing i is the episode of seed i, whatever the size of a batch and the number of threads; two
files made with the same seed are compared row by row. Flying needs no torch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from gymnasium.vector import AutoresetMode

from lunar_env import load_mission
from lunar_env.specs import load_scenario
from training.recorder import LandingRecorder
from training.results import SCHEMA, Landings, join
from training.seeds import Domain, episode_seeds
from training.task import Task, make_vector_env

if TYPE_CHECKING:
    from collections.abc import Callable

    from agents.base import Pilot
    from lunar_env import LunarLandingVectorEnv, MissionSpec, ScenarioSpec

__all__ = ["DEFAULT_BATCH", "digests", "evaluate", "fly_seeds"]

DEFAULT_BATCH = 1000


def evaluate(
    pilot: Pilot,
    task: Task,
    landings: int,
    seed: int,
    *,
    label: str,
    domain: Domain = Domain.BENCH,
    batch: int = DEFAULT_BATCH,
    num_threads: int | None = None,
    traces: int = 0,
    on_progress: Callable[[int], None] | None = None,
) -> Landings:
    """Fly a pilot on the episodes of a seed.

    Parameters
    ----------
    pilot : Pilot
        Who flies.
    task : Task
        Mission, scenario and history.
    landings : int
        How many episodes.
    seed : int
        The user's seed; with the domain it fixes the episodes.
    label : str
        Name of the pilot in the results.
    domain : Domain, optional
        Benchmark, unless a checkpoint is being chosen.
    batch : int, optional
        Rows flown at once; it does not change the results.
    num_threads : int, optional
        Threads of the kernel; they do not change the results.
    traces : int, optional
        Of how many landings, from the first, the height over time is kept.
    on_progress : callable, optional
        Called with the number of landings done.

    Returns
    -------
    dict of ndarray
        Every column of the results' schema.
    """
    seeds = episode_seeds(seed, domain, landings)
    rows = min(batch, landings)
    env = make_vector_env(task, rows, AutoresetMode.NEXT_STEP, num_threads)
    parts = []
    for first in range(0, landings, rows):
        part = seeds[first : first + rows]
        # A short last batch is filled up, so that the pilot always sees the same shape.
        flown = fly_seeds(pilot, env, [*part, *seeds[: rows - len(part)]], traces - first)
        parts.append({name: column[: len(part)] for name, column in flown.items()})
        if on_progress is not None:
            on_progress(first + len(part))
    env.close()
    table = join(parts)
    table["landing"] = np.arange(landings, dtype=np.int32)
    table["seed"] = np.array(seeds, dtype=np.int64)
    names = {
        "pilot": label,
        "mission": load_mission(task.mission).name,
        "scenario": load_scenario(task.scenario).name,
    }
    for column, name in names.items():
        table[column] = np.full(landings, name, dtype=object)
    return {field.name: table[field.name] for field in SCHEMA}


def fly_seeds(
    pilot: Pilot, env: LunarLandingVectorEnv, seeds: list[int], traces: int = 0
) -> Landings:
    """Fly one episode in every row of an environment.

    Parameters
    ----------
    pilot : Pilot
        Who flies.
    env : LunarLandingVectorEnv
        In ``NEXT_STEP`` mode: rows that have ended fly on, unrecorded.
    seeds : list of int
        One per row.
    traces : int, optional
        Of how many rows the height over time is kept.

    Returns
    -------
    dict of ndarray
        The columns that a flight fills.
    """
    observation, info = env.reset(seed=seeds)
    recorder = LandingRecorder(info, env.privileged, traces)
    flying = np.ones(env.num_envs, dtype=np.bool_)
    start, done = np.ones(env.num_envs, dtype=np.bool_), np.zeros(env.num_envs, dtype=np.bool_)
    state = None
    while flying.any():
        if getattr(pilot, "needs_truth", False):  # the oracle, by which pilots are measured
            observation = np.concatenate([observation, env.privileged], axis=1, dtype=np.float32)
        action, state = pilot.predict(observation, state, start, deterministic=True)
        observation, reward, terminated, truncated, info = env.step(action)
        # A row that has ended is reset in the next step, and its new episode starts there.
        start, done = done, terminated | truncated
        truth = env.privileged, env.final_privileged
        recorder.step(flying, flying & done, reward, info, truth)
        flying &= ~done
    return recorder.landings()


def digests(tasks: list[Task]) -> dict[str, Any]:
    """Return titles and digests of the missions and scenarios of some tasks, by name.

    Parameters
    ----------
    tasks : list of Task
        What was flown.

    Returns
    -------
    dict
        ``missions`` and ``scenarios``, and what was commanded and where it began.
    """
    missions = [load_mission(task.mission) for task in tasks]
    scenarios = [load_scenario(task.scenario) for task in tasks]
    return {
        "missions": {spec.name: _identity(spec) for spec in missions},
        "scenarios": {spec.name: _identity(spec) for spec in scenarios},
        "controls": sorted({task.control for task in tasks}),
        "phases": sorted({task.phase for task in tasks}),
    }


def _identity(spec: MissionSpec | ScenarioSpec) -> dict[str, str]:
    return {"title": spec.title, "digest": spec.digest}
