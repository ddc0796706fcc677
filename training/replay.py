"""The latest transitions, from which SAC and TQC learn.

The state of a run is saved as it was between two rollouts, also when the run is stopped within the
next one. So one rollout more than is learned from has its place: what is being flown overwrites
nothing that is saved, and nothing has to be copied.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from stable_baselines3.common.buffers import BaseBuffer
from stable_baselines3.common.type_aliases import ReplayBufferSamples

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gymnasium import spaces

__all__ = ["Replay"]


class Replay(BaseBuffer):
    """Transitions of whole rollouts in arrays of float32.

    Parameters
    ----------
    buffer_size : int
        Largest number of transitions that are learned from; one rollout at least.
    observation_space, action_space : gymnasium.spaces.Space
        Of one lander.
    device : torch.device or str
        Where samples are put.
    n_envs : int
        Number of landers.
    optimize_memory_usage : bool
        Not used: the signature of Stable-Baselines3.
    n_steps : int
        Steps per lander and rollout.
    horizon : int
        Largest number of steps whose rewards are added up before the critics' estimate; the sum
        ends with the episode and with the rollout.
    gamma : float
        Discount per step.
    """

    def __init__(
        self,
        buffer_size: int,
        observation_space: spaces.Space[Any],
        action_space: spaces.Space[Any],
        device: torch.device | str = "auto",
        n_envs: int = 1,
        optimize_memory_usage: bool = False,  # noqa: ARG002
        *,
        n_steps: int = 1,
        horizon: int = 1,
        gamma: float = 1.0,
    ) -> None:
        super().__init__(buffer_size, observation_space, action_space, device, n_envs)
        self._kept = max(1, buffer_size // (n_steps * n_envs)) * n_steps
        self._lines = self._kept + n_steps
        self._n_steps, self._horizon, self._gamma = n_steps, horizon, gamma
        self._added = 0  # steps per lander
        shape, width = (self._lines, n_envs), self.obs_shape[0]
        self._arrays = {
            "observation": np.zeros((*shape, width), np.float32),
            "next_observation": np.zeros((*shape, width), np.float32),
            "action": np.zeros((*shape, self.action_dim), np.float32),
            "reward": np.zeros((*shape, 1), np.float32),
            "terminated": np.zeros((*shape, 1), np.float32),
            "ended": np.zeros((*shape, 1), np.float32),  # by the clock too
        }

    def add(self, *transition: Any) -> None:
        """Keep one step of all landers; see `ReplayBuffer.add`."""
        observation, next_observation, action, reward, done, infos = transition
        terminated = done.copy()
        for row in np.flatnonzero(done):  # of an episode that the clock ended the value goes on
            terminated[row] = not infos[row]["TimeLimit.truncated"]
        line = self._added % self._lines
        self._arrays["observation"][line] = observation
        self._arrays["next_observation"][line] = next_observation
        self._arrays["action"][line] = action
        self._arrays["reward"][line, :, 0] = reward
        self._arrays["terminated"][line, :, 0] = terminated
        self._arrays["ended"][line, :, 0] = done
        self._added += 1

    def sample(self, batch_size: int, env: Any = None) -> ReplayBufferSamples:  # noqa: ARG002
        """Draw transitions with replacement, between two rollouts; see `ReplayBuffer.sample`."""
        first = max(0, self._added - self._kept)
        return self._get_samples(torch.randint(first, self._added, (batch_size,)).numpy())

    def _get_samples(self, batch_inds: np.ndarray, env: Any = None) -> ReplayBufferSamples:  # noqa: ARG002
        row = torch.randint(self.n_envs, (len(batch_inds),)).numpy()
        last, reward, discount = self._summed(batch_inds, row)
        first, last = batch_inds % self._lines, last % self._lines
        picked = (
            self._arrays["observation"][first, row],
            self._arrays["action"][first, row],
            self._arrays["next_observation"][last, row],
            self._arrays["terminated"][last, row],
            reward,
            discount,
        )
        return ReplayBufferSamples(*map(self.to_torch, picked))

    def _summed(
        self, first: np.ndarray, row: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the last step of each sum, its rewards and the discount of what follows."""
        last, going = first.copy(), np.ones(len(first), np.bool_)
        reward = np.zeros((len(first), 1), np.float32)
        discount = np.ones((len(first), 1), np.float32)
        for step in range(self._horizon):
            now = first + step
            going &= now // self._n_steps == first // self._n_steps
            line = now % self._lines
            reward += np.where(going[:, None], discount * self._arrays["reward"][line, row], 0.0)
            discount[going] *= self._gamma
            last[going] = now[going]
            going &= self._arrays["ended"][line, row, 0] == 0.0
        return last, reward.astype(np.float32), discount

    def arrays(self, steps: int | None = None) -> dict[str, np.ndarray]:
        """Return what is kept, without a copy.

        Parameters
        ----------
        steps : int, optional
            Shapes as after this number of environment steps of all landers; as now if not given.

        Returns
        -------
        dict of ndarray
            By name; the next rollout overwrites nothing of them that is still learned from.
        """
        added = self._added if steps is None else steps // self.n_envs
        return {name: array[: min(added, self._lines)] for name, array in self._arrays.items()}

    def restore(self, arrays: Mapping[str, np.ndarray], steps: int) -> None:
        """Put back what `arrays` returned after a number of environment steps of all landers."""
        self._added = steps // self.n_envs
        for name, array in self._arrays.items():
            array[: len(arrays[name])] = arrays[name]
