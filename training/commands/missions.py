"""``missions``: fly missions with their recorded faults, with their own or other pilots."""

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
from training.arguments import check_at_least, split_names, worker_count
from training.journal import Journal
from training.missions.cases import HEALTHY, Case, flown_missions, fly_cases
from training.missions.matrix import cases_of, fly_matrix, markdown, matrix_settings
from training.missions.results import RESULTS, read_missions, write_missions
from training.missions.summary import has_key, mission_key, summarise_mission
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
        ``missions``, as in the results file; with ``--what-if`` the proportions of the matrix.
    """
    check_at_least(1, landings=options.landings)
    workers = worker_count(options.workers)
    if options.update_package and (options.out is not None or options.what_if):
        raise ConfigError("--update-package excludes --out and --what-if: it determines both")
    if options.resume and options.out is None and not options.update_package:
        raise ConfigError("--resume needs --out: the results file to continue")
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
    key = partial(mission_key, landings=options.landings, seed=options.seed)
    tables: dict[str, dict[str, Any]] = {}
    if options.resume and path is not None:
        known = read_missions(path)
        tables = {name: known[name] for name in missions if has_key(known.get(name), key(name))}
    before, cases = 2 * len(tables) * options.landings, _cases(missions, tables)
    flown: dict[Case, Landings] = {}
    stop_handler = nullcontext() if path is None else resumed_by()
    with stop_handler, EvaluationProgress(2 * len(missions) * options.landings) as progress:
        report_progress = partial(_add_progress, progress.update, before)
        for case, rows in fly_cases(
            cases, options.landings, options.seed, workers, report_progress
        ):
            flown[case] = rows
            as_flown, healthy = (Case(case.mission, scenario) for scenario in (AS_FLOWN, HEALTHY))
            if as_flown not in flown or healthy not in flown:
                continue
            table = summarise_mission(key(case.mission), flown.pop(as_flown), flown.pop(healthy))
            if path is not None:  # immediately, so that a stop loses one mission at most
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


def _add_progress(
    update: Callable[[int, str], None], before: int, done: int, description: str
) -> None:
    """Report progress, including landings flown before the resumption."""
    update(before + done, description)


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
        settings = matrix_settings(missions, pilots, options.landings, options.seed)
        journal = Journal(options.out, settings, resume=options.resume)
    stop_handler = nullcontext() if journal is None else resumed_by()
    with stop_handler, EvaluationProgress(total) as progress:
        before = 0 if journal is None else len(journal.entries) * options.landings
        report_progress = partial(_add_progress, progress.update, before)
        matrix = fly_matrix(
            missions, pilots, options.landings, options.seed, workers, report_progress, journal
        )
    text = markdown(matrix)
    if options.out is not None and journal is not None:
        write_file(options.out, text, replace=True)
        journal.close()
    out.print(text, soft_wrap=True, end="")
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
