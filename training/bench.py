"""Speed of PPO on our environment, with a free environment measured beside it in the same run.

A trainer's speed depends on the machine and its mood; the ratio of two interleaved measurements
says what the environment itself costs.
"""

from __future__ import annotations

import dataclasses
import time
from statistics import median
from typing import TYPE_CHECKING, Any

from training.null_vec_env import NullVecEnv
from training.ppo import build_ppo
from training.progress import say
from training.sb3_vec_env import Sb3VecEnv
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
        Sizes, and by number of epochs the median steps a second on both and their ratio.
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
    for _ in range(repeats):
        for name, model in models.items():
            speeds[name].append(_steps_per_s(model, iterations))
    ours.close()
    env_speed, null_speed = median(speeds["env"]), median(speeds["null"])
    return {"env_steps_s": env_speed, "null_steps_s": null_speed, "ratio": env_speed / null_speed}


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
