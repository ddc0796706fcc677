"""The folder of a training run: everything needed to run it again.

- ``config.toml``: the resolved configuration;
- ``run.json``: command, commit, versions, seed, digests of mission and scenario;
- ``checkpoints/``: the newest states, for ``train --resume``;
- ``tensorboard/``: curves;
- ``policy.safetensors`` and ``policy.json``: the best policy so far, and its card;
- ``landings.parquet``: the final report, one row per landing;
- ``summary.json``: its statistics; a run that has it is complete.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import lunar_env
from lunar_env import load_mission
from lunar_env.errors import ConfigError
from lunar_env.specs import load_scenario
from training.config_file import config_to_toml, load_config
from training.output import json_text, new_folder, write_text

if TYPE_CHECKING:
    from training.config import TrainConfig

__all__ = ["RunFolder", "provenance"]

REPOSITORY = Path(__file__).parents[1]
DISTRIBUTIONS = ("numpy", "numba", "gymnasium", "torch", "stable-baselines3")


@dataclass(frozen=True)
class RunFolder:
    """Paths of a run.

    Parameters
    ----------
    path : Path
        The folder.
    """

    path: Path

    @classmethod
    def create(cls, path: Path, config: TrainConfig) -> RunFolder:
        """Make the folder of a new run and write down how it was started.

        Parameters
        ----------
        path : Path
            A name that is free.
        config : TrainConfig
            The resolved configuration.

        Returns
        -------
        RunFolder
            The new folder.

        Raises
        ------
        OutputExistsError
            If the name is taken.
        """
        mission = load_mission(config.task.mission)
        scenario = load_scenario(config.task.scenario, config.task.mission)
        folder = cls(new_folder(path))
        write_text(folder.config, config_to_toml(config))
        record = provenance() | {
            "seed": config.seed,
            "mission": {"name": mission.name, "digest": mission.digest},
            "scenario": {"name": scenario.name, "digest": scenario.digest},
        }
        write_text(folder.record, json_text(record) + "\n")
        return folder

    @classmethod
    def reopen(cls, path: Path) -> tuple[RunFolder, TrainConfig]:
        """Return the folder of a run that was interrupted, and its configuration.

        Raises
        ------
        ConfigError
            If there is no run, it is complete, or its mission or scenario has changed since.
        """
        folder = cls(path)
        if not folder.config.is_file():
            raise ConfigError(f"{path} is not the folder of a run: it has no {folder.config.name}")
        if folder.summary.exists():
            raise ConfigError(f"{path} is complete; there is nothing to resume")
        config = load_config(folder.config)
        folder._check_digests(config)
        return folder, config

    def _check_digests(self, config: TrainConfig) -> None:
        try:
            record = json.loads(self.record.read_text(encoding="utf-8"))
        except (OSError, ValueError) as problem:
            raise ConfigError(f"{self.record} cannot be read: {problem}") from None
        now = {
            "mission": load_mission(config.task.mission).digest,
            "scenario": load_scenario(config.task.scenario, config.task.mission).digest,
        }
        for kind, digest in now.items():
            if record.get(kind, {}).get("digest") != digest:
                raise ConfigError(f"{self.path}: the {kind} has changed since the run began")

    @property
    def config(self) -> Path:
        """Resolved configuration."""
        return self.path / "config.toml"

    @property
    def record(self) -> Path:
        """How the run was started."""
        return self.path / "run.json"

    @property
    def checkpoints(self) -> Path:
        """Folder of the checkpoints."""
        return self.path / "checkpoints"

    @property
    def tensorboard(self) -> Path:
        """Folder of the curves."""
        return self.path / "tensorboard"

    @property
    def policy(self) -> Path:
        """Card of the best policy."""
        return self.path / "policy.json"

    @property
    def landings(self) -> Path:
        """Landings of the final report."""
        return self.path / "landings.parquet"

    @property
    def summary(self) -> Path:
        """Statistics of the final report."""
        return self.path / "summary.json"


def provenance() -> dict[str, Any]:
    """Return what is needed to run a command again.

    Returns
    -------
    dict
        ``command``, ``commit`` (with ``+`` if the tree has changes; None outside a repository),
        ``versions`` and ``machine``.
    """
    versions = {"lunar-env": lunar_env.__version__, "python": platform.python_version()}
    for name in DISTRIBUTIONS:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return {
        "command": " ".join(["python", "-m", "training", *sys.argv[1:]]),
        "commit": _commit(),
        "versions": versions,
        "machine": {"system": platform.platform(), "cpus": os.cpu_count()},
    }


def _commit() -> str | None:
    head = _git("rev-parse", "HEAD")
    if head is None:
        return None
    return f"{head}+" if _git("status", "--porcelain", "--untracked-files=no") else head


def _git(*arguments: str) -> str | None:
    try:
        result = subprocess.run(
            ["git", "-C", str(REPOSITORY), *arguments], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return result.stdout.strip()
