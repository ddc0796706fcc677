"""Imitation with a memory: the student has a recurrent layer and learns from sequences.

A student that sees one frame knows of the past what the estimates in it say; one with a gated
recurrent unit (GRU) can remember. The layer reads the inputs, the hidden layers read the inputs and
its memory. It is fitted by backpropagation through the steps of a rollout, which begins with the
memory that the student had when it flew (stored states, not yet stale because few rollouts are
kept).

References
----------
Cho et al., "Learning phrase representations using RNN encoder-decoder", EMNLP 2014.
Kapturowski et al., "Recurrent experience replay in distributed reinforcement learning", ICLR 2019.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import torch

from training.gru_policy import unrolled
from training.imitation import Imitation, command_error, numbered

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stable_baselines3.common.buffers import RolloutBuffer
    from stable_baselines3.common.callbacks import BaseCallback
    from stable_baselines3.common.vec_env import VecEnv

    from training.gru_policy import GruPolicy

__all__ = ["RecurrentImitation"]

_STARTS, _BEFORE, _NOW = "starts.", "memory_before.", "memory"
_GRU: Final = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


class _Course(NamedTuple):
    """What a lesson needs to be flown through again; never changed."""

    starts: np.ndarray  # (steps, landers), whether an episode begins
    before: np.ndarray  # (landers, units), the memory before the first step


class RecurrentImitation(Imitation):
    """A learner that fits a policy with a memory; `training.algorithms` makes one."""

    policy: GruPolicy
    _courses: tuple[_Course, ...] = ()
    _now: torch.Tensor
    _starts: list[np.ndarray]

    def _setup_model(self) -> None:
        super()._setup_model()
        self._now = torch.zeros(self.n_envs, self.policy.gru.hidden_size)
        self._starts = []

    def mean_parameters(self) -> dict[str, torch.Tensor]:
        """Return the parameters that the policy's mean action depends on, by name."""
        gru = {f"gru.{name}": getattr(self.policy.gru, f"{name}_l0") for name in _GRU}
        return gru | super().mean_parameters()

    def _readers(self) -> dict[str, str]:
        return super()._readers() | {"gru.weight_ih": "gru.bias_ih"}

    def collect_rollouts(
        self,
        env: VecEnv,
        callback: BaseCallback,
        rollout_buffer: RolloutBuffer,
        n_rollout_steps: int,
    ) -> bool:
        """Fly one rollout, and keep the memory that it began with; see `Imitation`."""
        before, self._starts = self._now.numpy(), []
        finished = super().collect_rollouts(env, callback, rollout_buffer, n_rollout_steps)
        if finished:
            course = _Course(np.stack(self._starts), before)
            self._courses = (*self._courses, course)[-len(self._lessons) :]
        return finished

    def _own_output(self, observation: np.ndarray) -> np.ndarray:
        starts = np.array(self._last_episode_starts)
        self._starts.append(starts)
        with torch.no_grad():
            seen, begun = torch.from_numpy(observation)[None], torch.from_numpy(starts)[None]
            remembered = unrolled(self.policy.gru, seen, self._now, begun)
            self._now = remembered[-1]
            mean = self._mean(torch.cat((seen, remembered), dim=2)[0])
        clipped: np.ndarray = mean.clamp(-1.0, 1.0).numpy()
        return clipped

    def _errors(self) -> Iterator[torch.Tensor]:
        """Yield errors of sequences, as many of each lesson, drawn with replacement."""
        steps, landers = self.n_steps, self.n_envs
        rows = max(1, self.settings.batch_size // steps // len(self._lessons))
        shape = (steps, landers, -1)
        kept = [
            (lesson.seen.reshape(shape), lesson.taught.reshape(shape), *course)
            for lesson, course in zip(self._lessons, self._courses, strict=True)
        ]
        for _ in range(self.settings.gradient_steps):
            drawn: list[list[np.ndarray]] = [[], [], [], []]
            for seen, taught, starts, before in kept:
                at = torch.randint(landers, (rows,)).numpy()
                picked = (seen[:, at], taught[:, at], starts[:, at], before[at])
                for parts, part in zip(drawn, picked, strict=True):
                    parts.append(part)
            *sequences, memory = drawn
            inputs, commands, begun = (
                torch.from_numpy(np.concatenate(parts, axis=1)) for parts in sequences
            )
            first = torch.from_numpy(np.concatenate(memory))
            remembered = unrolled(self.policy.gru, inputs, first, begun)
            yield command_error(self._mean(torch.cat((inputs, remembered), dim=2)), commands)

    def own_arrays(self) -> dict[str, np.ndarray]:
        """Return lessons and memories; see `Learner.own_arrays`."""
        arrays = super().own_arrays() | {_NOW: self._now.numpy()}
        for k, (starts, before) in enumerate(self._courses):
            arrays |= {f"{_STARTS}{k}": starts, f"{_BEFORE}{k}": before}
        return arrays

    def expected_arrays(self, observation: np.ndarray, steps: int) -> dict[str, np.ndarray]:
        """Return arrays like those after `steps`; see `Learner.expected_arrays`."""
        arrays = super().expected_arrays(observation, steps)
        memory = np.zeros((self.n_envs, self.policy.gru.hidden_size), np.float32)
        for k in range(self._count(steps)):
            arrays[f"{_STARTS}{k}"] = np.zeros((self.n_steps, self.n_envs), np.bool_)
            arrays[f"{_BEFORE}{k}"] = memory
        return arrays | {_NOW: memory}

    def restore_own(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Restore lessons and memories; see `Learner.restore_own`."""
        super().restore_own(arrays)
        starts, before = numbered(arrays, _STARTS), numbered(arrays, _BEFORE)
        self._courses = tuple(map(_Course, starts, before))
        self._now = torch.from_numpy(arrays[_NOW].copy())
