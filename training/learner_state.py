"""The state of a learner as arrays, for policy files and checkpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from training.learner import Learner

__all__ = ["load_policy_arrays", "model_arrays", "policy_arrays", "restore_model"]


def policy_arrays(model: Learner) -> dict[str, np.ndarray]:
    """Return copies of the weights of the policy under the names of a policy file.

    Parameters
    ----------
    model : Learner
        A learner.

    Returns
    -------
    dict of ndarray of float32
        See `Learner.policy_parameters`.
    """
    return {name: _copy(parameter) for name, parameter in model.policy_parameters().items()}


def load_policy_arrays(model: Learner, arrays: Mapping[str, np.ndarray]) -> None:
    """Set the policy weights of a learner; its value function is not changed.

    Parameters
    ----------
    model : Learner
        A learner whose policy has the same shapes.
    arrays : mapping of str to ndarray of float32
        With the names of `policy_arrays`.
    """
    with torch.no_grad():
        for name, parameter in model.policy_parameters().items():
            parameter.copy_(torch.from_numpy(np.array(arrays[name])))


def model_arrays(model: Learner) -> dict[str, np.ndarray]:
    """Return the complete state of a learner: weights, moments of optimizers, generators.

    Parameters
    ----------
    model : Learner
        A learner between two rollouts.

    Returns
    -------
    dict of ndarray
        Arrays for a checkpoint.
    """
    arrays = {f"policy.{key}": _copy(value) for key, value in model.policy.state_dict().items()}
    for name, optimizer in model.optimizers().items():
        for index, moments in optimizer.state_dict()["state"].items():
            for key, value in moments.items():
                arrays[f"{name}.{index}.{key}"] = _copy(value)
    arrays["torch_rng"] = torch.get_rng_state().numpy().copy()
    _, words, position, has_gauss, gauss = np.random.get_state()  # noqa: NPY002  # SB3 shuffles with it
    arrays["numpy_rng"] = np.array(words)
    arrays["numpy_rng_rest"] = np.array([position, has_gauss, gauss], dtype=np.float64)
    arrays["last_obs"] = np.array(model._last_obs)
    arrays["last_episode_starts"] = np.array(model._last_episode_starts)
    arrays["updates"] = np.array(model._n_updates)
    return arrays | model.own_arrays()


def restore_model(model: Learner, arrays: dict[str, np.ndarray], steps: int) -> None:
    """Restore a saved state in a new learner of the same configuration.

    Parameters
    ----------
    model : Learner
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
    for name, optimizer in model.optimizers().items():
        content = optimizer.state_dict()
        for key, value in arrays.items():
            if key.startswith(f"{name}."):
                _, index, moment = key.split(".")
                moments = content["state"].setdefault(int(index), {})
                moments[moment] = torch.from_numpy(value.copy())
        optimizer.load_state_dict(content)
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
