"""Training configurations as TOML files: presets, and the resolved configuration of a run.

An unknown key is an error that suggests the nearest name. A configuration that was written reads
back equal. Importing this module registers the presets with `lunar_env.pilots`.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import tomli_w

from lunar_env.errors import ConfigError, nearest
from lunar_env.pilots import register
from lunar_env.reading import is_toml, read_toml
from lunar_env.specs.problems import checked
from training.config import TaskConfig, TrainConfig, WorldConfig

__all__ = ["config_to_toml", "list_presets", "load_config", "load_preset"]

PRESETS = Path(__file__).parent / "presets"


def list_presets() -> list[str]:
    """Return the names of the presets in this package, sorted."""
    return sorted(path.stem for path in PRESETS.glob("*.toml"))


def load_preset(name: str) -> TrainConfig:
    """Return the configuration of a preset.

    Parameters
    ----------
    name : str
        One of `list_presets`, or the path of a TOML file.

    Returns
    -------
    TrainConfig
        The configuration.

    Raises
    ------
    ConfigError
        If there is no such preset, or the file is not a configuration.
    """
    if is_toml(name):
        return load_config(Path(name))
    names = list_presets()
    if name not in names:
        raise ConfigError(
            f"unknown preset {name!r}{nearest(name, names)} (available: {', '.join(names)})"
        )
    return load_config(PRESETS / f"{name}.toml")


def load_config(path: Path) -> TrainConfig:
    """Read a configuration from a TOML file; keys that it omits have their defaults.

    Parameters
    ----------
    path : Path
        A preset, or the ``config.toml`` in a run folder.

    Returns
    -------
    TrainConfig
        The configuration.

    Raises
    ------
    ConfigError
        If the file cannot be read, or has an unknown key or an invalid value.
    """
    return checked(TrainConfig, read_toml(path), str(path))


def config_to_toml(config: TrainConfig) -> str:
    """Return a configuration as TOML; `load_config` reads it back equal.

    Parameters
    ----------
    config : TrainConfig
        The configuration.

    Returns
    -------
    str
        TOML text, without the options that are None.
    """
    return tomli_w.dumps(_without_none(dataclasses.asdict(config)))


def _without_none(table: dict[str, Any]) -> dict[str, Any]:
    return {key: _plain(value) for key, value in table.items() if value is not None}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return _without_none(value)
    return [_plain(each) for each in value] if isinstance(value, (list, tuple)) else value


class _Presets:
    """The presets of ``train``; implements `lunar_env.pilots.Source`."""

    def names(self) -> dict[str, str]:
        """Return a description of each preset, by name."""
        configs = {name: load_preset(name) for name in list_presets()}
        return {
            name: f"{_trained_on(config.task)}: {config.total_steps:,} steps"
            for name, config in configs.items()
        }


def _trained_on(task: TaskConfig) -> str:
    """Return mission and scenario of a task, or of its first world and how many others it has."""
    world = task.worlds[0] if task.worlds else WorldConfig()
    first = f"{world.mission or task.mission}, {world.scenario or task.scenario}"
    return f"{first} and {len(task.worlds) - 1} more" if len(task.worlds) > 1 else first


register("presets", _Presets())
