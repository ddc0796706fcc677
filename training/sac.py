"""SAC from Stable-Baselines3 and TQC from its contributed algorithms, for many landers at once.

One step of a thousand landers gives a thousand transitions. As in Li et al., "Parallel Q-learning",
ICML 2023, many landers fly a few steps, then the networks do some gradient steps with large batches
drawn from all transitions kept.

References
----------
Haarnoja et al., "Soft actor-critic algorithms and applications", 2018, arXiv:1812.05905.
Kuznetsov et al., "Controlling overestimation bias with truncated mixture of continuous
distributional quantile critics", ICML 2020.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import torch
from sb3_contrib import TQC
from stable_baselines3 import SAC
from stable_baselines3.common.off_policy_algorithm import OffPolicyAlgorithm

from lunar_env.errors import ConfigError
from training.learner import ACTIVATIONS, Learner, layers, prepare, ramp, silence
from training.replay import Replay

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from stable_baselines3.common.type_aliases import RolloutReturn
    from stable_baselines3.common.vec_env import VecEnv

    from training.config import NetworkConfig, SacConfig, TrainConfig

__all__ = ["ScheduledSAC", "ScheduledTQC", "build_sac"]

_REPLAY, _ENTROPY = "replay.", "log_ent_coef"
_FIRST_WEIGHT: Final = 0.1
"""Weight of the entropy at the start: the 1.0 of Stable-Baselines3 drowns the rewards at first."""


class _OffPolicy(Learner, OffPolicyAlgorithm):
    """What both have in common."""

    replay_buffer: Replay  # type: ignore[assignment]
    ent_coef_optimizer: torch.optim.Adam | None
    log_ent_coef: torch.Tensor | None

    @property
    def rollout(self) -> int:
        """Environment steps between two updates."""
        return self.n_envs * int(self.train_freq.frequency)  # type: ignore[union-attr]

    def policy_parameters(self) -> dict[str, torch.Tensor]:
        """Return the weights of the policy; see `Learner.policy_parameters`."""
        actor: Any = self.policy.actor
        noise = {f"log_std.{name}": value for name, value in actor.log_std.named_parameters()}
        return layers(actor.latent_pi, actor.mu) | noise

    def optimizers(self) -> dict[str, torch.optim.Optimizer]:
        """Return the optimizers; see `Learner.optimizers`."""
        policy: Any = self.policy
        found = {
            "actor_optimizer": policy.actor.optimizer,
            "critic_optimizer": policy.critic.optimizer,
        }
        if self.ent_coef_optimizer is not None:
            found["entropy_optimizer"] = self.ent_coef_optimizer
        return found

    def collect_rollouts(self, *args: Any, **keywords: Any) -> RolloutReturn:
        """Fly one rollout; see `OffPolicyAlgorithm`."""
        # From the start the policy acts, not the action space, whose generator has no checkpoint.
        keywords |= {"learning_starts": 0, "log_interval": None}
        return super().collect_rollouts(*args, **keywords)

    def train(self, gradient_steps: int, batch_size: int = 64) -> None:
        """Update the networks; see `OffPolicyAlgorithm`."""
        super().train(gradient_steps, batch_size)
        self.dump_logs()

    def own_arrays(self) -> dict[str, np.ndarray]:
        """Return transitions and weight of the entropy; see `Learner.own_arrays`."""
        return self._arrays(None)

    def _arrays(self, steps: int | None) -> dict[str, np.ndarray]:
        kept = self.replay_buffer.arrays(steps)
        arrays = {f"{_REPLAY}{name}": array for name, array in kept.items()}
        if self.log_ent_coef is not None:
            arrays[_ENTROPY] = self.log_ent_coef.detach().numpy().copy()
        return arrays

    def expected_arrays(self, observation: np.ndarray, steps: int) -> dict[str, np.ndarray]:  # noqa: ARG002
        """Return arrays like those after `steps`; see `Learner.expected_arrays`."""
        if steps % self.rollout:
            raise ConfigError(f"{steps} steps must be a multiple of {self.rollout}, one rollout")
        return self._arrays(steps)

    def restore_own(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Restore transitions and weight of the entropy; see `Learner.restore_own`."""
        kept = {n.removeprefix(_REPLAY): a for n, a in arrays.items() if n.startswith(_REPLAY)}
        self.replay_buffer.restore(kept, self.num_timesteps)
        if self.log_ent_coef is not None:
            self.log_ent_coef.data[:] = self.log_ent_coef.new_tensor(arrays[_ENTROPY])


class ScheduledSAC(_OffPolicy, SAC):
    """SAC as the learner of a run."""


class ScheduledTQC(_OffPolicy, TQC):
    """TQC as the learner of a run."""


def build_sac(config: TrainConfig, env: VecEnv) -> ScheduledSAC | ScheduledTQC:
    """Return a new learner: SAC, or TQC if the configuration says so.

    Parameters
    ----------
    config : TrainConfig
        Algorithm, seeds, threads and hyperparameters.
    env : VecEnv
        The environment.

    Returns
    -------
    ScheduledSAC or ScheduledTQC
        The learner. The global generators of torch, NumPy and Python are seeded for the run.
    """
    prepare(config)
    sac = config.sac
    architecture, keywords = _architecture(config.network), _keywords(sac)
    model: ScheduledSAC | ScheduledTQC
    if config.algorithm == "sac":
        model = ScheduledSAC("MlpPolicy", env, policy_kwargs=architecture, **keywords)
    else:
        architecture["n_quantiles"] = sac.quantiles
        keywords["top_quantiles_to_drop_per_net"] = sac.dropped_quantiles
        model = ScheduledTQC("MlpPolicy", env, policy_kwargs=architecture, **keywords)
    noise: Any = model.policy.actor.log_std
    with torch.no_grad():
        noise.weight.zero_()
        noise.bias.fill_(sac.log_std_init)
    if config.policy.output == "residual":  # which begins as its guide
        silence(model)
    return model


def _architecture(network: NetworkConfig) -> dict[str, Any]:
    return {
        "net_arch": {"pi": list(network.hidden), "qf": list(network.hidden_value)},
        "activation_fn": ACTIVATIONS[network.activation],
    }


def _keywords(sac: SacConfig) -> dict[str, Any]:
    store = {"n_steps": sac.n_steps, "horizon": sac.horizon, "gamma": sac.gamma}
    return {
        "learning_rate": ramp(sac.learning_rate, sac.learning_rate_end),
        "buffer_size": sac.buffer,
        "learning_starts": sac.learning_starts,
        "batch_size": sac.batch_size,
        "tau": sac.tau,
        "gamma": sac.gamma,
        "train_freq": sac.n_steps,
        "gradient_steps": sac.gradient_steps,
        "ent_coef": f"auto_{_FIRST_WEIGHT}" if sac.ent_coef is None else sac.ent_coef,
        "target_entropy": "auto" if sac.target_entropy is None else sac.target_entropy,
        "replay_buffer_class": Replay,
        "replay_buffer_kwargs": store,
        "stats_window_size": 2048,
        "device": "cpu",
    }
