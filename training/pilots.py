"""Pilots as commands name them: ``law+filter``, a stem of shipped weights, a file or a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from agents import LearnedPilot, make_pilot
from lunar_env.errors import ConfigError

if TYPE_CHECKING:
    from agents import Pilot
    from training.task import Task

__all__ = ["Entry", "prepare"]

RUN_POLICY = "policy"


class Entry(NamedTuple):
    """A pilot, its name in results, and the task as it sees it."""

    label: str
    pilot: Pilot
    task: Task


def prepare(name: str, task: Task) -> Entry:
    """Return a pilot with its task.

    Parameters
    ----------
    name : str
        ``law+filter``, a stem in ``agents/weights``, the path of a policy file, or the folder of a
        training run, which means its best policy.
    task : Task
        What is to be flown; its history gives way to the pilot's.

    Returns
    -------
    Entry
        Ready to fly, with as many past frames as the pilot was trained on.

    Raises
    ------
    ConfigError
        If there is no such pilot, mission or scenario, or the pilot cannot fly such a task.
    """
    path = Path(name)
    if path.is_dir():
        path = path / f"{RUN_POLICY}.safetensors"
        if not path.is_file():
            raise ConfigError(f"{name} is a folder without {path.name}: not a run, or too young")
        name = str(path)
    settings = task.settings()
    tilt = settings.mission.phases.named(settings.phase).tilt_max_deg
    pilot = make_pilot(name, settings.frame_fields, tilt_max_deg=tilt)
    if not isinstance(pilot, LearnedPilot):
        return Entry(pilot.name, pilot, task)
    # The file of a run is always called policy; the run's folder tells more.
    label = path.resolve().parent.name if path.stem == RUN_POLICY else pilot.name
    return Entry(label, pilot, task._replace(history=pilot.card.history))
