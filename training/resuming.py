"""Whether a checkpoint fits the run that is to go on from it.

Its digest tells damage; a file that was made by hand or by another run has a digest as well. What
the learner, its generators and the kernels of the environment are given is checked here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

import numpy as np
import torch
from pydantic import BaseModel, ConfigDict, Field

from lunar_env.envs.restoring import check_arrays
from lunar_env.errors import ConfigError
from lunar_env.specs.problems import checked
from training.ppo import model_arrays, policy_arrays

if TYPE_CHECKING:
    from stable_baselines3 import PPO

    from lunar_env.adapters.sb3 import Sb3VecEnv
    from training.checkpoint import Checkpoint

__all__ = ["check_fits"]

_Count = Annotated[int, Field(ge=0)]
_WORDS: Final = 624  # of the Mersenne Twister's state; its position lies in them
_BEST, _ENV, _MOMENTS = "best.", "env.", "optimizer."


class _Best(BaseModel):
    model_config = ConfigDict(strict=True, allow_inf_nan=False)

    score: Annotated[list[float], Field(min_length=2, max_length=2)]
    steps: _Count
    scores: dict[str, Any]


class _State(BaseModel):
    model_config = ConfigDict(strict=True, allow_inf_nan=False)

    best: _Best | None
    chosen_at: _Count
    spent_s: Annotated[float, Field(ge=0.0)]


def check_fits(checkpoint: Checkpoint, env: Sb3VecEnv, model: PPO) -> None:
    """Compare a checkpoint with a fresh learner and its environment, which is reset for it.

    Parameters
    ----------
    checkpoint : Checkpoint
        From a file.
    env : Sb3VecEnv
        What the run learns on.
    model : PPO
        A learner of the run that has not begun.

    Raises
    ------
    ConfigError
        If something is missing or has another shape, type or range; nothing was changed but `env`.
    """
    state = checked(_State, checkpoint.state, "its state")
    wanted = _wanted(model, env.reset(), {n.split(".")[0] for n in checkpoint.arrays})
    if state.best is not None:
        wanted |= {f"{_BEST}{name}": array for name, array in policy_arrays(model).items()}
    own = {n: a for n, a in checkpoint.arrays.items() if not n.startswith(_ENV)}
    check_arrays(own, wanted)
    for name, array in own.items():
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise ConfigError(f"array {name!r} holds numbers that are not finite")
        if name.endswith((".exp_avg_sq", ".step")) and (array < 0.0).any():
            raise ConfigError(f"array {name!r} holds numbers below zero")
    _check_generators(own)
    env.check_state_arrays(checkpoint.part(_ENV))


def _wanted(model: PPO, observation: np.ndarray, groups: set[str]) -> dict[str, np.ndarray]:
    wanted = model_arrays(model) | {
        "last_obs": observation,
        "last_episode_starts": np.zeros(len(observation), np.bool_),
    }
    if _MOMENTS.removesuffix(".") in groups:  # there are none before the first update
        for index, parameter in enumerate(model.policy.parameters()):
            like = parameter.detach().numpy()
            wanted |= {f"{_MOMENTS}{index}.{name}": like for name in ("exp_avg", "exp_avg_sq")}
            wanted[f"{_MOMENTS}{index}.step"] = np.zeros((), np.float32)
    return wanted


def _check_generators(arrays: dict[str, np.ndarray]) -> None:
    position, has_gauss, _ = arrays["numpy_rng_rest"].tolist()
    if not (0 <= position <= _WORDS and has_gauss in (0.0, 1.0)):
        raise ConfigError("array 'numpy_rng_rest' is not a position in the state of a generator")
    try:
        torch.Generator().set_state(torch.from_numpy(arrays["torch_rng"].copy()))
    except RuntimeError:
        raise ConfigError("array 'torch_rng' is not the state of a generator") from None
