"""PPO from Stable-Baselines3, built from a `TrainConfig`, and its state as arrays."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from stable_baselines3 import PPO
from stable_baselines3.common.utils import set_random_seed
from torch import nn

from training.seeds import Domain, generator_seed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stable_baselines3.common.vec_env import VecEnv

    from training.config import NetworkConfig, PpoConfig, TrainConfig

__all__ = [
    "Clock",
    "ScheduledPPO",
    "build_ppo",
    "load_policy_arrays",
    "model_arrays",
    "output_parameters",
    "policy_arrays",
    "restore_model",
]

ACTIVATIONS: dict[str, type[nn.Module]] = {"tanh": nn.Tanh, "relu": nn.ReLU, "elu": nn.ELU}


class Clock:
    """Training time of a run, including the time before it was resumed.

    Parameters
    ----------
    limit_s : float or None
        Time limit [s].
    spent_s : float, optional
        Time spent before the run was resumed [s].
    """

    def __init__(self, limit_s: float | None, spent_s: float = 0.0) -> None:
        self._limit_s = limit_s
        self._began_at = time.monotonic() - spent_s

    @property
    def spent_s(self) -> float:
        """Training time so far [s]."""
        return time.monotonic() - self._began_at

    @property
    def left_s(self) -> float | None:
        """Time until the limit [s]; None without a limit."""
        return None if self._limit_s is None else max(0.0, self._limit_s - self.spent_s)

    @property
    def fraction(self) -> float:
        """Fraction of the limit that has passed; 0 without a limit."""
        return 0.0 if self._limit_s is None else self.spent_s / self._limit_s


class ScheduledPPO(PPO):
    """PPO whose schedules follow the steps, or the time limit if that is reached first."""

    clock: Clock = Clock(None)

    def _update_current_progress_remaining(self, num_timesteps: int, total_timesteps: int) -> None:
        by_steps = 1.0 - num_timesteps / total_timesteps
        self._current_progress_remaining = max(0.0, min(by_steps, 1.0 - self.clock.fraction))

    @property
    def fitted(self) -> tuple[int, ...]:
        """Indices of the policy's parameters that an update changes."""
        return tuple(range(len(list(self.policy.parameters()))))

    def own_arrays(self) -> dict[str, np.ndarray]:
        """Return what an algorithm keeps between rollouts, besides networks and generators."""
        return {}

    def expected_arrays(self, observation: np.ndarray, steps: int) -> dict[str, np.ndarray]:  # noqa: ARG002
        """Return arrays with names, shapes and types of `own_arrays` after `steps`.

        Parameters
        ----------
        observation : ndarray
            An observation of the environment.
        steps : int
            Environment steps.

        Raises
        ------
        ConfigError
            If no rollout ends after this number of steps.
        """
        return {}

    def restore_own(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Restore what `own_arrays` returned, among other arrays."""


def build_ppo(
    config: TrainConfig, env: VecEnv, algorithm: type[ScheduledPPO] | None = None
) -> ScheduledPPO:
    """Return a new learner.

    Parameters
    ----------
    config : TrainConfig
        Seeds, threads and hyperparameters.
    env : VecEnv
        The environment.
    algorithm : type, optional
        Its class; PPO if not given.

    Returns
    -------
    ScheduledPPO
        The learner. The global generators of torch, NumPy and Python are seeded for the run.
    """
    torch.set_num_threads(config.torch_threads)
    # PPO's `seed` argument would reseed the environment with seeds outside the domain.
    set_random_seed(generator_seed(config.seed, Domain.TRAIN))
    ppo = config.ppo
    rates = ppo if config.teacher is None else config.imitation
    model = (algorithm or ScheduledPPO)(
        "MlpPolicy",
        env,
        learning_rate=_linear(rates.learning_rate, rates.learning_rate_end),
        n_steps=ppo.n_steps,
        batch_size=min(ppo.batch_size, config.task.num_envs * ppo.n_steps),
        n_epochs=ppo.n_epochs,
        gamma=ppo.gamma,
        gae_lambda=ppo.gae_lambda,
        clip_range=ppo.clip_range,
        ent_coef=ppo.ent_coef,
        vf_coef=ppo.vf_coef,
        max_grad_norm=ppo.max_grad_norm,
        target_kl=ppo.target_kl,
        stats_window_size=2048,
        policy_kwargs=_policy_keywords(ppo, config.network),
        device="cpu",
    )
    if config.policy.output == "residual":  # which begins as its guide
        with torch.no_grad():
            for parameter in model.policy.action_net.parameters():
                parameter.zero_()
    return model


def _policy_keywords(ppo: PpoConfig, network: NetworkConfig) -> dict[str, Any]:
    return {
        "net_arch": {"pi": list(network.hidden), "vf": list(network.hidden_value)},
        "activation_fn": ACTIVATIONS[network.activation],
        "log_std_init": ppo.log_std_init,
        "ortho_init": ppo.ortho_init,
    }


class _linear:  # noqa: N801  # reads as a function; a class so that the learner can be copied
    """Linear interpolation from `start` to `end` while the remaining progress goes from 1 to 0."""

    def __init__(self, start: float, end: float) -> None:
        self._start = start
        self._end = end

    def __call__(self, progress_remaining: float) -> float:
        return self._end + (self._start - self._end) * progress_remaining


def policy_arrays(model: PPO) -> dict[str, np.ndarray]:
    """Return the weights of the policy under the names of a policy file.

    Parameters
    ----------
    model : PPO
        A learner with an MLP policy.

    Returns
    -------
    dict of ndarray of float32
        ``layer{i}.weight``, ``layer{i}.bias``, ``output.weight``, ``output.bias``, ``log_std``.
    """
    return {name: _copy(parameter) for name, parameter in _policy_parameters(model).items()}


def load_policy_arrays(model: PPO, arrays: Mapping[str, np.ndarray]) -> None:
    """Set the policy weights of a learner; its value function is not changed.

    Parameters
    ----------
    model : PPO
        A learner with an MLP policy of the same shapes.
    arrays : mapping of str to ndarray of float32
        With the names of `policy_arrays`.
    """
    with torch.no_grad():
        for name, parameter in _policy_parameters(model).items():
            parameter.copy_(torch.from_numpy(np.array(arrays[name])))


def _policy_parameters(model: PPO) -> dict[str, torch.Tensor]:
    return output_parameters(model) | {"log_std": model.policy.log_std}


def output_parameters(model: PPO) -> dict[str, torch.Tensor]:
    """Return the weights that the policy's mean action depends on, as `policy_arrays` names them.

    Parameters
    ----------
    model : PPO
        A learner with an MLP policy.

    Returns
    -------
    dict of Tensor
        The parameters themselves.
    """
    linear = [m for m in model.policy.mlp_extractor.policy_net if isinstance(m, nn.Linear)]
    output = model.policy.action_net
    assert isinstance(output, nn.Linear)
    layers = {f"layer{i}": layer for i, layer in enumerate(linear)} | {"output": output}
    named: dict[str, torch.Tensor] = {}
    for name, layer in layers.items():
        named |= {f"{name}.weight": layer.weight, f"{name}.bias": layer.bias}
    return named


def model_arrays(model: ScheduledPPO) -> dict[str, np.ndarray]:
    """Return the complete state of a learner: weights, optimizer moments and generators.

    Parameters
    ----------
    model : ScheduledPPO
        A learner between two rollouts.

    Returns
    -------
    dict of ndarray
        Arrays for a checkpoint.
    """
    arrays = {f"policy.{key}": _copy(value) for key, value in model.policy.state_dict().items()}
    for index, moments in model.policy.optimizer.state_dict()["state"].items():
        for key, value in moments.items():
            arrays[f"optimizer.{index}.{key}"] = _copy(value)
    arrays["torch_rng"] = torch.get_rng_state().numpy().copy()
    _, words, position, has_gauss, gauss = np.random.get_state()  # noqa: NPY002  # SB3 shuffles with it
    arrays["numpy_rng"] = np.array(words)
    arrays["numpy_rng_rest"] = np.array([position, has_gauss, gauss], dtype=np.float64)
    arrays["last_obs"] = np.array(model._last_obs)
    arrays["last_episode_starts"] = np.array(model._last_episode_starts)
    arrays["updates"] = np.array(model._n_updates)
    return arrays | model.own_arrays()


def restore_model(model: ScheduledPPO, arrays: dict[str, np.ndarray], steps: int) -> None:
    """Restore a saved state in a new learner of the same configuration.

    Parameters
    ----------
    model : ScheduledPPO
        A new learner.
    arrays : dict of ndarray
        From `model_arrays`.
    steps : int
        Environment steps done.
    """
    policy = {
        key.removeprefix("policy."): torch.from_numpy(value.copy())
        for key, value in arrays.items()
        if key.startswith("policy.")
    }
    model.policy.load_state_dict(policy)
    content = model.policy.optimizer.state_dict()
    for name, value in arrays.items():
        if name.startswith("optimizer."):
            _, index, key = name.split(".")
            content["state"].setdefault(int(index), {})[key] = torch.from_numpy(value.copy())
    model.policy.optimizer.load_state_dict(content)
    torch.set_rng_state(torch.from_numpy(arrays["torch_rng"].copy()))
    position, has_gauss, gauss = arrays["numpy_rng_rest"].tolist()
    np.random.set_state(  # noqa: NPY002
        ("MT19937", arrays["numpy_rng"], int(position), int(has_gauss), gauss)
    )
    model._last_obs = arrays["last_obs"].copy()
    model._last_episode_starts = arrays["last_episode_starts"].copy()
    model._n_updates = int(arrays["updates"])
    model.num_timesteps = steps
    model.restore_own(arrays)


def _copy(tensor: torch.Tensor) -> np.ndarray:
    return tensor.detach().cpu().numpy().copy()
