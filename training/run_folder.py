"""The folder of a training run, with everything that is needed to repeat it.

- ``config.toml``: the resolved configuration;
- ``run.json``: command, commit, versions, seed, digests of mission and scenario, extensions;
- ``start.safetensors``: the initial weights, if they are those of another policy;
- ``checkpoints/``: the latest checkpoints, for ``train --resume``;
- ``tensorboard/``: logs for TensorBoard;
- ``policy.safetensors`` and ``policy.json``: the best policy so far, and its card;
- ``curve.json``: the learning curve;
- ``landings.parquet``: results of the final evaluation, one row per landing;
- ``report.html``: the report of both;
- ``summary.json``: statistics of the final evaluation; written last, when the run is complete.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel

from agents.tensors import tensor_bytes
from lunar_env import load_mission
from lunar_env.errors import ConfigError
from lunar_env.files import write_file
from lunar_env.folders import folder_begun
from lunar_env.reading import is_file
from lunar_env.specs import load_scenario
from lunar_env.specs.problems import checked
from training.config_file import config_to_toml, load_config
from training.json_record import read_record, write_record
from training.provenance import provenance
from training.worlds import worlds_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from training.config import TrainConfig
    from training.start import Start

__all__ = ["TIME_FIELDS", "RunFolder", "planned_end"]

TIME_FIELDS: Final = ("seconds", "steps_per_s", "spent_s", "choice_seconds")
"""Entries of a run's files that depend on its speed; all others are reproducible."""


FORMAT = "lunar-env-run/1"
SUMMARY_FORMAT = "lunar-env-run-summary/2"


class _Identity(BaseModel):
    name: str
    digest: str


class _World(BaseModel):
    mission: _Identity
    scenario: _Identity


class _Record(_World):
    """The entries of ``run.json`` that are read."""

    worlds: list[_World] = []
    command: str
    commit: str | None
    extended: list[dict[str, Any]] = []


