"""What a run needs of an algorithm, whichever it is."""

from __future__ import annotations

import time
from abc import abstractmethod
from typing import TYPE_CHECKING, Final, Literal

import torch
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.utils import set_random_seed
from torch import nn

from training.seeds import Domain, generator_seed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import numpy as np

    from training.config import TrainConfig

__all__ = ["ACTIVATIONS", "Clock", "Learner", "layers", "prepare", "ramp", "silence"]

ACTIVATIONS: Final[dict[str, type[nn.Module]]] = {
    "tanh": nn.Tanh,
    "relu": nn.ReLU,
    "elu": nn.ELU,
}


class Clock:
    """Training time of a run, including the time before it was resumed.

    Parameters
    ----------
    limit_s : float or None
        Time limit [s].
    spent_s : float, optional
        Time spent before the run was resumed [s].
    kind : {"wall", "cpu"}, optional
        Which time; CPU time is that of all threads of this process together.
    """

    def __init__(
        self, limit_s: float | None, spent_s: float = 0.0, kind: Literal["wall", "cpu"] = "wall"
    ) -> None:
        self._limit_s = limit_s
        self._now = time.monotonic if kind == "wall" else time.process_time
        self._began_at = self._now() - spent_s

    @property
    def spent_s(self) -> float:
        """Training time so far [s]."""
        return self._now() - self._began_at

    @property
    def left_s(self) -> float | None:
        """Time until the limit [s]; None without a limit."""
        return None if self._limit_s is None else max(0.0, self._limit_s - self.spent_s)

    @property
    def fraction(self) -> float:
        """Fraction of the limit that has passed; 0 without a limit."""
        return 0.0 if self._limit_s is None else self.spent_s / self._limit_s


class Learner(BaseAlgorithm):
    """Base of the algorithms of a run, each with one of Stable-Baselines3.

    Its schedules follow the steps, or the time limit if that is reached first.
    """

    clock: Clock = Clock(None)

    def _update_current_progress_remaining(self, num_timesteps: int, total_timesteps: int) -> None:
        by_steps = 1.0 - num_timesteps / total_timesteps
        self._current_progress_remaining = max(0.0, min(by_steps, 1.0 - self.clock.fraction))

    @property
    @abstractmethod
    def rollout(self) -> int:
        """Environment steps of a rollout, between two of which the state is complete."""

    @abstractmethod
    def policy_parameters(self) -> dict[str, torch.Tensor]:
        """Return the weights of the policy under the names of a policy file, see `Network`.

        Returns
        -------
        dict of Tensor
            The parameters themselves, those of the exploration noise too.
        """

    @abstractmethod
    def optimizers(self) -> dict[str, torch.optim.Optimizer]:
        """Return the optimizers by the prefix of their arrays in a checkpoint."""

    def own_arrays(self) -> dict[str, np.ndarray]:
        """Return what an algorithm keeps between rollouts, besides networks and generators.

        Returns
        -------
        dict of ndarray
            They must not change before the end of the next rollout; they are not copied.
        """
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
        """Restore what `own_arrays` returned, among other arrays; `num_timesteps` is restored."""


def prepare(config: TrainConfig) -> None:
    """Set the threads of torch, and seed the global generators of torch, NumPy and Python."""
    torch.set_num_threads(config.torch_threads)
    # An algorithm given a seed would reseed the environment with seeds outside the domain.
    set_random_seed(generator_seed(config.seed, Domain.TRAIN))


class ramp:  # noqa: N801  # reads as a function; a class so that the learner can be copied
    """Linear interpolation from `start` to `end` while the remaining progress goes from 1 to 0."""

    def __init__(self, start: float, end: float) -> None:
        self._start = start
        self._end = end

    def __call__(self, progress_remaining: float) -> float:
        """Return the value at a remaining progress."""
        return self._end + (self._start - self._end) * progress_remaining


def layers(body: Iterable[nn.Module], output: nn.Module) -> dict[str, torch.Tensor]:
    """Return the parameters of hidden layers and of the output under the names of a policy file."""
    linear = [module for module in body if isinstance(module, nn.Linear)]
    named: dict[str, torch.Tensor] = {}
    for name, layer in {f"layer{i}": layer for i, layer in enumerate(linear)}.items():
        named |= {f"{name}.weight": layer.weight, f"{name}.bias": layer.bias}
    assert isinstance(output, nn.Linear)
    return named | {"output.weight": output.weight, "output.bias": output.bias}


def silence(model: Learner) -> None:
    """Set the output of a policy to zero, with which one whose output is a residual begins."""
    parameters = model.policy_parameters()
    with torch.no_grad():
        parameters["output.weight"].zero_()
        parameters["output.bias"].zero_()
