"""A training run, from the configuration to the evaluated policy.

PPO learns on the vector environment, or a student imitates a teacher on it. At intervals the policy
is evaluated on the seeds of the tune domain and the best one is kept. At the end this policy is
evaluated on the seeds of the bench domain, which gives the reported results. An interrupted run
resumes from its latest intact checkpoint, or restarts if it has none, and ends with the same
weights as without interruption. A complete run can be extended.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stable_baselines3.common.logger import configure

from agents import LearnedPilot, save_policy
from agents.learned import read_policy
from agents.tensors import read_tensors
from lunar_env.adapters.sb3 import Sb3VecEnv
from lunar_env.errors import LunarEnvError
from lunar_env.task import Task
from training.checkpoint import latest_intact
from training.evaluate import digests, evaluate
from training.imitation import build_learner
from training.policy_card import policy_card
from training.ppo import Clock, load_policy_arrays, restore_model
from training.progress import TrainingProgress, say
from training.report import write_run_report
from training.results import write_results
from training.resuming import check_fits
from training.run_folder import RunFolder, planned_end
from training.seeds import Domain, episode_seeds
from training.start import find_start
from training.summary import Group, statistics, summarise
from training.supervisor import Supervisor
from training.teacher import find_teacher
from training.vector_env import training_env

if TYPE_CHECKING:
    from pathlib import Path

    from training.config import TrainConfig
    from training.curve import Curve

__all__ = ["TrainResult", "resume", "train"]

TrainResult = dict[str, Any]


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
    settings = Task.of(config.task).settings()  # checks the task before anything is written
    if settings.scenario.test_only:
        raise LunarEnvError(
            f"scenario = {settings.scenario.name!r} is for tests only: a policy trained on it would"
            " be tested on its training scenario"
        )
    start = None if config.start is None else find_start(config.start, config)
    if config.teacher is not None:
        find_teacher(config.teacher, config.task)  # the same
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
    group = _report(run, config, record, supervisor.curve)
    result = {
        "run": str(run.path),
        "policy": str(run.policy),
        "report": str(run.report),
        "steps": model.num_timesteps,
        **planned_end(config),
        "best_steps": supervisor.best.steps if supervisor.best else 0,
        "seconds": seconds,
        "steps_per_s": speed,
        "mission": group.mission,
        "scenario": group.scenario,
        "landings": group.success.trials,
        **statistics(group),
    }
    run.write_summary(result)
    return result


def _learn(
    run: RunFolder, config: TrainConfig, record: dict[str, Any], resumed: bool
) -> Supervisor:
    seeds = episode_seeds(config.seed, Domain.TRAIN, config.task.num_envs)
    env = Sb3VecEnv(training_env(config.task), seeds)
    model = build_learner(config, env)
    checkpoint = None
    if resumed:
        checkpoint = latest_intact(
            run.checkpoints, lambda checkpoint: check_fits(checkpoint, env, model)
        )
    limit_s = None if config.max_minutes is None else 60 * config.max_minutes
    model.clock = Clock(limit_s, checkpoint.state["spent_s"] if checkpoint else 0.0)
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


def _report(run: RunFolder, config: TrainConfig, record: dict[str, Any], curve: Curve) -> Group:
    """Evaluate the best policy on the bench seeds; write results, report and policy card."""
    weights = run.policy.with_suffix(".safetensors")
    selection, task = config.selection, Task.of(config.task)
    card, tensors = read_policy(weights)
    pilot = LearnedPilot(run.path.name, card, tensors, task.settings().frame_fields)
    landings = evaluate(
        pilot,
        task,
        selection.report_landings,
        selection.report_seed,
        label=run.path.name,
        num_threads=config.task.num_threads,
    )
    metadata = {**digests([task]), "seed": selection.report_seed}
    write_results(run.landings, landings, metadata)
    write_run_report(run.report, landings, {**metadata, **record}, curve)
    group = summarise(landings)
    bench = statistics(group) | {"landings": group.success.trials, "seed": selection.report_seed}
    scores = {**card.scores, "bench": bench}
    steps = card.training["steps"]
    save_policy(weights, tensors, policy_card(config, steps, record, scores))
    return group
