"""``missions``: which landings can be flown, and how they went."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from lunar_env.cli.program import Done
from lunar_env.data import DATA_DIR
from lunar_env.specs import list_missions, load_mission

if TYPE_CHECKING:
    from collections.abc import Mapping

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
        ``missions``: name, titles, date, site, outcome, and the outcome here where it is known.
    """
    here = _outcomes_here()
    missions = [load_mission(name) for name in list_missions()]
    table = Table("mission", "flight", "lander", "date", "site", "what happened", show_lines=True)
    if here:
        table.add_column("what happens here")
    for mission in missions:
        cells = (mission.name, mission.title, mission.vehicle.title, mission.date, mission.site)
        last = (here.get(mission.name, ""),) if here else ()
        table.add_row(*(Text(cell) for cell in (*cells, mission.outcome, *last)))
    out.print(table)
    rows = [
        {
            "name": mission.name,
            "title": mission.title,
            "lander": mission.vehicle.title,
            "operator": mission.operator,
            "date": mission.date,
            "site": mission.site,
            "outcome": mission.outcome,
            **({"outcome_here": here[mission.name]} if mission.name in here else {}),
        }
        for mission in missions
    ]
    return Done({"missions": rows})


def _outcomes_here() -> Mapping[str, str]:
    """Read what each mission came to when it was flown here, from ``data/results.toml``, if any.

    Its tables are the missions' names, its key ``outcome`` is one sentence.
    """
    path = DATA_DIR / "results.toml"
    if not path.is_file():
        return {}
    results = tomllib.loads(path.read_text(encoding="utf-8"))
    return {name: str(result["outcome"]) for name, result in results.items()}
