"""The learner of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from training.imitation import Imitation
from training.ppo import build_ppo
from training.recurrent import RecurrentImitation
from training.sac import build_sac
from training.teacher import Teachers, find_teachers

if TYPE_CHECKING:
    from training.config import TrainConfig
    from training.learner import Learner
    from training.worlds_env import WorldsEnv

__all__ = ["build_learner"]


def build_learner(config: TrainConfig, env: WorldsEnv) -> Learner:
    """Return a new learner: one that imitates if the run has a teacher, else what `algorithm` says.

    Parameters
    ----------
    config : TrainConfig
        Configuration of the run.
    env : WorldsEnv
        The environment.

    Returns
    -------
    Learner
        The learner. The global generators of torch, NumPy and Python are seeded for the run.
    """
    if config.teacher is not None:
        return _imitation(config, env)
    return build_ppo(config, env) if config.algorithm == "ppo" else build_sac(config, env)


def _imitation(config: TrainConfig, env: WorldsEnv) -> Imitation:
    assert config.teacher is not None
    model = build_ppo(config, env, RecurrentImitation if config.network.gru else Imitation)
    assert isinstance(model, Imitation)
    model.worlds = env
    model.teachers = Teachers(find_teachers(config.teacher, config.task), env)
    model.settings = config.imitation
    return model
