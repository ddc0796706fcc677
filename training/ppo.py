"""PPO from Stable-Baselines3, built from a `TrainConfig`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stable_baselines3 import PPO

from training.gru_policy import GruPolicy
from training.learner import ACTIVATIONS, Learner, layers, prepare, ramp, silence

if TYPE_CHECKING:
    import torch
    from stable_baselines3.common.vec_env import VecEnv

    from training.config import TrainConfig

__all__ = ["ScheduledPPO", "build_ppo"]


class ScheduledPPO(Learner, PPO):
    """PPO as the learner of a run."""

    @property
    def rollout(self) -> int:
        """Environment steps of a rollout."""
        return self.n_envs * self.n_steps

    def mean_parameters(self) -> dict[str, torch.Tensor]:
        """Return the parameters that the policy's mean action depends on, by name."""
        return layers(self.policy.mlp_extractor.policy_net, self.policy.action_net)

    def policy_parameters(self) -> dict[str, torch.Tensor]:
        """Return the weights of the policy; see `Learner.policy_parameters`."""
        return self.mean_parameters() | {"log_std": self.policy.log_std}

    def optimizers(self) -> dict[str, torch.optim.Optimizer]:
        """Return the one optimizer; see `Learner.optimizers`."""
        return {"optimizer": self.policy.optimizer}


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
    prepare(config)
    ppo, network = config.ppo, config.network
    rates = ppo if config.teacher is None else config.imitation
    layers_of: dict[str, Any] = {
        "net_arch": {"pi": list(network.hidden), "vf": list(network.hidden_value)},
        "activation_fn": ACTIVATIONS[network.activation],
        "log_std_init": ppo.log_std_init,
        "ortho_init": ppo.ortho_init,
    }
    model = (algorithm or ScheduledPPO)(
        GruPolicy if network.gru else "MlpPolicy",
        env,
        learning_rate=ramp(rates.learning_rate, rates.learning_rate_end),
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
        policy_kwargs=layers_of | ({"gru": network.gru} if network.gru else {}),
        device="cpu",
    )
    if config.policy.output == "residual":  # which begins as its guide
        silence(model)
    return model
