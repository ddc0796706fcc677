"""Pilots as commands name them: ``law+filter``, a stem of shipped weights, a file or a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from agents import LearnedPilot, list_pilots, make_pilot
from lunar_env import PRIVILEGED_FIELDS
from lunar_env.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agents import Pilot
    from lunar_env import LunarLandingEnv, LunarLandingVectorEnv
    from training.task import Task

__all__ = ["Entry", "prepare", "shown_to"]

RUN_POLICY = "policy"


class Entry(NamedTuple):
    """A pilot, its name in results, and the task as it sees it."""

    label: str
    pilot: Pilot
    task: Task


def prepare(
    name: str, task: Task, gains: Mapping[str, Mapping[str, object]] | None = None
) -> Entry:
    """Return a pilot with its task.

    Parameters
    ----------
    name : str
        ``law+filter``, the oracle included, a stem in ``agents/weights``, the path of a policy
        file, or the folder of a training run, which means its best policy.
    task : Task
        What is to be flown; its history gives way to the pilot's.
    gains : mapping of mappings, optional
        Of a classical pilot, see `agents.make_pilot`; by default the shipped ones.

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
    fields = settings.frame_fields
    mission = settings.mission
    tilt = mission.phases.named(settings.phase).tilt_max_deg
    if name in list_pilots(bounds=True):
        seen = (*fields, *PRIVILEGED_FIELDS)
        bound = make_pilot(name, seen, gains=gains, tilt_max_deg=tilt, mission=mission.name)
        return Entry(bound.name, bound, task._replace(history=1))
    pilot = make_pilot(name, fields, gains=gains, tilt_max_deg=tilt, mission=mission.name)
    if not isinstance(pilot, LearnedPilot):
        return Entry(pilot.name, pilot, task)
    # The file of a run is always called policy; the run's folder tells more.
    label = path.resolve().parent.name if path.stem == RUN_POLICY else pilot.name
    return Entry(label, pilot, task._replace(history=pilot.card.history))


def shown_to(
    pilot: Pilot, observation: np.ndarray, env: LunarLandingEnv | LunarLandingVectorEnv
) -> np.ndarray:
    """Return what a pilot is shown: the observation, and to the oracle the truth behind it.

    Parameters
    ----------
    pilot : Pilot
        Who flies.
    observation : ndarray of float32, shape (n, obs_dim)
        Of all rows.
    env : LunarLandingEnv or LunarLandingVectorEnv
        In the state that was observed.

    Returns
    -------
    ndarray of float32
        One line for each row.
    """
    if not getattr(pilot, "needs_truth", False):
        return observation
    truth = np.atleast_2d(env.privileged)
    return np.concatenate([observation, truth], axis=1, dtype=np.float32)
