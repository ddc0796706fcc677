"""Time histories of the worst failures of each pilot, which are flown again."""

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

FAILURES_PER_PILOT = 10
# Largest number of points in a plot.
MAX_POINTS = 160


class FlyAgain(NamedTuple):
    """A landing that is flown again to record its time history."""

    cell: Cell
    episode_key: int
    known: dict[str, Any]  # its row in the results

    def run(
        self,
        note: Callable[[int], None] | None = None,  # noqa: ARG002  # a single landing is fast
    ) -> dict[str, Any]:
        """Fly the landing; return its row, the command and the time history."""
        entry = resolve(self.cell.pilot, self.cell.task, trust_code=self.cell.trusted)
        flight = Flyer(entry).fly(None, self.episode_key)
        return {
            **self.known,
            "flown_outcome": flight.outcome,
            "command": command_of(self.cell, self.episode_key),
            "line": _line(course_of(flight)),
        }


def worst_failures(
    landings: Landings, cells: list[Cell], most: int = FAILURES_PER_PILOT
) -> list[FlyAgain]:
    """Return the worst failures of each pilot: starts not lost first, then by touchdown speed.

    Parameters
    ----------
    landings : dict of ndarray
        Columns of the results.
    cells : list of Cell
        The cells of the benchmark.
    most : int, optional
        Largest number per pilot.

    Returns
    -------
    list of FlyAgain
        The failures, by pilot.
    """
    cell_of = {(cell.label, cell.mission, cell.scenario): cell for cell in cells}
    chosen = []
    for label in dict.fromkeys(cell.label for cell in cells):
        rows = np.flatnonzero((landings["pilot"] == label) & ~landings["landed"])
        # Landings without contact have no speed and come after the others.
        speed = np.nan_to_num(landings["speed_m_s"][rows], nan=-1.0)
        order = np.lexsort((-speed, landings["lost"][rows]))
        for row in rows[order[:most]]:
            known = {name: landings[name][row] for name in _KNOWN}
            plain = {k: v.item() if isinstance(v, np.generic) else v for k, v in known.items()}
            cell = cell_of[label, plain["mission"], plain["scenario"]]
            chosen.append(FlyAgain(cell, int(landings["episode_key"][row]), plain))
    return chosen


_KNOWN = (
    *("pilot", "mission", "scenario", "landing", "seed", "episode_key", "outcome", "cause"),
    *("lost", "speed_m_s", "first_fix_height_m", "latency_s", "propellant_left_kg"),
)


def command_of(cell: Cell, episode_key: int) -> str:
    """Return the shell command that repeats a landing of a cell.

    Parameters
    ----------
    cell : Cell
        The cell.
    episode_key : int
        Key of the episode.

    Returns
    -------
    str
        The command, to be run in the root of the repository.
    """
    words = ["lunar-env", "fly", "--pilot", cell.pilot, *["--trust-code"] * cell.trusted]
    words += ["--mission", str(cell.task.mission), "--scenario", str(cell.task.scenario)]
    words += ["--control", cell.task.control, "--phase", cell.task.phase]
    return shlex.join([*words, "--episode-key", str(episode_key)])


def _line(course: Course) -> dict[str, list[float]]:
    """Return columns over time, thinned out; ranges are at their times of measurement."""
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
    every = max(1, -(-count // MAX_POINTS))
    return [k for k in range(count) if k % every == 0 or k == count - 1]


def _ranges(course: Course) -> tuple[np.ndarray, np.ndarray]:
    """Return time stamp and value of the latest range in each step that brought one."""
    ranges = course.last_range_m
    new = ~np.isnan(ranges)
    new[1:] &= ranges[1:] != ranges[:-1]
    return (course.time_s - course.last_range_age_s)[new], ranges[new]
