"""What a study asks for: variants of training, tasks, seeds and the time that each run has.

A variant trains in one stage or in several, each of which starts from the policy of the one before
and has a share of the time. This is CPU time, which other work on the computer does not shorten. A
stage is a table of keys of `training.config.TrainConfig`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, Final, NamedTuple

from pydantic import Field

from lunar_env.errors import ConfigError
from lunar_env.pilots import resolve
from lunar_env.reading import read_toml
from lunar_env.specs.base import merge
from lunar_env.specs.problems import checked
from lunar_env.specs.quantity import Name
from lunar_env.task import Task
from training.config import STRICT, TrainConfig

__all__ = ["STUDY", "Run", "Stage", "StudySpec", "StudyTask", "Variant", "load_study"]

STUDY: Final = Path(__file__).parent.parent / "study.toml"
"""The study of this package."""

_ENDLESS: Final = 10**12  # environment steps: time alone ends a run
_SET_HERE: Final = ("seed", "start", "max_minutes", "clock", "total_steps", "torch_threads")
_Share = Annotated[float, Field(gt=0.0, le=1.0)]
_Count = Annotated[int, Field(ge=1, le=1_000_000)]


@dataclass(frozen=True)
class StudyTask:
    """One task, and the number of seeds with which each variant is trained on it."""

    __pydantic_config__ = STRICT

    name: Name
    mission: str
    scenario: str
    phase: str
    control: str
    seeds: _Count

    @property
    def task(self) -> Task:
        """The arguments of the environment."""
        return Task(self.mission, self.scenario, control=self.control, phase=self.phase)

    def keys(self) -> dict[str, str]:
        """Return the keys of `training.config.TaskConfig` that choose it."""
        names = ("mission", "scenario", "phase", "control")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True)
class Stage:
    """A part of a run."""

    __pydantic_config__ = STRICT

    share: _Share = 1.0
    """Share of the time of the run."""
    config: dict[str, Any] = field(default_factory=dict)
    """Keys of `training.config.TrainConfig` that differ from those of the study."""


@dataclass(frozen=True)
class Variant:
    """A way to train a policy."""

    __pydantic_config__ = STRICT

    name: Name
    inputs: str
    """What the network sees, in a word or two."""
    learning: str
    """What it learns from."""
    stages: Annotated[tuple[Stage, ...], Field(min_length=1, max_length=8)]

    def __post_init__(self) -> None:
        """Check the shares of the stages."""
        total = sum(stage.share for stage in self.stages)
        if abs(total - 1.0) > 1e-9:
            raise ConfigError(f"the shares of its stages add up to {total:g}, not to 1")


@dataclass(frozen=True)
class StudySpec:
    """A study, as its file has it."""

    __pydantic_config__ = STRICT

    title: str
    minutes: Annotated[float, Field(gt=0.0, le=1e4)]
    """CPU time of training in each run [min], with one thread, evaluations that select the policy
    included."""
    landings: _Count
    """Landings with which the policy of each run is measured, on the episodes of the benchmark."""
    tasks: Annotated[tuple[StudyTask, ...], Field(min_length=1, max_length=100)]
    variants: Annotated[tuple[Variant, ...], Field(min_length=1, max_length=100)]
    pilots: tuple[str, ...] = ()
    """Pilots that are flown in the same landings for comparison, without training."""
    contrasts: tuple[tuple[str, str], ...] = ()
    """Pairs of variants whose difference is reported, the first less the second."""
    config: dict[str, Any] = field(default_factory=dict)
    """Keys of `training.config.TrainConfig` that all variants share."""

    def __post_init__(self) -> None:
        """Check that names are unique and known."""
        for kind, names in (
            ("tasks", [task.name for task in self.tasks]),
            ("variants", [variant.name for variant in self.variants]),
        ):
            for name in names:
                if names.count(name) > 1:
                    raise ConfigError(f"{kind}: {name!r} appears more than once")
        known = [variant.name for variant in self.variants]
        for pair in self.contrasts:
            for name in pair:
                if name not in known:
                    raise ConfigError(f"contrasts: there is no variant {name!r}")

    def runs(self) -> list[Run]:
        """Return all runs, in the order in which they are trained.

        All variants have one seed on each task before any has the next. An interrupted study thus
        compares as many runs of each.

        Raises
        ------
        ConfigError
            If a task cannot be flown or the configuration of a variant is wrong; names it.
        """
        for pilot in self.pilots:
            for task in self.tasks:
                resolve(pilot, task.task)
        rounds = range(max(task.seeds for task in self.tasks))
        return [
            Run(task, variant, seed, self._configs(task, variant, seed))
            for seed in rounds
            for task in self.tasks
            for variant in self.variants
            if seed < task.seeds
        ]

    def _configs(self, task: StudyTask, variant: Variant, seed: int) -> tuple[TrainConfig, ...]:
        task.task.settings()
        fixed = {
            "task": {**task.keys(), "num_threads": 1},
            "seed": seed,
            "torch_threads": 1,
            "clock": "cpu",
        }
        configs = []
        for number, stage in enumerate(variant.stages, 1):
            where = f"variant {variant.name}, stage {number}"
            for key in _SET_HERE:
                if key in stage.config or key in self.config:
                    raise ConfigError(f"{where}: {key} is set by the study")
            table = merge(merge(self.config, stage.config), fixed)
            config = checked(TrainConfig, table, where)
            minutes = self.minutes * stage.share
            configs.append(replace(config, max_minutes=minutes, total_steps=_ENDLESS))
        return tuple(configs)


class Run(NamedTuple):
    """One training run: a variant on a task with a seed."""

    task: StudyTask
    variant: Variant
    seed: int
    configs: tuple[TrainConfig, ...]  # of its stages; each starts from the policy before

    @property
    def folder(self) -> Path:
        """Its folder in that of the study."""
        return Path("runs") / self.task.name / self.variant.name / str(self.seed)


def load_study(path: Path | None = None) -> StudySpec:
    """Read a study.

    Parameters
    ----------
    path : Path, optional
        A TOML file; the study of this package if not given.

    Raises
    ------
    ConfigError
        If the file cannot be read, or has an unknown key or an invalid value.
    """
    path = STUDY if path is None else path
    return checked(StudySpec, read_toml(path), str(path))
