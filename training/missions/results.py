"""``results.toml``: what every mission came to here, one table for each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from lunar_env.cli.mission_results import read_results
from lunar_env.data import DATA_DIR
from lunar_env.files import write_file
from lunar_env.specs import list_missions, load_mission
from lunar_env.specs.toml_text import inline

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["RESULTS", "read_missions", "write_missions"]

RESULTS: Final = DATA_DIR / "results.toml"
"""File of the results that ship with the package."""

_HEADER: Final = """\
# Written by: python -m training missions. Each mission flown by its own pilot: with its recorded
# faults, to which the figures belong, and with healthy sensors. Medians and 5 and 95 % of values.
"""


def read_missions(path: Path) -> dict[str, Any]:
    """Return the tables of a file, by mission; none where there is no file.

    Raises
    ------
    ConfigError
        If it cannot be read.
    """
    return read_results(path.parent, path.name)


def write_missions(path: Path, flown: Mapping[str, Mapping[str, Any]]) -> None:
    """Replace the tables of the missions that were flown; the others stay as they are.

    Parameters
    ----------
    path : Path
        The file; written whole, or not at all.
    flown : mapping
        Tables of `training.missions.summary.summarise_mission`, by mission.
    """
    tables = {**read_missions(path), **flown}
    known = list_missions()  # a mission that is gone takes its results along
    order = sorted(known, key=lambda name: load_mission(name).date)
    parts = [_table(name, tables[name]) for name in order if name in tables]
    write_file(path, "\n".join([_HEADER, *parts]), replace=True)


def _table(name: str, table: Mapping[str, Any]) -> str:
    """Write one mission: a line for each entry, and for each figure."""
    figures = table.get("figures", {})
    lines = [f"[{name}]"]
    lines += [f"{key} = {inline(value)}" for key, value in table.items() if key != "figures"]
    lines += ["", f"[{name}.figures]"]
    lines += [f"{key} = {inline(value)}" for key, value in figures.items()]
    return "\n".join(lines) + "\n"
