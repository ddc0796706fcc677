"""Pilots as commands name them: ``law+filter``, a stem of shipped weights, a file or a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from agents import LearnedPilot, make_pilot
from lunar_env.errors import ConfigError
from training.task import Task, observation_fields

if TYPE_CHECKING:
    from agents import Pilot

__all__ = ["prepare"]


def prepare(name: str, mission: str, scenario: str) -> tuple[Pilot, Task]:
    """Return a pilot and the task as it sees it.

    Parameters
    ----------
    name : str
        ``law+filter``, a stem in ``agents/weights``, the path of a policy file, or the folder of a
        training run, which means its best policy.
    mission, scenario : str
        Name or path.

    Returns
    -------
    pilot : Pilot
        Ready to fly.
    task : Task
        With as many past frames as the pilot was trained on.

    Raises
    ------
    ConfigError
        If there is no such pilot, mission or scenario.
    """
    path = Path(name)
    if path.is_dir():
        path = path / "policy.safetensors"
        if not path.is_file():
            raise ConfigError(f"{name} is a folder without {path.name}: not a run, or too young")
        name = str(path)
    task = Task(mission, scenario)
    pilot = make_pilot(name, observation_fields(task))
    if isinstance(pilot, LearnedPilot):
        task = task._replace(history=pilot.card.history)
    return pilot, task
