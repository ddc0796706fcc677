"""How wrong a pilot's height is on its way down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np
from gymnasium.vector import AutoresetMode

from lunar_env.errors import ConfigError
from lunar_env.pilots import resolve, shown_to
from lunar_env.task import Task
from training.pilot_log import with_recording_filter
from training.truth import step_truth
from training.vector_env import make_vector_env

if TYPE_CHECKING:
    from collections.abc import Callable

    from agents.navigation.types import Estimate

__all__ = ["HeightJob", "height_errors"]


@dataclass(frozen=True)
class HeightJob:
    """The errors of one pilot."""

    pilot: str
    task: Task
    seeds: tuple[int, ...]
    at_m: float

    def run(self, note: Callable[[int], None] | None = None) -> np.ndarray:
        """Return the errors; see `height_errors`."""
        errors = height_errors(self.pilot, self.task, self.seeds, self.at_m)
        if note is not None:
            note(len(self.seeds))
        return errors


def height_errors(pilot: str, task: Task, seeds: tuple[int, ...], at_m: float) -> np.ndarray:
    """Return how wrong the believed height is when a lander first is at a true height.

    Parameters
    ----------
    pilot : str
        ``law+filter``.
    task : Task
        What it flies.
    seeds : tuple of int
        Seeds of the episodes; each is a row of the environment.
    at_m : float
        The true height of the footpads above the ground [m].

    Returns
    -------
    ndarray of float64, shape (n,)
        Believed less true height [m] at the first command from there on; NaN for a flight that
        never is that low.

    Raises
    ------
    ConfigError
        If the pilot has no filter whose estimate can be recorded.
    """
    entry = resolve(pilot, task)
    flown, recording = with_recording_filter(entry.pilot)
    if recording is None:
        raise ConfigError(f"pilot {pilot!r} has no navigation filter; give law+filter")
    rows = np.arange(len(seeds))
    env = make_vector_env(entry.task, len(seeds), AutoresetMode.NEXT_STEP, 1)
    observation, _ = env.reset(seed=list(seeds))
    error, flying = np.full(len(seeds), np.nan), np.ones(len(seeds), np.bool_)
    start, state = flying.copy(), None
    while flying.any():
        action, state = flown.predict(shown_to(flown, observation, env), state, start)
        believed = cast("Estimate", recording.latest).height_m  # asked for by the pilot just now
        true = step_truth(env, rows).height_m
        here = flying & np.isnan(error) & (true <= at_m)
        error[here] = (believed - true)[here]
        observation, _, terminated, truncated, _ = env.step(action)
        flying &= ~(terminated | truncated) & np.isnan(error)
        start = np.zeros(len(seeds), np.bool_)
    env.close()
    return error
