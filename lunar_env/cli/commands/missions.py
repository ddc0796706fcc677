"""``missions``: which landings can be flown, how they went, and how they go here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from lunar_env.cli.flights import flight_of, outcome_here, read_results
from lunar_env.cli.program import Done
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
        ``missions``: name, titles, date, site, outcome, and the outcome here, null where it was not
        flown.
    """
    results = read_results(DATA_DIR)
    table = Table("mission", "lander", "year", "site", "what happened", show_lines=True)
    table.add_column("what happens here")
    rows = []
    for mission in map(load_mission, list_missions()):
        here = outcome_here(mission, results)
        unknown = "not flown yet" if flight_of(mission) else "has no flight of its own"
        texts = (mission.vehicle.title, mission.date[:4], mission.site, mission.outcome)
        table.add_row(*(Text(text) for text in (mission.name, *texts, here or unknown)))
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
        out.print("No results yet: in a clone, python -m training missions flies and writes them.")
    return Done({"missions": rows})
