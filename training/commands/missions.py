"""``missions``: every mission on its day, or other pilots on the same failing landers."""

from __future__ import annotations

from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from lunar_env.errors import ConfigError
from lunar_env.files import check_output, require_suffix, write_file
from lunar_env.specs import AS_FLOWN, load_mission
from lunar_env.stopping import resumed_by
from training.arguments import check_positive, split_names, worker_count
from training.journal import Journal
from training.missions.cases import HEALTHY, Case, flown_missions, fly_cases
from training.missions.matrix import about_matrix, cases_of, fly_matrix, markdown
from training.missions.results import RESULTS, read_missions, write_missions
from training.missions.summary import about_mission, is_about, summarise_mission
from training.progress import EvaluationProgress
from training.tables import share

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping

    from rich.console import Console

    from training.options import Missions
    from training.results import Landings

__all__ = ["run"]


def run(options: Missions, out: Console) -> Mapping[str, object]:
    """Fly the missions.

    Parameters
    ----------
    options : Missions
        Options of the command.
    out : Console
        Console for the user.

    Returns
    -------
    mapping
        ``missions``, as the file has them; with ``--what-if`` the shares of the matrix.
    """
    check_positive(landings=options.landings)
    workers = worker_count(options.workers)
    if options.update_package and (options.out is not None or options.what_if):
        raise ConfigError("--update-package takes neither --out nor --what-if: it determines both")
    if options.resume and options.out is None and not options.update_package:
        raise ConfigError("--resume needs --out, the file to resume in")
    missions = flown_missions(split_names(options.missions))
    if not missions:
        raise ConfigError(f"no mission has a scenario {AS_FLOWN!r}")
    if options.what_if:
        return _what_if(options, missions, workers, out)
    return _as_flown(options, missions, workers, out)


def _as_flown(
    options: Missions, missions: list[str], workers: int, out: Console
) -> Mapping[str, object]:
    path = RESULTS if options.update_package else options.out
    if path is not None:
        require_suffix(path, (".toml",), "a file of results")
        check_output(path, replace=True)
    about = partial(about_mission, landings=options.landings, seed=options.seed)
    tables: dict[str, dict[str, Any]] = {}
    if options.resume and path is not None:
        known = read_missions(path)
        tables = {name: known[name] for name in missions if is_about(known.get(name), about(name))}
    before, cases = 2 * len(tables) * options.landings, _cases(missions, tables)
    flown: dict[Case, Landings] = {}
    going_on = nullcontext() if path is None else resumed_by()
    with going_on, EvaluationProgress(2 * len(missions) * options.landings) as progress:
        tell = partial(_further, progress.update, before)
        for case, rows in fly_cases(cases, options.landings, options.seed, workers, tell):
            flown[case] = rows
            ours, healthy = (Case(case.mission, scenario) for scenario in (AS_FLOWN, HEALTHY))
            if ours not in flown or healthy not in flown:
                continue
            table = summarise_mission(about(case.mission), flown.pop(ours), flown.pop(healthy))
            if path is not None:  # at once: a stop loses one mission, not all
                write_missions(path, {case.mission: table})
            tables[case.mission] = table
    for mission in missions:
        _show(mission, tables[mission], out)
    if path is not None:
        out.print(f"results: {path}", soft_wrap=True)
    written = None if path is None else str(path)
    return {"missions": {name: tables[name] for name in missions}, "results": written}


def _cases(missions: list[str], flown: Container[str]) -> list[Case]:
    left = [mission for mission in missions if mission not in flown]
    return [Case(mission, scenario) for mission in left for scenario in (AS_FLOWN, HEALTHY)]


def _further(update: Callable[[int, str], None], before: int, done: int, who: str) -> None:
    """Tell of progress after so many landings that were flown before."""
    update(before + done, who)


def _what_if(
    options: Missions, missions: list[str], workers: int, out: Console
) -> Mapping[str, object]:
    pilots = list(dict.fromkeys(split_names(options.pilots)))
    if not pilots:
        raise ConfigError("pilots is empty; give at least one name")
    if options.out is not None:
        require_suffix(options.out, (".md",), "the table of --what-if")
    total = len(cases_of(missions, pilots)) * options.landings
    journal = None
    if options.out is not None:
        settings = about_matrix(missions, pilots, options.landings, options.seed)
        journal = Journal(options.out, settings, resume=options.resume)
    going_on = nullcontext() if journal is None else resumed_by()
    with going_on, EvaluationProgress(total) as progress:
        before = 0 if journal is None else len(journal.entries) * options.landings
        tell = partial(_further, progress.update, before)
        matrix = fly_matrix(
            *(missions, pilots, options.landings, options.seed, workers, tell, journal)
        )
    text = markdown(matrix)
    out.print(text, soft_wrap=True, end="")
    if options.out is not None and journal is not None:
        write_file(options.out, text, replace=True)
        journal.close()
    shares: dict[str, dict[str, object]] = {mission: {} for mission in missions}
    for (mission, pilot), landed in matrix.landed.items():
        shares[mission][pilot] = landed._asdict()
    return {"landings": options.landings, "seed": options.seed, "landed": shares}


def _show(mission: str, result: Mapping[str, Any], out: Console) -> None:
    out.print(Text(f"\n{load_mission(mission).title}", style="bold"))
    out.print(Text(result["outcome"]))
    healthy = result["healthy"]
    landed = share(healthy["count"] / healthy["of"], healthy["low"], healthy["high"])
    out.print(Text(f"with healthy sensors {landed} land from phase {healthy['phase']}"))
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
