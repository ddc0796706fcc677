"""Paired evaluation: every pilot flies the same episodes, with one row of results for each.

Landing i is the episode of seed i for any batch size and number of threads, so that two files made
with the same seed can be compared row by row. PyTorch is not needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from gymnasium.vector import AutoresetMode

from lunar_env import load_mission
from lunar_env.pilots import shown_to
from lunar_env.specs import load_scenario
from training.pilot_log import program_of, with_recording_filter
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

# Rows of an environment. A step of fewer rows costs nearly as much; with more, those that have
# landed wait longer for the last one.
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
    """Fly a pilot on the episodes of a seed and return the results.

    Parameters
    ----------
    pilot : Pilot
        The pilot.
    task : Task
        Mission, scenario and the other arguments of the environment.
    landings : int
        Number of episodes.
    seed : int
        The user's seed, which determines the episodes together with the domain.
    label : str
        Name of the pilot in the results.
    domain : Domain, optional
        What the episodes are used for.
    batch : int, optional
        Rows of the environment; does not affect the results.
    num_threads : int, optional
        Threads of the simulation; does not affect the results.
    traces : int, optional
        Number of landings, counted from the first, whose height trace is kept.
    on_progress : callable, optional
        Called with the number of landings completed.

    Returns
    -------
    dict of ndarray
        The columns of `training.results.SCHEMA`.
    """
    seeds = episode_seeds(seed, domain, landings)
    env = make_vector_env(task, min(batch, landings), AutoresetMode.NEXT_STEP, num_threads)
    table = fly_seeds(pilot, env, seeds, traces, on_progress)
    env.close()
    return labelled(table, task, label, seeds)


def labelled(flown: Landings, task: Task, label: str, seeds: list[int], first: int = 0) -> Landings:
    """Add pilot, mission, scenario, seeds and causes of loss to recorded landings.

    Parameters
    ----------
    flown : dict of ndarray
        Returned by `fly_seeds`.
    task : Task
        The task flown.
    label : str
        Name of the pilot in the results.
    seeds : list of int
        Seeds of the landings.
    first : int, optional
        Index of the first landing.

    Returns
    -------
    dict of ndarray
        The columns of `training.results.SCHEMA`.
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
    """Fly one episode per seed; a row whose episode has ended takes the next seed.

    Parameters
    ----------
    pilot : Pilot
        The pilot.
    env : LunarLandingVectorEnv
        In ``NEXT_STEP`` mode; rows without a seed left keep flying and are not recorded.
    seeds : list of int
        Seeds of the episodes.
    traces : int, optional
        Number of landings whose height trace is kept.
    on_progress : callable, optional
        Called with the number of landings completed.
    log : FlightLog, optional
        Also records these landings.

    Returns
    -------
    dict of ndarray
        The columns that are recorded in flight.
    """
    flown, recording_filter = with_recording_filter(pilot)
    schedule = LandingSchedule(len(seeds), env.num_envs)
    recorder = LandingRecorder(env, len(seeds), traces, log)
    observation, info = env.reset(seed=[seeds[max(at, 0)] for at in schedule.landing])
    recorder.begin(*schedule.flying(), info)
    start = np.ones(env.num_envs, dtype=np.bool_)
    ended_before = np.zeros(env.num_envs, dtype=np.bool_)
    state = None
    while schedule.any():
        seen = shown_to(flown, observation, env)
        action, state = flown.predict(seen, state, start, deterministic=True)
        rows, at = schedule.flying()
        estimate = recording_filter.latest if recording_filter else None
        recorder.decide(rows, at, action, estimate, program_of(flown, state))
        observation, reward, terminated, truncated, info = env.step(action)
        ended = terminated | truncated
        recorder.step(rows, at, ended, reward, info)
        # A row without a new seed is reset in the next step, where its next episode starts.
        start, ended_before = ended_before, ended.copy()
        fresh = schedule.after(ended)
        if fresh.size:
            row_seeds: list[int | None] = [None] * env.num_envs
            for row in fresh:
                row_seeds[row] = seeds[schedule.landing[row]]
            mask = np.isin(np.arange(env.num_envs), fresh)
            observation, info = env.reset(seed=row_seeds, options={"reset_mask": mask})
            recorder.begin(fresh, schedule.landing[fresh], info)
            start, ended_before = start | mask, ended_before & ~mask
        if on_progress is not None and ended.any():
            on_progress(schedule.done)
    return recorder.landings()


class LandingSchedule:
    """Assigns landings to the rows of an environment.

    Parameters
    ----------
    landings : int
        Number of landings to fly.
    rows : int
        Number of rows.

    Attributes
    ----------
    done : int
        Number of landings completed.
    landing : ndarray of int, shape (rows,)
        The landing that each row flies; -1 if none.
    """

    def __init__(self, landings: int, rows: int) -> None:
        self.done = 0
        self.landing = np.where(np.arange(rows) < landings, np.arange(rows), -1)
        self._landings = landings
        self._next = min(rows, landings)

    def any(self) -> bool:
        """Return whether landings are left."""
        return self.done < self._landings

    def flying(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the rows that fly a landing, and the landings."""
        rows = np.flatnonzero(self.landing >= 0)
        return rows, self.landing[rows]

    def after(self, ended: np.ndarray) -> np.ndarray:
        """Complete the landings of rows that ended; return the rows that start another one."""
        rows = np.flatnonzero(ended & (self.landing >= 0))
        self.done += len(rows)
        fresh = rows[: self._landings - self._next]
        self.landing[rows] = -1
        self.landing[fresh] = np.arange(self._next, self._next + len(fresh))
        self._next += len(fresh)
        return fresh


def digests(tasks: list[Task]) -> dict[str, Any]:
    """Return titles and digests of the missions and scenarios of tasks.

    Parameters
    ----------
    tasks : list of Task
        The tasks flown.

    Returns
    -------
    dict
        ``missions`` and ``scenarios`` by name, ``controls`` and ``phases``.
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
