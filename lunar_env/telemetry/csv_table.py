"""A recorded flight as a table for other programs: one line per instant, in the units of the names.

Columns: ``action.*`` that led to the instant (empty at the reset), ``observed.*`` of the current
frame, ``true.*``, ``believed.*`` by the pilot, ``reward`` and ``reward.*`` by term.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from lunar_env.belief import Belief
from lunar_env.files import write_file

if TYPE_CHECKING:
    from pathlib import Path

    from lunar_env.telemetry.flight import Flight

__all__ = ["csv_text", "write_csv"]

_TABLES = (
    ("actions", "action."),
    ("observations", "observed."),
    ("privileged", "true."),
    ("reward_terms", "reward."),
)


def write_csv(flight: Flight, path: str | Path) -> None:
    """Write a flight as comma-separated values, whole or not at all.

    Parameters
    ----------
    flight : Flight
        The record.
    path : str or Path
        A file that must not exist.

    Raises
    ------
    LunarEnvError
        If the name is taken or cannot be written.
    """
    write_file(path, csv_text(flight))


def csv_text(flight: Flight) -> str:
    """Return the content of that file."""
    columns: dict[str, list[float]] = {"reward": flight.rewards.tolist()}
    for table, prefix in _TABLES:
        for column in flight.columns[table]:
            if "@" not in column.name:  # frames of the past repeat earlier lines
                columns[prefix + column.name] = flight.quantity(table, column.name).tolist()
    if flight.beliefs is not None:
        for name, values in zip(Belief._fields, flight.beliefs.T.tolist(), strict=True):
            columns[f"believed.{name}"] = values
    content = io.StringIO(newline="")
    writer = csv.writer(content)
    writer.writerow(columns)
    for instant in range(flight.steps + 1):
        writer.writerow(_cell(values, instant, flight.steps) for values in columns.values())
    return content.getvalue()


def _cell(values: list[float], instant: int, steps: int) -> str:
    """Value at an instant; values of a step are given at its end."""
    k = instant - 1 if len(values) == steps else instant
    return f"{values[k]:.9g}" if k >= 0 else ""
