"""Imitation of a pilot on the states that the student itself meets (DAgger).

The student flies and the teacher says, for every observation on the way, what it would command. The
student's network is fitted to these commands. In the first rollout the teacher flies all landers;
its share then decreases geometrically, so that the states become those of the student. The
latest ones are kept.

The learner has the network, the environment and the checkpoints of PPO, so that a run folder, its
policy and everything that reads them are the same. Its value function is never used.

References
----------
Ross, Gordon and Bagnell, "A reduction of imitation learning and structured prediction to no-regret
online learning", AISTATS 2011.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import torch
from torch import nn

from lunar_env.errors import ConfigError
from training.ppo import ScheduledPPO

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stable_baselines3.common.buffers import RolloutBuffer
    from stable_baselines3.common.callbacks import BaseCallback
    from stable_baselines3.common.vec_env import VecEnv

    from agents.base import PilotState
    from training.config import ImitationConfig
    from training.teacher import Teachers
    from training.worlds_env import WorldsEnv

__all__ = ["TEACHER", "Imitation", "command_error", "numbered"]

_HUBER: Final = 0.1  # of the range [-1, 1] of a command; larger errors count linearly
_CONSTANT: Final = 1e-3  # standard deviation of an input that does not vary, over its scale
TEACHER: Final = "teacher."
"""Prefix of the arrays that a teacher remembers."""
_SEEN, _TAUGHT = "seen.", "taught."


class Lesson(NamedTuple):
    """One rollout: observations, and the teacher's commands; never changed."""

    seen: np.ndarray  # (n, obs_dim)
    taught: np.ndarray  # (n, actions), what the policy would have to say
    mean: np.ndarray  # (obs_dim,), of the observations ...
    square: np.ndarray  # ... and of their squares


def _lesson(seen: np.ndarray, taught: np.ndarray) -> Lesson:
    exact = seen.astype(np.float64)
    return Lesson(seen, taught, exact.mean(axis=0), np.square(exact).mean(axis=0))


