"""The experiments on a pilot without ranges.

1. *Descent*: nothing measures the height, so that the whole flight shows what the pilot does before
   a first range. It assumes the standard deviation of its height that is drawn, or a smaller one.
2. *Late ranges*: the same two, with ranges that come late or very late. How many land?
3. *Outages*: every episode is flown twice, once with bursts of lost ranges. The two flights are the
   same to the bit until the first range is lost, so that every difference is due to its age.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from gymnasium.vector import AutoresetMode

from lunar_env.proportion import wilson
from training.blind.bands import Band, band, first_at, stop_curve
from training.blind.scenarios import (
    ASSUMED_M,
    DRAWN_M,
    OVERCONFIDENT_M,
    late,
    outages,
    silent,
    unbroken,
)
from training.blind.track import Track, fly
from training.evaluate import fly_seeds
from training.seeds import Domain, episode_seeds
from training.vector_env import make_vector_env

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from agents.base import BoolArray, Float64Array
    from lunar_env.pilots import Entry
    from lunar_env.proportion import Proportion

__all__ = ["ASSUMPTIONS", "EXPERIMENTS", "FEWEST", "Blind", "LateRanges", "study"]

ASSUMPTIONS: Final = {"correct": DRAWN_M, "overconfident": OVERCONFIDENT_M}
"""Standard deviation that the lander's computer assumes [m] where `DRAWN_M` is drawn."""
EXPERIMENTS: Final = len({*ASSUMED_M, DRAWN_M, OVERCONFIDENT_M}) + 3 * len(ASSUMPTIONS)
"""Flights per episode and pilot."""
FEWEST: Final = 50
"""Episodes below which the curves are mostly chance."""
_POINTS: Final = 80
_AGES_S: Final = np.arange(1.5, 10.1, 0.5)
# A curve ends where fewer flights get to: half of all in a descent, one in ten in an outage.
_HALF, _TENTH = 0.5, 0.1


class LateRanges(NamedTuple):
    """Landings with late ranges."""

    landed: Proportion
    too_late: Proportion  # first ranges from which no control could land any more
    fix_m: float  # median height at the first range
    fix_m_s: float  # median descent speed there
    speed_p95_m_s: float  # 95 % of the touchdowns are slower


class Blind(NamedTuple):
    """What a pilot does while it has no range."""

    pilot: str
    believed: dict[float, Band]  # descent speed over dead-reckoned height, by `ASSUMED_M`
    true: dict[str, Band]  # the same over true height, by `ASSUMPTIONS`
    stop: Band  # height of the fastest stop over the descent speed
    late: dict[str, LateRanges]  # by `ASSUMPTIONS`
    throttle: dict[str, Band]  # change of the throttle over the age of the latest range

    def to_dict(self) -> dict[str, Any]:
        """Return the results as JSON content."""
        return {
            "pilot": self.pilot,
            "believed": {
                f"{assumed:.0f}": curve.to_dict() for assumed, curve in self.believed.items()
            },
            "true": {name: curve.to_dict() for name, curve in self.true.items()},
            "stop": self.stop.to_dict(),
            "late": {
                name: {
                    **ranges._asdict(),
                    "landed": ranges.landed._asdict(),
                    "too_late": ranges.too_late._asdict(),
                }
                for name, ranges in self.late.items()
            },
            "throttle": {name: curve.to_dict() for name, curve in self.throttle.items()},
        }


def study(
    entries: Sequence[Entry],
    landings: int,
    seed: int,
    *,
    threads: int | None = None,
    on_progress: Callable[[int, str], None] | None = None,
) -> list[Blind]:
    """Fly the experiments with each pilot.

    Parameters
    ----------
    entries : sequence of Entry
        Pilots, each with the mission, control and phase that it flies.
    landings : int
        Number of episodes of each experiment, the same ones for every pilot.
    seed : int
        The user's seed of the benchmark episodes.
    threads : int, optional
        Threads of the simulation; does not affect the results.
    on_progress : callable, optional
        Called with the number of episodes flown so far, and what is flown.

    Returns
    -------
    list of Blind
        One for each pilot.
    """
    seeds = episode_seeds(seed, Domain.BENCH, landings)
    flights = _Flights(seeds, threads, on_progress or (lambda _count, _what: None))
    return [_study(entry, flights) for entry in entries]


