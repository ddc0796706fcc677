"""Speed of PPO on this environment, compared with an environment that computes nothing.

The speed of a trainer depends on the machine and its load. The ratio of two interleaved
measurements shows the cost of the environment itself.
"""

from __future__ import annotations

import dataclasses
import time
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np
from stable_baselines3.common.vec_env import VecEnv

from lunar_env.adapters.sb3 import Sb3VecEnv
from training.ppo import build_ppo
from training.progress import say
from training.seeds import Domain, episode_seeds
from training.vector_env import training_env

if TYPE_CHECKING:
    from collections.abc import Sequence

    import gymnasium as gym
    from stable_baselines3.common.vec_env.base_vec_env import VecEnvIndices, VecEnvStepReturn

    from training.config import TrainConfig
    from training.ppo import ScheduledPPO

__all__ = ["NullVecEnv", "bench_ppo"]


def bench_ppo(
    config: TrainConfig, epochs: tuple[int, ...], repeats: int, iterations: int
) -> dict[str, Any]:
    """Measure the training speed on this environment and on a null environment.

    Parameters
    ----------
    config : TrainConfig
        Task and hyperparameters, except the number of epochs.
    epochs : tuple of int
        Numbers of epochs to measure.
    repeats : int
        Interleaved repeats.
    iterations : int
        Rollouts, each with its update, per repeat.

    Returns
    -------
    dict
        Sizes and, by number of epochs, the median speeds [steps/s] and the median ratio of
        consecutive measurements.
    """
    results = {}
    for count in epochs:
        ppo = dataclasses.replace(config.ppo, n_epochs=count)
        results[str(count)] = _ratio(dataclasses.replace(config, ppo=ppo), repeats, iterations)
        say(
            f"{count} epochs: {results[str(count)]['env_steps_s']:,.0f} steps/s, null env "
            f"{results[str(count)]['null_steps_s']:,.0f}, ratio {results[str(count)]['ratio']:.3f}"
        )
    return {
        "num_envs": config.task.num_envs,
        "n_steps": config.ppo.n_steps,
        "batch_size": config.ppo.batch_size,
        "torch_threads": config.torch_threads,
        "repeats": repeats,
        "epochs": results,
    }


def _ratio(config: TrainConfig, repeats: int, iterations: int) -> dict[str, float]:
    ours = Sb3VecEnv(
        training_env(config.task), episode_seeds(0, Domain.TRAIN, config.task.num_envs)
    )
    null = NullVecEnv(ours.num_envs, ours.observation_space, ours.action_space)
    models = {"env": _warmed_up(config, ours), "null": _warmed_up(config, null)}
    speeds: dict[str, list[float]] = {name: [] for name in models}
    for repeat in range(repeats):
        # The order alternates, because the speed of a machine drifts.
        for name in sorted(models, reverse=repeat % 2 == 1):
            speeds[name].append(_steps_per_s(models[name], iterations))
    ours.close()
    pairs = zip(speeds["env"], speeds["null"], strict=True)
    return {
        "env_steps_s": median(speeds["env"]),
        "null_steps_s": median(speeds["null"]),
        "ratio": median(env / null for env, null in pairs),
    }


def _warmed_up(config: TrainConfig, env: VecEnv) -> ScheduledPPO:
    model = build_ppo(config, env)
    # A first rollout compiles, allocates memory and desynchronises the episodes.
    model.learn(env.num_envs * config.ppo.n_steps)
    return model


def _steps_per_s(model: ScheduledPPO, iterations: int) -> float:
    steps = iterations * model.n_envs * model.n_steps
    started_at = time.perf_counter()
    model.learn(steps, reset_num_timesteps=False)
    return steps / (time.perf_counter() - started_at)


class NullVecEnv(VecEnv):
    """Returns the same random observations at every step; no episode ever ends.

    Parameters
    ----------
    num_envs : int
        Rows.
    observation_space, action_space : gymnasium.Space
        Spaces of one row.
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
        """Ignore the actions."""

    def step_wait(self) -> VecEnvStepReturn:
        """Return the observations, no rewards and no ends."""
        rewards = np.zeros(self.num_envs, dtype=np.float32)
        return self._observation, rewards, self._dones, self._infos

    def close(self) -> None:
        """Do nothing."""

    def get_attr(self, attr_name: str, indices: VecEnvIndices = None) -> list[Any]:
        """Return None for ``render_mode``, the only attribute."""
        if attr_name != "render_mode":
            raise AttributeError(attr_name)
        return [None for _ in self._get_indices(indices)]

    def set_attr(self, attr_name: str, value: Any, indices: VecEnvIndices = None) -> None:  # noqa: ARG002
        """Raise `AttributeError`: there are no attributes to set."""
        raise AttributeError(attr_name)

    def env_method(self, method_name: str, *_: Any, **__: Any) -> list[Any]:
        """Raise `AttributeError`: there are no methods to call."""
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
