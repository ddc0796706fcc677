"""``describe``: every figure of a thing by name, where it comes from, how far to trust it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.text import Text

from lunar_env.cli.figures import (
    entry_of,
    figures_of,
    own_figures,
    print_figures,
    print_sources,
    sources_of,
    texts_of,
)
from lunar_env.cli.flights import (
    FLIGHT,
    flight_of,
    outcome_here,
    print_flight,
    read_results,
    seen_of,
)
from lunar_env.cli.glance import glance, print_glance
from lunar_env.cli.program import Done
from lunar_env.data import DATA_DIR
from lunar_env.errors import ConfigError, nearest
from lunar_env.reading import read_toml
from lunar_env.specs import (
    FlightSpec,
    MissionSpec,
    ScenarioSpec,
    list_missions,
    list_scenarios,
    load_mission,
    load_scenario,
)
from lunar_env.specs.files import means_path
from lunar_env.specs.parts import PARTS, list_parts, load_part

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from lunar_env.cli.figures import Figure
    from lunar_env.cli.options import Describe
    from lunar_env.specs.base import Spec

__all__ = ["run"]

KINDS = ("mission", "scenario", FLIGHT, *PARTS)
PUBLISHED = f"{FLIGHT}.published."


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
        raise ConfigError("give either --toml or --json: stdout can hold only one of them")
    kind, also = _kind_of(options.name, options.kind)
    spec = _load(kind, options.name)
    if options.toml:
        out.print(spec.to_toml(), soft_wrap=True, end="")
        return Done({})
    figures = list(figures_of(spec))
    flight = None
    if isinstance(spec, MissionSpec):
        flight = flight_of(spec)
        figures += [*_of_flight(flight), *own_figures(spec.name)]
    sources, results = sources_of(figures), read_results(DATA_DIR)
    content: dict[str, object] = {"kind": kind, "digest": spec.digest, **dict(texts_of(spec))}
    _print_head(spec, out)
    if isinstance(spec, MissionSpec):
        content |= glance(spec) | _flown(spec, flight, results)
        print_glance(spec, out)
        if flight is not None:
            print_flight(spec, flight, results, out)
    _print_figures(options, figures, sources, out, short=isinstance(spec, MissionSpec))
    for other in also:
        out.print(Text(f"There is also a {other} with this name: --kind {other}", style="dim"))
    return Done({**content, "figures": [entry_of(each) for each in figures], "sources": sources})


def _print_figures(
    options: Describe,
    figures: list[Figure],
    sources: Mapping[str, Any],
    out: Console,
    *,
    short: bool,
) -> None:
    """Print every figure and source; in short only the sources of what was published."""
    if options.all or not short:
        print_figures(_not_published(figures), options.name, out)
        print_sources(sources, out)
        return
    told = sources_of([each for each in figures if each.table.startswith(PUBLISHED)])
    if told:
        print_sources(told, out)
    command = f"lunar-env describe {options.name} --all"
    every = f"all {len(figures)} figures and {len(sources)} sources: {command}"
    out.print(Text(f"\n{every}", style="dim"))


def _of_flight(flight: FlightSpec | None) -> list[Figure]:
    """Figures of a flight; how many have to end as the day did is a rule and none of them."""
    every = () if flight is None else figures_of(flight, FLIGHT)
    return [each for each in every if each.key != "ends_frac"]


def _kind_of(name: str, asked: str | None) -> tuple[str, list[str]]:
    """Return what a name means, and what else it could mean."""
    if asked is not None and asked not in KINDS:
        raise ConfigError(
            f"kind = {asked!r}: must be one of {', '.join(KINDS)}{nearest(asked, KINDS)}"
        )
    if asked is not None:
        return asked, []
    if means_path(name):
        return "scenario" if _is_scenario(Path(name)) else "mission", []
    if name == FLIGHT:
        raise ConfigError(
            f"{FLIGHT!r} differs for each mission: name the mission and add --kind {FLIGHT}"
        )
    known = {"mission": list_missions(), "scenario": list_scenarios()}
    known |= {kind: list_parts(kind) for kind in PARTS}
    kinds = [kind for kind, names in known.items() if name in names]
    if not kinds:
        every = [each for names in known.values() for each in names]
        listed = "; ".join(f"{kind}: {', '.join(names)}" for kind, names in known.items())
        raise ConfigError(f"unknown name {name!r}{nearest(name, every)} ({listed})")
    return kinds[0], kinds[1:]


def _load(kind: str, name: str) -> Spec:
    if kind == "mission":
        return load_mission(name)
    if kind == "scenario":
        return load_scenario(name)
    if kind == FLIGHT:
        return load_scenario(FLIGHT, name)
    return load_part(kind, name)


def _is_scenario(path: Path) -> bool:
    """Tell by the keys; a file that cannot be read is left to the loader's error."""
    try:
        keys = set(read_toml(path.expanduser()))
    except (ConfigError, RuntimeError):
        return False
    return len(keys & set(ScenarioSpec.model_fields)) > len(keys & set(MissionSpec.model_fields))


def _print_head(spec: Spec, out: Console) -> None:
    texts = dict(texts_of(spec))
    out.print(Text(texts.get("title", ""), style="bold"))
    for name, text in texts.items():
        if name not in ("name", "title"):
            out.print(Text(f"{name}: {text}"))
    out.print(Text(f"digest: {spec.digest}", style="dim"))


def _flown(
    mission: MissionSpec, flight: FlightSpec | None, results: Mapping[str, Any]
) -> dict[str, object]:
    """Return what is known of a mission's flight, and what came of it here."""
    if flight is None:
        return {}
    told = {"digest": flight.digest, **dict(texts_of(flight)), "ends": list(flight.ends)}
    seen = seen_of(mission.name, results)
    published = [
        {
            "name": figure.name,
            "value": figure.value,
            "band": list(figure.band) if figure.band else None,
            "here": seen.get(figure.name),
        }
        for figure in flight.published
    ]
    here = outcome_here(mission, results)
    return {FLIGHT: {**told, "outcome_here": here, "published": published}}


def _not_published(figures: list[Figure]) -> list[Figure]:
    """Leave out what stands in the table of published figures."""
    return [each for each in figures if not each.table.startswith(PUBLISHED)]
