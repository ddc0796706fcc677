"""The counts of all accidents in one file, from which the pages are written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from lunar_env.files import write_file
from lunar_env.reading import read_toml
from lunar_env.specs.toml_text import inline
from training.accidents.flights import STORY

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["RESULTS", "read", "write"]

RESULTS: Final = "results.toml"

_HEADER: Final = "# Written by: python -m training accidents. Counts of landings.\n"


def read(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the results in a folder by mission; empty if there are none.

    Raises
    ------
    ConfigError
        If the file cannot be read.
    """
    path = folder / RESULTS
    return read_toml(path) if path.is_file() else {}


def write(folder: Path, tables: Mapping[str, Mapping[str, Any]]) -> None:
    """Write results, completely or not at all, in the order of the story.

    Parameters
    ----------
    folder : Path
        The folder.
    tables : mapping
        Tables of `training.accidents.study.Plan.table`, by mission.
    """
    parts = [_table(name, tables[name]) for name in STORY if name in tables]
    write_file(folder / RESULTS, "\n".join([_HEADER, *parts]), replace=True)


def _table(name: str, table: Mapping[str, Any]) -> str:
    return f"[{name}]\n" + "".join(f"{key} = {_quoted(value)}\n" for key, value in table.items())


def _quoted(value: object) -> str:
    """Write a value on one line, with the names of pilots as quoted keys."""
    if isinstance(value, dict):
        return "{" + ", ".join(f'"{key}" = {_quoted(item)}' for key, item in value.items()) + "}"
    return inline(value)
