"""What is flown, and the vector environment that flies it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from gymnasium.vector import AutoresetMode

from lunar_env import (
    OBSERVATION_FIELDS,
    PRIVILEGED_FIELDS,
    LunarLandingVectorEnv,
    load_mission,
)
from lunar_env.specs import load_scenario

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lunar_env import Field, MissionSpec, ScenarioSpec
    from training.config import TaskConfig

__all__ = [
    "ENV_ID",
    "Task",
    "make_vector_env",
    "observation_fields",
    "training_env",
    "truth_column",
]

ENV_ID = "LunarEnv/ThrottleLanding-v0"

_COLUMNS = {field.name: index for index, field in enumerate(PRIVILEGED_FIELDS)}


class Task(NamedTuple):
    """A mission in a scenario, as a pilot sees it."""

    mission: str | MissionSpec
    scenario: str | ScenarioSpec
    history: int = 1
    time_limit_s: float | None = None
    reward: dict[str, float] | None = None

    @classmethod
    def of(cls, config: TaskConfig) -> Task:
        """Return the task of a training run."""
        return cls(
            config.mission,
            config.scenario,
            config.history,
            config.time_limit_s,
            dict(config.reward) or None,
        )

    def keywords(self) -> dict[str, Any]:
        """Return the environment's keyword arguments."""
        return self._asdict()


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


def observation_fields(task: Task) -> Sequence[Field]:
    """Return the base layout of the observation; every task of the package has it.

    Parameters
    ----------
    task : Task
        What is flown; checked for a known mission and scenario.

    Returns
    -------
    sequence of Field
        The current frame.
    """
    load_mission(task.mission)
    load_scenario(task.scenario)
    return OBSERVATION_FIELDS
