"""What is recorded of every step of a batch of flights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from gymnasium.vector import AutoresetMode

from lunar_env.pilots import shown_to
from training.truth import step_truth, truth_column
from training.vector_env import make_vector_env

if TYPE_CHECKING:
    from collections.abc import Callable

    from agents.base import BoolArray, Float64Array
    from lunar_env import LunarLandingVectorEnv
    from lunar_env.pilots import Entry
    from lunar_env.task import Task

__all__ = ["Track", "fly"]

# Steps between two reads of the stopping height, which is expensive.
_READ_EVERY: Final = 5
_STOP_M: Final = truth_column("stop_height_m")


class Track(NamedTuple):
    """Flights side by side, before each command; arrays of shape (steps, flights)."""

    flying: BoolArray  # nothing has touched the ground, and the episode goes on
    fixed: BoolArray  # a valid range has arrived
    height_m: Float64Array  # true, of the pads above the ground
    believed_m: Float64Array  # the same by dead reckoning
    descent_m_s: Float64Array  # by dead reckoning, positive downwards
    age_s: Float64Array  # time since the measurement of the latest range
    ranges: Float64Array  # number that has arrived so far
    throttle: Float64Array  # commanded, mean of all engines, as a fraction of installed thrust
    stop_m: Float64Array  # height that the fastest stop takes; NaN where it was not read


def fly(entry: Entry, task: Task, seeds: list[int], threads: int | None = None) -> Track:
    """Fly one episode per seed, all at once.

    Parameters
    ----------
    entry : Entry
        The pilot, with the history that it expects.
    task : Task
        What is flown; its history gives way to the pilot's.
    seeds : list of int
        Seeds of the episodes.
    threads : int, optional
        Threads of the simulation; does not affect the results.

    Returns
    -------
    Track
        From the start to the end of the longest flight.
    """
    task = task._replace(history=entry.task.history)
    env = make_vector_env(task, len(seeds), AutoresetMode.NEXT_STEP, threads)
    look = _Look(env)
    observation, _ = env.reset(seed=list(seeds))
    over = np.zeros(len(seeds), dtype=np.bool_)
    state, start, ended = None, ~over, over
    steps: list[Track] = []
    while not over.all():
        seen = shown_to(entry.pilot, observation, env)
        action, state = entry.pilot.predict(seen, state, start, deterministic=True)
        steps.append(look(observation, action, ~over, read=len(steps) % _READ_EVERY == 0))
        observation, _, terminated, truncated, _ = env.step(action)
        # A row is reset in the step after its end; of the episode that follows nothing is kept.
        start, ended = ended, terminated | truncated
        over = over | ended
    env.close()
    columns = [np.array(column) for column in zip(*steps, strict=True)]
    track = Track(*columns)
    return track._replace(ranges=np.cumsum(track.ranges, axis=0))


class _Look:
    """Reads a line of a track from an environment."""

    def __init__(self, env: LunarLandingVectorEnv) -> None:
        self._env = env
        self._rows = np.arange(env.num_envs)
        self._observed = _observed(env)
        names = [field.name for field in env.action_fields]
        self._throttles = [k for k, name in enumerate(names) if name.startswith("throttle")]

    def __call__(
        self, observation: np.ndarray, action: np.ndarray, flying: BoolArray, *, read: bool
    ) -> Track:
        now = step_truth(self._env, self._rows)
        observed = self._observed
        stop = np.full(len(self._rows), np.nan)
        if read:
            stop = self._env.privileged[:, _STOP_M].copy()
        throttle = 0.5 * (action[:, self._throttles].astype(np.float64).mean(axis=1) + 1.0)
        return Track(
            flying=flying & ~now.touched,
            fixed=now.fixed,
            height_m=now.height_m,
            believed_m=observed(observation, "dr_height_m"),
            descent_m_s=-observed(observation, "dr_v_up_m_s"),
            age_s=observed(observation, "lrf_last_age_s"),
            ranges=now.arrived,
            throttle=throttle,
            stop_m=stop,
        )


def _observed(env: LunarLandingVectorEnv) -> Callable[[np.ndarray, str], Float64Array]:
    """Return a function that reads an element of the present frame in SI units."""
    fields = {field.name: (k, field.scale) for k, field in enumerate(env.settings.frame_fields)}

    def read(observation: np.ndarray, name: str) -> Float64Array:
        column, scale = fields[name]
        return observation[:, column].astype(np.float64) * scale

    return read
