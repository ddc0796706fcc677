"""The demonstration: train a throttle policy by imitation and one by PPO, compare, report."""

from __future__ import annotations

import dataclasses
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lunar_env.errors import ConfigError
from lunar_env.files import output
from lunar_env.flyer import Flyer
from lunar_env.folders import new_folder
from lunar_env.pilots import resolve
from lunar_env.rendering import Renderer
from lunar_env.rendering.film import check_film, write_film
from lunar_env.task import Task
from training.config import SelectionConfig, TaskConfig, TrainConfig
from training.config_file import load_preset
from training.curve import Curve
from training.evaluate import digests, evaluate
from training.progress import EvaluationProgress, say
from training.provenance import provenance
from training.report import write_report
from training.results import Landings, join, write_results
from training.run_folder import RunFolder
from training.summary import select
from training.train import resume, train

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from lunar_env.pilots import Entry
    from training.train import TrainResult

    Frame = NDArray[np.uint8]

__all__ = ["CLASSICAL", "PPO", "SCENARIOS", "STUDENT", "DemoConfig", "demo", "demo_config", "tile"]

CLASSICAL = (
    "hoverslam+kalman",
    "velocity-profile+kalman",
    "hoverslam+naive",
    "velocity-profile+naive",
    "hoverslam-trusting+kalman",
)
SCENARIOS = ("ideal", "latency", "late-acquisition")
# The trainings by the names of their folders, which are those of the policies in the results.
STUDENT, PPO = "student", "ppo"
PRESETS = ("demo", "demo-ppo")
TRACES = 40
QUICK_ENVS = 32
FILM_COLUMNS = 3
FILM_WIDTH = 1680
FILM_HOLD_S = 2.0
# A frame per control period of 0.2 s: four times real time.
FILM_FPS = 20.0


class DemoConfig(NamedTuple):
    """Configurations of the trainings."""

    student: TrainConfig  # imitates a classical pilot
    ppo: TrainConfig  # learns from rewards alone


def demo_config(
    seed: int, steps: int | None, minutes: float | None, *, quick: bool = False
) -> DemoConfig:
    """Return the training configurations of a demonstration.

    Parameters
    ----------
    seed : int
        Seed of both trainings.
    steps : int or None
        Environment steps of each; None for the preset's.
    minutes : float or None
        Time limit of each [min]; None for the preset's.
    quick : bool, optional
        Make everything very small, to check that it works.

    Returns
    -------
    DemoConfig
        The presets ``demo`` and ``demo-ppo`` with these changes.
    """
    return DemoConfig(
        *(_changed(load_preset(name), seed, steps, minutes, quick) for name in PRESETS)
    )


def _changed(
    config: TrainConfig, seed: int, steps: int | None, minutes: float | None, quick: bool
) -> TrainConfig:
    config = dataclasses.replace(config, seed=seed)
    if quick:
        ppo = dataclasses.replace(config.ppo, n_steps=32, batch_size=256, n_epochs=2)
        config = dataclasses.replace(
            config,
            total_steps=4096,
            task=dataclasses.replace(config.task, num_envs=QUICK_ENVS),
            ppo=ppo,
            selection=SelectionConfig(every_steps=2048, landings=16, report_landings=16),
        )
    if steps is not None:
        config = dataclasses.replace(config, total_steps=steps)
    if minutes is not None:
        config = dataclasses.replace(config, max_minutes=minutes)
    return config


def demo(
    config: DemoConfig, landings: int, folder: Path, *, resumed: bool = False
) -> tuple[Landings, dict[str, Curve], dict[str, Any]]:
    """Train two policies, evaluate them with classical pilots and write a report.

    Parameters
    ----------
    config : DemoConfig
        Configurations of the trainings.
    landings : int
        Landings of each pilot in each scenario.
    folder : Path
        The report folder; must be new or empty unless `resumed`.
    resumed : bool, optional
        Continue in a folder that was started with the same configurations: the trainings resume,
        and the rest, which takes a minute, is repeated.

    Returns
    -------
    landings : dict of ndarray
        Columns of the results of all pilots.
    curves : dict of Curve
        Learning curves of the two policies.
    summary : dict
        Content of ``summary.json``.

    Raises
    ------
    ConfigError
        If a run in the folder was started with another configuration.
    """
    film = folder / "landing.mp4"
    check_film(film)
    if not (resumed and RunFolder(folder / STUDENT).config.is_file()):
        new_folder(folder)
    task = config.student.task
    where = f"{task.mission}, {task.scenario}"
    say(f"[bold]1/4[/] training a student of {config.student.teacher}: {where}")
    say("      (the first start on a machine compiles the physics, which takes up to a minute)")
    curves = {STUDENT: _curve(config.student, folder / STUDENT)}
    say(f"[bold]2/4[/] training with PPO on rewards alone{_limit(config.ppo)}")
    curves[PPO] = _curve(config.ppo, folder / PPO)
    entries = _entries(folder, task.mission)
    say(
        f"[bold]3/4[/] flying {len(entries)} pilots on the same {landings:,} landings in each of "
        f"{', '.join(SCENARIOS)}"
    )
    table = _evaluate_all(task, entries, landings, config.student.seed)
    tasks = [Task(task.mission, scenario) for scenario in SCENARIOS]
    metadata = {**provenance(), **digests(tasks), "seed": config.student.seed}
    write_results(folder / "results.parquet", table, metadata)
    say("[bold]4/4[/] filming one landing and writing the report")
    _film(film, [entry for entry in entries if entry.label != PPO], table)
    return table, curves, write_report(folder, table, metadata, film, curves)


