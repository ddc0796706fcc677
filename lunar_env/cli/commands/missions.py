"""``missions``: the missions, with the reported and the simulated outcome of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from lunar_env.cli.mission_results import as_flown_of, outcome_here, read_results
from lunar_env.cli.program import Done
from lunar_env.cli.tables import name_column
from lunar_env.data import DATA_DIR
from lunar_env.specs import list_missions, load_mission

if TYPE_CHECKING:
    from rich.console import Console

    from lunar_env.cli.options import Missions

__all__ = ["run"]


def run(options: Missions, out: Console) -> Done:  # noqa: ARG001 (one signature for all)
    """List the missions.

    Parameters
    ----------
    options : Missions
        What was asked for.
    out : Console
        Where people read.

    Returns
    -------
    Done
        ``missions``: name, titles, date, site, reported outcome, and simulated outcome, null where
        it was not simulated.
    """
    results = read_results(DATA_DIR)
    missions = [load_mission(name) for name in list_missions()]
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 1, 1))
    name_column(table, "mission", [mission.name for mission in missions])
    table.add_column("outcome, reported and simulated")
    rows = []
    for mission in missions:
        here = outcome_here(mission, results)
        unknown = "not simulated yet" if as_flown_of(mission) else "no as-flown scenario"
        head = f"{mission.vehicle.title}, {mission.date[:4]}, {mission.site}"
        told = Text.assemble(
            (head, "bold"), "\nreported: ", mission.outcome, "\nsimulated: ", here or unknown
        )
        table.add_row(mission.name, told)
        rows.append(
            {
                "name": mission.name,
                "title": mission.title,
                "lander": mission.vehicle.title,
                "operator": mission.operator,
                "date": mission.date,
                "site": mission.site,
                "outcome": mission.outcome,
                "outcome_here": here,
            }
        )
    out.print(table)
    if not results:
        out.print("No results yet: in a clone, python -m training missions computes them.")
    return Done({"missions": rows})
