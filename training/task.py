"""What is flown, and the vector environment that flies it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from gymnasium.vector import AutoresetMode

from lunar_env import PRIVILEGED_FIELDS, LunarLandingVectorEnv
from lunar_env.envs.settings import Settings, resolve
from lunar_env.registration import IDS

if TYPE_CHECKING:
    from lunar_env import MissionSpec, ScenarioSpec
    from training.config import TaskConfig

__all__ = ["Task", "make_vector_env", "training_env", "truth_column"]

_COLUMNS = {field.name: index for index, field in enumerate(PRIVILEGED_FIELDS)}


class Task(NamedTuple):
    """A mission in a scenario, as a pilot sees it."""

    mission: str | MissionSpec
    scenario: str | ScenarioSpec
    history: int = 1
    time_limit_s: float | None = None
    reward: dict[str, float] | None = None
    control: str = "throttle"
    phase: str = "terminal"

    @classmethod
    def of(cls, config: TaskConfig) -> Task:
        """Return the task of a training run."""
        return cls(
            config.mission,
            config.scenario,
            config.history,
            config.time_limit_s,
            dict(config.reward) or None,
            config.control,
            config.phase,
        )

    def keywords(self) -> dict[str, Any]:
        """Return the environment's keyword arguments."""
        return self._asdict()

    def settings(self) -> Settings:
        """Return what the keywords mean: specs, limits, and the fields of the observation.

        Raises
        ------
        ConfigError
            If one is wrong.
        """
        return resolve(**self.keywords())

    def env_id(self) -> str:
        """Return the id whose defaults are nearest: it shares the control, and if any the phase."""
        alike = [row for row in IDS if row.control == self.control] or list(IDS)
        return next((row for row in alike if row.phase == self.phase), alike[0]).name


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
