"""Paired evaluation: every pilot flies the same episodes, one row of results for each.

Landing i is the episode of seed i, whatever the size of a batch and the number of threads; two
files made with the same seed are compared row by row. Flying needs no torch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from gymnasium.vector import AutoresetMode

from lunar_env import load_mission
from lunar_env.pilots import shown_to
from lunar_env.specs import load_scenario
from training.pilot_log import program_of, watched
from training.recorder import LandingRecorder
from training.results import SCHEMA, Landings
from training.seeds import Domain, episode_seeds
from training.taxonomy import causes
from training.vector_env import make_vector_env

if TYPE_CHECKING:
    from collections.abc import Callable

    from agents.base import Pilot
    from lunar_env import LunarLandingVectorEnv, MissionSpec, ScenarioSpec
    from lunar_env.task import Task
    from training.missions.log import FlightLog

__all__ = ["DEFAULT_BATCH", "digests", "evaluate", "fly_seeds", "labelled"]

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
    env = make_vector_env(task, min(batch, landings), AutoresetMode.NEXT_STEP, num_threads)
    table = fly_seeds(pilot, env, seeds, traces, on_progress)
    env.close()
    return labelled(table, task, label, seeds)


def labelled(flown: Landings, task: Task, label: str, seeds: list[int], first: int = 0) -> Landings:
    """Add who flew what to the columns of a flight, and why what was lost was lost.

    Parameters
    ----------
    flown : dict of ndarray
        What `fly_seeds` returned.
    task : Task
        What was flown.
    label : str
        Name of the pilot in the results.
    seeds : list of int
        Of the landings.
    first : int, optional
        Number of the first landing.

    Returns
    -------
    dict of ndarray
        Every column of the results' schema.
    """
    count = len(seeds)
    names = {
        "pilot": label,
        "mission": load_mission(task.mission).name,
        "scenario": load_scenario(task.scenario, task.mission).name,
    }
    table = {
        **flown,
        **{column: np.full(count, name, dtype=object) for column, name in names.items()},
        "landing": np.arange(first, first + count, dtype=np.int32),
        "seed": np.array(seeds, dtype=np.int64),
        "cause": causes(flown),
    }
    return {field.name: table[field.name] for field in SCHEMA}


def fly_seeds(
    pilot: Pilot,
    env: LunarLandingVectorEnv,
    seeds: list[int],
    traces: int = 0,
    on_progress: Callable[[int], None] | None = None,
    log: FlightLog | None = None,
) -> Landings:
    """Fly one episode for each seed; a row whose episode has ended takes the next seed.

    Parameters
    ----------
    pilot : Pilot
        Who flies.
    env : LunarLandingVectorEnv
        In ``NEXT_STEP`` mode: rows for which no seed is left fly on, unrecorded.
    seeds : list of int
        Any number.
    traces : int, optional
        Of how many landings the height over time is kept.
    on_progress : callable, optional
        Called with the number of landings done.
    log : FlightLog, optional
        Of as many landings, told of them as they are flown.

    Returns
    -------
    dict of ndarray
        The columns that a flight fills.
    """
    flown, watcher = watched(pilot)
    rota = Rota(len(seeds), env.num_envs)
    recorder = LandingRecorder(env, len(seeds), traces, log)
    observation, info = env.reset(seed=[seeds[max(at, 0)] for at in rota.landing])
    recorder.begin(*rota.flying(), info)
    start, begun = np.ones(env.num_envs, dtype=np.bool_), np.zeros(env.num_envs, dtype=np.bool_)
    state = None
    while rota.any():
        seen = shown_to(flown, observation, env)
        action, state = flown.predict(seen, state, start, deterministic=True)
        rows, at = rota.flying()
        belief, program = watcher.latest if watcher else None, program_of(flown, state)
        recorder.decide(rows, at, action, belief, program)
        observation, reward, terminated, truncated, info = env.step(action)
        ended = terminated | truncated
        recorder.step(rows, at, ended, reward, info)
        # A row without a seed is reset in the next step, and its new episode starts there.
        start, begun = begun, ended.copy()
        fresh = rota.after(ended)
        if fresh.size:
            given: list[int | None] = [None] * env.num_envs
            for row in fresh:
                given[row] = seeds[rota.landing[row]]
            mask = np.isin(np.arange(env.num_envs), fresh)
            observation, info = env.reset(seed=given, options={"reset_mask": mask})
            recorder.begin(fresh, rota.landing[fresh], info)
            start, begun = start | mask, begun & ~mask
        if on_progress is not None and ended.any():
            on_progress(rota.done)
    return recorder.landings()


class Rota:
    """Which row of an environment flies which landing; -1 where none is left for it.

    Parameters
    ----------
    landings : int
        How many there are to fly.
    rows : int
        That fly them.
    """

    def __init__(self, landings: int, rows: int) -> None:
        self.done = 0
        self.landing = np.where(np.arange(rows) < landings, np.arange(rows), -1)
        self._landings = landings
        self._next = min(rows, landings)

    def any(self) -> bool:
        """Whether a landing is still being flown."""
        return self.done < self._landings

    def flying(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the rows that fly a landing, and which."""
        rows = np.flatnonzero(self.landing >= 0)
        return rows, self.landing[rows]

    def after(self, ended: np.ndarray) -> np.ndarray:
        """Note which rows have ended; return those of them that take another landing."""
        rows = np.flatnonzero(ended & (self.landing >= 0))
        self.done += len(rows)
        fresh = rows[: self._landings - self._next]
        self.landing[rows] = -1
        self.landing[fresh] = np.arange(self._next, self._next + len(fresh))
        self._next += len(fresh)
        return fresh


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
    scenarios = [load_scenario(task.scenario, task.mission) for task in tasks]
    return {
        "missions": {spec.name: _identity(spec) for spec in missions},
        "scenarios": {spec.name: _identity(spec) for spec in scenarios},
        "controls": sorted({task.control for task in tasks}),
        "phases": sorted({task.phase for task in tasks}),
    }


def _identity(spec: MissionSpec | ScenarioSpec) -> dict[str, str]:
    return {"title": spec.title, "digest": spec.digest}
