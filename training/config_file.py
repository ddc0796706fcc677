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
from lunar_env.reading import read_toml
from lunar_env.specs.problems import checked
from training.config import TrainConfig

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
        One of `list_presets`.

    Returns
    -------
    TrainConfig
        The configuration.

    Raises
    ------
    ConfigError
        If there is no such preset.
    """
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
    return {
        key: _without_none(value) if isinstance(value, dict) else value
        for key, value in table.items()
        if value is not None
    }


class _Presets:
    """The presets of ``train``; implements `lunar_env.pilots.Source`."""

    def names(self) -> dict[str, str]:
        """Return a description of each preset, by name."""
        configs = {name: load_preset(name) for name in list_presets()}
        return {
            name: f"{config.task.mission}, {config.task.scenario}: {config.total_steps:,} steps"
            for name, config in configs.items()
        }


register("presets", _Presets())
