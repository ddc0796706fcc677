"""``describe``: every figure of a mission or scenario, where it comes from, how far to trust it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from rich.table import Table
from rich.text import Text

from lunar_env.cli.glance import glance, print_glance, value_text
from lunar_env.cli.program import Done
from lunar_env.data import DATA_DIR
from lunar_env.errors import ConfigError, nearest
from lunar_env.specs import (
    Draw,
    MissionSpec,
    ScenarioSpec,
    list_missions,
    list_scenarios,
    load_mission,
    load_scenario,
)
from lunar_env.specs.base import Spec

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from rich.console import Console

    from lunar_env.cli.options import Describe
    from lunar_env.specs import Quantity

__all__ = ["run"]


class Figure(NamedTuple):
    """One number of a spec."""

    table: str
    key: str
    quantity: Quantity
    meaning: str


def run(options: Describe, out: Console) -> Done:
    """Describe.

    Parameters
    ----------
    options : Describe
        What was asked for.
    out : Console
        Where people read.

    Returns
    -------
    Done
        Texts, figures and the sources that they name.
    """
    if options.toml and options.json:
        raise ConfigError("give either --toml or --json: stdout holds one thing")
    spec = _load(options.name)
    if options.toml:
        out.print(spec.to_toml(), markup=False, soft_wrap=True, end="")
        return Done({})
    figures = list(_figures(spec))
    sources = _sources({figure.quantity.source for figure in figures})
    _print(spec, figures, sources, out)
    seen = glance(spec) if isinstance(spec, MissionSpec) else {}
    return Done(
        {
            "kind": "mission" if isinstance(spec, MissionSpec) else "scenario",
            "digest": spec.digest,
            **dict(_texts(spec)),
            **seen,
            "figures": [_entry(figure) for figure in figures],
            "sources": sources,
        }
    )


def _load(name: str) -> MissionSpec | ScenarioSpec:
    if name.endswith(".toml") or {"/", "\\"} & set(name):
        return load_scenario(name) if _is_scenario(Path(name)) else load_mission(name)
    missions, scenarios = list_missions(), list_scenarios()
    if name not in missions + scenarios:
        hint = nearest(name, missions + scenarios)
        raise ConfigError(
            f"unknown mission or scenario {name!r}{hint}"
            f" (missions: {', '.join(missions)}; scenarios: {', '.join(scenarios)})"
        )
    return load_mission(name) if name in missions else load_scenario(name)


def _is_scenario(path: Path) -> bool:
    """Tell by the keys; a file that cannot be read is left to the loader's error."""
    try:
        keys = set(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return False
    return len(keys & set(ScenarioSpec.model_fields)) > len(keys & set(MissionSpec.model_fields))


def _texts(spec: Spec) -> Iterator[tuple[str, str]]:
    for name in type(spec).model_fields:
        value = getattr(spec, name)
        if isinstance(value, str):
            yield name, value


def _figures(spec: Spec, table: str = "") -> Iterator[Figure]:
    """Numbers of a spec and of those nested in it."""
    fields = type(spec).model_fields
    for key, quantity in spec.provenance.items():
        if key in spec.model_fields_set:  # what a file leaves out is none of its figures
            yield Figure(table, key, quantity, fields[key].description or "")
    for key in fields:
        path, value = f"{table}.{key}" if table else key, getattr(spec, key)
        if isinstance(value, Spec):
            yield from _figures(value, path)
        elif isinstance(value, tuple):
            for place, item in enumerate(value, start=1):
                if isinstance(item, Spec):
                    yield from _figures(item, f"{path}.{getattr(item, 'name', place)}")


def _sources(ids: set[str]) -> dict[str, Any]:
    known = tomllib.loads((DATA_DIR / "sources.toml").read_text(encoding="utf-8"))
    return {name: known[name] for name in sorted(ids) if name in known}


def _entry(figure: Figure) -> dict[str, object]:
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


def _print(
    spec: MissionSpec | ScenarioSpec,
    figures: Sequence[Figure],
    sources: Mapping[str, Any],
    out: Console,
) -> None:
    out.print(Text(spec.title, style="bold"))
    for name, text in _texts(spec):
        if name not in ("name", "title"):
            out.print(Text(f"{name}: {text}"))
    out.print(Text(f"digest: {spec.digest}", style="dim"))
    if isinstance(spec, MissionSpec):
        print_glance(spec, out)
    for name in dict.fromkeys(figure.table for figure in figures):
        part = [figure for figure in figures if figure.table == name]
        out.print(Text(f"\n{name or spec.name}", style="bold"))
        out.print(_table(part))
    out.print(Text("\nSources", style="bold"))
    for name, source in sources.items():
        out.print(Text.assemble((name, "bold"), f"  {source['title']}"))


def _table(figures: Sequence[Figure]) -> Table:
    table = Table("figure")
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