class Imitation(ScheduledPPO):
    """A learner that fits its policy to a teacher's commands on its own states.

    `training.algorithms` makes one.
    """

    teachers: Teachers
    worlds: WorldsEnv
    settings: ImitationConfig
    _memory: PilotState | None = None
    _lessons: tuple[Lesson, ...] = ()

    def _setup_model(self) -> None:
        super()._setup_model()
        policy, parameters = self.policy, self.mean_parameters().values()
        policy.optimizer = torch.optim.Adam(
            parameters, lr=self.lr_schedule(1.0), **policy.optimizer_kwargs
        )

    @property
    def teacher_share(self) -> float:
        """Share of the landers that the teacher flies in the next rollout."""
        return float(self.settings.teacher_share ** (self.num_timesteps // self.rollout))

    def collect_rollouts(
        self,
        env: VecEnv,
        callback: BaseCallback,
        rollout_buffer: RolloutBuffer,  # noqa: ARG002 (the signature of Stable-Baselines3)
        n_rollout_steps: int,
    ) -> bool:
        """Fly one rollout and keep what was seen and taught; see `OnPolicyAlgorithm`."""
        self.policy.set_training_mode(False)
        callback.on_rollout_start()
        led = torch.rand(env.num_envs, 1).numpy() < self.teacher_share
        seen, taught = [], []
        for _ in range(n_rollout_steps):
            observation = self._last_obs
            assert isinstance(observation, np.ndarray)
            command, self._memory = self.teachers.commands(
                observation, self._memory, self._last_episode_starts
            )
            said = self.worlds.outputs(command)
            seen.append(observation.copy())
            taught.append(said)
            flown = np.where(led, said, self._own_output(observation))
            new, _, dones, infos = env.step(flown)
            self.num_timesteps += env.num_envs
            callback.update_locals({"dones": dones, "infos": infos})
            if not callback.on_step():
                return False
            self._update_info_buffer(infos, dones)
            assert isinstance(new, np.ndarray)
            self._last_obs, self._last_episode_starts = new, dones
        lesson = _lesson(np.concatenate(seen), np.concatenate(taught))
        self._lessons = (*self._lessons, lesson)[-self._count(self.num_timesteps) :]
        callback.on_rollout_end()
        return True

    def _own_output(self, observation: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            mean = self._mean(torch.from_numpy(observation))
        clipped: np.ndarray = mean.clamp(-1.0, 1.0).numpy()
        return clipped

    def _mean(self, observation: torch.Tensor) -> torch.Tensor:
        mean: torch.Tensor = self.policy.action_net(
            self.policy.mlp_extractor.forward_actor(observation)
        )
        return mean

    def train(self) -> None:
        """Fit the policy to the lessons kept."""
        self.policy.set_training_mode(True)
        self._update_learning_rate(self.policy.optimizer)
        parameters = list(self.mean_parameters().values())
        losses = []
        for error in self._errors():
            loss = nn.functional.huber_loss(error, torch.zeros_like(error), delta=_HUBER)
            self.policy.optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(parameters, self.max_grad_norm)
            self.policy.optimizer.step()
            losses.append(loss.item())
        self._fold_constants()
        self._n_updates += len(losses)
        self.logger.record("train/imitation_loss", float(np.mean(losses)))
        self.logger.record("train/teacher_share", self.teacher_share)

    def _fold_constants(self) -> None:
        """Move what inputs that do not vary contribute into the biases of their layers.

        Figures of the instruments are constant within a scenario. A student has learned nothing
        about other values, so that its commands must not change with them.
        """
        mean = np.mean([lesson.mean for lesson in self._lessons], axis=0)
        square = np.mean([lesson.square for lesson in self._lessons], axis=0)
        constant = np.sqrt(np.maximum(square - mean**2, 0.0)) < _CONSTANT
        weights, at = self.mean_parameters(), torch.from_numpy(np.flatnonzero(constant))
        values = torch.from_numpy(mean[constant].astype(np.float32))
        with torch.no_grad():
            for reader, bias in self._readers().items():
                weights[bias] += weights[reader][:, at] @ values
                weights[reader][:, at] = 0.0

    def _readers(self) -> dict[str, str]:
        """Return the weights that multiply inputs, and the biases of the same layers, by name."""
        first = "layer0" if self.policy.net_arch["pi"] else "output"  # type: ignore[call-overload]
        return {f"{first}.weight": f"{first}.bias"}

    def _errors(self) -> Iterator[torch.Tensor]:
        """Yield errors of batches with as many rows of each lesson, drawn with replacement."""
        steps = self.settings.gradient_steps
        rows = max(1, self.settings.batch_size // len(self._lessons))
        drawn = [torch.randint(self.rollout, (steps, rows)) for _ in self._lessons]
        seen = _picked([lesson.seen for lesson in self._lessons], drawn)
        taught = _picked([lesson.taught for lesson in self._lessons], drawn)
        for inputs, commands in zip(seen, taught, strict=True):
            yield command_error(self._mean(inputs), commands)

    def own_arrays(self) -> dict[str, np.ndarray]:
        """Return lessons and the teacher's memory; see `Learner.own_arrays`."""
        memory = {f"{TEACHER}{k}": array.copy() for k, array in enumerate(self._memory or ())}
        seen = {f"{_SEEN}{k}": lesson.seen for k, lesson in enumerate(self._lessons)}
        taught = {f"{_TAUGHT}{k}": lesson.taught for k, lesson in enumerate(self._lessons)}
        return memory | seen | taught

    def expected_arrays(self, observation: np.ndarray, steps: int) -> dict[str, np.ndarray]:
        """Return arrays like those after `steps`; see `Learner.expected_arrays`."""
        if steps % self.rollout or steps < self.rollout:
            raise ConfigError(f"{steps} steps must be a multiple of {self.rollout}, one rollout")
        command, memory = self.teachers.commands(observation, None, None)
        arrays = {f"{TEACHER}{k}": array for k, array in enumerate(memory or ())}
        for k in range(self._count(steps)):
            for name, like in ((_SEEN, observation), (_TAUGHT, command)):
                arrays[f"{name}{k}"] = np.empty((self.rollout, like.shape[1]), np.float32)
        return arrays

    def _count(self, steps: int) -> int:
        """Return the number of lessons that are kept after a number of environment steps."""
        return min(steps // self.rollout, max(1, self.settings.buffer // self.rollout))

    def restore_own(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Restore lessons and the teacher's memory; see `Learner.restore_own`."""
        memory, seen, taught = (numbered(arrays, name) for name in (TEACHER, _SEEN, _TAUGHT))
        # A pilot without memory has no array; one that has not flown yet is in no checkpoint.
        self._memory = memory or None
        self._lessons = tuple(map(_lesson, seen, taught))


def command_error(mean: torch.Tensor, taught: torch.Tensor) -> torch.Tensor:
    """Return how far outputs are from the teacher's commands, after the limits of a command.

    Parameters
    ----------
    mean, taught : Tensor
        Outputs of the network, which are flown clipped to [-1, 1], and the teacher's commands.

    Returns
    -------
    Tensor
        The difference; 0 where the command is at a limit and the output is beyond it.
    """
    error = mean - taught
    return torch.where((taught.abs() >= 1.0) & (error * taught > 0.0), 0.0, error)


def _picked(arrays: list[np.ndarray], rows: list[torch.Tensor]) -> torch.Tensor:
    """Return rows of several arrays, (batches, rows of a batch, columns)."""
    pairs = zip(arrays, rows, strict=True)
    return torch.cat([torch.from_numpy(array)[at] for array, at in pairs], dim=1)


def numbered(arrays: Mapping[str, np.ndarray], prefix: str) -> tuple[np.ndarray, ...]:
    """Return the arrays whose names are a prefix and a number, in order."""
    count = sum(name.startswith(prefix) for name in arrays)
    return tuple(arrays[f"{prefix}{k}"] for k in range(count))
