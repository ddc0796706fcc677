"""Speed of PPO on our environment, with a free environment measured beside it in the same run.

A trainer's speed depends on the machine and its mood; the ratio of two interleaved measurements
says what the environment itself costs.
"""

from __future__ import annotations

import dataclasses
import time
from statistics import median
from typing import TYPE_CHECKING, Any

from lunar_env.adapters.sb3 import Sb3VecEnv
from training.null_vec_env import NullVecEnv
from training.ppo import build_ppo
from training.progress import say
from training.seeds import Domain, episode_seeds
from training.task import training_env

if TYPE_CHECKING:
    from stable_baselines3.common.vec_env import VecEnv

    from training.config import TrainConfig
    from training.ppo import ScheduledPPO

__all__ = ["bench_ppo"]


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
