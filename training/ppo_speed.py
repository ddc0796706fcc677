"""Speed of PPO on our environment, with a free environment measured beside it in the same run.

A trainer's speed depends on the machine and its mood; the ratio of two interleaved measurements
says what the environment itself costs.
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
    """Measure training speed on our environment and on a null one.

    Parameters
    ----------
    config : TrainConfig
        Task and hyper-parameters, the number of epochs aside.
    epochs : tuple of int
        Numbers of epochs to measure.
    repeats : int
        Interleaved repeats.
    iterations : int
        Rollouts with their updates per repeat.

    Returns
    -------
    dict
        Sizes, and by number of epochs the median steps a second on both, and the median of the
        ratios of each pair of neighbours in time.
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
    models = {"env": _begin(config, ours), "null": _begin(config, null)}
    speeds: dict[str, list[float]] = {name: [] for name in models}
    for repeat in range(repeats):
        # Neither is always the first: a machine's speed drifts.
        for name in sorted(models, reverse=repeat % 2 == 1):
            speeds[name].append(_steps_per_s(models[name], iterations))
    ours.close()
    pairs = zip(speeds["env"], speeds["null"], strict=True)
    return {
        "env_steps_s": median(speeds["env"]),
        "null_steps_s": median(speeds["null"]),
        "ratio": median(env / null for env, null in pairs),
    }


def _begin(config: TrainConfig, env: VecEnv) -> ScheduledPPO:
    model = build_ppo(config, env)
    # One rollout first: compilation, memory, and the first episodes' lockstep.
    model.learn(env.num_envs * config.ppo.n_steps)
    return model


def _steps_per_s(model: ScheduledPPO, iterations: int) -> float:
    steps = iterations * model.n_envs * model.n_steps
    began_at = time.perf_counter()
    model.learn(steps, reset_num_timesteps=False)
    return steps / (time.perf_counter() - began_at)


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
