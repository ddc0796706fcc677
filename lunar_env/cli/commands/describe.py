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
from lunar_env.cli.glance import glance, print_glance
from lunar_env.cli.mission_results import (
    as_flown_of,
    outcome_here,
    print_as_flown,
    read_results,
    seen_of,
)
from lunar_env.cli.program import Done
from lunar_env.data import DATA_DIR
from lunar_env.errors import ConfigError, nearest
from lunar_env.reading import read_toml
from lunar_env.specs import (
    AS_FLOWN,
    AsFlownSpec,
    MissionSpec,
    ScenarioSpec,
    list_missions,
    list_scenarios,
    load_mission,
    load_scenario,
)
from lunar_env.specs.files import check_renamed, means_path
from lunar_env.specs.parts import PARTS, list_parts, load_part

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from lunar_env.cli.figures import Figure
    from lunar_env.cli.options import Describe
    from lunar_env.specs.base import Spec

__all__ = ["run"]

KINDS = ("mission", "scenario", AS_FLOWN, *PARTS)
PUBLISHED = f"{AS_FLOWN}.published."


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
        raise ConfigError("--toml and --json exclude each other: each fills stdout")
    kind, also = _kind_of(options.name, options.kind)
    spec = _load(kind, options.name)
    if options.toml:
        out.print(spec.to_toml(), soft_wrap=True, end="")
        return Done({})
    figures = list(figures_of(spec))
    flown = None
    if isinstance(spec, MissionSpec):
        flown = as_flown_of(spec)
        figures += [*_of_as_flown(flown), *own_figures(spec.name)]
    sources, results = sources_of(figures), read_results(DATA_DIR)
    content: dict[str, object] = {"kind": kind, "digest": spec.digest, **dict(texts_of(spec))}
    _print_head(spec, out)
    if isinstance(spec, MissionSpec):
        content |= glance(spec) | _flown(spec, flown, results)
        print_glance(spec, out)
        if flown is not None:
            print_as_flown(spec, flown, results, out)
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


def _of_as_flown(flown: AsFlownSpec | None) -> list[Figure]:
    """Figures of an as-flown scenario, without `ends_frac`, which is a criterion and no figure."""
    every = () if flown is None else figures_of(flown, AS_FLOWN)
    return [each for each in every if each.key != "ends_frac"]


def _kind_of(name: str, asked: str | None) -> tuple[str, list[str]]:
    """Return what a name means, and what else it could mean."""
    if asked is not None:
        check_renamed(asked)
    if asked is not None and asked not in KINDS:
        raise ConfigError(
            f"kind = {asked!r}: must be one of {', '.join(KINDS)}{nearest(asked, KINDS)}"
        )
    if asked is not None:
        return asked, []
    if means_path(name):
        return "scenario" if _is_scenario(Path(name)) else "mission", []
    if name == AS_FLOWN:
        raise ConfigError(
            f"{AS_FLOWN!r} differs for each mission: give the mission and --kind {AS_FLOWN}"
        )
    check_renamed(name)
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
    if kind == AS_FLOWN:
        return load_scenario(AS_FLOWN, name)
    return load_part(kind, name)


def _is_scenario(path: Path) -> bool:
    """Decide by the keys; for a file that cannot be read, the loader raises the error."""
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
    mission: MissionSpec, flown: AsFlownSpec | None, results: Mapping[str, Any]
) -> dict[str, object]:
    """Return the as-flown scenario of a mission with its simulated results, as JSON content."""
    if flown is None:
        return {}
    told = {"digest": flown.digest, **dict(texts_of(flown)), "ends": list(flown.ends)}
    seen = seen_of(mission.name, results)
    published = [
        {
            "name": figure.name,
            "value": figure.value,
            "band": list(figure.band) if figure.band else None,
            "here": seen.get(figure.name),
        }
        for figure in flown.published
    ]
    here = outcome_here(mission, results)
    return {AS_FLOWN: {**told, "outcome_here": here, "published": published}}


def _not_published(figures: list[Figure]) -> list[Figure]:
    """Return the figures that are not in the table of published figures."""
    return [each for each in figures if not each.table.startswith(PUBLISHED)]
