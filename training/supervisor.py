"""Supervision of a training run: selection of the best policy, checkpoints, progress.

Between two rollouts the state of learner and environment is complete, so that a run resumed there
gives the same weights as one without interruption. A copy of this state is kept in memory, so that
a run can be stopped at any time. Policies are evaluated and checkpoints written at steps that
depend on the configuration alone, hence at the same steps in interrupted and extended runs.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from stable_baselines3.common.callbacks import BaseCallback

from agents import save_policy
from training.checkpoint import Checkpoint, prune_checkpoints, save_checkpoint
from training.curve import Curve
from training.learner_state import model_arrays, policy_arrays
from training.policy_card import pilot_of, policy_card
from training.pooled import evaluate_worlds, scores_of
from training.progress import TrainingStatus
from training.seeds import Domain
from training.summary import summarise

if TYPE_CHECKING:
    from collections.abc import Mapping

    from training.config import TrainConfig
    from training.learner import Learner
    from training.progress import TrainingProgress
    from training.run_folder import RunFolder
    from training.worlds_env import WorldsEnv

__all__ = ["Best", "Supervisor"]


class Best(NamedTuple):
    """The best policy so far on the seeds of the tune domain."""

    score: tuple[float, float]  # success among those not lost; minus the 95 % touchdown speed
    steps: int
    scores: dict[str, Any]  # for the policy card
    arrays: dict[str, np.ndarray]


class _Choice(NamedTuple):
    """The best policy, and the steps of the latest evaluation."""

    best: Best | None
    steps: int


class _Snapshot(NamedTuple):
    """State of learner and environment between two rollouts."""

    steps: int
    spent_s: float
    arrays: dict[str, np.ndarray]


class Supervisor(BaseCallback):
    """Callback that supervises a training run.

    Parameters
    ----------
    run : RunFolder
        The run folder.
    config : TrainConfig
        Configuration of the run.
    env : WorldsEnv
        The environment.
    progress : TrainingProgress
        The progress display.
    record : mapping
        Command and commit, for the policy card.
    checkpoint : Checkpoint, optional
        The checkpoint that the run resumes from.
    """

    model: Learner

    def __init__(
        self,
        run: RunFolder,
        config: TrainConfig,
        env: WorldsEnv,
        progress: TrainingProgress,
        record: Mapping[str, Any],
        checkpoint: Checkpoint | None = None,
    ) -> None:
        super().__init__()
        self._run, self._config, self._env = run, config, env
        self._progress, self._record = progress, record
        self._choice = _Choice(None, 0) if checkpoint is None else _choice_of(checkpoint)
        self._snapshot: _Snapshot | None = None
        self._ended: list[
            tuple[float, float]
        ] = []  # return and success of episodes in this rollout
        self._curve = Curve(run.curve)
        self._out_of_time = False
        self._first_step = 0
        self._first_second = 0.0

    @property
    def curve(self) -> Curve:
        """The learning curve so far."""
        return self._curve

    @property
    def best(self) -> Best | None:
        """The best policy so far."""
        return self._choice.best

    def _on_training_start(self) -> None:
        self._first_step = self.model.num_timesteps
        self._first_second = self.model.clock.spent_s
        self._curve = Curve(self._run.curve, self._first_step)
        if self.best is not None:  # the policy files may be newer than the checkpoint
            self._write_policy(self.best)

    def _on_step(self) -> bool:
        for row in np.flatnonzero(self.locals["dones"]).tolist():
            info = self.locals["infos"][row]
            self._ended.append((info["episode"]["r"], float(info["is_success"])))
        return not self._out_of_time

    def _on_rollout_start(self) -> None:
        self._take_snapshot()
        steps = self.model.num_timesteps
        if self._due(steps, self._config.selection.every_steps) and steps != self._choice.steps:
            self._choose(steps)
        if self._due(steps, self._config.checkpoint_every_steps):
            self.save()
        self._out_of_time = self.model.clock.fraction >= 1.0

    def _on_rollout_end(self) -> None:
        steps, clock = self.model.num_timesteps, self.model.clock
        mean_return, landed = (
            (float(value) for value in np.mean(self._ended, axis=0))
            if self._ended
            else (None, None)
        )
        self._curve.add_rollout(
            clock.spent_s,
            steps=steps,
            episodes=len(self._ended),
            episode_return=mean_return,
            landed=landed,
        )
        self._ended.clear()
        best = self.best.score[0] if self.best else None
        self._progress.update(
            TrainingStatus(
                steps, clock.fraction, clock.left_s, self.steps_per_s, mean_return, landed, best
            )
        )

    def _on_training_end(self) -> None:
        if self._out_of_time and self._snapshot is not None:
            # The last environment step, after the time limit, belongs to no rollout.
            self.model.num_timesteps = self._snapshot.steps
        else:
            self._take_snapshot()
        if self.model.num_timesteps != self._choice.steps:
            self._choose(self.model.num_timesteps)
        self.save()

    def _due(self, steps: int, every: int) -> bool:
        """Return whether the last rollout passed a multiple of `every` steps."""
        rollout = self.model.rollout
        return steps > 0 and steps // every > (steps - rollout) // every

    def _take_snapshot(self) -> None:
        """Copy the state between two rollouts, with the worlds of the one that follows."""
        if self._env.enter(self.model.num_timesteps):
            self.model._last_obs = self._env.reset()
            self.model._last_episode_starts = np.ones(self._env.num_envs, dtype=np.bool_)
        env_arrays = {f"env.{name}": array for name, array in self._env.state_arrays().items()}
        arrays = model_arrays(self.model) | env_arrays
        self._snapshot = _Snapshot(self.model.num_timesteps, self.model.clock.spent_s, arrays)

    @property
    def steps_per_s(self) -> float:
        """Environment steps per second since the run was started or resumed."""
        seconds = self.model.clock.spent_s - self._first_second
        return (self.model.num_timesteps - self._first_step) / max(seconds, 1e-9)

    def _choose(self, steps: int) -> None:
        """Evaluate the policy on the seeds of the tune domain and keep it if it is the best."""
        config, seconds = self._config, self.model.clock.spent_s
        arrays = policy_arrays(self.model)
        card = policy_card(config, steps, {}, {})
        landings = evaluate_worlds(
            lambda world: pilot_of("candidate", card, arrays, world),
            config.task,
            config.selection.landings,
            config.seed,
            label="candidate",
            domain=Domain.TUNE,
        )
        group = summarise(landings)
        share, slow = group.success_not_lost.value, -group.speed["p95"]
        score = (0.0 if math.isnan(share) else share, -1e9 if math.isnan(slow) else slow)
        self.logger.record("tune/landed", group.success.value)
        self.logger.record("tune/landed_not_lost", score[0])
        self.logger.record("tune/speed_p95_m_s", group.speed["p95"])
        self.logger.dump(steps)  # an algorithm writes no log after the last evaluation
        self._curve.add_choice(
            seconds,
            steps=steps,
            landed=group.success.value,
            landed_not_lost=score[0],
            speed_p95_m_s=group.speed["p95"],
        )
        if self.best is not None and score <= self.best.score:
            self._choice = _Choice(self.best, steps)
            return
        best = Best(score, steps, {"tune": scores_of(landings, config.task)}, arrays)
        self._choice = _Choice(best, steps)
        self._write_policy(best)

    def _write_policy(self, best: Best) -> None:
        card = policy_card(self._config, best.steps, self._record, best.scores)
        save_policy(self._run.policy, best.arrays, card)

    def save(self) -> None:
        """Write a checkpoint of the state after the last rollout, if there was one."""
        if self._snapshot is None or self._snapshot.steps == 0:
            return
        self._curve.write()  # before the checkpoint, so that the curve covers it
        steps, spent_s, arrays = self._snapshot
        best, chosen_at = self._choice
        state: dict[str, Any] = {"best": None, "chosen_at": chosen_at, "spent_s": spent_s}
        if best is not None:
            state["best"] = {"score": best.score, "steps": best.steps, "scores": best.scores}
            arrays = arrays | {f"best.{name}": array for name, array in best.arrays.items()}
        every = self._config.checkpoint_every_steps
        save_checkpoint(self._run.checkpoints, Checkpoint(steps, arrays, state))
        keep = self._config.keep_checkpoints
        prune_checkpoints(self._run.checkpoints, keep, lambda at: self._due(at, every))


def _choice_of(checkpoint: Checkpoint) -> _Choice:
    best, chosen_at = checkpoint.state["best"], checkpoint.state["chosen_at"]
    if best is None:
        return _Choice(None, chosen_at)
    score, arrays = tuple(best["score"]), checkpoint.part("best.")
    return _Choice(Best(score, best["steps"], best["scores"], arrays), chosen_at)
