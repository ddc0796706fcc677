"""The pilot that a student imitates, in each world of its run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from agents import LearnedPilot
from agents.classical import ClassicalPilot
from lunar_env.errors import ConfigError
from lunar_env.pilots import resolve
from training.worlds import worlds_of

if TYPE_CHECKING:
    from agents.base import Float32Array, PilotState
    from training.config import TaskConfig
    from training.worlds import World
    from training.worlds_env import WorldsEnv

__all__ = ["Teachers", "find_teachers"]


class Teachers:
    """Teachers of several worlds, each of which flies the rows of its own; implements `Pilot`.

    Parameters
    ----------
    pilots : list of ClassicalPilot or LearnedPilot
        One for each world, from `find_teachers`.
    env : WorldsEnv
        The environment, which knows the rows of each world.
    """

    def __init__(self, pilots: list[ClassicalPilot | LearnedPilot], env: WorldsEnv) -> None:
        self._pilots, self._env = pilots, env
        self.name = pilots[0].name

    def predict(
        self,
        observation: Any,
        state: PilotState | None = None,
        episode_start: Any = None,
        deterministic: bool = True,
    ) -> tuple[Float32Array, PilotState | None]:
        """Choose the commands of one control period; see `Pilot.predict`."""
        commands, memories = [], []
        for world, rows in self._env.rows().items():
            own = None if state is None else tuple(array[rows] for array in state)
            starts = None if episode_start is None else episode_start[rows]
            pilot = self._pilots[world]
            command, memory = pilot.predict(observation[rows], own, starts, deterministic)
            commands.append(command)
            memories.append(memory or ())
        joined = tuple(np.concatenate(arrays) for arrays in zip(*memories, strict=True))
        return np.concatenate(commands), joined or None


def find_teachers(name: str, config: TaskConfig) -> list[ClassicalPilot | LearnedPilot]:
    """Return a teacher for each world of a task: the same pilot, with its gains for the mission.

    Parameters
    ----------
    name : str
        A pilot of `lunar-env list pilots`, a policy file or the folder of a training run.
    config : TaskConfig
        The task that the student is trained on.

    Returns
    -------
    list of ClassicalPilot or LearnedPilot
        Pilots that act on the observations of the student alone.

    Raises
    ------
    ConfigError
        If there is no such pilot, it cannot fly a world, or it is given what no lander observes.

    Notes
    -----
    A pilot that is given the true state knows the height before the first range. A student can only
    learn the mean of its actions over all heights that look alike, which ignites too late.
    """
    pilots = []
    for world in worlds_of(config):
        try:
            pilots.append(_find_teacher(name, world))
        except ConfigError as problem:
            if not config.worlds:
                raise
            raise ConfigError(f"{world.key}: {problem}") from None
    return pilots


def _find_teacher(name: str, world: World) -> ClassicalPilot | LearnedPilot:
    given = world.task
    entry = resolve(name, given)
    pilot = entry.pilot
    if getattr(pilot, "needs_truth", False):
        raise ConfigError(
            f"teacher = {name!r} is given what no lander can observe; a teacher must fly on"
            " observations alone, as hoverslam+kalman does"
        )
    if not isinstance(pilot, ClassicalPilot | LearnedPilot):
        raise ConfigError(
            f"teacher = {name!r} is not a pilot of this package: give law+filter, own or a policy"
        )
    if entry.task.history > given.history:
        raise ConfigError(
            f"task.history = {given.history} must be at least {entry.task.history}, that of the"
            f" teacher {name}"
        )
    return pilot
