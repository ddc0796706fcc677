"""Options of every command, as dataclasses that tyro turns into flags."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import tyro

__all__ = [
    "COMMANDS",
    "Bench",
    "Cache",
    "Check",
    "Describe",
    "Fly",
    "List",
    "Missions",
    "Play",
    "Replay",
]

MISSION = "hakuto-r-m2"
SCENARIO = "late-acquisition"


@dataclass(frozen=True)
class Missions:
    """List the missions, with the reported and the simulated outcome of each."""

    json: bool = False
    """Print one JSON object on stdout."""


@dataclass(frozen=True)
class Describe:
    """Describe a mission, scenario, lander or sensor; --all prints every figure and its source."""

    name: tyro.conf.Positional[str]
    """Mission, scenario or part of a mission: a name, or the path of a TOML file."""
    kind: str | None = None
    """What the name refers to, if several things share it: mission, scenario, as-flown (the faults
    recorded on that mission), vehicle, rangefinder, velocimeter, radar, camera, inertial, terrain,
    planet or downlink."""
    all: bool = False
    """Print every figure with unit, source and confidence, and the addresses of the sources."""
    toml: bool = False
    """Print the resolved TOML file instead."""
    json: bool = False
    """Print one JSON object on stdout."""


@dataclass(frozen=True)
class List:
    """List the names that options accept."""

    kind: tyro.conf.Positional[str]
    """What to list: pilots, missions, scenarios, presets, phases, or tasks of the suite."""
    json: bool = False
    """Print one JSON object on stdout."""


@dataclass(frozen=True)
class Play:
    """Fly by keyboard or gamepad, seeing what the lander knows; then the score, and the truth."""

    mission: str | None = None
    """Mission: name or path of a TOML file; if not given, hakuto-r-m2."""
    scenario: str | None = None
    """Scenario: name or path of a TOML file; `as-flown` has the faults recorded on that mission.
    If not given, late-acquisition."""
    level: str | None = None
    """What you command: throttle, vector (thrust and its tilt) or hand (engines and thrusters);
    the title screen can change it. If not given, throttle, or that of the mission as flown."""
    phase: str | None = None
    """Where episodes start: terminal, approach or powered. If not given, that of the mission as
    flown, or terminal, or the first phase that the mission has."""
    against: str | None = None
    """Pilot that flies the same episode, for comparison: as for `fly`. If not given, the one that
    landed most often in the suite, throttle-m2 or another one."""
    seed: int | None = None
    """Seed of the first episode; random if not given."""
    show_truth: bool = False
    """Show the truth while you fly, too."""
    record: Path | None = None
    """File to record the last flight in, for `replay`: a .npz file that must not exist."""
    max_steps: int | None = None
    """Stop after this number of control periods."""
    trust_code: bool = False
    """Load a Stable-Baselines3 model, which can run any code that its file holds."""
    json: bool = False
    """Print one JSON object on stdout."""


@dataclass(frozen=True)
class Replay:
    """Fly a recorded flight again, compare every number, and show the flight."""

    file: tyro.conf.Positional[Path]
    """Recorded flight, .npz, or folder that `fly --telemetry` has written or is writing."""
    row: int = 0
    """Lander of a recorded vector environment."""
    episode: int = 0
    """Episode of this lander, from 0."""
    out: Path | None = None
    """Film (.gif, .mp4) or picture of the last instant (.png) instead of the window; must not
    exist."""
    html: Path | None = None
    """Page for a browser (.html) instead of the window, with the descent in 3-D; must not
    exist."""
    plot: Path | None = None
    """Plot over time (.png, .svg, .pdf); must not exist."""
    csv: Path | None = None
    """CSV table with one line per step; must not exist."""
    downlink: bool = False
    """Also what the ground saw: estimates, late, at the rate of telemetry, until loss of
    signal."""
    headless: bool = False
    """Compare only, without a window."""
    speed: float = 1.0
    """Playback speed; 1 is real time."""
    size: tuple[int, int] | None = None
    """Width and height of the window or the film [pixels]; if not given, 1280 800 and 800 544."""
    fps: float = 20.0
    """Frames per second of the film; the window has 60."""
    json: bool = False
    """Print one JSON object on stdout."""


@dataclass(frozen=True)
class Fly:
    """Fly one landing and show or save it, or fly several and count the outcomes."""

    pilot: str | None = None
    """One of `lunar-env list pilots`, a policy file, the folder of a training run, module:factory
    or a Stable-Baselines3 model. If not given, hoverslam+kalman; with scenario `as-flown` the
    mission's own pilot."""
    mission: str | None = None
    """Mission: name or path of a TOML file; if not given, what the pilot was trained on, or
    hakuto-r-m2."""
    scenario: str | None = None
    """Scenario: name or path of a TOML file; `as-flown` has the faults recorded on
    that mission. If not given, what the pilot was trained on, or late-acquisition."""
    control: str | None = None
    """What the pilot commands: throttle, thrust_vector or actuators. If not given, that
    of the mission as flown, or what the pilot was trained on, or throttle."""
    phase: str | None = None
    """Where episodes start: terminal, approach or powered. If not given, chosen as
    for --control, otherwise terminal or the first phase that the mission has."""
    seed: int | None = None
    """Seed of the first landing; each later landing adds 1. Default 0 unless --episode-key is
    given."""
    episode_key: int | None = None
    """Key of an earlier episode to fly again, instead of a seed."""
    landings: int = 1
    """Number of landings; for more than one, a table of outcomes with 95 % intervals is printed."""
    window: bool = False
    """Show the flight in a window."""
    film: Path | None = None
    """Film (.gif, .mp4) or picture of the last instant (.png); must not exist."""
    plot: Path | None = None
    """Plot over time (.png, .svg, .pdf); must not exist."""
    record: Path | None = None
    """File to record the flight in, for `replay`: a .npz file that must not exist."""
    telemetry: Path | None = None
    """Folder to record every flight in while it is flown, each quantity at its own rate (Parquet);
    it must be empty or not exist."""
    csv: Path | None = None
    """CSV table with one line per step; must not exist."""
    downlink: bool = False
    """Also what the ground sees: estimates, late, at the rate of telemetry, until loss of
    signal."""
    live: int | None = None
    """Port of 127.0.0.1 at which other programs can follow the flight, as lines of JSON (0: any
    free one); flies at --speed. With --downlink they get what the ground has."""
    speed: float = 1.0
    """Playback speed in the window, on film and for --live; 1 is real time."""
    size: tuple[int, int] | None = None
    """Width and height of the window or the film [pixels]; if not given, 1280 800 and 800 544."""
    fps: float = 20.0
    """Frames per second of the film; the window has 60."""
    every_s: float = 5.0
    """Interval between lines of the printed table [s]."""
    trust_code: bool = False
    """Load a Stable-Baselines3 model, which can run any code that its file holds."""
    json: bool = False
    """Print one JSON object on stdout."""


@dataclass(frozen=True)
class Bench:
    """Measure the speed of this environment and of Gymnasium's LunarLander in the same run."""

    seconds: float = 3.0
    """Duration of each measurement [s], in interleaved slices."""
    rows: int = 4096
    """Number of landers in the vector environment."""
    id: str = "LunarEnv/ThrottleLanding-v0"
    """Id of the environment to measure."""
    json: bool = False
    """Print one JSON object on stdout."""


@dataclass(frozen=True)
class Check:
    """Check every environment id against Gymnasium's rules, and every data file."""

    json: bool = False
    """Print one JSON object on stdout."""


@dataclass(frozen=True)
class Cache:
    """Show or clear the cache of compiled machine code."""

    clear: bool = False
    """Empty the cache; the next flight compiles again."""
    json: bool = False
    """Print one JSON object on stdout."""


COMMANDS = {
    "missions": Missions,
    "describe": Describe,
    "list": List,
    "fly": Fly,
    "play": Play,
    "replay": Replay,
    "bench": Bench,
    "check": Check,
    "cache": Cache,
}
