"""What happens around the learning: choosing the best policy, checkpoints, progress.

Everything that touches the run's files happens between two rollouts, where the state of the
learner is complete; a run that resumes from there continues as if nothing had happened.
"""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from stable_baselines3.common.callbacks import BaseCallback

from agents import save_policy
from training.checkpoint import Checkpoint, prune_checkpoints, save_checkpoint
from training.evaluate import evaluate
from training.policy_card import candidate, policy_card
from training.ppo import ScheduledPPO, model_arrays, policy_arrays
from training.seeds import Domain
from training.summary import headline, summarise
from training.task import Task

if TYPE_CHECKING:
    from collections.abc import Mapping

    from training.config import TrainConfig
    from training.progress import TrainingProgress
    from training.run_folder import RunFolder
    from training.sb3_vec_env import Sb3VecEnv

__all__ = ["Best", "Supervisor"]

RECENT_EPISODES = 2048


class Best(NamedTuple):
    """The best policy so far, on the tune domain."""

    score: tuple[float, float]  # share of recoverable landed; minus the 95 % touchdown speed
    steps: int


class Supervisor(BaseCallback):
    """Watches over a training run.

    Parameters
    ----------
    run : RunFolder
        Where its files are.
    config : TrainConfig
        Its configuration.
    env : Sb3VecEnv
        What it learns on.
    progress : TrainingProgress
        Where it shows itself.
    record : mapping
        Command and commit, for the policy's card.
    state : mapping, optional
        From the checkpoint that the run resumes from.
    """

    model: ScheduledPPO

    def __init__(
        self,
        run: RunFolder,
        config: TrainConfig,
        env: Sb3VecEnv,
        progress: TrainingProgress,
        record: Mapping[str, Any],
        state: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__()
        self._run, self._config, self._env = run, config, env
        self._progress, self._record = progress, record
        state = state or {}
        best = state.get("best")
        self.best = None if best is None else Best(tuple(best["score"]), best["steps"])
        self._chosen_at: int = state.get("chosen_at", 0)
        self._saved_at: int = state.get("saved_at", 0)
        self._recent: deque[bool] = deque(maxlen=RECENT_EPISODES)
        self._out_of_time = False
        self._first_step = 0
        self._first_second = 0.0

    def _on_training_start(self) -> None:
        self._first_step = self.model.num_timesteps
        self._first_second = self.model.clock.spent_s

    def _on_step(self) -> bool:
        for row in np.flatnonzero(self.locals["dones"]).tolist():
            self._recent.append(self.locals["infos"][row]["is_success"])
        return not self._out_of_time

    def _on_rollout_start(self) -> None:
        steps, selection = self.model.num_timesteps, self._config.selection
        if steps - self._chosen_at >= selection.every_steps:
            self._choose(steps)
        if steps - self._saved_at >= self._config.checkpoint_every_steps:
            self.save()
        self._out_of_time = self.model.clock.fraction >= 1.0

    def _on_rollout_end(self) -> None:
        success = float(np.mean(self._recent)) if self._recent else None
        best = self.best.score[0] if self.best else None
        self._progress.update(self.model.num_timesteps, success, self.steps_per_s, best)
        if success is not None:
            self.logger.record("rollout/landed", success)

    def _on_training_end(self) -> None:
        if self.model.num_timesteps > self._chosen_at:
            self._choose(self.model.num_timesteps)
        self.save()

    @property
    def steps_per_s(self) -> float:
        """Environment steps a second in this part of the run."""
        seconds = self.model.clock.spent_s - self._first_second
        return (self.model.num_timesteps - self._first_step) / max(seconds, 1e-9)

    def _choose(self, steps: int) -> None:
        """Fly the policy on the tune domain's seeds and keep it if it is the best."""
        config = self._config
        arrays = policy_arrays(self.model)
        task = Task.of(config.task)
        group = summarise(
            evaluate(
                candidate(config, arrays),
                task,
                config.selection.landings,
                config.seed,
                label="candidate",
                domain=Domain.TUNE,
                num_threads=config.task.num_threads,
            )
        )
        self._chosen_at = steps
        share, slow = group.success_recoverable.value, -group.speed["p95"]
        score = (0.0 if math.isnan(share) else share, -1e9 if math.isnan(slow) else slow)
        self.logger.record("tune/landed", group.success.value)
        self.logger.record("tune/landed_recoverable", score[0])
        self.logger.record("tune/speed_p95_m_s", group.speed["p95"])
        if self.best is None or score > self.best.score:
            self.best = Best(score, steps)
            scores = {"tune": headline(group) | {"landings": group.success.trials}}
            card = policy_card(config, steps, self._record, scores)
            save_policy(self._run.policy, arrays, card)

    def save(self) -> None:
        """Write a checkpoint of the run as it stands between two rollouts."""
        steps = self.model.num_timesteps
        self._saved_at = steps
        state = {
            "best": None if self.best is None else self.best._asdict(),
            "chosen_at": self._chosen_at,
            "saved_at": self._saved_at,
            "spent_s": self.model.clock.spent_s,
        }
        arrays = model_arrays(self.model) | {
            f"env.{name}": array for name, array in self._env.state_arrays().items()
        }
        save_checkpoint(self._run.checkpoints, Checkpoint(steps, arrays, state))
        prune_checkpoints(self._run.checkpoints, self._config.keep_checkpoints)
