"""Landings of missions as they were flown: one pilot in one scenario is a case."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from gymnasium.vector import AutoresetMode

from lunar_env.errors import ConfigError, nearest
from lunar_env.pilots import resolve
from lunar_env.specs import (
    AS_FLOWN,
    AsFlownSpec,
    list_missions,
    list_scenarios,
    load_mission,
    load_scenario,
)
from lunar_env.specs.published import passing_height_m
from lunar_env.task import Task
from training.benchmark.pool import run_jobs
from training.evaluate import fly_seeds, labelled
from training.missions.log import FlightLog
from training.results import Landings, join
from training.seeds import Domain, check_seed, episode_seeds
from training.vector_env import make_vector_env

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from lunar_env import LunarLandingVectorEnv
    from lunar_env.pilots import Entry

__all__ = [
    "HEALTHY",
    "OWN",
    "Case",
    "FlownPart",
    "as_flown_of",
    "flown_missions",
    "fly_cases",
]

OWN = "own"
HEALTHY = "noisy"
# Landings per part, flown in one environment: a step of the pilot costs little more for many rows.
CHUNK = 100
# Published figures that are columns of the landings, by their names there.
_TOUCHDOWN = {
    "touchdown_v_vertical_m_s": "v_vertical_m_s",
    "touchdown_v_lateral_m_s": "v_lateral_m_s",
    "touchdown_tilt_deg": "tilt_deg",
    "touchdown_rate_deg_s": "rate_deg_s",
    "rest_tilt_deg": "rest_tilt_deg",
    "legs_broken": "legs_broken",
}


@dataclass(frozen=True)
class Case:
    """One pilot in one scenario of one mission, in the phase and control of its as-flown file."""

    mission: str
    scenario: str = AS_FLOWN
    pilot: str = OWN

    def task(self) -> Task:
        """Return the task that is flown."""
        flown = as_flown_of(self.mission)
        phase, control = flown.phase, flown.control
        if self.scenario == HEALTHY:
            phase = flown.healthy_phase or phase
            control = flown.healthy_control or control
        return Task(self.mission, self.scenario, control=control, phase=phase)


@dataclass(frozen=True)
class FlownPart:
    """A part of the landings of a case."""

    case: Case
    seed: int
    first: int
    count: int

    def run(self, note: Callable[[int], None] | None = None) -> Landings:
        """Fly the landings; return results and figures, one entry per landing."""
        entry, env = _pilot_and_env(self.case, self.count)
        programs = getattr(entry.pilot, "programs", ())
        log = FlightLog(
            env, self.count, programs, _passing_heights_m(as_flown_of(self.case.mission))
        )
        seeds = episode_seeds(self.seed, Domain.BENCH, self.first + self.count)[self.first :]
        flown = fly_seeds(entry.pilot, env, seeds, on_progress=note, log=log)
        rows = labelled(flown, entry.task, entry.label, seeds, self.first)
        touchdown = {name: flown[column] for name, column in _TOUCHDOWN.items()}
        return {**rows, **log.figures(), **touchdown}


def as_flown_of(mission: str) -> AsFlownSpec:
    """Return the as-flown scenario of a mission.

    Raises
    ------
    ConfigError
        If the mission does not exist or has no such scenario.
    """
    flown = load_scenario(AS_FLOWN, mission)
    if not isinstance(flown, AsFlownSpec):
        raise ConfigError(f"mission {mission!r}: its scenario {AS_FLOWN!r} is not an AsFlownSpec")
    return flown


def flown_missions(asked: Sequence[str] = ()) -> list[str]:
    """Return the missions that have an as-flown scenario, or those asked for, by landing date.

    Parameters
    ----------
    asked : sequence of str, optional
        Names; all if empty.

    Raises
    ------
    ConfigError
        If one has no as-flown scenario, or is given twice.
    """
    with_faults = [name for name in list_missions() if AS_FLOWN in list_scenarios(name)]
    for name in asked:
        if name not in with_faults:
            raise ConfigError(
                f"mission {name!r} has no scenario {AS_FLOWN!r}{nearest(name, with_faults)}"
                f" (missions with one: {', '.join(with_faults) or 'none'})"
            )
        if list(asked).count(name) > 1:
            raise ConfigError(f"mission {name!r} is given twice")
    return sorted(asked or with_faults, key=lambda name: load_mission(name).date)


def fly_cases(
    cases: Sequence[Case],
    landings: int,
    seed: int,
    workers: int = 1,
    on_progress: Callable[[int, str], None] | None = None,
) -> Iterator[tuple[Case, Landings]]:
    """Fly all cases with the same seeds.

    Parameters
    ----------
    cases : sequence of Case
        The cases.
    landings : int
        Landings of each case.
    seed : int
        The user's seed.
    workers : int, optional
        Number of processes; does not affect the results.
    on_progress : callable, optional
        Called with the number of landings completed, and a description of the latest case.

    Yields
    ------
    case : Case
        A case whose landings are complete; with several workers in any order.
    landings : dict of ndarray
        Columns of its landings.

    Raises
    ------
    ConfigError
        If `seed` or `landings` is out of range.
    """
    check_seed(seed)
    if landings < 1:
        raise ConfigError(f"landings = {landings} must be at least 1")
    spans = [(first, min(CHUNK, landings - first)) for first in range(0, landings, CHUNK)]
    jobs = [FlownPart(case, seed, *span) for case in cases for span in spans]

    def report_progress(done: int, index: int) -> None:
        case = jobs[index].case
        if on_progress is not None:
            on_progress(done, f"{case.pilot} in {case.mission} {case.scenario}")

    flown: dict[Case, dict[int, Landings]] = {case: {} for case in cases}
    for index, part in run_jobs(jobs, workers, report_progress):
        case, first = jobs[index].case, jobs[index].first
        flown[case][first] = part
        if len(flown[case]) == len(spans):
            parts = flown.pop(case)
            yield case, join([parts[first] for first, _ in spans])


def _passing_heights_m(flown: AsFlownSpec) -> list[float]:
    heights = (passing_height_m(figure.name) for figure in flown.published)
    return [height for height in heights if height is not None]


@lru_cache(maxsize=1)
def _pilot_and_env(case: Case, rows: int) -> tuple[Entry, LunarLandingVectorEnv]:
    """Return pilot and environment of a case, cached from one part to the next."""
    entry = resolve(case.pilot, case.task())
    return entry, make_vector_env(entry.task, rows, AutoresetMode.NEXT_STEP, 1)
