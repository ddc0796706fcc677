"""Tables that follow the width of the reader's page and never cut a name that has to be typed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["name_column", "names_table", "number"]


def name_column(table: Table, title: str, names: Iterable[str]) -> None:
    """Add a column of names: as wide as the longest, whatever the page."""
    widest = max(map(len, (title, *names)))
    table.add_column(title, no_wrap=True, min_width=widest, overflow="ignore")


def names_table(title: str, names: Mapping[str, str]) -> Table:
    """Return a table of names, each with a line that says what it is."""
    table = Table(box=SIMPLE_HEAD, padding=(0, 1))
    name_column(table, title, names)
    table.add_column("", overflow="fold")
    for name, text in names.items():
        table.add_row(Text(name, style="bold"), Text(text))
    return table


def number(value: float, digits: int = 1) -> str:
    """Return a number, or a dash for NaN; zero has no sign.

    Examples
    --------
    >>> number(-0.04), number(-1.26, 1), number(float("nan"))
    ('0.0', '-1.3', '-')
    """
    if math.isnan(value):
        return "-"
    return f"{round(value, digits) + 0.0:.{digits}f}"
