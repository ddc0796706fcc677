"""The simulated results of the missions, from ``lunar_env/data/results.toml``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel
from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from lunar_env.cli.tables import name_column
from lunar_env.data import DATA_DIR
from lunar_env.reading import read_toml
from lunar_env.specs import AS_FLOWN, AsFlownSpec, list_scenarios, load_scenario
from lunar_env.specs.problems import checked
from lunar_env.specs.published import meaning_of
from lunar_env.specs.quantity import unit_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from rich.console import Console

    from lunar_env.specs import MissionSpec

__all__ = ["as_flown_of", "outcome_here", "print_as_flown", "read_results", "seen_of"]

NAME = "results.toml"


class _Seen(BaseModel):
    median: float
    p5: float
    p95: float


class _Result(BaseModel):
    """What is used of the table of a mission."""

    outcome: str
    mission_digest: str | None = None
    as_flown_digest: str | None = None
    figures: dict[str, _Seen] = {}


def read_results(folder: Path = DATA_DIR, name: str = NAME) -> dict[str, Any]:
    """Return the results by mission; empty if nothing was flown.

    Raises
    ------
    ConfigError
        If the file cannot be read.
    """
    path = folder / name
    if not path.is_file():
        return {}
    results = read_toml(path)
    checked(dict[str, _Result], results, str(path))
    return results


def as_flown_of(mission: MissionSpec) -> AsFlownSpec | None:
    """Return the as-flown scenario of a mission, or None if it has none."""
    if AS_FLOWN not in list_scenarios(mission.name):
        return None
    flown = load_scenario(AS_FLOWN, mission)
    return flown if isinstance(flown, AsFlownSpec) else None


def outcome_here(mission: MissionSpec, results: Mapping[str, Any]) -> str | None:
    """Return the simulated outcome of a mission, and whether its data have changed since.

    Parameters
    ----------
    mission : MissionSpec
        Which.
    results : mapping
        All of them.

    Returns
    -------
    str or None
        One sentence or two; None if it was not flown.
    """
    result = results.get(mission.name)
    if result is None:
        return None
    flown = as_flown_of(mission)
    now = mission.digest, flown.digest if flown else None
    told = result.get("mission_digest", now[0]), result.get("as_flown_digest", now[1])
    outcome = str(result["outcome"])
    return outcome if told == now else f"{outcome} (Simulated with an earlier version of its data.)"


def seen_of(mission: str, results: Mapping[str, Any]) -> dict[str, Any]:
    """Return the simulated figures by name."""
    figures: dict[str, Any] = results.get(mission, {}).get("figures", {})
    return figures


def print_as_flown(
    mission: MissionSpec, flown: AsFlownSpec, results: Mapping[str, Any], out: Console
) -> None:
    """Print what was fitted and predicted, and the published and the simulated figures."""
    out.print(Text(f"\nscenario {AS_FLOWN}: {flown.title}", style="bold"))
    out.print(Text(flown.description))
    out.print(Text(f"flown with phase {flown.phase} and control {flown.control}"))
    out.print(Text(f"fitted: {flown.fitted}"))
    out.print(Text(f"predicted: {flown.predicted}"))
    here = outcome_here(mission, results)
    out.print(Text(f"simulated outcome: {here or 'not simulated yet'}"))
    if flown.published:
        out.print(_published(flown, seen_of(mission.name, results)))


def _published(flown: AsFlownSpec, seen: Mapping[str, Any]) -> Table:
    table = Table(box=SIMPLE_HEAD, padding=(0, 1))
    name_column(table, "published figure", [figure.name for figure in flown.published])
    for name in ("reported", "simulated", "5 to 95 %", "accepted"):
        table.add_column(name, justify="right")
    for name in ("unit", "source", "meaning"):
        table.add_column(name)
    for figure in flown.published:
        here, quantity = seen.get(figure.name), figure.provenance["value"]
        numbers = ("-", "-")
        if here is not None:
            numbers = f"{here['median']:g}", f"{here['p5']:g} to {here['p95']:g}"
        band = f"{figure.band[0]:g} to {figure.band[1]:g}" if figure.band else "-"
        note = f" ({quantity.note})" if quantity.note else ""
        table.add_row(
            figure.name,
            f"{figure.value:g}",
            *numbers,
            band,
            unit_of(figure.name),
            quantity.source,
            Text.assemble(meaning_of(figure.name), (note, "dim")),
        )
    return table
