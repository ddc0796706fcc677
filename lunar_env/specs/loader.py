"""Load missions, scenarios and their parts: what a name, a path or a spec means, validated."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from lunar_env.errors import ConfigError, shown
from lunar_env.reading import is_file, is_toml, read_toml
from lunar_env.specs.as_flown import AS_FLOWN, AsFlownSpec
from lunar_env.specs.base import Spec
from lunar_env.specs.files import find, names, resolve
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

_PLANET = "moon"  # of a mission that names no planet
_BASES = {"mission": "hakuto-r-m2", "scenario": "noisy"}  # the plain ones of their kind
_FILES = "as-flown scenario"  # kind of file that holds the scenario AS_FLOWN of one mission


def list_missions() -> list[str]:
    """Return the names of the missions that come with the package."""
    return names("mission")


def list_scenarios(mission: str | None = None) -> list[str]:
    """Return the names of the scenarios that come with the package.

    Parameters
    ----------
    mission : str, optional
        Name of a mission; ``"as-flown"`` is added if there is a file of it for this mission.
    """
    return names("scenario") + [AS_FLOWN] * (mission in names(_FILES))


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
    return load("mission", MissionSpec, mission)


def load_scenario(
    scenario: str | Path | ScenarioSpec, mission: str | Path | MissionSpec | None = None
) -> ScenarioSpec:
    """Load a scenario.

    Parameters
    ----------
    scenario : str, Path or ScenarioSpec
        Name of a scenario of the package, path of a TOML file, or a spec, which is returned.
    mission : str, Path or MissionSpec, optional
        Needed for ``"as-flown"``, which differs for each mission.

    Returns
    -------
    ScenarioSpec
        The resolved and validated scenario; `AsFlownSpec` for ``"as-flown"``.

    Raises
    ------
    ConfigError
        If there is no such scenario, or the file does not hold a valid one.
    """
    if isinstance(scenario, str) and scenario == AS_FLOWN:
        return load("scenario", AsFlownSpec, _as_flown_file(mission))
    if isinstance(scenario, str | Path) and _is_as_flown(scenario):
        return load("scenario", AsFlownSpec, scenario)
    return load("scenario", ScenarioSpec, scenario)


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
    return load("terrain", TerrainSpec, terrain)


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
    return load("inertial", InertialSpec, inertial)


def _as_flown_file(mission: str | Path | MissionSpec | None) -> Path:
    """Return the path of the as-flown scenario of a mission."""
    flown = names(_FILES)
    if mission is None:
        raise ConfigError(
            f"scenario {AS_FLOWN!r} differs for each mission: give one of the missions"
            f" {', '.join(flown)}"
        )
    name = load_mission(mission).name
    if name not in flown:
        raise ConfigError(
            f"mission {name!r} has no scenario {AS_FLOWN!r} (missions with one: {', '.join(flown)})"
        )
    return find(_FILES, name, Path())


def _is_as_flown(source: str | Path) -> bool:
    """Whether a file holds an as-flown scenario: no other scenario has the key ``phase``."""
    path = Path(source)
    return is_toml(path) and is_file(path) and "phase" in read_toml(path)


def load(kind: str, model: type[S], source: str | Path | S) -> S:
    """Load a file of some kind, see `files.py`, as a spec; a spec is returned as it is.

    Raises
    ------
    ConfigError
        If there is no such file, or it does not hold a valid spec.
    """
    if isinstance(source, model):
        return source
    if not isinstance(source, str | Path):
        raise ConfigError(f"{kind} = {shown(source)}: must be a name, a path or a {model.__name__}")
    path = find(kind, source, Path())
    written = read_toml(path)
    try:
        table = resolve(kind, written, path)
        if kind == "mission" and "planet" not in table:
            table["planet"] = read_toml(find("planet", _PLANET, Path()))
        return model.from_table(table)
    except SpecError as error:
        hint = _template(kind, model) if error.lacks and "base" not in written else ""
        raise SpecError(str(path), error.problems, hint) from None


def _template(kind: str, model: type[Spec]) -> str:
    """Say from which file a short one can take the rest, and where a whole one is to be had."""
    base = _BASES.get(kind, names(kind)[0])
    whole = (names(_FILES)[0], AS_FLOWN) if model is AsFlownSpec else (base, kind)
    command = "lunar-env describe {} --kind {} --toml".format(*whole)
    return f" (name a base, such as base = {base!r}, or fill in what {command!r} prints)"
