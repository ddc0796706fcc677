"""``missions``: every mission on its day, or other pilots on the same failing landers."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from lunar_env.errors import ConfigError
from lunar_env.specs import load_mission
from training.benchmark.run import default_workers
from training.missions.flights import FLIGHT, HEALTHY, Leg, flown_missions, fly_legs
from training.missions.matrix import fly_matrix, legs_of, markdown
from training.missions.results import RESULTS, write_missions
from training.missions.summary import summarise_mission
from training.output import write_text
from training.progress import EvaluationProgress
from training.run_folder import provenance
from training.tables import share

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rich.console import Console

    from training.options import Missions

__all__ = ["run"]


def run(options: Missions, out: Console) -> Mapping[str, object]:
    """Fly the missions.

    Parameters
    ----------
    options : Missions
        What was asked for.
    out : Console
        Where people read.

    Returns
    -------
    mapping
        ``missions``, as the file has them; with ``--what-if`` the shares of the matrix.
    """
    workers = default_workers() if options.workers is None else options.workers
    for name, value in (("landings", options.landings), ("workers", workers)):
        if value < 1:
            raise ConfigError(f"{name} = {value} must be at least 1")
    missions = flown_missions(_names(options.missions))
    if not missions:
        raise ConfigError("no mission has a flight of its own")
    if options.what_if:
        return _what_if(options, missions, workers, out)
    return _as_flown(options, missions, workers, out)


def _as_flown(
    options: Missions, missions: list[str], workers: int, out: Console
) -> Mapping[str, object]:
    path = options.out or RESULTS
    commit = provenance()["commit"]
    tables: dict[str, dict[str, Any]] = {}
    done = 0
    with EvaluationProgress(2 * len(missions) * options.landings) as progress:
        for mission in missions:
            legs = [Leg(mission, scenario) for scenario in (FLIGHT, HEALTHY)]
            ours, healthy = fly_legs(
                *(legs, options.landings, options.seed, workers),
                partial(_further, progress.update, done),
            )
            table = summarise_mission(mission, ours, healthy, options.seed, commit)
            write_missions(path, {mission: table})  # at once: a kill loses one mission, not all
            tables[mission], done = table, done + 2 * options.landings
    for mission, table in tables.items():
        _show(mission, table, out)
    out.print(f"results: [bold]{path}[/]", soft_wrap=True)
    return {"missions": tables, "results": str(path)}


def _further(update: Callable[[int, str], None], before: int, done: int, who: str) -> None:
    """Tell of progress after so many landings of other missions."""
    update(before + done, who)


def _what_if(
    options: Missions, missions: list[str], workers: int, out: Console
) -> Mapping[str, object]:
    pilots = list(dict.fromkeys(_names(options.pilots)))
    if not pilots:
        raise ConfigError("pilots is empty; give at least one name")
    total = len(legs_of(missions, pilots)) * options.landings
    with EvaluationProgress(total) as progress:
        matrix = fly_matrix(
            *(missions, pilots, options.landings, options.seed, workers, progress.update)
        )
    text = markdown(matrix)
    out.print(text, markup=False, soft_wrap=True, end="")
    if options.out is not None:
        write_text(options.out, text)
    shares: dict[str, dict[str, object]] = {mission: {} for mission in missions}
    for (mission, pilot), landed in matrix.landed.items():
        shares[mission][pilot] = landed._asdict()
    return {"landings": options.landings, "seed": options.seed, "landed": shares}


def _show(mission: str, result: Mapping[str, Any], out: Console) -> None:
    out.print(Text(f"\n{load_mission(mission).title}", style="bold"))
    out.print(Text(result["outcome"]))
    healthy = result["healthy"]
    landed = share(healthy["count"] / healthy["of"], healthy["low"], healthy["high"])
    out.print(Text(f"with a healthy set of sensors {landed} land from phase {healthy['phase']}"))
    table = Table("figure")
    for name in ("median", "5 %", "95 %", "unit", "published", "band"):
        table.add_column(name, justify="left" if name == "unit" else "right")
    for name, figure in result["figures"].items():
        if "published" not in figure:
            continue
        low, high = figure.get("band", ("", ""))
        band = f"{low:g} to {high:g}" if "band" in figure else "-"
        band += "" if figure.get("inside", True) else ": outside"
        numbers = (f"{figure[key]:g}" for key in ("median", "p5", "p95"))
        table.add_row(name, *numbers, figure["unit"], f"{figure['published']:g}", band)
    if table.row_count:
        out.print(table)


def _names(given: tuple[str, ...]) -> list[str]:
    """Names that were separated by spaces, by commas, or by both."""
    return [name for word in given for name in word.split(",") if name]
