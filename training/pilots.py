"""Pilots as commands name them: ``law+filter``, a stem of shipped weights, a file or a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from agents import LearnedPilot, make_pilot
from lunar_env.errors import ConfigError
from training.task import Task, observation_fields

if TYPE_CHECKING:
    from agents import Pilot

__all__ = ["Entry", "prepare"]

RUN_POLICY = "policy"


class Entry(NamedTuple):
    """A pilot, its name in results, and the task as it sees it."""

    label: str
    pilot: Pilot
    task: Task


def prepare(name: str, mission: str, scenario: str) -> Entry:
    """Return a pilot with its task.

    Parameters
    ----------
    name : str
        ``law+filter``, a stem in ``agents/weights``, the path of a policy file, or the folder of a
        training run, which means its best policy.
    mission, scenario : str
        Name or path.

    Returns
    -------
    Entry
        Ready to fly, with as many past frames as the pilot was trained on.

    Raises
    ------
    ConfigError
        If there is no such pilot, mission or scenario.
    """
    path = Path(name)
    if path.is_dir():
        path = path / f"{RUN_POLICY}.safetensors"
        if not path.is_file():
            raise ConfigError(f"{name} is a folder without {path.name}: not a run, or too young")
        name = str(path)
    task = Task(mission, scenario)
    pilot = make_pilot(name, observation_fields(task))
    if not isinstance(pilot, LearnedPilot):
        return Entry(pilot.name, pilot, task)
    # The file of a run is always called policy; the run's folder tells more.
    label = path.resolve().parent.name if path.stem == RUN_POLICY else pilot.name
    return Entry(label, pilot, task._replace(history=pilot.card.history))
