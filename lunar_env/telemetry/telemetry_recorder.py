"""Wrappers that write down what environments do while they do it, for one lander or for many.

`Recorder` keeps one episode in memory, to the bit. These write any number of episodes to disk, and
what a killed process has flown can be read, see `streams.py`.
"""

from __future__ import annotations

import json
import weakref
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import gymnasium as gym
import numba
import numpy as np

from lunar_env.belief import Belief
from lunar_env.errors import ConfigError
from lunar_env.formats import finite
from lunar_env.info import TERM_KEYS, touchdown_of, unsigned
from lunar_env.sensors.rows import EVENT_COUNT
from lunar_env.sim.fields import Outcome
from lunar_env.sim.world import column_of
from lunar_env.specs import load_scenario
from lunar_env.telemetry.blocks import Begun, Believed, Ended, Samples
from lunar_env.telemetry.header import spec_table
from lunar_env.telemetry.signals import STATE_SIGNALS, signals_of
from lunar_env.telemetry.stream_file import FORMAT
from lunar_env.telemetry.streams import Streams
from lunar_env.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from lunar_env.specs import ScenarioSpec

__all__ = ["STATE_COLUMNS", "TelemetryRecorder", "begun", "ended", "open_streams"]

_NEEDED: Final = {"settings", "pilot", "privileged", "world", "observation_fields"}
_MOST_SEED: Final = 2**64
_NO_TRUTH: Final = np.empty(0)
_terms_of: Final = itemgetter(*TERM_KEYS)
STATE_COLUMNS: Final = np.array([column_of(name) for name in STATE_SIGNALS.values()])
"""Of a row of the simulation's memory."""


