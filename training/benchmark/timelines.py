"""The worst failures of every pilot, flown again to see how they went."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lunar_env.flyer import Flyer
from lunar_env.pilots import resolve
from lunar_env.telemetry.course import course_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from lunar_env.telemetry.course import Course
    from training.benchmark.plan import Cell
    from training.results import Landings

__all__ = ["FlyAgain", "command_of", "worst_failures"]

WORST = 10
# A plot shows no more points than this.
POINTS = 160


class FlyAgain(NamedTuple):
    """A landing that is told as it is flown again."""

    cell: Cell
    episode_key: int
    known: dict[str, Any]  # what the results say of it

    def run(
        self,
        note: Callable[[int], None] | None = None,  # noqa: ARG002  # one landing is soon over
    ) -> dict[str, Any]:
        """Fly it; return what the results say, the command, and the time line."""
        entry = resolve(self.cell.pilot, self.cell.task, trust_code=self.cell.trusted)
        flight = Flyer(entry).fly(None, self.episode_key)
        return {
            **self.known,
            "flown_outcome": flight.outcome,
            "command": command_of(self.cell, self.episode_key),
            "line": _line(course_of(flight)),
        }


def worst_failures(landings: Landings, cells: list[Cell], most: int = WORST) -> list[FlyAgain]:
    """Return the failures to look at: those that could have been saved first, the fastest first.

    Parameters
    ----------
    landings : dict of ndarray
        Columns of the results.
    cells : list of Cell
        Who flew what.
    most : int, optional
        Of each pilot.

    Returns
    -------
    list of FlyAgain
        By pilot.
    """
    cell_of = {(cell.label, cell.mission, cell.scenario): cell for cell in cells}
    chosen = []
    for label in dict.fromkeys(cell.label for cell in cells):
        rows = np.flatnonzero((landings["pilot"] == label) & ~landings["landed"])
        # Without contact there is no speed; those come last of their kind.
        speed = np.nan_to_num(landings["speed_m_s"][rows], nan=-1.0)
        order = np.lexsort((-speed, ~landings["recoverable"][rows]))
        for row in rows[order[:most]]:
            known = {name: landings[name][row] for name in _KNOWN}
            plain = {k: v.item() if isinstance(v, np.generic) else v for k, v in known.items()}
            cell = cell_of[label, plain["mission"], plain["scenario"]]
            chosen.append(FlyAgain(cell, int(landings["episode_key"][row]), plain))
    return chosen


_KNOWN = (
    *("pilot", "mission", "scenario", "landing", "seed", "episode_key", "outcome", "cause"),
    *("recoverable", "speed_m_s", "first_fix_alt_m", "latency_s", "propellant_left_kg"),
)


def command_of(cell: Cell, episode_key: int) -> str:
    """Return the command that flies a landing of a cell again.

    Parameters
    ----------
    cell : Cell
        Who flew what.
    episode_key : int
        Which episode.

    Returns
    -------
    str
        For a shell, in the root of the repository.
    """
    words = ["lunar-env", "fly", "--pilot", cell.pilot, *["--trust-code"] * cell.trusted]
    words += ["--mission", str(cell.task.mission), "--scenario", str(cell.task.scenario)]
    words += ["--control", cell.task.control, "--phase", cell.task.phase]
    return shlex.join([*words, "--episode-key", str(episode_key)])


def _line(course: Course) -> dict[str, list[float]]:
    """Columns over time, thinned out; ranges stand at the instant of their measurement."""
    keep = _thinned(len(course.time_s))
    columns = {
        "time_s": course.time_s[keep],
        "height_m": course.height_m[keep],
        "descent_m_s": course.descent_m_s[keep],
        "lateral_m_s": course.lateral_m_s[keep],
        "dead_reckoned_m": course.dead_reckoned_height_m[keep],
        "believed_m": course.believed_height_m[keep],
        "thrust_frac": course.thrust_frac[keep],
    }
    stamps, ranges = _ranges(course)
    seen = _thinned(len(stamps))
    columns |= {"stamp_s": stamps[seen], "range_m": ranges[seen]}
    return {name: np.round(column, 3).tolist() for name, column in columns.items()}


def _thinned(count: int) -> list[int]:
    every = max(1, -(-count // POINTS))
    return [k for k in range(count) if k % every == 0 or k == count - 1]


def _ranges(course: Course) -> tuple[np.ndarray, np.ndarray]:
    """Every range that arrived last in a step, with the time of its stamp."""
    ranges = course.last_range_m
    new = ~np.isnan(ranges)
    new[1:] &= ranges[1:] != ranges[:-1]
    return (course.time_s - course.last_range_age_s)[new], ranges[new]
