"""Options of the commands that fly missions as they were flown: `fly` and `missions`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["MISSION", "Fly", "Missions"]

MISSION = "hakuto-r-m2"
SCENARIO = "late-acquisition"


@dataclass(frozen=True)
class Fly:
    """Fly one landing and tell it step by step."""

    pilot: str | None = None
    """law+filter, own, a stem in agents/weights, a policy file or a run folder; if not given,
    hoverslam+kalman, and in a mission's flight its own."""
    mission: str = MISSION
    """Mission: name or path of a TOML file."""
    scenario: str = SCENARIO
    """Scenario: name or path of a TOML file; flight is what ailed the mission on its day."""
    control: str | None = None
    """What the pilot commands, throttle, thrust_vector or actuators; throttle if not given, in a
    flight as on its day."""
    phase: str | None = None
    """Where episodes start, terminal, approach or powered; terminal if not given, in a flight where
    it begins."""
    seed: int | None = None
    """Seed of the episode, as in a results file; 0 if neither seed nor key is given."""
    episode_key: int | None = None
    """Key of an episode that was flown before."""
    every_s: float = 5.0
    """Time between two lines [s]."""
    out: Path | None = None
    """Film of the landing: a .mp4 or .gif file that must not exist."""
    window: bool = False
    """Watch it in a window."""
    json: bool = False
    """Print one JSON object on stdout."""


@dataclass(frozen=True)
class Missions:
    """Fly every mission as it was flown, write what came of it; or what if another had flown it."""

    missions: tuple[str, ...] = ()
    """Names, separated by spaces or commas; all that have a flight of their own if not given."""
    landings: int = 200
    """Landings of each mission on its day, and as many with a healthy set of sensors."""
    seed: int = 0
    """With the same seed every pilot flies the same episodes."""
    out: Path | None = None
    """TOML file in which the missions flown are replaced, that of the package if not given; with
    --what-if a Markdown file."""
    what_if: bool = False
    """Put the pilots named on the same landers, and print how many land, as Markdown."""
    pilots: tuple[str, ...] = (
        *("own", "e-guidance+kalman", "apollo+kalman", "hoverslam+kalman"),
        *("ppo-m2-late-acquisition", "e-guidance+oracle"),
    )
    """Who flies with --what-if: own, law+filter, a learned one, or a bound that knows the truth."""
    resume: bool = False
    """Go on after a stop: missions that the file at --out has from the same version, seed and
    number of landings are not flown again."""
    workers: int | None = None
    """Processes, one for each core if not given; they do not change the results."""
    json: bool = False
    """Print one JSON object on stdout."""
