"""Files of mission results, such as ``results.toml``, with a table for each mission."""

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
"""The results file in the package."""

_HEADER: Final = """\
# Written by: python -m training missions. Each mission flown by its own pilot: with its recorded
# faults, to which the figures belong, and with healthy sensors. Medians and 5 and 95 % of values.
"""


def read_missions(path: Path) -> dict[str, Any]:
    """Return the tables of a file, by mission; empty if there is no file.

    Raises
    ------
    ConfigError
        If the file cannot be read.
    """
    return read_results(path.parent, path.name)


def write_missions(path: Path, flown: Mapping[str, Mapping[str, Any]]) -> None:
    """Replace the tables of some missions in a file, and keep the others.

    Parameters
    ----------
    path : Path
        The file; written completely or not at all.
    flown : mapping
        Tables of `training.missions.summary.summarise_mission`, by mission.
    """
    tables = {**read_missions(path), **flown}
    known = list_missions()  # tables of removed missions are dropped
    order = sorted(known, key=lambda name: load_mission(name).date)
    parts = [_table(name, tables[name]) for name in order if name in tables]
    write_file(path, "\n".join([_HEADER, *parts]), replace=True)


def _table(name: str, table: Mapping[str, Any]) -> str:
    """Return the TOML table of a mission, with one line per entry and per figure."""
    figures = table.get("figures", {})
    lines = [f"[{name}]"]
    lines += [f"{key} = {inline(value)}" for key, value in table.items() if key != "figures"]
    lines += ["", f"[{name}.figures]"]
    lines += [f"{key} = {inline(value)}" for key, value in figures.items()]
    return "\n".join(lines) + "\n"
