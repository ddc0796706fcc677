"""Other pilots on the landings with the recorded faults of each mission."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from agents import LearnedPilot, list_pilots
from agents.classical import ClassicalPilot
from agents.guidance.types import GuidanceLaw
from lunar_env.errors import ConfigError, nearest
from lunar_env.pilots import resolve
from lunar_env.proportion import Proportion, wilson
from lunar_env.specs import AS_FLOWN, load_mission
from training.benchmark.plan import identity_of
from training.missions.cases import OWN, Case, as_flown_of, fly_cases
from training.provenance import provenance

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from training.journal import Journal

__all__ = ["Matrix", "can_fly", "cases_of", "fly_matrix", "markdown", "matrix_settings"]


class Matrix(NamedTuple):
    """Proportions of landings by mission and pilot, without pairs that cannot fly."""

    missions: list[str]
    pilots: list[str]
    landed: dict[tuple[str, str], Proportion]
    landings: int
    seed: int


def cases_of(missions: Sequence[str], pilots: Sequence[str]) -> list[Case]:
    """Return the cases of missions and pilots, without pairs that cannot fly.

    Parameters
    ----------
    missions : sequence of str
        Missions with an as-flown scenario.
    pilots : sequence of str
        ``own``, ``law+filter``, learned policies, or upper bounds.

    Raises
    ------
    ConfigError
        If a name is unknown, or a pilot can fly none of the missions.
    """
    known = [*list_pilots(), OWN, *list_pilots(bounds=True)]
    for name in pilots:
        if name not in known and not name.endswith(".safetensors"):
            raise ConfigError(
                f"unknown pilot {name!r}{nearest(name, known)}"
                " (`lunar-env list pilots` lists the names)"
            )
    cases = [Case(mission, AS_FLOWN, pilot) for mission in missions for pilot in pilots]
    flyable = [case for case in cases if can_fly(case)]
    for name in pilots:
        if not any(case.pilot == name for case in flyable):
            raise ConfigError(f"pilot {name!r} can fly none of {', '.join(missions)}")
    return flyable


def matrix_settings(
    missions: Sequence[str], pilots: Sequence[str], landings: int, seed: int
) -> dict[str, Any]:
    """Return everything that a matrix depends on, as JSON content."""
    made_from = provenance()
    return {
        "missions": {
            mission: {
                "digest": load_mission(mission).digest,
                "as_flown_digest": as_flown_of(mission).digest,
            }
            for mission in missions
        },
        "pilots": {pilot: identity_of(pilot) for pilot in pilots},
        "landings": landings,
        "seed": seed,
        "commit": made_from["commit"],
        "versions": made_from["versions"],
    }


def fly_matrix(
    missions: Sequence[str],
    pilots: Sequence[str],
    landings: int,
    seed: int,
    workers: int = 1,
    on_progress: Callable[[int, str], None] | None = None,
    journal: Journal | None = None,
) -> Matrix:
    """Fly every mission with every pilot, on the same seeds.

    Parameters
    ----------
    missions, pilots : sequence of str
        See `cases_of`.
    landings : int
        Landings of each pilot in each mission.
    seed : int
        The user's seed.
    workers : int, optional
        Number of processes.
    on_progress : callable, optional
        See `training.missions.cases.fly_cases`.
    journal : Journal, optional
        Journal of this matrix: its cases are not repeated, and new ones are added.

    Returns
    -------
    Matrix
        Proportions of landings.
    """
    cases = cases_of(missions, pilots)
    known = [] if journal is None else journal.entries
    count = {(entry["mission"], entry["pilot"]): entry["landed"] for entry in known}
    left = [case for case in cases if (case.mission, case.pilot) not in count]
    for case, rows in fly_cases(left, landings, seed, workers, on_progress):
        entry = {
            "mission": case.mission,
            "pilot": case.pilot,
            "landed": int(np.sum(rows["landed"])),
        }
        count[case.mission, case.pilot] = entry["landed"]
        if journal is not None:
            journal.add(entry)
    flown = ((case.mission, case.pilot) for case in cases)
    landed = {who: wilson(count[who], landings) for who in flown}
    return Matrix(list(missions), list(pilots), landed, landings, seed)


def markdown(matrix: Matrix) -> str:
    """Return the matrix as a table for a text in Markdown.

    Parameters
    ----------
    matrix : Matrix
        The matrix.

    Returns
    -------
    str
        A row for each mission, a column for each pilot, and an explanation.
    """
    rows = [["mission", *(f"`{pilot}`" for pilot in matrix.pilots)]]
    rows.append(["---", *("---:" for _ in matrix.pilots)])
    for mission in matrix.missions:
        cells = (_cell(matrix.landed, mission, pilot) for pilot in matrix.pilots)
        rows.append([load_mission(mission).title, *cells])
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return (
        f"{table}\n\nLanded [%] of {matrix.landings} flights with the recorded faults, the same"
        f" for every pilot (seed {matrix.seed}); 95 % Wilson intervals. A dash: the pilot does"
        " not support this phase and control.\n"
    )


def _cell(landed: Mapping[tuple[str, str], Proportion], mission: str, pilot: str) -> str:
    share = landed.get((mission, pilot))
    if share is None:
        return "-"
    return f"{100 * share.value:.1f} ({100 * share.low:.1f}-{100 * share.high:.1f})"


def can_fly(case: Case) -> bool:
    """Return whether a pilot can fly a case.

    Parameters
    ----------
    case : Case
        A learned policy flies only its own mission. Throttle laws fly only the terminal phase,
        because they cannot stop a large horizontal velocity.
    """
    task = case.task()
    try:
        pilot = resolve(case.pilot, task).pilot
    except ConfigError:
        return False
    if isinstance(pilot, LearnedPilot):
        return pilot.card.mission == case.mission
    throttle_law = isinstance(pilot, ClassicalPilot) and isinstance(pilot.law, GuidanceLaw)
    return task.phase == "terminal" or not throttle_law
