"""What an environment was asked to be: keyword arguments checked and resolved once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Final, NoReturn

from lunar_env.envs.values import real, whole
from lunar_env.errors import ConfigError, UnknownKeyword, nearest
from lunar_env.sim.fields import MAX_ACTIONS, REWARD_TERMS, Control, Field
from lunar_env.sim.frame import PHASE_SCALES, frame_fields
from lunar_env.specs import MissionSpec, ScenarioSpec, load_mission, load_scenario
from lunar_env.specs.pack import actions_of

__all__ = [
    "CONTROLS",
    "DEFAULT_REWARD",
    "PHASES",
    "MissionLike",
    "ScenarioLike",
    "Settings",
    "reject_unknown",
    "resolve",
]

MissionLike = str | Path | MissionSpec
ScenarioLike = str | Path | ScenarioSpec

# Scales of the reward terms, and gamma of the shaping. A landing is worth 10; the 28 kg of a
# nominal descent cost 1.4. The shaping must outweigh what a learner's discount pays for hovering
# until the tanks run dry: with a scale of 5, PPO at a discount of 0.995 learned to hover.
DEFAULT_REWARD: Final[Mapping[str, float]] = MappingProxyType(
    {
        "landed": 10.0,
        "impact": 10.0,
        "softness": 1.0,
        "propellant": 0.05,
        "shaping": 20.0,
        "gamma": 1.0,
    }
)
CONTROLS: Final = tuple(control.name.lower() for control in Control)
PHASES: Final = tuple(PHASE_SCALES)
_KEYWORDS: Final = (
    *("mission", "scenario", "control", "phase", "history", "reward", "time_limit_s"),
    *("max_episode_steps", "info", "render_mode", "num_envs", "num_threads", "autoreset_mode"),
)
_VECTOR_ONLY: Final = ("num_envs", "num_threads", "autoreset_mode")
_LONGEST_HISTORY: Final = 64


@dataclass(frozen=True)
class Settings:
    """A resolved environment: what `pack` and the spaces are made from."""

    mission: MissionSpec
    scenario: ScenarioSpec
    control: str
    phase: str
    history: int
    reward: Mapping[str, float]
    time_limit_s: float

    @cached_property
    def action_fields(self) -> tuple[Field, ...]:
        """Fields of the action."""
        return actions_of(self.mission.vehicle, self.control)

    @cached_property
    def frame_fields(self) -> tuple[Field, ...]:
        """Fields of one frame of the observation."""
        return frame_fields(self.phase, self.action_fields)

    @cached_property
    def observation_fields(self) -> tuple[Field, ...]:
        """Fields of the whole observation; frames of the past end in ``@-1``, ``@-2``, ..."""
        past = (
            field._replace(name=f"{field.name}@-{k}", doc=f"{field.doc}, {k} step(s) ago")
            for k in range(1, self.history)
            for field in self.frame_fields
        )
        return (*self.frame_fields, *past)


def resolve(
    mission: MissionLike,
    scenario: ScenarioLike,
    control: str,
    phase: str,
    history: int,
    reward: Mapping[str, float] | None,
    time_limit_s: float | None,
    max_episode_steps: int | None = None,
) -> Settings:
    """Check every keyword and load what it names.

    Raises
    ------
    ConfigError
        Where a name is unknown or a value out of range.
    """
    loaded = load_mission(mission)
    _one_of("control", control, CONTROLS)
    _one_of("phase", phase, PHASES)
    offered = loaded.phases.offered
    if phase not in offered:
        raise ConfigError(
            f"mission {loaded.name!r} has no phase {phase!r} (available: {', '.join(offered)})"
        )
    frames = whole("history", history, 1, _LONGEST_HISTORY)
    limit = _limit(loaded, phase, time_limit_s, max_episode_steps)
    settings = Settings(
        loaded, load_scenario(scenario, loaded), control, phase, frames, _reward(reward), limit
    )
    if len(settings.action_fields) > MAX_ACTIONS:
        raise ConfigError(
            f"control {control!r} of {loaded.vehicle.name!r} has {len(settings.action_fields)}"
            f" actions, at most {MAX_ACTIONS} can be flown"
        )
    return settings


def reject_unknown(environment: object, unknown: Mapping[str, object]) -> None:
    """Raise an error for keywords that an environment does not have.

    Raises
    ------
    UnknownKeyword
        Where there is one.
    """
    callee = f"{type(environment).__name__}.__init__"
    for name in unknown:
        here = name in _VECTOR_ONLY
        hint = "; it belongs to the vector environment" if here else nearest(name, _KEYWORDS)
        raise UnknownKeyword(f"{callee}() got an unexpected keyword argument {name!r}{hint}")


def _limit(mission: MissionSpec, phase: str, asked: object, steps: object) -> float:
    """Longest episode [s]: what was asked for, else the phase's, else the mission's."""
    own = mission.phases.named(phase).time_limit_s
    default = mission.time_limit_s if own is None else own
    limit = float(default) if asked is None else real("time_limit_s", asked)
    if limit < mission.control_period_s:
        raise ConfigError(
            f"time_limit_s = {limit:g} must be at least the control period,"
            f" {mission.control_period_s:g} s"
        )
    if steps is None:
        return limit
    return min(limit, whole("max_episode_steps", steps, 1) * mission.control_period_s)


def _one_of(what: str, name: object, options: tuple[str, ...]) -> None:
    if name not in options:
        _unknown(what, name, options)


def _unknown(what: str, name: object, options: tuple[str, ...]) -> NoReturn:
    raise ConfigError(
        f"unknown {what} {name!r}{nearest(name, options)} (available: {', '.join(options)})"
    )


def _reward(changes: Mapping[str, float] | None) -> Mapping[str, float]:
    """Defaults with the user's changes."""
    if not isinstance(changes, Mapping | None):
        raise ConfigError(f"reward = {changes!r} must be a mapping of terms to scales")
    scales = dict(DEFAULT_REWARD)
    for name, value in (changes or {}).items():
        if name not in scales:
            _unknown("reward term", name, (*REWARD_TERMS, "gamma"))
        scales[name] = real(f"reward[{name!r}]", value)
    if not 0.0 <= scales["gamma"] <= 1.0:
        raise ConfigError(f"reward['gamma'] = {scales['gamma']:g} must be between 0 and 1")
    return scales  # no read-only view: environments are copied and pickled
