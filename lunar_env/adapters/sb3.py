"""The vector environment as Stable-Baselines3 wants it.

Stable-Baselines3 resets in the same step and expects a list with one info dict per row, in it
``terminal_observation`` and ``TimeLimit.truncated`` where an episode ended, and ``episode`` for its
running mean of the return. Only rows that ended get a filled dict: a thousand rich dicts per step
would cost more than the physics.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np
from gymnasium.vector import AutoresetMode

from lunar_env.envs.restoring import check_arrays, check_world
from lunar_env.errors import ConfigError, MissingExtra

try:
    from stable_baselines3.common.monitor import Monitor
    from stable_baselines3.common.vec_env import VecEnv
except ImportError as error:
    raise MissingExtra("train", "the adapter for Stable-Baselines3") from error

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import gymnasium as gym
    from gymnasium.vector import VectorEnv
    from stable_baselines3.common.vec_env.base_vec_env import VecEnvIndices, VecEnvStepReturn

    from lunar_env.sim.world import World

__all__ = ["Sb3VecEnv"]


class Sb3VecEnv(VecEnv):
    """A Gymnasium vector environment behind the interface of Stable-Baselines3.

    Parameters
    ----------
    env : gymnasium.vector.VectorEnv
        A vector environment in ``SAME_STEP`` autoreset mode.
    seeds : sequence of int, optional
        One episode seed per row for the first reset; later episodes follow from them.

    Raises
    ------
    ConfigError
        If the environment resets in another mode.

    Notes
    -----
    The infos of an ended row hold ``terminal_observation``, ``TimeLimit.truncated`` (the clock
    alone ended it, so the learner bootstraps), ``episode`` (``r`` return, ``l`` length, ``t``
    seconds since the start) and the environment's own ``final_info``, in it ``is_success``.
    """

    def __init__(self, env: VectorEnv[Any, Any, Any], seeds: Sequence[int] | None = None) -> None:
        mode = env.metadata.get("autoreset_mode")
        if mode != AutoresetMode.SAME_STEP:
            raise ConfigError(f"autoreset_mode = {mode} but Stable-Baselines3 needs SAME_STEP")
        self.env = env
        super().__init__(env.num_envs, env.single_observation_space, env.single_action_space)
        if seeds is not None:
            self._seeds = list(seeds)
        self._actions = np.zeros(env.action_space.shape or (), dtype=np.float32)
        self._returns = np.zeros(env.num_envs)
        self._lengths = np.zeros(env.num_envs, dtype=np.int64)
        self._started_at = time.monotonic()

    def reset(self) -> np.ndarray:
        """Begin an episode in every row, with the seeds and options set before.

        Returns
        -------
        ndarray of float32, shape (num_envs, obs_dim)
            First observations.
        """
        seeded = any(seed is not None for seed in self._seeds)
        observation, info = self.env.reset(
            seed=self._seeds if seeded else None,  # type: ignore[arg-type]  # a list, as SyncVectorEnv
            options=self._common_options(),
        )
        self.reset_infos = _rows_of(info, np.arange(self.num_envs))
        self._returns[:] = 0.0
        self._lengths[:] = 0
        self._reset_seeds()
        self._reset_options()
        return np.asarray(observation)

    def step_async(self, actions: np.ndarray) -> None:
        """Keep the actions, one per row, for `step_wait`."""
        self._actions = actions

    def step_wait(self) -> VecEnvStepReturn:
        """Fly one control period.

        Returns
        -------
        observations, rewards, dones, infos
            Where an episode ended the observation is of the next one; other infos are empty. The
            rewards are fresh memory: the caller adds bootstrapped values to them.
        """
        observation, reward, terminated, truncated, info = self.env.step(self._actions)
        dones = np.logical_or(terminated, truncated)
        self._returns += reward
        self._lengths += 1
        infos: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]
        if dones.any():
            self._fill_ended(infos, np.flatnonzero(dones), terminated, info)
        return observation, np.array(reward, dtype=np.float32), dones, infos

    def _fill_ended(
        self,
        infos: list[dict[str, Any]],
        ended: np.ndarray,
        terminated: np.ndarray,
        info: Mapping[str, Any],
    ) -> None:
        final_obs, final_info = info["final_obs"], info["final_info"]
        elapsed_s = round(time.monotonic() - self._started_at, 6)
        for row, entry in zip(ended.tolist(), _rows_of(final_info, ended), strict=True):
            entry["terminal_observation"] = np.array(final_obs[row], dtype=np.float32)
            entry["TimeLimit.truncated"] = not terminated[row]
            entry["episode"] = {
                "r": float(self._returns[row]),
                "l": int(self._lengths[row]),
                "t": elapsed_s,
            }
            infos[row] = entry
        self._returns[ended] = 0.0
        self._lengths[ended] = 0

    def close(self) -> None:
        """Close the environment."""
        self.env.close()

    def get_attr(self, attr_name: str, indices: VecEnvIndices = None) -> list[Any]:
        """Return an attribute of the environment for some rows.

        Parameters
        ----------
        attr_name : str
            Its name. An array with one entry per row is split by rows; everything else, tuples too,
            belongs to all rows.
        indices : int or iterable of int, optional
            The rows; all if not given.

        Returns
        -------
        list
            One entry per row.
        """
        return self._by_rows(getattr(self.env, attr_name), indices)

    def set_attr(self, attr_name: str, value: Any, indices: VecEnvIndices = None) -> None:
        """Set an attribute of the environment, which all rows share.

        Raises
        ------
        ConfigError
            If only some rows are meant.
        """
        if len(self._rows(indices)) != self.num_envs:
            raise ConfigError(f"{attr_name} belongs to all rows: indices must be None")
        setattr(self.env, attr_name, value)

    def env_method(
        self,
        method_name: str,
        *method_args: Any,
        indices: VecEnvIndices = None,
        **method_kwargs: Any,
    ) -> list[Any]:
        """Call a method of the vector environment once and give each row its part.

        Parameters
        ----------
        method_name : str
            Name of the method.
        *method_args, **method_kwargs
            Its arguments.
        indices : int or iterable of int, optional
            The rows whose part is returned.

        Returns
        -------
        list
            One entry per row.
        """
        result = getattr(self.env, method_name)(*method_args, **method_kwargs)
        return self._by_rows(result, indices)

    def env_is_wrapped(
        self,
        wrapper_class: type[gym.Wrapper[Any, Any, Any, Any]],
        indices: VecEnvIndices = None,
    ) -> list[bool]:
        """Tell by row whether it does what a wrapper does: here, count episodes as `Monitor`."""
        return [issubclass(wrapper_class, Monitor)] * len(self._rows(indices))

    def get_images(self) -> Sequence[np.ndarray | None]:
        """Return the RGB frames that the environment renders, or None for each row."""
        frames = self.env.render()
        if frames is None:
            return [None] * self.num_envs
        return [np.asarray(frame) for frame in frames]

    def state_arrays(self) -> dict[str, np.ndarray]:
        """Return the complete state of all rows, for a checkpoint.

        Returns
        -------
        dict of ndarray
            Copies of the arrays of the environment's world, and of the running episodes' sums.
        """
        world = {name: array.copy() for name, array in self._world()._asdict().items()}
        return world | {"returns": self._returns.copy(), "lengths": self._lengths.copy()}

    def _world(self) -> World:
        world: World = self.env.unwrapped.world  # type: ignore[attr-defined]
        return world

    def check_state_arrays(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Check what `load_state_arrays` is to be given; the environment has just been reset.

        Raises
        ------
        ConfigError
            If the arrays are not those of such an environment with as many rows.
        """
        sums = {"returns": self._returns, "lengths": self._lengths}
        settings = self.env.unwrapped.settings  # type: ignore[attr-defined]
        longest_s = settings.time_limit_s + settings.mission.control_period_s
        own = {name: array for name, array in arrays.items() if name in sums}
        check_arrays(own, sums)
        if not np.isfinite(own["returns"]).all() or (own["lengths"] < 0).any():
            raise ConfigError("returns and lengths of the running episodes are not valid sums")
        world = {name: array for name, array in arrays.items() if name not in sums}
        check_world(world, self._world(), longest_s)

    def load_state_arrays(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Put all rows back into a saved state.

        Parameters
        ----------
        arrays : mapping of str to ndarray
            From `state_arrays` of an environment with as many rows, or checked as such.
        """
        for name, array in self._world()._asdict().items():
            array[...] = arrays[name]
        self._returns[:] = arrays["returns"]
        self._lengths[:] = arrays["lengths"]

    def _rows(self, indices: VecEnvIndices) -> list[int]:
        return list(self._get_indices(indices))

    def _by_rows(self, value: Any, indices: VecEnvIndices) -> list[Any]:
        split = isinstance(value, np.ndarray) and value.shape[:1] == (self.num_envs,)
        return [value[row] if split else value for row in self._rows(indices)]

    def _common_options(self) -> dict[str, Any] | None:
        first = self._options[0]
        if any(options != first for options in self._options):
            raise ConfigError("reset options differ between rows; all rows share them")
        return dict(first) or None


def _rows_of(info: Mapping[str, Any], rows: np.ndarray) -> list[dict[str, Any]]:
    """Return some rows of a vector info, in it ``_key`` masks, as plain Python values."""
    # A column at a time: a batch that ends together costs little more than one row.
    entries: list[dict[str, Any]] = [{} for _ in rows]
    everywhere = [True] * len(rows)
    known: dict[int, list[bool]] = {}  # most columns share one mask
    for key, values in info.items():
        if key.startswith("_"):
            continue
        column = values[rows].tolist()
        mask = info.get(f"_{key}")
        if mask is not None and id(mask) not in known:
            known[id(mask)] = np.asarray(mask)[rows].tolist()
        present = everywhere if mask is None else known[id(mask)]
        for entry, value, here in zip(entries, column, present, strict=True):
            if here:
                entry[key] = value
    return entries
