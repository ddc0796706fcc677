"""Find, read, inherit and validate the TOML files of missions, scenarios and their parts."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TypeVar

from lunar_env.data import DATA_DIR
from lunar_env.errors import ConfigError, nearest
from lunar_env.specs.base import Spec, merge
from lunar_env.specs.inertial import InertialSpec
from lunar_env.specs.mission import MissionSpec
from lunar_env.specs.problems import SpecError
from lunar_env.specs.scenario import ScenarioSpec
from lunar_env.specs.terrain import TerrainSpec

__all__ = [
    "list_missions",
    "list_scenarios",
    "load_inertial",
    "load_mission",
    "load_scenario",
    "load_terrain",
]

S = TypeVar("S", bound=Spec)

# Folder of the shipped files by what a file is called in messages.
_FOLDERS = {
    "mission": "missions",
    "scenario": "scenarios",
    "vehicle": "vehicles",
    "rangefinder": "sensors",
    "velocimeter": "sensors/velocimeters",
    "radar": "sensors/radars",
    "camera": "sensors/cameras",
    "inertial": "inertial",
    "planet": "planets",
    "terrain": "terrains",
}
# Keys of a mission that name another file.
_PARTS = (
    *("vehicle", "rangefinder", "velocimeter", "radar", "camera", "inertial"),
    *("planet", "terrain"),
)
_PLANET = "moon"  # of a mission that names none
# A derived file is another thing than its base and must say so.
_NOT_INHERITED = ("name", "title", "description")


def list_missions() -> list[str]:
    """Return the names of the missions that come with the package."""
    return _names("mission")


def list_scenarios() -> list[str]:
    """Return the names of the scenarios that come with the package."""
    return _names("scenario")


def load_mission(mission: str | Path | MissionSpec) -> MissionSpec:
    """Load a mission with its lander, sensors and terrain.

    Parameters
    ----------
    mission : str, Path or MissionSpec
        Name of a mission of the package, path of a TOML file, or a spec, which is returned.

    Returns
    -------
    MissionSpec
        The resolved and validated mission.

    Raises
    ------
    ConfigError
        If there is no such mission, or the file does not hold a valid one.

    Examples
    --------
    >>> load_mission("hakuto-r-m2").vehicle.thrust_max_N
    1600.0
    """
    return _load("mission", MissionSpec, mission)


def load_scenario(scenario: str | Path | ScenarioSpec) -> ScenarioSpec:
    """Load a scenario.

    Parameters
    ----------
    scenario : str, Path or ScenarioSpec
        Name of a scenario of the package, path of a TOML file, or a spec, which is returned.

    Returns
    -------
    ScenarioSpec
        The resolved and validated scenario.

    Raises
    ------
    ConfigError
        If there is no such scenario, or the file does not hold a valid one.
    """
    return _load("scenario", ScenarioSpec, scenario)


def load_terrain(terrain: str | Path | TerrainSpec) -> TerrainSpec:
    """Load a kind of ground.

    Parameters
    ----------
    terrain : str, Path or TerrainSpec
        Name of a terrain of the package, path of a TOML file, or a spec, which is returned.

    Returns
    -------
    TerrainSpec
        The resolved and validated terrain.

    Raises
    ------
    ConfigError
        If there is no such terrain, or the file does not hold a valid one.
    """
    return _load("terrain", TerrainSpec, terrain)


def load_inertial(inertial: str | Path | InertialSpec) -> InertialSpec:
    """Load an inertial unit.

    Parameters
    ----------
    inertial : str, Path or InertialSpec
        Name of a unit of the package, path of a TOML file, or a spec, which is returned.

    Returns
    -------
    InertialSpec
        The resolved and validated unit.

    Raises
    ------
    ConfigError
        If there is no such unit, or the file does not hold a valid one.

    Examples
    --------
    >>> load_inertial("tactical").accel_bias_ug
    300.0
    """
    return _load("inertial", InertialSpec, inertial)


def _load(kind: str, model: type[S], source: str | Path | S) -> S:
    if isinstance(source, model):
        return source
    if not isinstance(source, str | Path):
        raise ConfigError(f"{kind} = {source!r}: must be a name, a path or a {model.__name__}")
    path = _find(kind, source, Path())
    try:
        table = _resolve(kind, _read(path), path)
        if kind == "mission" and "planet" not in table:
            table["planet"] = _read(_find("planet", _PLANET, Path()))
        return model.from_table(table)
    except SpecError as error:
        raise SpecError(str(path), error.problems) from None


def _resolve(kind: str, table: dict[str, object], path: Path) -> dict[str, object]:
    """Lay a table over the one that its ``base`` names; one level, so that it can be followed."""
    above = _with_parts(kind, table, path)
    base = above.pop("base", None)
    if base is None:
        return above
    if not isinstance(base, str):
        raise ConfigError(f"{path}: base = {base!r}: must be a name or a path")
    base_path = _find(kind, base, path.parent)
    below = _with_parts(kind, _read(base_path), base_path)
    if "base" in below:
        raise ConfigError(
            f"{path}: base = {base!r} has a base of its own ({below['base']!r}):"
            " inheritance is one level"
        )
    # A part that the file names is that part, whatever the base has in its place.
    named = [part for part in _PARTS if isinstance(table.get(part), str)]
    left_out = {*_NOT_INHERITED, *named}
    return merge({key: value for key, value in below.items() if key not in left_out}, above)


def _with_parts(kind: str, table: dict[str, object], path: Path) -> dict[str, object]:
    """Put lander, sensors and terrain, named or given in part, into a mission's table."""
    filled = dict(table)
    dem = table.get("dem")
    if kind == "terrain" and isinstance(dem, dict) and isinstance(dem.get("file"), str):
        filled["dem"] = {**dem, "file": str((path.parent / dem["file"]).resolve())}
    for part in _PARTS if kind == "mission" else ():
        raw = table.get(part)
        if isinstance(raw, str):
            part_path = _find(part, raw, path.parent)
            filled[part] = _resolve(part, _read(part_path), part_path)
        elif isinstance(raw, dict):
            filled[part] = _resolve(part, raw, path)
    return filled


def _find(kind: str, source: str | Path, folder: Path) -> Path:
    """Return the file that a name or path means; paths are relative to `folder`."""
    if isinstance(source, Path) or source.endswith(".toml") or {"/", "\\"} & set(source):
        path = folder / Path(source).expanduser()
        if not path.is_file():
            raise ConfigError(f"{kind} file not found: {path}")
        return path
    names = _names(kind)
    if source not in names:
        raise ConfigError(
            f"unknown {kind} {str(source)!r}{nearest(source, names)} (known: {', '.join(names)})"
        )
    return DATA_DIR / _FOLDERS[kind] / f"{source}.toml"


def _names(kind: str) -> list[str]:
    return sorted(path.stem for path in (DATA_DIR / _FOLDERS[kind]).glob("*.toml"))


def _read(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: is not UTF-8 text") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: is not valid TOML: {error}") from None