class TelemetryRecorder(gym.Wrapper[Any, Any, Any, Any]):
    """Records every episode of a single environment in a folder; changes nothing that passes.

    Wrap the environment as ``gym.make`` returns it. `close` (or the end of the program) makes
    Parquet files of what was recorded; `lunar_env.telemetry.load_recording` reads it at any time.

    Parameters
    ----------
    env : gymnasium.Env
        A single environment of this package.
    folder : str or Path
        A name that is free, or an empty folder.
    periods_s : mapping of str to float, optional
        Time between two values of single signals [s], such as ``{"true.q_w": 1.0}``.

    Raises
    ------
    ConfigError
        If it is another environment, a wrapper inside changes its spaces, or a period is wrong.
    OutputError
        If the folder cannot be written; also from a later `step` or `close`.
    """

    def __init__(
        self,
        env: gym.Env[Any, Any],
        folder: str | Path,
        *,
        periods_s: Mapping[str, float] | None = None,
    ) -> None:
        base: Any = env.unwrapped
        if not _NEEDED.issubset(dir(base)) or hasattr(base, "num_envs"):
            raise ConfigError(f"{env}: only single environments of lunar_env can be recorded so")
        if (env.observation_space, env.action_space) != (base.observation_space, base.action_space):
            raise ConfigError(f"{env}: a wrapper changes its spaces; put the recorder inside it")
        super().__init__(env)
        self._base = base
        self._streams = open_streams(base, Path(folder), [0], periods_s)
        self._finish = weakref.finalize(self, self._streams.abandon)
        self._strides = self._streams.true_strides
        self._add: Callable[[Any], None] = self._streams.add
        self._frame = len(base.settings.frame_fields)
        self._episode, self._step = -1, 0
        nothing = np.full(len(base.action_fields), np.nan)
        self._at_reset = nothing, tuple(np.full(1 + len(TERM_KEYS), np.nan).tolist())

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Begin an episode."""
        observation, info = self.env.reset(seed=seed, options=options)
        self._raise_problem()
        asked, streams = options or {}, self._streams
        self._episode, self._step = self._episode + 1, 0
        streams.episodes.append(
            begun(0, self._episode, info["episode_key"], seed, asked, self._base.settings)
        )
        action, reward = self._at_reset
        self._write(False, action, reward, observation)
        return observation, info

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        """Fly one control period and set it aside for writing."""
        result = self.env.step(action)
        observation, reward, terminated, truncated, info = result
        if self._streams.problem is not None:
            self._raise_problem()
        self._step += 1
        over = terminated or truncated
        self._write(over, np.array(action, np.float64), (reward, *_terms_of(info)), observation)
        if over:
            self._streams.ends.append(ended(0, self._episode, self._step, info))
        return result

    def believe(self, belief: Belief) -> None:
        """Write down what the pilot believes at the present instant; pictures show it too."""
        self._streams.beliefs.append(Believed(0, self._episode, self._step, Belief(*belief)))
        self._base.belief = belief

    def close(self) -> None:
        """Finish the recording, and close the environment."""
        self._streams.close()
        self.env.close()

    def _write(self, over: bool, action: Any, reward: Any, observation: Any) -> None:
        """Set an instant aside; in the order of `Instants`, but a tuple takes less time."""
        base, episode, step, due = self._base, self._episode, self._step, over
        for stride in self._strides:
            due = due or step % stride == 0
        true = base.privileged if due else _NO_TRUTH
        world = base.world
        memory = world.memory[0]
        frame, state = observation[: self._frame], memory.take(STATE_COLUMNS)
        instant = (0, episode, step, over, due, action, reward, frame, state, true)
        self._add(instant)
        arrived = memory.item(EVENT_COUNT)
        if arrived:
            samples = world.events[0][: int(arrived)].copy()
            self._streams.samples.append(Samples(0, episode, step, samples))

    def _raise_problem(self) -> None:
        if self._streams.problem is not None:
            raise self._streams.problem


def open_streams(
    base: Any, folder: Path, rows: Sequence[int], periods_s: Mapping[str, float] | None
) -> Streams:
    """Begin the recording of an environment of this package.

    Parameters
    ----------
    base : LunarLandingEnv or LunarLandingVectorEnv
        Without wrappers.
    folder : Path
        Where to write.
    rows : sequence of int
        Which landers.
    periods_s : mapping or None
        See `TelemetryRecorder`.

    Returns
    -------
    Streams
        To which instants are appended.
    """
    settings = base.settings
    period = settings.mission.control_period_s
    signals = signals_of(settings.action_fields, settings.frame_fields, period, periods_s)
    header = {
        "format": FORMAT,
        "mission": spec_table(settings.mission),
        "scenario": spec_table(settings.scenario),
        "control": settings.control,
        "phase": settings.phase,
        "history": settings.history,
        "reward": dict(settings.reward),
        "time_limit_s": settings.time_limit_s,
        "pilot": base.pilot,
        "rows": list(rows),
        "versions": {"lunar_env": __version__, "numpy": np.__version__, "numba": numba.__version__},
    }
    return Streams(folder, header, signals, period)


def begun(
    row: int,
    episode: int,
    key: int,
    seed: int | None,
    options: Mapping[str, Any],
    settings: Any,
) -> Begun:
    """Return the entry of an episode that begins, with options as given to ``reset``."""
    asked = options.get("scenario")
    scenario: ScenarioSpec = (
        settings.scenario if asked is None else load_scenario(asked, settings.mission)
    )
    other = "" if scenario == settings.scenario else scenario.to_toml()
    named = seed is not None and "episode_key" not in options and seed < _MOST_SEED
    start = {name: float(value) for name, value in (options.get("start") or {}).items()}
    return Begun(row, episode, unsigned(key), seed if named else None, json.dumps(start), other)


def ended(row: int, episode: int, step: int, info: Mapping[str, Any]) -> Ended:
    """Return the entry of an episode that ended, from the info of a single environment."""
    touchdown = touchdown_of(info)
    text = "" if touchdown is None else json.dumps(finite(touchdown), allow_nan=False)
    return Ended(row, episode, step, Outcome(info["outcome_code"]).name, text)
