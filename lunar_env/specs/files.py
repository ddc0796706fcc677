"""The TOML files of missions, scenarios and their parts: search by name, inheritance."""

from __future__ import annotations

from pathlib import Path

from lunar_env.data import DATA_DIR
from lunar_env.errors import ConfigError, nearest, shown
from lunar_env.reading import is_file, is_toml, read_toml
from lunar_env.specs.base import merge

__all__ = ["check_renamed", "find", "means_path", "names", "resolve"]

# Folder of the shipped files by what a file is called in messages.
_FOLDERS = {
    "mission": "missions",
    "scenario": "scenarios",
    "as-flown scenario": "as_flown",
    "vehicle": "vehicles",
    "rangefinder": "sensors",
    "velocimeter": "sensors/velocimeters",
    "radar": "sensors/radars",
    "camera": "sensors/cameras",
    "inertial": "inertial",
    "planet": "planets",
    "terrain": "terrains",
    "downlink": "downlinks",
}
# Keys of a mission that name another file.
_PARTS = (
    *("vehicle", "rangefinder", "velocimeter", "radar", "camera", "inertial"),
    *("planet", "terrain"),
)
# A derived file describes something else than its base, so these are not inherited.
_NOT_INHERITED = ("name", "title", "description")
# Names that changed: old name, new name.
_RENAMED = {"flight": "as-flown"}


def resolve(kind: str, table: dict[str, object], path: Path) -> dict[str, object]:
    """Merge a table into the one that its ``base`` names; one level of inheritance only."""
    above = _with_parts(kind, table, path)
    base = above.pop("base", None)
    if base is None:
        return above
    if not isinstance(base, str):
        raise ConfigError(f"{path}: base = {shown(base)}: must be a name or a path")
    base_path = find(kind, base, path.parent)
    below = _with_parts(kind, read_toml(base_path), base_path)
    if "base" in below:
        raise ConfigError(
            f"{path}: base = {base!r} itself has a base ({below['base']!r}):"
            " only one level of inheritance is allowed"
        )
    # A part that the file names replaces that of the base.
    named = [part for part in _PARTS if isinstance(table.get(part), str)]
    left_out = {*_NOT_INHERITED, *named}
    return merge({key: value for key, value in below.items() if key not in left_out}, above)


def _with_parts(kind: str, table: dict[str, object], path: Path) -> dict[str, object]:
    """Insert lander, sensors and terrain, named or given in part, into a mission's table."""
    filled = dict(table)
    dem = table.get("dem")
    if kind == "terrain" and isinstance(dem, dict) and isinstance(dem.get("file"), str):
        filled["dem"] = {**dem, "file": str((path.parent / dem["file"]).resolve())}
    for part in _PARTS if kind == "mission" else ():
        raw = table.get(part)
        if isinstance(raw, str):
            part_path = find(part, raw, path.parent)
            filled[part] = resolve(part, read_toml(part_path), part_path)
        elif isinstance(raw, dict):
            filled[part] = resolve(part, raw, path)
    return filled


def find(kind: str, source: str | Path, folder: Path) -> Path:
    """Return the file that a name or path means; paths are relative to `folder`."""
    if means_path(source):
        try:
            path = folder / Path(source).expanduser()
        except RuntimeError:  # a user without home folder
            raise ConfigError(
                f"{source}: no such {kind} file: its home folder does not exist"
            ) from None
        if not is_file(path):
            if _exists(path):
                raise ConfigError(f"{path}: is not a file")
            raise ConfigError(f"{path}: no such {kind} file")
        return path
    known = names(kind)
    if source not in known:
        check_renamed(str(source))
        # "as-flown" has a separate folder, with one file per mission.
        meant = [*known, "as-flown"] if kind == "scenario" else known
        raise ConfigError(
            f"unknown {kind} {shown(source)}{nearest(source, meant)}"
            f" (available: {', '.join(meant)})"
        )
    return DATA_DIR / _FOLDERS[kind] / f"{source}.toml"


def check_renamed(name: str) -> None:
    """Raise ConfigError, with the new name, if a scenario of this name was renamed."""
    if name in _RENAMED:
        raise ConfigError(f"scenario {name!r} is now called {_RENAMED[name]!r}")


def means_path(source: str | Path) -> bool:
    """Whether a source is a path; otherwise it is the name of a file of the package."""
    return isinstance(source, Path) or is_toml(source) or bool({"/", "\\"} & set(source))


def names(kind: str) -> list[str]:
    """Return the names of the files of a kind that come with the package."""
    return sorted(path.stem for path in (DATA_DIR / _FOLDERS[kind]).glob("*.toml"))


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False
