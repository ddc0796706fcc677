"""Training configurations as TOML: presets, and the resolved file of a run folder.

An unknown key is an error with the nearest name; a configuration that was written reads back equal.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from types import UnionType
from typing import Any, Literal, TypeVar, cast, get_args, get_origin, get_type_hints

import tomli_w

from lunar_env.errors import ConfigError, nearest
from lunar_env.reading import read_toml
from training.config import TrainConfig

__all__ = ["config_to_toml", "list_presets", "load_config", "load_preset"]

T = TypeVar("T")
PRESETS = Path(__file__).parent / "presets"


def list_presets() -> list[str]:
    """Return the names of the presets that come with the project."""
    return sorted(path.stem for path in PRESETS.glob("*.toml"))


def load_preset(name: str) -> TrainConfig:
    """Return a preset by name.

    Parameters
    ----------
    name : str
        One of `list_presets`.

    Returns
    -------
    TrainConfig
        Its configuration.

    Raises
    ------
    ConfigError
        If there is no such preset.
    """
    names = list_presets()
    if name not in names:
        raise ConfigError(f"no preset {name!r} among {', '.join(names)}{nearest(name, names)}")
    return load_config(PRESETS / f"{name}.toml")


def load_config(path: Path) -> TrainConfig:
    """Read a configuration from a TOML file; what it leaves out has its default.

    Parameters
    ----------
    path : Path
        A preset, or the ``config.toml`` of a run folder.

    Returns
    -------
    TrainConfig
        The configuration.

    Raises
    ------
    ConfigError
        If the file cannot be read, or holds an unknown key or a wrong value.
    """
    content = read_toml(path)
    try:
        return _build(TrainConfig, content, "")
    except ConfigError as problem:
        raise ConfigError(f"{path}: {problem}") from None


def config_to_toml(config: TrainConfig) -> str:
    """Return the configuration as TOML that reads back to an equal one.

    Parameters
    ----------
    config : TrainConfig
        The configuration.

    Returns
    -------
    str
        TOML text; options that are not set are left out.
    """
    return tomli_w.dumps(_without_none(dataclasses.asdict(config)))


def _without_none(table: dict[str, Any]) -> dict[str, Any]:
    return {
        key: _without_none(value) if isinstance(value, dict) else value
        for key, value in table.items()
        if value is not None
    }


def _build(cls: type[T], table: dict[str, Any], prefix: str) -> T:
    hints = get_type_hints(cls)
    for key in table:
        if key not in hints:
            raise ConfigError(f"unknown key {prefix}{key}{nearest(key, hints)}")
    return cls(
        **{key: _convert(hints[key], value, f"{prefix}{key}") for key, value in table.items()}
    )


def _convert(hint: Any, value: Any, name: str) -> Any:
    if dataclasses.is_dataclass(hint):
        if not isinstance(value, dict):
            raise ConfigError(f"{name} is a table, not {value!r}")
        return _build(cast("type[object]", hint), value, f"{name}.")
    origin = get_origin(hint)
    if origin is UnionType:
        return _convert(get_args(hint)[0], value, name)
    if origin is Literal:
        if value not in get_args(hint):
            options = get_args(hint)
            raise ConfigError(f"{name} = {value!r} is none of {options}{nearest(value, options)}")
        return value
    if origin is tuple and isinstance(value, (list, tuple)):
        return tuple(_convert(get_args(hint)[0], entry, name) for entry in value)
    if origin is dict and isinstance(value, dict):
        return {k: _convert(get_args(hint)[1], entry, f"{name}.{k}") for k, entry in value.items()}
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(hint, type) or type(value) is not hint:
        raise ConfigError(f"{name} = {value!r} is not {getattr(hint, '__name__', hint)}")
    return value
