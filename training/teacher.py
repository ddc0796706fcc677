"""The pilot that a student imitates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents import LearnedPilot
from agents.classical import ClassicalPilot
from lunar_env.errors import ConfigError
from lunar_env.pilots import resolve
from lunar_env.task import Task

if TYPE_CHECKING:
    from training.config import TaskConfig

__all__ = ["find_teacher"]


def find_teacher(name: str, task: TaskConfig) -> ClassicalPilot | LearnedPilot:
    """Return a teacher for a task.

    Parameters
    ----------
    name : str
        A pilot of `lunar-env list pilots`, a policy file or the folder of a training run.
    task : TaskConfig
        The task that the student is trained on.

    Returns
    -------
    ClassicalPilot or LearnedPilot
        A pilot that acts on the observations of the student alone.

    Raises
    ------
    ConfigError
        If there is no such pilot, it cannot fly the task, or it is given what no lander observes.

    Notes
    -----
    A pilot that is given the true state knows the height before the first range. A student can only
    learn the mean of its actions over all heights that look alike, which ignites too late.
    """
    given = Task.of(task)
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
