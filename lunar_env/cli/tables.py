"""Tables that follow the width of the reader's page and never cut a name that has to be typed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rich.console import Console, RenderableType

__all__ = ["fitted", "name_column", "names_table", "number"]

_ANY_WIDTH = 10_000


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


def fitted(table: Table, page: Console) -> RenderableType:
    """Return a table, or what it says with a line for each cell if the page would cut words."""
    options = page.options.update_width(_ANY_WIDTH)
    if page.measure(table, options=options).minimum <= page.width:
        return table
    heads = [_text(column.header) for column in table.columns[1:]]
    # One alone needs no name; long names do not push the values off the page.
    widest = max(map(len, heads)) if len(heads) > 1 else 0
    widest = min(widest, page.width // 2)
    lines: list[RenderableType] = [_text(table.title, "bold")] if table.title else []
    for first, *rest in zip(*(column.cells for column in table.columns), strict=True):
        lines.append(_text(first, "bold"))
        for head, cell in zip(heads, rest, strict=True):
            if value := _text(cell):
                name = f"{head.plain:<{widest}}  " if widest else ""
                lines.append(Padding(Text.assemble((name, "dim"), value), (0, 0, 0, 4)))
    if table.caption:
        lines.append(_text(table.caption, "dim"))
    return Group(*lines)


def _text(cell: object, style: str = "") -> Text:
    """Return a cell as text: all cells of our tables are."""
    return cell if isinstance(cell, Text) else Text(str(cell), style=style)


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
