"""The figures of a spec for people and programs: value, unit, source and how far to trust it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from lunar_env.cli.glance import value_text
from lunar_env.cli.tables import name_column
from lunar_env.data import DATA_DIR
from lunar_env.reading import read_toml
from lunar_env.specs import Draw, Quantity
from lunar_env.specs.base import Spec
from lunar_env.specs.quantity import unit_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from rich.console import Console

__all__ = [
    "Figure",
    "entry_of",
    "figures_of",
    "own_figures",
    "print_figures",
    "print_sources",
    "sources_of",
    "texts_of",
]


class Figure(NamedTuple):
    """One number of a spec."""

    table: str
    key: str
    quantity: Quantity
    meaning: str


def texts_of(spec: Spec) -> Iterator[tuple[str, str]]:
    """Yield the texts of a spec by key."""
    for name in type(spec).model_fields:
        value = getattr(spec, name)
        if isinstance(value, str):
            yield name, value


def figures_of(spec: Spec, table: str = "") -> Iterator[Figure]:
    """Yield the numbers of a spec and of those nested in it."""
    fields = type(spec).model_fields
    for key, quantity in spec.provenance.items():
        if key in spec.model_fields_set:  # only figures that the file gives
            yield Figure(table, key, quantity, " ".join((fields[key].description or "").split()))
    for key in fields:
        path, value = f"{table}.{key}" if table else key, getattr(spec, key)
        if isinstance(value, Spec):
            yield from figures_of(value, path)
        elif isinstance(value, tuple):
            for place, item in enumerate(value, start=1):
                if isinstance(item, Spec):
                    yield from figures_of(item, f"{path}.{getattr(item, 'name', place)}")


def own_figures(mission: str) -> Iterator[Figure]:
    """Yield the numbers of the pilot that flew a mission, where its file is there."""
    path = DATA_DIR / "guidance" / f"{mission}.toml"
    if path.is_file():
        yield from _numbers(read_toml(path), "own pilot")


def _numbers(table: Mapping[str, Any], name: str) -> Iterator[Figure]:
    kind = table.get("kind", "")
    for key, value in table.items():
        if isinstance(value, list):
            for place, item in enumerate(value, start=1):
                yield from _numbers(item, f"{name}.{item.get('name', place)}")
        elif isinstance(value, dict) and "value" not in value:
            yield from _numbers(value, f"{name}.{key}")
        elif not isinstance(value, str | bool):
            number = value if isinstance(value, dict) else {"value": value}
            told = (str(number.get(word, "")) for word in ("source", "confidence", "note"))
            meaning = f"of this {kind}" if kind else "of the pilot that flew it"
            yield Figure(name, key, Quantity(number["value"], unit_of(key), *told), meaning)


def sources_of(figures: Sequence[Figure]) -> dict[str, Any]:
    """Return what the source ids of some figures mean."""
    ids = {figure.quantity.source for figure in figures}
    known = read_toml(DATA_DIR / "sources.toml")
    return {name: known[name] for name in sorted(ids) if name in known}


def entry_of(figure: Figure) -> dict[str, object]:
    """Return a figure as JSON content."""
    quantity = figure.quantity
    value: object = quantity.value
    if isinstance(value, Draw):
        value = {value.kind: list(value.parameters)}
    return {
        "key": f"{figure.table}.{figure.key}" if figure.table else figure.key,
        "value": list(value) if isinstance(value, tuple) else value,
        "unit": quantity.unit,
        "source": quantity.source,
        "confidence": quantity.confidence,
        "note": quantity.note,
        "meaning": figure.meaning,
    }


def print_figures(figures: Sequence[Figure], title: str, out: Console) -> None:
    """Print a table of figures for each table of the file; `title` is that of the outermost."""
    for name in dict.fromkeys(figure.table for figure in figures):
        out.print(Text(f"\n{name or title}", style="bold"))
        out.print(_table([figure for figure in figures if figure.table == name]))


def print_sources(sources: Mapping[str, Any], out: Console) -> None:
    """Print what the source ids mean, and where the sources are."""
    out.print(Text("\nSources", style="bold"))
    for name, source in sources.items():
        out.print(Text.assemble((name, "bold"), f"  {source['title']}"))
        where = source.get("url") or source.get("detail")
        if where:
            out.print(Text(f"      {where}", style="dim"), soft_wrap=bool(source.get("url")))


def _table(figures: Sequence[Figure]) -> Table:
    table = Table(box=SIMPLE_HEAD, padding=(0, 1))
    name_column(table, "figure", [figure.key for figure in figures])
    table.add_column("value", justify="right")
    for name in ("unit", "source", "confidence", "meaning"):
        table.add_column(name)
    for figure in figures:
        quantity = figure.quantity
        note = f" ({quantity.note})" if quantity.note else ""
        table.add_row(
            *(Text(text) for text in (figure.key, value_text(quantity.value), quantity.unit)),
            *(Text(text) for text in (quantity.source, quantity.confidence)),
            Text.assemble(figure.meaning, (note, "dim")),
        )
    return table
