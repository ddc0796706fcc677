"""An environment that costs nothing: what remains is the trainer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from stable_baselines3.common.vec_env import VecEnv

if TYPE_CHECKING:
    from collections.abc import Sequence

    import gymnasium as gym
    from stable_baselines3.common.vec_env.base_vec_env import VecEnvIndices, VecEnvStepReturn

__all__ = ["NullVecEnv"]


class NullVecEnv(VecEnv):
    """Returns the same random observations at every step; no episode ever ends.

    Parameters
    ----------
    num_envs : int
        Rows.
    observation_space, action_space : gymnasium.Space
        Of one row.
    """

    def __init__(
        self, num_envs: int, observation_space: gym.Space[Any], action_space: gym.Space[Any]
    ) -> None:
        super().__init__(num_envs, observation_space, action_space)
        shape = (num_envs, *(observation_space.shape or ()))
        self._observation = np.random.default_rng(0).uniform(-1, 1, shape).astype(np.float32)
        self._dones = np.zeros(num_envs, dtype=np.bool_)
        self._infos: list[dict[str, Any]] = [{} for _ in range(num_envs)]

    def reset(self) -> np.ndarray:
        """Return the observations."""
        return self._observation

    def step_async(self, actions: np.ndarray) -> None:
        """Forget the actions."""

    def step_wait(self) -> VecEnvStepReturn:
        """Return the observations, no rewards and no ends."""
        rewards = np.zeros(self.num_envs, dtype=np.float32)
        return self._observation, rewards, self._dones, self._infos

    def close(self) -> None:
        """Do nothing."""

    def get_attr(self, attr_name: str, indices: VecEnvIndices = None) -> list[Any]:
        """Return None as the render mode; there is no other attribute."""
        if attr_name != "render_mode":
            raise AttributeError(attr_name)
        return [None for _ in self._get_indices(indices)]

    def set_attr(self, attr_name: str, value: Any, indices: VecEnvIndices = None) -> None:  # noqa: ARG002
        """Refuse: there is nothing to set."""
        raise AttributeError(attr_name)

    def env_method(self, method_name: str, *_: Any, **__: Any) -> list[Any]:
        """Refuse: there is nothing to call."""
        raise AttributeError(method_name)

    def env_is_wrapped(
        self,
        wrapper_class: type[gym.Wrapper[Any, Any, Any, Any]],  # noqa: ARG002
        indices: VecEnvIndices = None,
    ) -> list[bool]:
        """Return False for every row."""
        return [False for _ in self._get_indices(indices)]

    def get_images(self) -> Sequence[np.ndarray | None]:
        """Return no frames."""
        return [None] * self.num_envs
