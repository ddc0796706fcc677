"""The worst failures of every pilot, flown again to see how they went."""

from __future__ import annotations

import math
import shlex
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from training.fly import make_env, moments
from training.pilots import prepare
from training.watch import watched

if TYPE_CHECKING:
    from collections.abc import Callable

    from training.benchmark.plan import Cell
    from training.fly import Moment
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
        entry = prepare(self.cell.pilot, self.cell.task)
        pilot, watcher = watched(entry.pilot)
        env = make_env(entry.task)
        told: list[Moment] = []
        believed: list[float] = []
        steps = moments(env, pilot, None, self.episode_key)
        while True:
            try:
                told.append(next(steps))
            except StopIteration as end:
                outcome = str(end.value["outcome"])
                break
            # The pilot speaks when it is asked for the step that has just been flown.
            if len(told) > 1:
                believed.append(_believed(watcher.latest) if watcher else math.nan)
        env.close()
        return {
            **self.known,
            "flown_outcome": outcome,
            "command": command_of(self.cell, self.episode_key),
            "line": _line(told, [*believed, math.nan]),
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
    words = ["python", "-m", "training", "fly", "--pilot", cell.pilot]
    words += ["--mission", str(cell.task.mission), "--scenario", str(cell.task.scenario)]
    words += ["--control", cell.task.control, "--phase", cell.task.phase]
    return shlex.join([*words, "--episode-key", str(episode_key)])


def _believed(estimate: Any) -> float:
    return math.nan if estimate is None else float(estimate.height_m[0])


def _line(told: list[Moment], believed: list[float]) -> dict[str, list[float]]:
    """Columns over time, thinned out; ranges stand at the instant of their measurement."""
    keep = _thinned(len(told))
    columns = {
        "time_s": [told[k].time_s for k in keep],
        "height_m": [told[k].height_m for k in keep],
        "descent_m_s": [-told[k].v_vertical_m_s for k in keep],
        "lateral_m_s": [told[k].v_lateral_m_s for k in keep],
        "dead_reckoned_m": [told[k].believed_height_m for k in keep],
        "believed_m": [believed[k] for k in keep],
        "thrust_frac": [told[k].thrust_frac for k in keep],
    }
    stamps, ranges = _ranges(told)
    seen = _thinned(len(stamps))
    columns |= {"stamp_s": [stamps[k] for k in seen], "range_m": [ranges[k] for k in seen]}
    return {name: [round(value, 3) for value in column] for name, column in columns.items()}


def _thinned(count: int) -> list[int]:
    every = max(1, -(-count // POINTS))
    return [k for k in range(count) if k % every == 0 or k == count - 1]


def _ranges(told: list[Moment]) -> tuple[list[float], list[float]]:
    """Every range that arrived last in a step, with the time of its stamp."""
    stamps: list[float] = []
    ranges: list[float] = []
    for moment in told:
        if math.isnan(moment.last_range_m):
            continue
        stamp = moment.time_s - moment.last_range_age_s
        if not stamps or moment.last_range_m != ranges[-1]:
            stamps.append(stamp)
            ranges.append(moment.last_range_m)
    return stamps, ranges
