"""A wrapper that writes down what an environment does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import gymnasium as gym
import numba
import numpy as np

from lunar_env.belief import Belief
from lunar_env.errors import ConfigError, LunarEnvError
from lunar_env.info import TERM_KEYS, touchdown_of, unsigned
from lunar_env.sim.fields import PRIVILEGED_FIELDS, REWARD_TERMS, Outcome
from lunar_env.specs import load_scenario
from lunar_env.telemetry.archive import save_flight
from lunar_env.telemetry.events import find_events
from lunar_env.telemetry.flight import Column, Flight
from lunar_env.version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from lunar_env.sim.fields import Field
    from lunar_env.specs import MissionSpec, ScenarioSpec

__all__ = ["Latest", "Recordable", "Recorder"]

_NO_BELIEF = Belief(*4 * (np.nan,))

_NEEDED = {"settings", "pilot", "belief", "privileged", "observation_fields", "action_fields"}


class _Settings(Protocol):
    mission: MissionSpec
    scenario: ScenarioSpec
    control: str
    phase: str
    history: int
    reward: Mapping[str, float]
    time_limit_s: float


class Recordable(Protocol):
    """What the recorder needs of an environment in addition to Gymnasium's API."""

    settings: _Settings
    pilot: str
    belief: Belief | None
    privileged: NDArray[np.float64]
    observation_fields: tuple[Field, ...]
    action_fields: tuple[Field, ...]


class Latest(NamedTuple):
    """The present instant of a flight that is being recorded."""

    episode_key: int
    observed: Mapping[str, float]
    """The present frame of the observation, in the units of the names."""
    true: Mapping[str, float]
    """The privileged vector."""
    belief: Belief | None
    """What the pilot believes, if it was written down."""


class Recorder(gym.Wrapper[Any, Any, Any, Any]):
    """Records every step of the running episode; changes nothing of what passes through.

    Wrap the environment as ``gym.make`` returns it, below wrappers that change actions or
    observations: what is recorded is what passes here.

    Parameters
    ----------
    env : gymnasium.Env
        A single environment of this package.

    Raises
    ------
    ConfigError
        If it is another environment, or a wrapper inside changes its spaces.
    """

    def __init__(self, env: gym.Env[Any, Any]) -> None:
        super().__init__(env)
        base: Any = env.unwrapped
        if not _NEEDED.issubset(dir(base)):
            raise ConfigError(f"{env}: only single environments of lunar_env can be recorded")
        if (env.observation_space, env.action_space) != (base.observation_space, base.action_space):
            raise ConfigError(f"{env}: a wrapper changes its spaces; put the recorder inside it")
        self._base: Recordable = base
        self._begun: dict[str, Any] | None = None
        self._ended: Mapping[str, Any] = {}
        self._rows: dict[str, list[Any]] = {}

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Begin an episode and its record; the last record is forgotten."""
        observation, info = self.env.reset(seed=seed, options=options)
        asked = options or {}
        scenario = asked.get("scenario")
        self._begun = {
            "scenario": self._base.settings.scenario
            if scenario is None
            else load_scenario(scenario, self._base.settings.mission),
            "seed": None if seed is None or "episode_key" in asked else int(seed),
            "start": {name: float(value) for name, value in (asked.get("start") or {}).items()},
            "episode_key": unsigned(info["episode_key"]),
        }
        self._ended = {}
        self._rows = {"actions": [], "rewards": [], "reward_terms": []}
        self._rows |= {"observations": [observation], "privileged": [self._base.privileged]}
        self._rows["beliefs"] = [_NO_BELIEF]
        return observation, info

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        """Fly one control period and write it down."""
        observation, reward, terminated, truncated, info = self.env.step(action)
        rows = self._rows
        rows["actions"].append(np.array(action, np.float64))
        rows["rewards"].append(float(reward))
        rows["reward_terms"].append([info[name] for name in TERM_KEYS])
        rows["observations"].append(observation)
        rows["privileged"].append(self._base.privileged)
        rows["beliefs"].append(_NO_BELIEF)
        self._base.belief = None
        if terminated or truncated:
            self._ended = info
        return observation, reward, terminated, truncated, info

    def believe(self, belief: Belief) -> None:
        """Write down what the pilot believes at the present instant; pictures show it too."""
        self._rows["beliefs"][-1] = belief
        self._base.belief = belief

    def latest(self) -> Latest:
        """Return the present instant.

        Raises
        ------
        LunarEnvError
            Before the first ``reset``.
        """
        if self._begun is None:
            raise LunarEnvError("nothing is recorded yet: call reset() first")
        frame = [field for field in self._base.observation_fields if "@" not in field.name]
        elements = self._rows["observations"][-1][: len(frame)].tolist()
        true = self._rows["privileged"][-1].tolist()
        belief = self._rows["beliefs"][-1]
        return Latest(
            self._begun["episode_key"],
            {field.name: x * field.scale for field, x in zip(frame, elements, strict=True)},
            {field.name: x for field, x in zip(PRIVILEGED_FIELDS, true, strict=True)},
            None if belief is _NO_BELIEF else belief,
        )

    @property
    def flight(self) -> Flight:
        """The record of the running or last episode.

        Raises
        ------
        LunarEnvError
            Before the first ``reset``.
        """
        if self._begun is None:
            raise LunarEnvError("nothing is recorded yet: call reset() first")
        settings, base = self._base.settings, self._base
        fields = {
            "actions": base.action_fields,
            "observations": base.observation_fields,
            "privileged": PRIVILEGED_FIELDS,
        }
        columns = {name: _columns(table) for name, table in fields.items()}
        columns["reward_terms"] = tuple(Column(name, "-", 1.0) for name in REWARD_TERMS)
        widths = {name: len(table) for name, table in columns.items()}
        arrays: Any = self._arrays({**widths, "beliefs": len(_NO_BELIEF)})
        outcome = Outcome(self._ended.get("outcome_code", Outcome.FLYING)).name
        return Flight(
            **self._begun,
            mission=settings.mission,
            control=settings.control,
            phase=settings.phase,
            history=settings.history,
            reward=dict(settings.reward),
            time_limit_s=settings.time_limit_s,
            pilot=base.pilot,
            outcome=outcome,
            touchdown=touchdown_of(self._ended) if self._ended else None,
            events=find_events(
                _quantities(columns["observations"], arrays["observations"]),
                _quantities(columns["privileged"], arrays["privileged"]),
                outcome,
            ),
            versions={
                "lunar_env": __version__,
                "numpy": np.__version__,
                "numba": numba.__version__,
            },
            columns=columns,
            **arrays,
        )

    def save(self, path: str | Path) -> None:
        """Write the record of the running or last episode.

        Raises
        ------
        LunarEnvError
            If there is none, the name is taken, or the file cannot be written.
        """
        save_flight(self.flight, path)

    def _arrays(self, widths: Mapping[str, int]) -> dict[str, NDArray[Any]]:
        arrays: dict[str, NDArray[Any]] = {
            name: np.array(self._rows[name], np.float32 if name == "observations" else np.float64)
            for name in self._rows
        }
        # Before the first step an empty list does not know how wide it is.
        return {
            name: array.reshape(-1, widths[name]) if name in widths else array
            for name, array in arrays.items()
        }


def _columns(fields: Sequence[Field]) -> tuple[Column, ...]:
    return tuple(Column(field.name, field.unit, field.scale) for field in fields)


def _quantities(columns: Sequence[Column], array: NDArray[Any]) -> dict[str, NDArray[np.float64]]:
    return {c.name: array[:, k] * np.float64(c.scale) for k, c in enumerate(columns)}
