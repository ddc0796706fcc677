"""What an environment was asked to be: keyword arguments checked and resolved once."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final, NoReturn

from lunar_env.errors import ConfigError, nearest
from lunar_env.sim.fields import ACTION_FIELDS, OBSERVATION_FIELDS, REWARD_TERMS, Field
from lunar_env.specs import MissionSpec, ScenarioSpec, load_mission, load_scenario

__all__ = [
    "DEFAULT_REWARD",
    "MissionLike",
    "ScenarioLike",
    "Settings",
    "number",
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
_CONTROLS: Final = ("throttle",)
_PHASES: Final = ("terminal",)
_KEYWORDS: Final = (
    *("mission", "scenario", "control", "phase", "history", "reward", "time_limit_s"),
    *("render_mode", "num_envs", "num_threads", "autoreset_mode"),
)
_LONGEST_HISTORY: Final = 64


@dataclass(frozen=True)
class Settings:
    """A resolved environment: what `pack` and the spaces are made from."""

    mission: MissionSpec
    scenario: ScenarioSpec
    phase: str
    history: int
    reward: Mapping[str, float]
    time_limit_s: float

    @property
    def observation_fields(self) -> tuple[Field, ...]:
        """Fields of the whole observation; frames of the past end in ``@-1``, ``@-2``, ..."""
        past = (
            field._replace(name=f"{field.name}@-{k}", doc=f"{field.doc}, {k} step(s) ago")
            for k in range(1, self.history)
            for field in OBSERVATION_FIELDS
        )
        return (*OBSERVATION_FIELDS, *past)

    @property
    def action_fields(self) -> tuple[Field, ...]:
        """Fields of the action."""
        return ACTION_FIELDS


def resolve(
    mission: MissionLike,
    scenario: ScenarioLike,
    control: str,
    phase: str,
    history: int,
    reward: Mapping[str, float] | None,
    time_limit_s: float | None,
) -> Settings:
    """Check every keyword and load what it names.

    Raises
    ------
    ConfigError
        Where a name is unknown or a value out of range.
    """
    loaded = load_mission(mission)
    _one_of("control", control, _CONTROLS)
    _one_of("phase", phase, _PHASES)
    if isinstance(history, bool) or not isinstance(history, int):
        raise ConfigError(f"history = {history!r} must be a whole number")
    if not 1 <= history <= _LONGEST_HISTORY:
        raise ConfigError(f"history = {history} is outside 1 to {_LONGEST_HISTORY} frames")
    limit = loaded.time_limit_s if time_limit_s is None else number("time_limit_s", time_limit_s)
    if limit < loaded.control_period_s:
        raise ConfigError(
            f"time_limit_s = {limit:g} must be at least the control period,"
            f" {loaded.control_period_s:g} s"
        )
    return Settings(loaded, load_scenario(scenario), phase, history, _reward(reward), limit)


def reject_unknown(unknown: Mapping[str, object]) -> None:
    """Complain about keywords that no environment has.

    Raises
    ------
    ConfigError
        Where there is one.
    """
    for name in unknown:
        if name in _KEYWORDS:
            raise ConfigError(f"keyword {name!r} belongs to the vector environment")
        raise ConfigError(f"unknown keyword {name!r}{nearest(name, _KEYWORDS)}")


def number(what: str, value: object) -> float:
    """Turn a keyword's or option's value into a finite float.

    Raises
    ------
    ConfigError
        Where it is none.
    """
    try:
        found = float(value)  # type: ignore[arg-type]  # what is no number is caught below
    except (TypeError, ValueError):
        raise ConfigError(f"{what} = {value!r} must be a number") from None
    if not math.isfinite(found):
        raise ConfigError(f"{what} = {value!r} must be finite")
    return found


def _one_of(what: str, name: object, options: tuple[str, ...]) -> None:
    if name not in options:
        _unknown(what, name, options)


def _unknown(what: str, name: object, options: tuple[str, ...]) -> NoReturn:
    raise ConfigError(
        f"unknown {what} {name!r}{nearest(name, options)} (available: {', '.join(options)})"
    )


def _reward(changes: Mapping[str, float] | None) -> Mapping[str, float]:
    """Defaults with the user's changes laid over them."""
    if not isinstance(changes, Mapping | None):
        raise ConfigError(f"reward = {changes!r} must be a mapping of terms to scales")
    scales = dict(DEFAULT_REWARD)
    for name, value in (changes or {}).items():
        if name not in scales:
            _unknown("reward term", name, (*REWARD_TERMS, "gamma"))
        scales[name] = number(f"reward[{name!r}]", value)
    if not 0.0 <= scales["gamma"] <= 1.0:
        raise ConfigError(f"reward['gamma'] = {scales['gamma']:g} is outside 0 to 1")
    return scales  # no read-only view: environments are copied and pickled
