"""Options of every command, as dataclasses that tyro turns into flags."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import tyro

__all__ = ["COMMANDS", "Bench", "Cache", "Check", "Describe", "Missions", "Play", "Replay", "Watch"]

MISSION = "hakuto-r-m2"
SCENARIO = "late-acquisition"


@dataclass(frozen=True)
class Missions:
    """List the missions, what happened on each, and what happens here."""

    json: bool = False
    """Print one JSON object on stdout."""


@dataclass(frozen=True)
class Describe:
    """Print every figure of a mission, scenario, lander or sensor with its unit and source."""

    name: tyro.conf.Positional[str]
    """Mission, scenario or a part of a mission: name or path of a TOML file."""
    kind: str | None = None
    """What the name means, where it means several things: mission, scenario, flight (of the mission
    named), vehicle, rangefinder, velocimeter, radar, camera, inertial, terrain or planet."""
    toml: bool = False
    """Print the resolved TOML file instead."""
    json: bool = False
    """Print one JSON object on stdout."""


@dataclass(frozen=True)
class Play:
    """Fly by keyboard: arrows or WASD, space for full thrust, R again, N next, Esc."""

    mission: str = MISSION
    """Mission: name or path of a TOML file."""
    scenario: str = SCENARIO
    """Scenario: name or path of a TOML file."""
    control: str = "throttle"
    """What is steered: throttle or thrust_vector."""
    phase: str = "terminal"
    """Where episodes start: terminal, approach or powered."""
    seed: int | None = None
    """Seed of the first episode; another one each time if not given."""
    record: Path | None = None
    """Where the last flight goes: a .npz file that must not exist."""
    max_steps: int | None = None
    """Stop after so many control periods."""
    json: bool = False
    """Print one JSON object on stdout."""


@dataclass(frozen=True)
class Replay:
    """Fly a recorded flight again, compare every number, and show it."""

    file: tyro.conf.Positional[Path]
    """Recorded flight, .npz."""
    out: Path | None = None
    """Film (.gif, .mp4) or last picture (.png) instead of the window; must not exist."""
    csv: Path | None = None
    """Table of the flight for other programs; must not exist."""
    headless: bool = False
    """Compare only, without a window."""
    speed: float = 1.0
    """How many times faster than it happened."""
    json: bool = False
    """Print one JSON object on stdout."""


@dataclass(frozen=True)
class Watch:
    """Watch a pilot land."""

    pilot: str = "hoverslam+kalman"
    """A pilot of the clone's `agents`, a policy file, or `random`."""
    mission: str = MISSION
    """Mission: name or path of a TOML file."""
    scenario: str = SCENARIO
    """Scenario: name or path of a TOML file."""
    control: str = "throttle"
    """What the pilot commands: throttle, thrust_vector or actuators."""
    phase: str = "terminal"
    """Where episodes start: terminal, approach or powered."""
    seed: int = 0
    """Seed of the episode."""
    out: Path | None = None
    """Film (.gif, .mp4) or last picture (.png) instead of the window; must not exist."""
    record: Path | None = None
    """Where the flight goes, for `replay`: a .npz file that must not exist."""
    headless: bool = False
    """Fly without a window."""
    speed: float = 1.0
    """How many times faster than it happened."""
    json: bool = False
    """Print one JSON object on stdout."""


@dataclass(frozen=True)
class Bench:
    """Measure speed, with Gymnasium's LunarLander beside it in the same run."""

    seconds: float = 3.0
    """Time given to each measurement, in interleaved slices."""
    rows: int = 4096
    """Landers of the vector environment."""
    id: str = "LunarEnv/ThrottleLanding-v0"
    """Id of the environment that is measured."""
    json: bool = False
    """Print one JSON object on stdout."""


@dataclass(frozen=True)
class Check:
    """Check every environment id against Gymnasium's rules, and every data file."""

    json: bool = False
    """Print one JSON object on stdout."""


@dataclass(frozen=True)
class Cache:
    """Show where compiled machine code is kept, and what of it; or remove it."""

    clear: bool = False
    """Remove all of it; the next flight compiles anew."""
    json: bool = False
    """Print one JSON object on stdout."""


COMMANDS = {
    "missions": Missions,
    "describe": Describe,
    "play": Play,
    "replay": Replay,
    "watch": Watch,
    "bench": Bench,
    "check": Check,
    "cache": Cache,
}
