"""``bench-ppo``: speed of PPO on this environment and on one that computes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

from lunar_env.errors import ConfigError
from training.arguments import check_at_least, check_threads
from training.config import PpoConfig, TaskConfig, TrainConfig
from training.ppo_speed import bench_ppo

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from training.options import BenchPpo

__all__ = ["run"]


def run(options: BenchPpo, out: Console) -> Mapping[str, object]:
    """Measure and print the speeds.

    Parameters
    ----------
    options : BenchPpo
        Options of the command.
    out : Console
        Console for the user.

    Returns
    -------
    mapping
        Median speeds [steps/s] and ratios by number of epochs.
    """
    check_at_least(1, repeats=options.repeats, iterations=options.iterations)
    check_threads(options.threads)
    if not options.epochs:
        raise ConfigError("--epochs is empty; give at least one number")
    task = TaskConfig(num_envs=options.num_envs, num_threads=options.threads)
    ppo = PpoConfig(batch_size=min(options.batch_size, options.num_envs * PpoConfig().n_steps))
    config = TrainConfig(task=task, ppo=ppo)
    result = bench_ppo(config, options.epochs, options.repeats, options.iterations)
    table = Table("epochs", "steps/s", "null env steps/s", "ratio")
    for epochs, row in result["epochs"].items():
        speeds = (f"{row['env_steps_s']:,.0f}", f"{row['null_steps_s']:,.0f}")
        table.add_row(epochs, *speeds, f"{row['ratio']:.3f}")
    out.print(table)
    return result
