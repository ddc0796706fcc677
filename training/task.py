"""What is flown, and the vector environment that flies it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gymnasium.vector import AutoresetMode

from lunar_env import PRIVILEGED_FIELDS, LunarLandingVectorEnv
from lunar_env.task import Task

if TYPE_CHECKING:
    from training.config import TaskConfig

__all__ = ["Task", "make_vector_env", "training_env", "truth_column"]

_COLUMNS = {field.name: index for index, field in enumerate(PRIVILEGED_FIELDS)}


def make_vector_env(
    task: Task, num_envs: int, mode: AutoresetMode, num_threads: int | None = None
) -> LunarLandingVectorEnv:
    """Return a vector environment of a task.

    Parameters
    ----------
    task : Task
        What is flown.
    num_envs : int
        Rows.
    mode : AutoresetMode
        What happens where an episode ended.
    num_threads : int, optional
        Threads of the kernel.

    Returns
    -------
    LunarLandingVectorEnv
        Not reset yet.
    """
    return LunarLandingVectorEnv(
        num_envs, num_threads=num_threads, autoreset_mode=mode, **task.keywords()
    )


def training_env(config: TaskConfig) -> LunarLandingVectorEnv:
    """Return the vector environment of a training run, for the Stable-Baselines3 adapter."""
    return make_vector_env(
        Task.of(config), config.num_envs, AutoresetMode.SAME_STEP, config.num_threads
    )


def truth_column(name: str) -> int:
    """Return the column of a field in ``privileged``."""
    return _COLUMNS[name]
