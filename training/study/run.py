"""One run of a study: training, one stage after the other, then the landings that measure it."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from lunar_env.errors import ConfigError
from lunar_env.files import write_file
from lunar_env.folders import folder_begun
from lunar_env.pilots import resolve
from training.config_file import config_to_toml, load_config
from training.curve import Curve
from training.evaluate import evaluate
from training.json_record import read_record, write_record
from training.provenance import provenance
from training.run_folder import RunFolder
from training.summary import summarise
from training.train import train

if TYPE_CHECKING:
    from pathlib import Path

    from lunar_env.pilots import Entry
    from training.config import TrainConfig
    from training.study.plan import Run, StudyTask

__all__ = ["Trained", "fly_pilot", "fly_run", "found", "joined"]

BENCH_SEED: Final = 0
_FORMAT, _PILOT_FORMAT = "lunar-env-study-run/1", "lunar-env-study-pilot/1"
_RECORD = "study.json"


class Trained(NamedTuple):
    """A stage that has been trained."""

    run: RunFolder
    steps: int
    trained_s: float  # by the clock of the run
    curve: Curve

    @property
    def score(self) -> tuple[float, float]:
        """Score of its policy on the episodes that selected it, as in `training.supervisor`."""
        return max(
            (point["landed_not_lost"], -(point["speed_p95_m_s"] or 1e9))
            for point in self.curve.choices
        )


def found(path: Path, run: Run, landings: int) -> dict[str, Any] | None:
    """Return the results of a run that is complete; None if it has yet to be flown.

    Parameters
    ----------
    path : Path
        Folder of the study.
    run : Run
        The run.
    landings : int
        Landings that measure it.

    Raises
    ------
    ConfigError
        If it was trained with another configuration or measured with other landings.
    """
    folder = path / run.folder
    if not (folder / _RECORD).is_file():
        return None
    record = _read(folder / _RECORD, _FORMAT)
    same = record["landings"] == landings and record["stages"] == len(run.configs)
    if not same or any(
        load_config(_asked(folder, number)) != config
        for number, config in enumerate(run.configs, 1)
    ):
        raise ConfigError(f"{folder}: was trained with other settings; move it away to repeat it")
    return record


def fly_run(path: Path, run: Run, landings: int) -> dict[str, Any]:
    """Train a run and measure its policy.

    Parameters
    ----------
    path : Path
        Folder of the study.
    run : Run
        The run.
    landings : int
        Number of landings, the first of the benchmark's.

    Returns
    -------
    dict
        What `found` returns for it from now on.

    Notes
    -----
    Of several stages the policy is flown that selects best, as within each.
    """
    with folder_begun(path / run.folder) as folder:
        began_s, cpu_s = time.monotonic(), time.process_time()
        stages: list[Trained] = []
        for number, config in enumerate(run.configs, 1):
            write_file(_asked(folder, number), config_to_toml(config))
            start = stages[-1].run.path if stages else None
            stages.append(_trained(config, folder / str(number), start))
        took = {"wall_s": time.monotonic() - began_s, "cpu_s": time.process_time() - cpu_s}
        best = max(range(len(stages)), key=lambda k: (stages[k].score, k))
        entry = resolve(str(stages[best].run.path), run.task.task)
        record = {
            "task": run.task.name,
            "variant": run.variant.name,
            "seed": run.seed,
            "stages": len(stages),
            "best_stage": best + 1,
            "steps": [stage.steps for stage in stages],
            "trained_s": sum(stage.trained_s for stage in stages),
            **took,
            **_measured(entry, landings),
            "curve": joined(stages),
            "commit": provenance()["commit"],
        }
        write_record(folder / _RECORD, _FORMAT, record)
    return _read(path / run.folder / _RECORD, _FORMAT)


def fly_pilot(path: Path, task: StudyTask, pilot: str, landings: int) -> dict[str, Any]:
    """Fly a pilot in the landings of a task, unless this has been done.

    Returns
    -------
    dict
        ``task``, ``pilot`` and its results.
    """
    file = path / "pilots" / task.name / f"{pilot}.json"
    if file.is_file():
        record = _read(file, _PILOT_FORMAT)
        if record["landings"] == landings:
            return record
    measured = _measured(resolve(pilot, task.task), landings)
    record = {"task": task.name, "pilot": pilot, **measured, "commit": provenance()["commit"]}
    file.parent.mkdir(parents=True, exist_ok=True)
    write_record(file, _PILOT_FORMAT, record, replace=True)
    return _read(file, _PILOT_FORMAT)


def _read(file: Path, known_format: str) -> dict[str, Any]:
    record = read_record(file, known_format)
    return {name: value for name, value in record.items() if name != "format"}


def _asked(folder: Path, number: int) -> Path:
    """Return the file with the configuration of a stage, without where it starts from."""
    return folder / f"{number}.toml"


def _trained(config: TrainConfig, out: Path, start: Path | None) -> Trained:
    if start is not None:
        config = replace(config, start=str(start))
    result = train(config, out)
    run = RunFolder(out)
    return Trained(run, result["steps"], result["seconds"], Curve(run.curve, result["steps"]))


def _measured(entry: Entry, landings: int) -> dict[str, Any]:
    flown = evaluate(
        entry.pilot, entry.task, landings, BENCH_SEED, label=entry.label, num_threads=1
    )
    group = summarise(flown)
    return {
        "landings": landings,
        "landed": group.success.successes,
        "not_lost": group.success_not_lost.trials,
        "landed_not_lost": group.success_not_lost.successes,
        "speed_p95_m_s": group.speed["p95"],
        "propellant_used_p50_kg": group.propellant_used_p50_kg,
    }


def joined(stages: list[Trained]) -> dict[str, list[float]]:
    """Return the share that the policy of the moment landed, over training time in all stages."""
    points: list[tuple[float, float]] = []
    before_s = 0.0
    for stage in stages:
        choices = zip(stage.curve.choice_seconds, stage.curve.choices, strict=True)
        points += [(before_s + seconds, choice["landed"]) for seconds, choice in choices]
        before_s += stage.trained_s
    return {
        "seconds": [round(seconds, 2) for seconds, _ in points],
        "landed": [landed for _, landed in points],
    }
