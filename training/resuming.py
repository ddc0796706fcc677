"""Check that a checkpoint fits the run that resumes from it.

The digest in a checkpoint detects damage only; a file from another run, or one made by hand, has a
valid digest too. Everything that is passed to the learner, its random generators and the kernels of
the environment is checked here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

import numpy as np
import torch
from pydantic import BaseModel, ConfigDict, Field

from lunar_env.envs.restoring import check_arrays
from lunar_env.errors import ConfigError
from lunar_env.specs.problems import checked
from training.imitation import TEACHER
from training.learner_state import model_arrays, policy_arrays

if TYPE_CHECKING:
    from lunar_env.adapters.sb3 import Sb3VecEnv
    from training.checkpoint import Checkpoint
    from training.learner import Learner
    from training.worlds_env import WorldsEnv

__all__ = ["check_fits"]

_Count = Annotated[int, Field(ge=0)]
_WORDS: Final = 624  # length of the state of the Mersenne Twister
_BEST, _ENV = "best.", "env."


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


def check_fits(checkpoint: Checkpoint, env: Sb3VecEnv | WorldsEnv, model: Learner) -> None:
    """Compare a checkpoint with a new learner and its environment, which is reset.

    Parameters
    ----------
    checkpoint : Checkpoint
        The checkpoint.
    env : Sb3VecEnv or WorldsEnv
        The environment of the run.
    model : Learner
        A new learner of the run.

    Raises
    ------
    ConfigError
        If an array or entry is missing or has a wrong shape, type or value. Only `env` has changed.
    """
    state = checked(_State, checkpoint.state, "its state")
    observation = env.reset()
    expected = _expected_arrays(model, observation, {n.split(".")[0] for n in checkpoint.arrays})
    expected |= model.expected_arrays(observation, checkpoint.steps)
    if state.best is not None:
        expected |= {f"{_BEST}{name}": array for name, array in policy_arrays(model).items()}
    learner = {n: a for n, a in checkpoint.arrays.items() if not n.startswith(_ENV)}
    check_arrays(learner, expected)
    for name, array in learner.items():
        # A pilot may remember that something never was.
        real = array.dtype.kind == "f" and not name.startswith(TEACHER)
        if real and not np.isfinite(array).all():
            raise ConfigError(f"array {name!r} has values that are not finite")
        if name.endswith((".exp_avg_sq", ".step")) and (array < 0.0).any():
            raise ConfigError(f"array {name!r} has negative values")
    _check_generators(learner)
    env.check_state_arrays(checkpoint.part(_ENV))


def _expected_arrays(
    model: Learner, observation: np.ndarray, groups: set[str]
) -> dict[str, np.ndarray]:
    expected = model_arrays(model) | {
        "last_obs": observation,
        "last_episode_starts": np.zeros(len(observation), np.bool_),
    }
    for name, optimizer in model.optimizers().items():
        if name in groups:  # it has no moments before the first update
            parameters = [each for group in optimizer.param_groups for each in group["params"]]
            for index, parameter in enumerate(parameters):
                like = parameter.detach().numpy()
                expected |= {f"{name}.{index}.{each}": like for each in ("exp_avg", "exp_avg_sq")}
                expected[f"{name}.{index}.step"] = np.zeros((), np.float32)
    return expected


def _check_generators(arrays: dict[str, np.ndarray]) -> None:
    position, has_gauss, _ = arrays["numpy_rng_rest"].tolist()
    if not (0 <= position <= _WORDS and has_gauss in (0.0, 1.0)):
        raise ConfigError("array 'numpy_rng_rest' is not a valid position in a generator's state")
    try:
        torch.Generator().set_state(torch.from_numpy(arrays["torch_rng"].copy()))
    except RuntimeError:
        raise ConfigError("array 'torch_rng' is not a valid state of a generator") from None