@dataclass(frozen=True)
class RunFolder:
    """Paths in the folder of a run.

    Parameters
    ----------
    path : Path
        The folder.
    """

    path: Path

    @classmethod
    def create(cls, path: Path, config: TrainConfig, start: Start | None = None) -> RunFolder:
        """Create the folder of a new run, with a record of how it was started.

        Parameters
        ----------
        path : Path
            A path that does not exist, or an empty folder.
        config : TrainConfig
            The complete configuration.
        start : Start, optional
            The policy that provides the initial weights.

        Returns
        -------
        RunFolder
            The new folder.

        Raises
        ------
        OutputExistsError
            If the path exists and is not an empty folder.
        """
        first, *others = identities = _identities(config)
        record = provenance() | {"seed": config.seed, **first}
        if others:
            record["worlds"] = identities
        with folder_begun(path) as partial_folder:
            folder = cls(partial_folder)
            if start is not None:
                write_file(folder.start, tensor_bytes(start.arrays))
                record["start"] = start.record
            write_file(folder.config, config_to_toml(config))
            write_record(folder.record, FORMAT, record)
        return cls(path)

    @classmethod
    def reopen(
        cls, path: Path, total_steps: int | None = None, max_minutes: float | None = None
    ) -> tuple[RunFolder, TrainConfig]:
        """Open the folder of a run that is resumed or extended.

        Parameters
        ----------
        path : Path
            The folder.
        total_steps, max_minutes : optional
            New totals of the run, if it is extended.

        Returns
        -------
        RunFolder
            The folder; its configuration is updated if the run is extended.
        TrainConfig
            The configuration of the run.

        Raises
        ------
        ConfigError
            If the folder has no run, the run is complete, its mission or scenario has changed, or a
            new total is below the old one.
        """
        folder = cls(path)
        before = folder.read_config()
        config = _extended(before, total_steps, max_minutes)
        record = folder.read_record()
        folder._check_digests(config, record)
        if folder.is_complete(config):
            raise ConfigError(
                f"{path}: the run is complete; to extend it, give --total-steps above"
                f" {config.total_steps}"
            )
        if config != before:
            # An equal entry is from a process that was killed before it wrote the configuration.
            known = [
                e
                for e in record.get("extended", [])
                if not planned_end(config).items() <= e.items()
            ]
            record["extended"] = [*known, provenance() | planned_end(config)]
            write_record(folder.record, FORMAT, record, replace=True)
            write_file(folder.config, config_to_toml(config), replace=True)
        return folder, config

    def read_config(self) -> TrainConfig:
        """Return the configuration of the run.

        Raises
        ------
        ConfigError
            If the folder has no run, or its configuration cannot be read.
        """
        if not is_file(self.config):
            raise ConfigError(
                f"{self.path}: is not a run folder: it holds no {self.config.name}; if the run was"
                " killed before it wrote one, repeat the original command"
            )
        return load_config(self.config)

    def is_complete(self, config: TrainConfig) -> bool:
        """Return whether the run has reached the totals of this configuration."""
        return self.summary.exists() and planned_end(config).items() <= self.read_summary().items()

    def read_record(self) -> dict[str, Any]:
        """Return the record of how the run was started.

        Raises
        ------
        ConfigError
            If ``run.json`` cannot be read.
        """
        record = read_record(self.record, FORMAT)
        checked(_Record, record, str(self.record))
        return record

    def read_summary(self) -> dict[str, Any]:
        """Return the statistics of the final evaluation.

        Raises
        ------
        ConfigError
            If ``summary.json`` cannot be read.
        """
        summary = read_record(self.summary, SUMMARY_FORMAT)
        return {name: value for name, value in summary.items() if name != "format"}

    def write_summary(self, summary: Mapping[str, Any]) -> None:
        """Write the statistics of the final evaluation, which marks the run as complete."""
        write_record(self.summary, SUMMARY_FORMAT, summary, replace=True)

    def _check_digests(self, config: TrainConfig, record: dict[str, Any]) -> None:
        now = _identities(config)
        before = record.get("worlds", [record])
        if len(before) != len(now):
            raise ConfigError(f"{self.path}: the number of worlds has changed since the run began")
        for was, world in zip(before, now, strict=True):
            for kind, identity in world.items():
                if was[kind]["digest"] != identity["digest"]:
                    raise ConfigError(f"{self.path}: the {kind} has changed since the run began")

    @property
    def config(self) -> Path:
        """Complete configuration."""
        return self.path / "config.toml"

    @property
    def record(self) -> Path:
        """Record of how the run was started."""
        return self.path / "run.json"

    @property
    def start(self) -> Path:
        """Initial weights; only if the run starts from a policy."""
        return self.path / "start.safetensors"

    @property
    def checkpoints(self) -> Path:
        """Folder of the checkpoints."""
        return self.path / "checkpoints"

    @property
    def tensorboard(self) -> Path:
        """Folder of the TensorBoard logs."""
        return self.path / "tensorboard"

    @property
    def policy(self) -> Path:
        """Card of the best policy."""
        return self.path / "policy.json"

    @property
    def landings(self) -> Path:
        """Landings of the final evaluation."""
        return self.path / "landings.parquet"

    @property
    def curve(self) -> Path:
        """Learning curve, see `training.curve`."""
        return self.path / "curve.json"

    @property
    def report(self) -> Path:
        """Report of the learning curve and the final evaluation."""
        return self.path / "report.html"

    @property
    def summary(self) -> Path:
        """Statistics of the final evaluation."""
        return self.path / "summary.json"


def _identities(config: TrainConfig) -> list[dict[str, dict[str, str]]]:
    """Return names and digests of the mission and scenario of each world."""
    found = []
    for world in worlds_of(config.task):
        mission = load_mission(world.task.mission)
        scenario = load_scenario(world.task.scenario, world.task.mission)
        found.append(
            {
                "mission": {"name": mission.name, "digest": mission.digest},
                "scenario": {"name": scenario.name, "digest": scenario.digest},
            }
        )
    return found


def planned_end(config: TrainConfig) -> dict[str, Any]:
    """Return the totals at which a run ends; the summary of a complete run has the same entries."""
    return {"total_steps": config.total_steps, "max_minutes": config.max_minutes}


def _extended(
    config: TrainConfig, total_steps: int | None, max_minutes: float | None
) -> TrainConfig:
    for name, new in (("total_steps", total_steps), ("max_minutes", max_minutes)):
        old = getattr(config, name)
        if new is not None and old is not None and new < old:
            raise ConfigError(f"{name} = {new} must be at least {old}, the run's current total")
    return replace(
        config,
        total_steps=total_steps or config.total_steps,
        max_minutes=max_minutes or config.max_minutes,
    )
