"""The pilot that a player is compared with: it flies the same episode."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lunar_env.errors import LunarEnvError
from lunar_env.flyer import Flyer
from lunar_env.pilots import resolve

if TYPE_CHECKING:
    from lunar_env.pilots import Entry
    from lunar_env.play.levels import Level
    from lunar_env.task import Task
    from lunar_env.telemetry import Flight

__all__ = ["Rival", "best"]

CONTROLS = ("actuators", "thrust_vector", "throttle")
"""An autopilot does the more, the later; an episode is the same with each."""


class Rival:
    """A pilot, chosen or usual.

    Parameters
    ----------
    chosen : str, optional
        As for `lunar_env.pilots.resolve`; by default the best one, see `best`.
    trust_code : bool, optional
        Load a Stable-Baselines3 model, which can run any code that its file holds.
    """

    def __init__(self, chosen: str | None = None, *, trust_code: bool = False) -> None:
        self._chosen, self._trust_code = chosen, trust_code

    def name(self, level: Level, task: Task) -> str:
        """Return who flies."""
        return self._chosen or best(level, task)

    def check(self, level: Level, task: Task) -> None:
        """Raise an error where a chosen pilot is unknown or cannot fly the task."""
        if self._chosen is not None:
            self._entry(level, task)

    def fly(self, level: Level, task: Task, episode_key: int) -> Flight | str:
        """Fly an episode, or say why not: a game goes on without a rival.

        Parameters
        ----------
        level : Level
            What the player commands.
        task : Task
            What is flown; its control gives way to that of the pilot.
        episode_key : int
            Of the player's episode.

        Returns
        -------
        Flight or str
            The record, or what is wrong.
        """
        try:
            entry = self._entry(level, task)
        except LunarEnvError as problem:
            return str(problem)
        return Flyer(entry).fly(None, episode_key)

    def _entry(self, level: Level, task: Task) -> Entry:
        """Return the pilot at the player's controls, or else at the nearest that it commands."""
        first: LunarEnvError | None = None
        for control in CONTROLS[CONTROLS.index(level.control) :]:
            try:
                return resolve(
                    self.name(level, task),
                    task._replace(control=control),
                    trust_code=self._trust_code,
                )
            except LunarEnvError as problem:
                first = first or problem
        assert first is not None
        raise first


def best(level: Level, task: Task) -> str:
    """Return the pilot that landed most often in the suite, where it flew anything like it.

    Parameters
    ----------
    level : Level
        What the player commands.
    task : Task
        What is flown.

    Returns
    -------
    str
        A learned pilot for what it was trained on, else the best guidance law: see README.
    """
    if level.control == "throttle":
        own = task.mission == "hakuto-r-m2" and task.phase == "terminal"
        return "throttle-m2" if own else "velocity-profile+kalman"
    return "fp2dg+kalman" if task.phase == "powered" else "vector-general"
