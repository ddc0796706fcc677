"""A training run, from the configuration to the evaluated policy.

PPO, SAC or TQC learns on the landers of all worlds of the run, or a student imitates a teacher
there. At intervals the policy is evaluated on the seeds of the tune domain and the best one is
kept. At the end this policy is evaluated on the seeds of the bench domain, which gives the reported
results. An interrupted run resumes from its latest intact checkpoint, or restarts if it has none,
and ends with the same weights as without interruption. A complete run can be extended.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from stable_baselines3.common.logger import configure

from agents import save_policy
from agents.learned import read_policy
from agents.tensors import read_tensors
from lunar_env.errors import ConfigError
from lunar_env.pilots import USUAL, Entry, resolve
from training.algorithms import build_learner
from training.blind.study import FEWEST, study
from training.checkpoint import latest_intact
from training.evaluate import digests
from training.learner import Clock
from training.learner_state import load_policy_arrays, restore_model
from training.policy_card import pilot_of, policy_card
from training.pooled import evaluate_worlds, scores_of
from training.progress import TrainingProgress, say
from training.report import write_run_report
from training.results import write_results
from training.resuming import check_fits
from training.run_folder import RunFolder, planned_end
from training.seeds import Domain
from training.start import find_start
from training.summary import missions_of, scenarios_of
from training.supervisor import Supervisor
from training.teacher import find_teachers
from training.worlds import check_worlds, judged
from training.worlds_env import WorldsEnv

if TYPE_CHECKING:
    from pathlib import Path

    from agents.base import Pilot
    from lunar_env.task import Task
    from training.blind.study import Blind
    from training.checkpoint import Checkpoint
    from training.config import TrainConfig
    from training.curve import Curve
    from training.results import Landings

__all__ = ["TrainResult", "resume", "train"]

TrainResult = dict[str, Any]

_BLIND_LANDINGS: Final = 100


def train(config: TrainConfig, out: Path) -> TrainResult:
    """Train a policy in a new run folder.

    Parameters
    ----------
    config : TrainConfig
        The configuration.
    out : Path
        The run folder; must be new or empty.

    Returns
    -------
    dict
        ``run``, ``policy``, ``steps``, ``best_steps``, ``seconds``, ``steps_per_s`` and the results
        of the best policy on the bench domain.

    Raises
    ------
    LunarEnvError
        If `out` exists, an argument of the environment is wrong, or the policy to start from or
        the teacher does not fit.
    """
    check_worlds(config.task, config.policy)  # before anything is written
    start = None if config.start is None else find_start(config.start, config)
    if config.teacher is not None:
        find_teachers(config.teacher, config.task)  # the same
    run = RunFolder.create(out, config, start)
    say(f"run folder: {out}")
    return _run(run, config)


def resume(
    folder: Path, total_steps: int | None = None, max_minutes: float | None = None
) -> TrainResult:
    """Continue a run that was interrupted, or extend one.

    Parameters
    ----------
    folder : Path
        The run folder.
    total_steps : int, optional
        New number of steps of the whole run, to extend it.
    max_minutes : float, optional
        New time limit of the whole run [min], to extend it.

    Returns
    -------
    dict
        As `train`.

    Raises
    ------
    LunarEnvError
        If there is no such run, it is complete, it has no usable checkpoint, or a new total is
        below the old one.

    Notes
    -----
    Schedules follow the steps of the whole run. With a constant learning rate an extended run ends
    with the weights of a run that had the new total from the start. A decreasing rate continues at
    the value of the longer schedule, which is higher than at the end of the shorter one.
    """
    run, config = RunFolder.reopen(folder, total_steps, max_minutes)
    return _run(run, config, resumed=True)


def _run(run: RunFolder, config: TrainConfig, *, resumed: bool = False) -> TrainResult:
    record = run.read_record()
    supervisor = _learn(run, config, record, resumed)
    clock, model = supervisor.model.clock, supervisor.model
    speed, seconds = supervisor.steps_per_s, clock.spent_s
    say(f"evaluating the best policy on {config.selection.report_landings} benchmark landings")
    landings, scores = _report(run, config, record, supervisor.curve, seconds)
    result = {
        "run": str(run.path),
        "policy": str(run.policy),
        "report": str(run.report),
        "steps": model.num_timesteps,
        **planned_end(config),
        "best_steps": supervisor.best.steps if supervisor.best else 0,
        "seconds": seconds,
        "steps_per_s": speed,
        "mission": ", ".join(missions_of(landings)),
        "scenario": ", ".join(scenarios_of(landings)),
        **scores,
    }
    run.write_summary(result)
    return result


def _learn(
    run: RunFolder, config: TrainConfig, record: dict[str, Any], resumed: bool
) -> Supervisor:
    env = WorldsEnv(config.task, config.seed, config.policy)
    model = build_learner(config, env)
    checkpoint = None
    if resumed:

        def check(found: Checkpoint) -> None:
            env.enter(found.steps)
            check_fits(found, env, model)

        checkpoint = latest_intact(run.checkpoints, check)
    limit_s = None if config.max_minutes is None else 60 * config.max_minutes
    spent_s = checkpoint.state["spent_s"] if checkpoint else 0.0
    model.clock = Clock(limit_s, spent_s, config.clock)
    model.set_logger(configure(str(run.tensorboard), ["tensorboard"]))
    if checkpoint is not None:
        say(f"resuming {run.path} at {checkpoint.steps:,} of {config.total_steps:,} steps")
        env.load_state_arrays(checkpoint.part("env."))
        restore_model(model, checkpoint.arrays, checkpoint.steps)
    elif run.start.is_file():
        load_policy_arrays(model, read_tensors(run.start))
    with TrainingProgress(config.total_steps) as progress:
        supervisor = Supervisor(run, config, env, progress, record, checkpoint)
        try:
            model.learn(
                max(0, config.total_steps - model.num_timesteps),
                callback=supervisor,
                reset_num_timesteps=checkpoint is None,
            )
        except KeyboardInterrupt:
            supervisor.save()
            raise
        finally:
            model.logger.close()
            env.close()
    return supervisor


def _report(
    run: RunFolder, config: TrainConfig, record: dict[str, Any], curve: Curve, seconds: float
) -> tuple[Landings, dict[str, Any]]:
    """Evaluate the best policy on the bench seeds; write results, report and policy card."""
    weights = run.policy.with_suffix(".safetensors")
    selection = config.selection
    card, tensors = read_policy(weights)
    landings = evaluate_worlds(
        lambda world: pilot_of(run.path.name, card, tensors, world),
        config.task,
        selection.report_landings,
        selection.report_seed,
        label=run.path.name,
        domain=Domain.BENCH,
    )
    tasks = [world.task for world in judged(config.task)]
    metadata = {**digests(tasks), "seed": selection.report_seed}
    write_results(run.landings, landings, metadata)
    first = judged(config.task)[0]
    blind = _blind(config, pilot_of(run.path.name, card, tensors, first), first.task)
    write_run_report(run.report, landings, {**metadata, **record}, curve, blind)
    scores = scores_of(landings, config.task)
    known = {**card.scores, "bench": scores | {"seed": selection.report_seed}}
    steps = card.training["steps"]
    over = record | {"seconds": round(seconds)}
    save_policy(weights, tensors, policy_card(config, steps, over, known))
    return landings, scores


def _blind(config: TrainConfig, pilot: Pilot, task: Task) -> list[Blind]:
    """Return what the policy does without ranges, and its teacher or the usual pilot."""
    landings = min(config.selection.report_landings, _BLIND_LANDINGS)
    if landings < FEWEST:
        return []
    say(f"flying it blind, {landings} episodes in each experiment")
    entries = [Entry(pilot.name, pilot, task)]
    with suppress(ConfigError):  # no classical pilot flies actuators: the policy is shown alone
        entries.append(resolve(config.teacher or USUAL, task))
    seed, threads = config.selection.report_seed, config.task.num_threads
    return study(entries, landings, seed, threads=threads)
