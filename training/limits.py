"""Ranges of the values in a configuration."""

from __future__ import annotations

from typing import Any

from lunar_env.errors import ConfigError

__all__ = ["check_limits"]

# A section of the configuration, which is checked when it is made: its module needs this one.
_Section = Any
_Limit = tuple[str, float | None, float, float]


def check_limits(config: _Section) -> None:
    """Check that each value is within its range; the environment checks its own keywords.

    Raises
    ------
    ConfigError
        If a value is out of range.
    """
    for name, value, low, high in _limits(config):
        if value is not None and not low <= value <= high:
            raise ConfigError(
                f"{name} = {value} must be between {_written(low)} and {_written(high)}"
            )


def _written(limit: float) -> str:
    """Write a limit as a person would type it: without an exponent, but for the range of seeds."""
    if limit == 2.0**63 - 1:
        return "2**63 - 1"
    return f"{limit:.0f}" if limit == int(limit) else f"{limit:g}"


def _task_limits(task: _Section) -> list[_Limit]:
    limits: list[_Limit] = [
        ("task.num_envs", task.num_envs, max(1, len(task.worlds)), 1e6),
        ("task.num_threads", task.num_threads, 1, 1024),
    ]
    for i, world in enumerate(task.worlds):
        limits += [
            (f"task.worlds.{i}.weight", world.weight, 1e-6, 1e6),
            (f"task.worlds.{i}.from_step", world.from_step, 0, 1e12),
            (f"task.worlds.{i}.until_step", world.until_step, 1, 1e12),
        ]
    return limits


def _policy_limits(policy: _Section) -> list[_Limit]:
    return [
        ("policy.residual_throttle", policy.residual_throttle, 1e-3, 2),
        ("policy.residual_tilt_deg", policy.residual_tilt_deg, 1e-3, 90),
    ]


def _imitation_limits(imitation: _Section) -> list[_Limit]:
    return [
        ("imitation.teacher_share", imitation.teacher_share, 0, 1),
        ("imitation.buffer", imitation.buffer, 1, 1e9),
        ("imitation.gradient_steps", imitation.gradient_steps, 1, 1e6),
        ("imitation.batch_size", imitation.batch_size, 2, 1e9),
        ("imitation.learning_rate", imitation.learning_rate, 0, 1),
        ("imitation.learning_rate_end", imitation.learning_rate_end, 0, 1),
    ]


def _network_limits(network: _Section) -> list[_Limit]:
    return [
        ("number of layers", len(network.hidden) + len(network.hidden_value), 0, 64),
        *(("network.hidden", size, 1, 65_536) for size in network.hidden),
        *(("network.hidden_value", size, 1, 65_536) for size in network.hidden_value),
        ("network.gru", network.gru, 0, 4096),
    ]


def _ppo_limits(ppo: _Section) -> list[_Limit]:
    return [
        ("ppo.n_steps", ppo.n_steps, 1, 1e6),
        ("ppo.n_epochs", ppo.n_epochs, 1, 1e4),
        ("ppo.batch_size", ppo.batch_size, 2, 1e9),
        ("ppo.learning_rate", ppo.learning_rate, 0, 1),
        ("ppo.learning_rate_end", ppo.learning_rate_end, 0, 1),
        ("ppo.gamma", ppo.gamma, 0, 1),
        ("ppo.gae_lambda", ppo.gae_lambda, 0, 1),
        ("ppo.clip_range", ppo.clip_range, 1e-3, 10),
        ("ppo.ent_coef", ppo.ent_coef, 0, 10),
        ("ppo.vf_coef", ppo.vf_coef, 0, 10),
        ("ppo.max_grad_norm", ppo.max_grad_norm, 1e-6, 1e6),
        ("ppo.target_kl", ppo.target_kl, 1e-6, 10),
        ("ppo.log_std_init", ppo.log_std_init, -5, 2),
    ]


def _sac_limits(sac: _Section) -> list[_Limit]:
    return [
        ("sac.n_steps", sac.n_steps, 1, 1e6),
        ("sac.gradient_steps", sac.gradient_steps, 1, 1e6),
        ("sac.batch_size", sac.batch_size, 1, 1e9),
        ("sac.buffer", sac.buffer, 1, 1e9),
        ("sac.learning_starts", sac.learning_starts, 0, 1e12),
        ("sac.learning_rate", sac.learning_rate, 0, 1),
        ("sac.learning_rate_end", sac.learning_rate_end, 0, 1),
        ("sac.gamma", sac.gamma, 0, 1),
        ("sac.horizon", sac.horizon, 1, 1e6),
        ("sac.tau", sac.tau, 1e-6, 1),
        ("sac.log_std_init", sac.log_std_init, -5, 2),
        ("sac.ent_coef", sac.ent_coef, 0, 10),
        ("sac.target_entropy", sac.target_entropy, -100, 100),
        ("sac.quantiles", sac.quantiles, 1, 1000),
        ("sac.dropped_quantiles", sac.dropped_quantiles, 0, sac.quantiles - 1),
    ]


def _limits(config: _Section) -> list[_Limit]:
    task, selection = config.task, config.selection
    least = max(1, len(task.worlds))
    return [
        ("total_steps", config.total_steps, 1, 1e12),
        ("checkpoint_every_steps", config.checkpoint_every_steps, 1, 1e12),
        ("keep_checkpoints", config.keep_checkpoints, 1, 1e6),
        ("torch_threads", config.torch_threads, 1, 1024),
        *_task_limits(task),
        *_policy_limits(config.policy),
        *_network_limits(config.network),
        *_ppo_limits(config.ppo),
        ("task.num_envs x ppo.n_steps", task.num_envs * config.ppo.n_steps, 1, 1e9),
        *_sac_limits(config.sac),
        ("task.num_envs x sac.n_steps", task.num_envs * config.sac.n_steps, 1, 1e9),
        ("selection.every_steps", selection.every_steps, 1, 1e12),
        ("selection.landings", selection.landings, least, 1e7),
        ("selection.report_landings", selection.report_landings, least, 1e7),
        ("seed", config.seed, 0, 2.0**63 - 1),
        ("selection.report_seed", selection.report_seed, 0, 2.0**63 - 1),
        ("max_minutes", config.max_minutes, 0.01, 1e5),
        *_imitation_limits(config.imitation),
    ]
