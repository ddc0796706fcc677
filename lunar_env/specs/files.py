"""The TOML files of missions, scenarios and their parts: found by name, read, inherited."""

from __future__ import annotations

import tomllib
from pathlib import Path

from lunar_env.data import DATA_DIR
from lunar_env.errors import ConfigError, nearest
from lunar_env.specs.base import merge

__all__ = ["find", "names", "read", "resolve"]

# Folder of the shipped files by what a file is called in messages.
_FOLDERS = {
    "mission": "missions",
    "scenario": "scenarios",
    "flight": "flights",
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
# A derived file is another thing than its base and must say so.
_NOT_INHERITED = ("name", "title", "description")


def resolve(kind: str, table: dict[str, object], path: Path) -> dict[str, object]:
    """Lay a table over the one that its ``base`` names; one level, so that it can be followed."""
    above = _with_parts(kind, table, path)
    base = above.pop("base", None)
    if base is None:
        return above
    if not isinstance(base, str):
        raise ConfigError(f"{path}: base = {base!r}: must be a name or a path")
    base_path = find(kind, base, path.parent)
    below = _with_parts(kind, read(base_path), base_path)
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
            part_path = find(part, raw, path.parent)
            filled[part] = resolve(part, read(part_path), part_path)
        elif isinstance(raw, dict):
            filled[part] = resolve(part, raw, path)
    return filled


def find(kind: str, source: str | Path, folder: Path) -> Path:
    """Return the file that a name or path means; paths are relative to `folder`."""
    if isinstance(source, Path) or source.endswith(".toml") or {"/", "\\"} & set(source):
        path = folder / Path(source).expanduser()
        if not path.is_file():
            raise ConfigError(f"{kind} file not found: {path}")
        return path
    known = names(kind)
    if source not in known:
        # A flight is no file of this folder, but a name that may have been meant.
        meant = [*known, "flight"] if kind == "scenario" else known
        raise ConfigError(
            f"unknown {kind} {str(source)!r}{nearest(source, meant)} (known: {', '.join(meant)})"
        )
    return DATA_DIR / _FOLDERS[kind] / f"{source}.toml"


def names(kind: str) -> list[str]:
    """Return the names of the files of a kind that come with the package."""
    return sorted(path.stem for path in (DATA_DIR / _FOLDERS[kind]).glob("*.toml"))


def read(path: Path) -> dict[str, object]:
    """Read one file as it stands."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: is not UTF-8 text") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: is not valid TOML: {error}") from None
