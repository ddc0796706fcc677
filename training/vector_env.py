"""Vector environments of a task, for evaluation and for training."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gymnasium.vector import AutoresetMode

from lunar_env import LunarLandingVectorEnv
from lunar_env.task import Task

if TYPE_CHECKING:
    from training.config import TaskConfig

__all__ = ["make_vector_env", "training_env"]


def make_vector_env(
    task: Task, num_envs: int, mode: AutoresetMode, num_threads: int | None = None
) -> LunarLandingVectorEnv:
    """Return a vector environment of a task.

    Parameters
    ----------
    task : Task
        The task.
    num_envs : int
        Number of rows.
    mode : AutoresetMode
        When a row is reset after its episode has ended.
    num_threads : int, optional
        Threads of the simulation.

    Returns
    -------
    LunarLandingVectorEnv
        The environment, before its first reset.
    """
    return LunarLandingVectorEnv(
        num_envs, num_threads=num_threads, autoreset_mode=mode, **task.keywords()
    )


def training_env(config: TaskConfig) -> LunarLandingVectorEnv:
    """Return the vector environment of a training run, for the Stable-Baselines3 adapter."""
    return make_vector_env(
        Task.of(config), config.num_envs, AutoresetMode.SAME_STEP, config.num_threads
    )
