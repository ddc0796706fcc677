"""The pilot that a student imitates, in each world of its run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from agents import LearnedPilot
from agents.classical import ClassicalPilot
from agents.gains import shipped_gains
from agents.making import control_of
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
    """Teachers of all worlds of a run, each of which flies the rows of its own.

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

    def commands(
        self, observation: np.ndarray, state: PilotState | None, starts: np.ndarray | None
    ) -> tuple[Float32Array, PilotState | None]:
        """Choose the commands of one control period.

        Parameters
        ----------
        observation : ndarray of float32, shape (num_envs, inputs)
            The latest, as the policy sees it.
        state : tuple of ndarray or None
            What the previous call returned; None at the beginning.
        starts : ndarray of bool, shape (num_envs,), or None
            Rows that begin an episode.

        Returns
        -------
        commands : ndarray of float32, shape (num_envs, actions)
            In [-1, 1].
        state : tuple of ndarray or None
            Pass it to the next call.
        """
        commands, memories = [], []
        for world, rows, seen in self._env.seen_by_pilots(observation):
            own = None if state is None else tuple(array[rows] for array in state)
            begun = None if starts is None else starts[rows]
            command, memory = self._pilots[world].predict(seen, own, begun)
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


def _gains(name: str, world: World) -> dict[str, dict[str, object]] | None:
    """Return the shipped gains of a teacher with those of a world; None where it has none."""
    own = world.config.teacher_gains
    if not own:
        return None
    settings = world.task.settings()
    control = control_of(settings.frame_fields)
    gains = shipped_gains(name, control, settings.mission.name)
    return {group: {**gains.get(group, {}), **own.get(group, {})} for group in {**gains, **own}}


def _find_teacher(name: str, world: World) -> ClassicalPilot | LearnedPilot:
    given = world.task
    gains = _gains(name, world)
    entry = resolve(name, given, gains=gains)
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
