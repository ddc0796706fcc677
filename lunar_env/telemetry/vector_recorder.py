"""The wrapper that writes down some rows of a vector environment."""

from __future__ import annotations

import weakref
from numbers import Integral
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv, VectorWrapper

from lunar_env.belief import Belief
from lunar_env.errors import ConfigError, shown
from lunar_env.info import INFO, TERM_KEYS
from lunar_env.sensors.rows import EVENT_COUNT
from lunar_env.sim.fields import PRIVILEGED_FIELDS
from lunar_env.telemetry.blocks import Believed, Instants, Samples
from lunar_env.telemetry.signals import STATE_SIGNALS
from lunar_env.telemetry.telemetry_recorder import STATE_COLUMNS, begun, ended, open_streams

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    BoolArray = NDArray[np.bool_]
    FloatArray = NDArray[np.float64]

__all__ = ["VectorTelemetryRecorder"]

MOST_ROWS = 16  # by default
_INFO = tuple(key.name for key in INFO)
_NO_TRUTH = np.empty((0, len(PRIVILEGED_FIELDS)))
_STATE_PLACES = [[f.name for f in PRIVILEGED_FIELDS].index(name) for name in STATE_SIGNALS]


class VectorTelemetryRecorder(VectorWrapper):
    """Records some rows of a vector environment in a folder; changes nothing that passes.

    A row's episodes are written as those of a single environment: under ``SAME_STEP`` the last
    instant of one and the first of the next come from the same step.

    Parameters
    ----------
    env : VectorEnv
        A `lunar_env.LunarLandingVectorEnv`.
    folder : str or Path
        A name that is free, or an empty folder.
    rows : sequence of int, optional
        Which rows; the first 16 if not given.
    periods_s : mapping of str to float, optional
        As for `TelemetryRecorder`.

    Raises
    ------
    ConfigError
        If it is another environment, or a row or period is wrong.
    OutputError
        If the folder cannot be written; also from a later `step` or `close`.
    """

    def __init__(
        self,
        env: VectorEnv[Any, Any, Any],
        folder: str | Path,
        *,
        rows: Sequence[int] | None = None,
        periods_s: Mapping[str, float] | None = None,
    ) -> None:
        base: Any = env.unwrapped
        if not hasattr(base, "privileged_of"):
            raise ConfigError(f"{env}: only vector environments of lunar_env can be recorded so")
        super().__init__(env)
        self._base = base
        self._rows = _checked_rows(rows, env.num_envs)
        self._mask = np.zeros(env.num_envs, np.bool_)
        self._streams = open_streams(base, Path(folder), self._rows.tolist(), periods_s)
        self._finish = weakref.finalize(self, self._streams.abandon)
        self._frame = len(base.settings.frame_fields)
        self._mode = base.metadata["autoreset_mode"]
        count = len(self._rows)
        self._episodes = np.full(count, -1)
        self._steps = np.zeros(count, np.int64)
        self._over = np.zeros(count, np.bool_)  # rows that the next step resets
        # What the running episode of each row was asked for, as automatic resets keep it.
        self._scenarios: list[Any] = [None] * count

    def reset(
        self,
        *,
        seed: int | Sequence[int | None] | None = None,
        options: dict[str, Any] | None = None,
    ) -> tuple[Any, dict[str, Any]]:
        """Begin episodes in all rows, or in those of a mask."""
        base: Any = self.env  # of which Gymnasium's annotations allow one seed only
        observations, infos = base.reset(seed=seed, options=options)
        asked = options or {}
        mask = np.asarray(asked.get("reset_mask", np.ones(self.env.num_envs)), np.bool_)
        reset = np.flatnonzero(mask[self._rows])
        for k in reset.tolist():
            self._scenarios[k] = asked.get("scenario")
        self._over[reset] = False
        if reset.size:
            seeds = _seeds(seed, self.env.num_envs)
            self._begin(reset, observations, infos, seeds, asked)
        return observations, infos

    def step(self, actions: Any) -> tuple[Any, Any, Any, Any, dict[str, Any]]:
        """Fly every row for one control period and set the recorded ones aside for writing."""
        result = self.env.step(actions)
        if self._streams.problem is not None:
            raise self._streams.problem
        observations, _, terminated, truncated, infos = result
        over, again = (terminated | truncated)[self._rows], self._over
        replaced = over if self._mode == AutoresetMode.SAME_STEP else np.zeros_like(over)
        self._steps[~again] += 1
        flown = np.flatnonzero(~again)
        if flown.size:
            self._append_flown(flown, actions, result, over, replaced)
        for k in np.flatnonzero(over & ~again).tolist():
            told = infos["final_info"] if replaced[k] else infos
            info = {name: told[name][self._rows[k]].item() for name in _INFO}
            at = int(self._rows[k]), int(self._episodes[k]), int(self._steps[k])
            self._streams.ends.append(ended(*at, info))
        begins = np.flatnonzero(again | replaced)
        if begins.size:
            self._begin(begins, observations, infos)
        self._over = over if self._mode == AutoresetMode.NEXT_STEP else np.zeros_like(over)
        self._append_samples(flown[~replaced[flown]])
        return result

    def believe(self, beliefs: Sequence[Any]) -> None:
        """Write down what a pilot believes at the present instant.

        Parameters
        ----------
        beliefs : sequence of ndarray, shape (num_envs,)
            The fields of `lunar_env.belief.Belief`, of all rows.
        """
        columns = [np.asarray(column)[self._rows].tolist() for column in beliefs]
        for k, values in enumerate(zip(*columns, strict=True)):
            at = int(self._rows[k]), int(self._episodes[k]), int(self._steps[k])
            self._streams.beliefs.append(Believed(*at, Belief(*values)))

    def close(self, **kwargs: Any) -> None:
        """Finish the recording, and close the environment."""
        self._streams.close()
        super().close(**kwargs)

    def _append_flown(
        self,
        which: NDArray[np.intp],
        actions: Any,
        result: Any,
        over: BoolArray,
        replaced: BoolArray,
    ) -> None:
        """Write down the end of this step."""
        rows, (observations, rewards, *_, infos) = self._rows[which], result
        observed = observations[rows, : self._frame]
        reward = [rewards[rows], *(infos[name][rows] for name in TERM_KEYS)]
        values = np.stack(reward, axis=1)
        state = self._base.world.memory[rows[:, np.newaxis], STATE_COLUMNS]
        given = np.asarray(actions, np.float64)[rows]
        final = np.flatnonzero(replaced[which])
        for k in final.tolist():
            # This row is in its next episode already.
            observed[k] = infos["final_obs"][rows[k]][: self._frame]
            told = infos["final_info"]
            values[k] = [rewards[rows[k]], *(told[name][rows[k]] for name in TERM_KEYS)]
            state[k] = self._base.final_privileged[rows[k]][_STATE_PLACES]
        self._append(which, over[which], given, values, observed, state, final)

    def _append(
        self,
        which: NDArray[np.intp],
        over: BoolArray,
        action: FloatArray,
        reward: FloatArray,
        observed: Any,
        state: FloatArray,
        final: NDArray[np.intp],
    ) -> None:
        """Add the privileged vectors that are due; of the `final` ones those of the last end."""
        rows, steps, due = self._rows[which], self._steps[which], over.copy()
        for stride in self._streams.true_strides:
            due |= steps % stride == 0
        self._mask[:] = False
        self._mask[rows[due]] = True
        true = self._base.privileged_of(self._mask) if due.any() else _NO_TRUTH
        if final.size:
            places = np.cumsum(due)[final] - 1
            true[places] = self._base.final_privileged[rows[final]]
        keys = rows, self._episodes[which], steps
        self._streams.add(Instants(*keys, over, due, action, reward, observed, state, true))

    def _begin(
        self,
        which: NDArray[np.intp],
        observations: Any,
        infos: Mapping[str, Any],
        seeds: Sequence[int | None] | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        """Write down the first instant of episodes that have just begun."""
        rows, asked = self._rows, options or {}
        self._episodes[which] += 1
        self._steps[which] = 0
        for k in which.tolist():
            row = int(rows[k])
            own = {**asked, "scenario": self._scenarios[k]}
            seed = None if seeds is None else seeds[row]
            at, key = (row, int(self._episodes[k])), int(infos["episode_key"][row])
            self._streams.episodes.append(begun(*at, key, seed, own, self._base.settings))
        begun_rows, count = rows[which], len(which)
        action = np.full((count, len(self._base.action_fields)), np.nan)
        reward = np.full((count, 1 + len(TERM_KEYS)), np.nan)
        state = self._base.world.memory[begun_rows[:, np.newaxis], STATE_COLUMNS]
        observed, none = observations[begun_rows, : self._frame], np.empty(0, np.intp)
        self._append(which, np.zeros(count, np.bool_), action, reward, observed, state, none)
        self._append_samples(which)

    def _append_samples(self, which: NDArray[np.intp]) -> None:
        world = self._base.world
        arrived = world.memory[self._rows, EVENT_COUNT].astype(int).tolist()
        for k in which.tolist():
            if arrived[k]:
                row = int(self._rows[k])
                samples = world.events[row, : arrived[k]].copy()
                at = row, int(self._episodes[k]), int(self._steps[k])
                self._streams.samples.append(Samples(*at, samples))


def _seeds(seed: Any, num_envs: int) -> list[int | None]:
    """Seed of each row, as the environment understood it."""
    if seed is None or isinstance(seed, Integral):
        return [None if seed is None else int(seed) + row for row in range(num_envs)]
    return [None if own is None else int(own) for own in seed]


def _checked_rows(rows: Sequence[Any] | None, num_envs: int) -> NDArray[np.intp]:
    if rows is None:
        return np.arange(min(MOST_ROWS, num_envs))
    for row in rows:
        whole = isinstance(row, Integral) and not isinstance(row, bool)
        if not whole or not 0 <= int(row) < num_envs:
            raise ConfigError(f"rows: {shown(row)} must be a whole number from 0 to {num_envs - 1}")
    if not len(rows):
        raise ConfigError("rows is empty: nothing would be recorded")
    return np.unique(np.array(rows, np.intp))