class _Flights:
    """Flies experiments and counts the episodes."""

    def __init__(
        self, seeds: list[int], threads: int | None, on_progress: Callable[[int, str], None]
    ) -> None:
        self.seeds = seeds
        self._threads, self._on_progress, self._count = threads, on_progress, 0

    def track(self, entry: Entry, scenario: Any) -> Track:
        """Return the recorded steps of a scenario."""
        track = fly(entry, entry.task._replace(scenario=scenario), self.seeds, self._threads)
        self._note(entry, scenario)
        return track

    def landings(self, entry: Entry, scenario: Any) -> dict[str, np.ndarray]:
        """Return the results of a scenario."""
        task = entry.task._replace(scenario=scenario)
        env = make_vector_env(task, len(self.seeds), AutoresetMode.NEXT_STEP, self._threads)
        table = fly_seeds(entry.pilot, env, self.seeds)
        env.close()
        self._note(entry, scenario)
        return table

    def _note(self, entry: Entry, scenario: Any) -> None:
        self._count += len(self.seeds)
        self._on_progress(self._count, f"{entry.label} in {scenario.name}")


def _study(entry: Entry, flights: _Flights) -> Blind:
    mission = entry.task.mission
    pairs = dict.fromkeys([*((assumed, assumed) for assumed in ASSUMED_M), (DRAWN_M, DRAWN_M)])
    silent_tracks = {
        pair: flights.track(entry, silent(mission, *pair))
        for pair in (*pairs, (OVERCONFIDENT_M, DRAWN_M))
    }
    of_drawn = {name: silent_tracks[assumed, DRAWN_M] for name, assumed in ASSUMPTIONS.items()}
    return Blind(
        entry.label,
        {assumed: _descent(silent_tracks[assumed, assumed], "believed_m") for assumed in ASSUMED_M},
        {name: _descent(track, "height_m") for name, track in of_drawn.items()},
        _stop(list(silent_tracks.values())),
        {
            name: _late(flights.landings(entry, late(mission, assumed, DRAWN_M)))
            for name, assumed in ASSUMPTIONS.items()
        },
        {
            name: _throttle(
                flights.track(entry, unbroken(mission, assumed, DRAWN_M)),
                flights.track(entry, outages(mission, assumed, DRAWN_M)),
            )
            for name, assumed in ASSUMPTIONS.items()
        },
    )


def _descent(track: Track, name: str) -> Band:
    """Return the descent speed over a height of the track, before the first range."""
    height = getattr(track, name)
    grid = np.linspace(np.median(height[0]), 0.0, _POINTS)
    read = first_at(height, grid, track.flying & ~track.fixed, track.descent_m_s)
    return band(grid, read, round(_HALF * height.shape[1]))


def _stop(tracks: list[Track]) -> Band:
    flown = [(track.stop_m[track.flying], track.descent_m_s[track.flying]) for track in tracks]
    stop_m, descent_m_s = (np.concatenate(parts) for parts in zip(*flown, strict=True))
    return stop_curve(stop_m, descent_m_s)


def _late(table: dict[str, np.ndarray]) -> LateRanges:
    fixed = ~np.isnan(table["fix_margin_m"])
    late_ones = int(np.sum(table["fix_margin_m"][fixed] < 0.0))
    speeds = table["speed_m_s"]
    return LateRanges(
        wilson(int(table["landed"].sum()), len(table["landed"])),
        wilson(late_ones, int(fixed.sum())),
        _quantile(table["first_fix_height_m"], 0.5),
        _quantile(table["first_fix_speed_m_s"], 0.5),
        _quantile(speeds, 0.95),
    )


def _quantile(values: np.ndarray, share: float) -> float:
    return float(np.nanquantile(values, share)) if not np.isnan(values).all() else float("nan")


def _throttle(without: Track, with_outages: Track) -> Band:
    """Return the change of the throttle over the age of the latest range, in the first outage."""
    steps = min(len(without.flying), len(with_outages.flying))
    whole, cut = (
        Track._make(column[:steps] for column in track) for track in (without, with_outages)
    )
    during = _first_outage(whole, cut)
    read = first_at(cut.age_s, _AGES_S, during, cut.throttle - whole.throttle)
    return band(_AGES_S, read, max(3, round(_TENTH * read.shape[1])))


def _first_outage(whole: Track, cut: Track) -> BoolArray:
    """Return the steps from the first range that one flight lacks to its next one.

    An outage that begins before the first range only delays it, and is left out; so is one that
    began before the episode, while the rangefinder was already running.
    """
    lacks = whole.ranges > cut.ranges
    began = np.logical_or.accumulate(lacks, axis=0)
    at_begin: Float64Array = np.where(began, cut.ranges, np.inf).min(axis=0)
    during = began & (cut.ranges == at_begin) & (at_begin > 0.0) & ~lacks[0]
    return np.asarray(during & whole.flying & cut.flying)
