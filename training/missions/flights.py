"""Flying missions on their days: some landings of one pilot, done by one process."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from gymnasium.vector import AutoresetMode

from lunar_env.errors import ConfigError, nearest
from lunar_env.specs import FlightSpec, list_missions, list_scenarios, load_mission, load_scenario
from lunar_env.specs.published import passing_height_m
from training.benchmark.pool import run_jobs
from training.evaluate import fly_seeds, labelled
from training.missions.log import FlightLog
from training.pilots import prepare
from training.results import Landings, join
from training.seeds import Domain, check_seed, episode_seeds
from training.task import Task, make_vector_env

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from lunar_env import LunarLandingVectorEnv
    from training.pilots import Entry

__all__ = [
    "FLIGHT",
    "HEALTHY",
    "OWN",
    "FlownPart",
    "Leg",
    "flight_of",
    "flown_missions",
    "fly_legs",
]

OWN = "own"
FLIGHT, HEALTHY = "flight", "noisy"
# Landings of a part, flown at once: many rows share the price of a step of the pilot.
CHUNK = 100
# What the landings are called among a flight's figures.
_TOUCHDOWN = {
    "touchdown_v_vertical_m_s": "v_vertical_m_s",
    "touchdown_v_lateral_m_s": "v_lateral_m_s",
    "touchdown_tilt_deg": "tilt_deg",
    "touchdown_rate_deg_s": "rate_deg_s",
    "rest_tilt_deg": "rest_tilt_deg",
    "legs_broken": "legs_broken",
}


@dataclass(frozen=True)
class Leg:
    """One pilot in one scenario of one mission, from the phase that its flight names for it."""

    mission: str
    scenario: str = FLIGHT
    pilot: str = OWN

    def task(self) -> Task:
        """Return what is flown."""
        flight = flight_of(self.mission)
        phase = flight.phase
        if self.scenario == HEALTHY and flight.healthy_phase is not None:
            phase = flight.healthy_phase
        return Task(self.mission, self.scenario, control=flight.control, phase=phase)


@dataclass(frozen=True)
class FlownPart:
    """Some landings of a leg."""

    leg: Leg
    seed: int
    first: int
    count: int

    def run(self, note: Callable[[int], None] | None = None) -> Landings:
        """Fly them; return their results and figures, one entry per landing."""
        entry, env = _ready(self.leg, self.count)
        programs = getattr(entry.pilot, "programs", ())
        log = FlightLog(env, self.count, programs, _passed(flight_of(self.leg.mission)))
        seeds = episode_seeds(self.seed, Domain.BENCH, self.first + self.count)[self.first :]
        flown = fly_seeds(entry.pilot, env, seeds, on_progress=note, log=log)
        rows = labelled(flown, entry.task, entry.label, seeds, self.first)
        met = {name: flown[column] for name, column in _TOUCHDOWN.items()}
        return {**rows, **log.figures(), **met}


def flight_of(mission: str) -> FlightSpec:
    """Return the flight of a mission.

    Raises
    ------
    ConfigError
        If there is no such mission, or it has none.
    """
    flight = load_scenario(FLIGHT, mission)
    if not isinstance(flight, FlightSpec):
        raise ConfigError(f"mission {mission!r}: its scenario {FLIGHT!r} is not a flight")
    return flight


def flown_missions(asked: Sequence[str] = ()) -> list[str]:
    """Return the missions that have a flight, in the order of their days, or those asked for.

    Parameters
    ----------
    asked : sequence of str, optional
        Names; all if empty.

    Raises
    ------
    ConfigError
        If one has no flight, or is given twice.
    """
    with_flight = [name for name in list_missions() if FLIGHT in list_scenarios(name)]
    for name in asked:
        if name not in with_flight:
            raise ConfigError(
                f"no mission {name!r} with a recorded flight{nearest(name, with_flight)}"
                f" (missions that have one: {', '.join(with_flight) or 'none'})"
            )
        if list(asked).count(name) > 1:
            raise ConfigError(f"mission {name!r} is given twice")
    return sorted(asked or with_flight, key=lambda name: load_mission(name).date)


def fly_legs(
    legs: Sequence[Leg],
    landings: int,
    seed: int,
    workers: int = 1,
    on_progress: Callable[[int, str], None] | None = None,
) -> Iterator[tuple[Leg, Landings]]:
    """Fly legs on the same seeds.

    Parameters
    ----------
    legs : sequence of Leg
        Who flies what.
    landings : int
        Of each.
    seed : int
        The user's seed.
    workers : int, optional
        Processes; they do not change the results.
    on_progress : callable, optional
        Called with the number of landings done, and who flew the last.

    Yields
    ------
    leg : Leg
        One that all of its landings are flown of; with several workers in any order.
    landings : dict of ndarray
        The columns of its landings.
    """
    check_seed(seed)
    if landings < 1:
        raise ConfigError(f"landings = {landings} must be at least 1")
    spans = [(first, min(CHUNK, landings - first)) for first in range(0, landings, CHUNK)]
    jobs = [FlownPart(leg, seed, *span) for leg in legs for span in spans]

    def tell(done: int, index: int) -> None:
        leg = jobs[index].leg
        if on_progress is not None:
            on_progress(done, f"{leg.pilot} in {leg.mission} {leg.scenario}")

    flown: dict[Leg, dict[int, Landings]] = {leg: {} for leg in legs}
    for index, part in run_jobs(jobs, workers, tell):
        leg, first = jobs[index].leg, jobs[index].first
        flown[leg][first] = part
        if len(flown[leg]) == len(spans):
            parts = flown.pop(leg)
            yield leg, join([parts[first] for first, _ in spans])


def _passed(flight: FlightSpec) -> list[float]:
    heights = (passing_height_m(figure.name) for figure in flight.published)
    return [height for height in heights if height is not None]


@lru_cache(maxsize=1)
def _ready(leg: Leg, rows: int) -> tuple[Entry, LunarLandingVectorEnv]:
    """Keep the environment from one part of a leg to the next."""
    entry = prepare(leg.pilot, leg.task())
    return entry, make_vector_env(entry.task, rows, AutoresetMode.NEXT_STEP, 1)