def _curve(config: TrainConfig, path: Path) -> Curve:
    """Train in a folder, say how it went, and return the learning curve."""
    result = train_or_resume(config, path)
    share = 100 * result["success_not_lost"]
    say(f"      done in {result['seconds']:.0f} s: lands {share:.1f} % of those not lost")
    return Curve(RunFolder(path).curve, result["steps"])


def train_or_resume(config: TrainConfig, path: Path) -> TrainResult:
    """Train, or resume the run in the folder; a complete run is not repeated.

    Raises
    ------
    ConfigError
        If the run was started with another configuration.
    """
    run = RunFolder(path)
    if not run.config.is_file():
        return train(config, path)
    if run.read_config() != config:
        raise ConfigError(f"{path} was started with other options; --resume needs the same ones")
    return run.read_summary() if run.is_complete(config) else resume(path)


def _limit(config: TrainConfig) -> str:
    return "" if config.max_minutes is None else f", at most {60 * config.max_minutes:.0f} s"


def _entries(folder: Path, mission: str) -> list[Entry]:
    task = Task(mission, SCENARIOS[-1])
    learned = [resolve(str(folder / name), task) for name in (STUDENT, PPO)]
    return [*learned, *(resolve(name, task) for name in CLASSICAL)]


def _evaluate_all(task: TaskConfig, entries: list[Entry], landings: int, seed: int) -> Landings:
    parts = []
    with EvaluationProgress(len(SCENARIOS) * len(entries) * landings) as progress:
        for scenario in SCENARIOS:
            for entry in entries:
                part = evaluate(
                    entry.pilot,
                    entry.task._replace(scenario=scenario),
                    landings,
                    seed,
                    label=entry.label,
                    num_threads=task.num_threads,
                    traces=TRACES,
                )
                parts.append(part)
                progress.update(len(parts) * landings, f"{entry.label} in {scenario}")
    return join(parts)


def _film(path: Path, entries: list[Entry], table: Landings) -> None:
    """Film the episode that the student lands and most other pilots do not."""
    scenario = SCENARIOS[-1]
    learned = select(table, STUDENT, scenario)
    others = sum(select(table, entry.label, scenario)["landed"] * 1.0 for entry in entries[1:])
    preference = 10.0 * (learned["landed"] & ~learned["lost"]) - others
    key = int(learned["episode_key"][int(preference.argmax())])
    films = [_frames(entry, key) for entry in entries]
    hold = round(FILM_HOLD_S * FILM_FPS)
    with output(path, replace=True) as file:
        write_film(file, tile(films, FILM_COLUMNS, hold), FILM_FPS, width=FILM_WIDTH)


def _frames(entry: Entry, episode_key: int) -> Iterator[Frame]:
    """Fly an episode and yield a frame per control period."""
    flyer, renderer = Flyer(entry), Renderer()
    for _ in flyer.instants(None, episode_key):
        yield renderer.rgb_array(flyer.env.snapshot())


def tile(films: Sequence[Iterable[Frame]], columns: int, hold: int) -> Iterator[Frame]:
    """Play several films side by side; shorter ones repeat their last frame.

    Parameters
    ----------
    films : sequence of iterable of ndarray
        Frames of equal shape (height, width, 3), uint8.
    columns : int
        Number of films in a row.
    hold : int
        Number of times that the last frame is repeated.

    Yields
    ------
    ndarray of uint8, shape (height * rows, width * columns, 3)
        The combined frame.
    """
    last: list[Frame | None] = [None] * len(films)
    combined: Frame | None = None
    for frames in zip_longest(*films):
        last = [old if new is None else new for old, new in zip(last, frames, strict=True)]
        combined = _grid([frame for frame in last if frame is not None], columns)
        yield combined
    if combined is not None:
        yield from [combined] * hold


def _grid(frames: list[Frame], columns: int) -> Frame:
    blank = np.zeros_like(frames[0])
    padded = frames + [blank] * (-len(frames) % columns)
    rows = [padded[i : i + columns] for i in range(0, len(padded), columns)]
    return np.concatenate([np.concatenate(row, axis=1) for row in rows], axis=0)
