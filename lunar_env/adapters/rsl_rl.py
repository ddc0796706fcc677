"""The vector environment as rsl_rl wants it.

rsl_rl resets in the same step, on tensors: observations in named groups, and beside the reward
whether an episode ended and whether the clock alone ended it. Of an episode that the clock ended it
adds the discounted value of the last observation acted on, not of the one after it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from gymnasium.vector import AutoresetMode

from lunar_env.envs import LunarLandingVectorEnv
from lunar_env.errors import ConfigError, MissingExtra
from lunar_env.info import TERM_KEYS

try:
    import torch
    from rsl_rl.env import VecEnv
    from tensordict import TensorDict
except ImportError as error:
    raise MissingExtra("rsl-rl", "the adapter for rsl_rl") from error

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gymnasium.vector import VectorEnv
    from numpy.typing import NDArray

    from lunar_env.envs.settings import Settings

__all__ = ["RslRlVecEnv"]

_KEPT: Final = ("scenario", "start")  # reset options that rows keep through automatic resets


class RslRlVecEnv(VecEnv):
    """A `LunarLandingVectorEnv` behind the interface of rsl_rl.

    Parameters
    ----------
    env : gymnasium.vector.VectorEnv
        A `LunarLandingVectorEnv`, or wrappers around one, in ``SAME_STEP`` autoreset mode. It is
        reset here, as a runner asks for observations first.
    seed : int or sequence of int, optional
        As of the environment's `reset`: row `i` begins with the episode of ``seed + i``.
    device : torch.device or str
        Where observations, rewards and flags are put; the flight is on the CPU.
    privileged : bool
        Whether observations have the group ``privileged``. It costs time in every step.

    Attributes
    ----------
    num_envs, num_actions, max_episode_length : int
        Rows; numbers in an action; steps of an episode that the clock ends.
    device : torch.device
        As given.
    cfg : dict
        What is flown, in plain values, for a log.

    Raises
    ------
    ConfigError
        If it is another environment, resets in another mode, or rejects the seed.

    Notes
    -----
    Group ``policy`` is the environment's observation; group ``privileged`` its true state, named by
    `lunar_env.PRIVILEGED_FIELDS` in SI units, rounded to float32. The fields reach from thousandths
    to a million: a critic that reads them needs ``obs_normalization``.
    """

    def __init__(
        self,
        env: VectorEnv[Any, Any, Any],
        seed: int | Sequence[int | None] | None = None,
        device: torch.device | str = "cpu",
        *,
        privileged: bool = True,
    ) -> None:
        if not isinstance(env.unwrapped, LunarLandingVectorEnv):
            raise ConfigError(f"{type(env.unwrapped).__name__} is not a LunarLandingVectorEnv")
        mode = env.metadata.get("autoreset_mode")
        if mode != AutoresetMode.SAME_STEP:
            raise ConfigError(f"autoreset_mode = {mode} but rsl_rl needs SAME_STEP")
        self.env = env
        self._native = env.unwrapped
        settings = self._native.settings
        self.num_envs = env.num_envs
        self.num_actions = len(settings.action_fields)
        self.max_episode_length = _steps(settings)
        self.device = torch.device(device)
        self.cfg = _described(settings) | {"num_envs": env.num_envs}
        self._privileged = privileged
        self._options: dict[str, Any] = {}
        self._lengths = np.zeros(self.num_envs, np.int64)
        self._sums = np.zeros((len(TERM_KEYS), self.num_envs))
        self.reset(seed)

    @property
    def episode_length_buf(self) -> torch.Tensor:
        """Steps of the running episodes; int64, shape (num_envs,).

        A runner may set it, so that first episodes end at different times: one whose count reaches
        `max_episode_length` before the environment's own clock does is ended as by the clock.
        """
        return torch.from_numpy(self._lengths).to(self.device)

    @episode_length_buf.setter
    def episode_length_buf(self, lengths: torch.Tensor) -> None:
        self._lengths[:] = lengths.detach().cpu().numpy()

    def get_observations(self) -> TensorDict:
        """Return the current observations.

        Returns
        -------
        TensorDict
            Groups ``policy`` and ``privileged``; float32, shape (num_envs, n).
        """
        return self._observations

    def reset(
        self, seed: int | Sequence[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[TensorDict, dict[str, Any]]:
        """Begin an episode in every row.

        Parameters
        ----------
        seed : int or sequence of int, optional
            As of the environment's `reset`.
        options : dict, optional
            As of the environment's `reset`, but for ``reset_mask``.

        Returns
        -------
        observations : TensorDict
            As `get_observations` returns them.
        info : dict
            The environment's own.

        Raises
        ------
        ConfigError
            Where an option is unknown, out of range, or ``reset_mask``.
        """
        options = options or {}
        if "reset_mask" in options:
            raise ConfigError("reset_mask: rows of this adapter are reset together")
        observation, info = self.env.reset(seed=seed, options=options)  # type: ignore[arg-type]
        self._options = {name: options[name] for name in _KEPT if name in options}
        self._lengths[:] = 0
        self._sums[:] = 0.0
        self._observe(observation)
        return self._observations, info

    def step(
        self, actions: torch.Tensor
    ) -> tuple[TensorDict, torch.Tensor, torch.Tensor, dict[str, Any]]:
        """Fly every row for one control period.

        Parameters
        ----------
        actions : torch.Tensor, shape (num_envs, num_actions)
            On any device; the environment clips them to [-1, 1].

        Returns
        -------
        observations : TensorDict
            As `get_observations` returns them; of the next episode where one ended.
        rewards : torch.Tensor of float32, shape (num_envs,)
            Of the step.
        dones : torch.Tensor of bool, shape (num_envs,)
            Whether an episode ended.
        extras : dict
            ``time_outs`` (bool, shape (num_envs,)): whether the clock alone ended it. Where an
            episode ended by physics or the environment's clock, also ``log``, with one number for
            each such episode: ``Episode/success``, 1 where it landed, and the sums of the reward's
            terms, ``Episode/reward_<term>``.

        Raises
        ------
        ConfigError
            Where the actions have another shape, or one is not finite.
        """
        flown = actions.detach().cpu().numpy()
        observation, reward, terminated, truncated, info = self.env.step(flown)
        self._lengths += 1
        ended = np.logical_or(terminated, truncated)
        log = self._log(info, ended)
        early = ~ended & (self._lengths >= self.max_episode_length)
        if early.any():
            mask = {"reset_mask": early}
            observation, _ = self.env.reset(options=self._options | mask)
        dones = ended | early
        self._lengths[dones] = 0
        self._sums[:, dones] = 0.0
        self._observe(observation)
        extras = {"time_outs": self._tensor(truncated & ~terminated | early)} | log
        rewards = self._tensor(np.asarray(reward, dtype=np.float32))
        return self._observations, rewards, self._tensor(dones), extras

    def close(self) -> None:
        """Close the environment."""
        self.env.close()

    def _observe(self, observation: NDArray[np.float32]) -> None:
        """Keep the observations of all rows."""
        groups = {"policy": self._tensor(observation)}
        if self._privileged:
            groups["privileged"] = self._tensor(self._native.privileged.astype(np.float32))
        self._observations = TensorDict(groups, batch_size=[self.num_envs], device=self.device)

    def _log(self, info: Mapping[str, Any], ended: NDArray[np.bool_]) -> dict[str, Any]:
        """Add up the terms of the rewards, and report the episodes that ended."""
        for total, key in zip(self._sums, TERM_KEYS, strict=True):
            total += info[key]
        if not ended.any():
            return {}
        final = info["final_info"]
        log = {"Episode/success": self._number(final["is_success"][ended])}
        for total, key in zip(self._sums, TERM_KEYS, strict=True):
            total += final[key]
            log[f"Episode/{key}"] = self._number(total[ended])
        return {"log": log}

    def _number(self, values: NDArray[Any]) -> torch.Tensor:
        return self._tensor(values.astype(np.float32))

    def _tensor(self, values: NDArray[Any]) -> torch.Tensor:
        return torch.from_numpy(values).to(self.device)


def _steps(settings: Settings) -> int:
    """Control periods after which the clock ends an episode."""
    return math.ceil(settings.time_limit_s / settings.mission.control_period_s - 1e-9)


def _described(settings: Settings) -> dict[str, Any]:
    names = "control", "phase", "history", "time_limit_s"
    return {
        "mission": settings.mission.name,
        "scenario": settings.scenario.name,
        **{name: getattr(settings, name) for name in names},
        "reward": dict(settings.reward),
    }
