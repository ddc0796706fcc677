"""What is flown: a mission in a scenario, as a pilot sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from lunar_env.envs.settings import Settings, resolve
from lunar_env.registration import IDS

if TYPE_CHECKING:
    from lunar_env.specs import MissionSpec, ScenarioSpec

__all__ = ["Task"]


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
    def of(cls, config: Any) -> Task:
        """Return the task of a training run; `config` has these names as attributes."""
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
