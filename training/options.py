"""The options of each command, as dataclasses from which tyro makes flags."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import tyro

from lunar_env.pilots import MISSION, SCENARIO, USUAL
from training.accidents.options import Accidents
from training.config import TrainConfig
from training.policy_options import Export, Verify
from training.study.options import Study

__all__ = [
    "COMMANDS",
    "BenchPpo",
    "Benchmark",
    "Demo",
    "Evaluate",
    "Explain",
    "Missions",
    "Report",
    "Suite",
    "Train",
    "Tune",
]

CONTROL = "throttle"
PHASE = "terminal"
TUNED_ON = ("noisy", "late-acquisition")


@dataclass(frozen=True)
class Train:
    """Train a policy with PPO or as a pilot's student, select the best and report its results."""

    preset: str = ""
    """Configuration to start from: one of `lunar-env list presets`, or the path of a TOML file,
    which may list several worlds ([[task.worlds]]); options given on the command line override
    it."""
    out: Path | None = None
    """Run folder; a new one under runs/ if not given."""
    resume: Path | None = None
    """Continue the run in this folder. A complete run is extended with --total-steps or
    --max-minutes, which count from its start; no other option is accepted."""
    json: bool = False
    """Print one JSON object on stdout."""
    config: Annotated[TrainConfig, tyro.conf.arg(name="")] = field(default_factory=TrainConfig)
    """Configuration of the run."""


@dataclass(frozen=True)
class Evaluate:
    """Fly a pilot on the benchmark landings and write one Parquet row for each."""

    pilot: str
    """One of `lunar-env list pilots`, a policy file, the folder of a training run, module:factory
    (anything with Stable-Baselines3's predict) or a Stable-Baselines3 model."""
    out: Path
    """Parquet file; must not exist."""
    mission: str | None = None
    """Mission: name or path of a TOML file; if not given, the one that the pilot was trained on,
    otherwise hakuto-r-m2."""
    scenario: str | None = None
    """Scenario: name or path of a TOML file; if not given, the one that the pilot was trained on,
    otherwise late-acquisition."""
    control: str | None = None
    """What the pilot commands: throttle, thrust_vector or actuators; if not given, that of the
    mission as flown, or what the pilot was trained on, or throttle."""
    phase: str | None = None
    """Where episodes start: terminal, approach or powered; if not given, chosen as
    for --control, otherwise terminal or the first phase that the mission has."""
    trust_code: bool = False
    """Load a Stable-Baselines3 model; loading one runs any code in its file."""
    landings: int = 1000
    """Number of landings."""
    seed: int = 0
    """Seed of the episodes; with the same seed every pilot flies the same episodes."""
    batch: int = 1000
    """Landings flown in parallel; does not affect the results."""
    threads: int | None = None
    """Threads of the simulation; does not affect the results."""
    traces: int = 0
    """Number of landings whose height trace is saved."""
    bounds: bool = False
    """Also fly the best pilots that are given the true state (saved) and the drawn parameters
    (attainable); kept on disk for the next time."""
    explain: bool = False
    """Fly the losses of a classical pilot again with one part of the truth each, and count which
    part saves them."""
    json: bool = False
    """Print one JSON object on stdout."""


@dataclass(frozen=True)
class Explain:
    """Show what a pilot does while it has no range: speed by assumed error, throttle by age."""

    pilot: str
    """As for evaluate."""
    out: Path
    """Folder for explain.html and explain.json; must not exist."""
    against: str = USUAL
    """Pilot for comparison, which flies the same episodes; the same name again for none."""
    mission: str | None = None
    """As for evaluate."""
    control: str | None = None
    """As for evaluate."""
    phase: str | None = None
    """As for evaluate."""
    trust_code: bool = False
    """Load a Stable-Baselines3 model; loading one runs any code in its file."""
    landings: int = 200
    """Episodes of each experiment."""
    seed: int = 0
    """Seed of the episodes; with the same seed every pilot flies the same episodes."""
    threads: int | None = None
    """Threads of the simulation; does not affect the results."""
    json: bool = False
    """Print one JSON object on stdout."""


@dataclass(frozen=True)
class Missions:
    """Fly missions with their recorded faults and report the outcomes, or try other pilots."""

    missions: tuple[str, ...] = ()
    """Names, separated by spaces or commas; if not given, all that have an as-flown scenario."""
    landings: int = 200
    """Landings of each mission with its recorded faults, and the same number with healthy
    sensors."""
    seed: int = 0
    """Seed of the episodes; every pilot flies the same ones."""
    out: Path | None = None
    """TOML file in which the results of these missions are replaced; with --what-if a Markdown
    file. If not given, no file is written."""
    update_package: bool = False
    """Replace the results of these missions in the package, which `lunar-env missions` shows."""
    what_if: bool = False
    """Fly the same landings with other pilots and print the shares that land, as Markdown."""
    pilots: tuple[str, ...] = (
        *("own", "e-guidance+kalman", "apollo+kalman", "hoverslam+kalman"),
        *("ppo-m2-late-acquisition", "e-guidance+oracle"),
    )
    """Pilots for --what-if: own, law+filter, a learned policy, or one that knows the true state."""
    resume: bool = False
    """Continue after an interruption: missions that are in the file with the same version, seed
    and number of landings are not flown again."""
    workers: int | None = None
    """Number of processes, by default one per core; does not affect the results."""
    json: bool = False
    """Print one JSON object on stdout."""


@dataclass(frozen=True)
class Benchmark:
    """Fly pilots on the same landings in missions and scenarios; report the cause of every loss."""

    pilots: tuple[str, ...]
    """Pilots as for evaluate, separated by spaces or commas."""
    out: Path
    """Folder; must be new or empty unless --resume is given."""
    missions: tuple[str, ...] = (MISSION,)
    """Names or paths of TOML files."""
    scenarios: tuple[str, ...] = (SCENARIO,)
    """Names or paths of TOML files."""
    control: str = CONTROL
    """What the pilots command: throttle, thrust_vector or actuators."""
    phase: str = PHASE
    """Where episodes start: terminal, approach or powered."""
    landings: int = 1000
    """Landings per pilot, mission and scenario."""
    seed: int = 0
    """Seed of the episodes; every pilot flies the same ones."""
    resume: bool = False
    """Continue a benchmark that was started in --out with the same settings."""
    optima: int = 100
    """Number of starts per scenario and mission for which the minimum propellant is computed."""
    bounds: bool = False
    """Also report the saved and the attainable share, as suite does: the first time this takes as
    long as some eight pilots; each flight is kept on disk."""
    trust_code: bool = False
    """Load Stable-Baselines3 models; loading one runs any code in its file."""
    chunk: int = 1000
    """Landings per part; --resume repeats only unfinished parts."""
    workers: int | None = None
    """Number of processes, by default one per core; does not affect the results."""
    json: bool = False
    """Print one JSON object on stdout."""


@dataclass(frozen=True)
class Suite:
    """Fly pilots in the named tasks of a suite and print the leaderboard."""

    pilots: tuple[str, ...] = ()
    """Pilots as for evaluate, separated by spaces or commas; `own` is the pilot that flew the
    mission of the task. In tasks that a pilot cannot fly it is listed as not applicable."""
    out: Path | None = None
    """Folder; must be new or empty unless --resume is given."""
    tasks: tuple[str, ...] = ()
    """Names of tasks; all if not given."""
    list: bool = False
    """Print the tasks with their questions, and fly nothing."""
    suite: Path | None = None
    """TOML file of another suite."""
    bounds: bool = True
    """Compute the saved and the attainable share of each task. The first time this takes as long
    as some eight pilots; each flight is kept on disk, also if the command is stopped."""
    landings: int = 3000
    """Landings per pilot and task."""
    seed: int = 0
    """Seed of the episodes; every pilot flies the same ones."""
    resume: bool = False
    """Continue a suite that was started in --out with the same settings."""
    trust_code: bool = False
    """Load Stable-Baselines3 models; loading one runs any code in its file."""
    chunk: int = 3000
    """Landings per part; --resume repeats only unfinished parts."""
    workers: int | None = None
    """Number of processes, by default one per core; does not affect the results."""
    json: bool = False
    """Print one JSON object on stdout."""


@dataclass(frozen=True)
class Demo:
    """Train a student and PPO on HAKUTO-R M2 and compare them with classical guidance."""

    out: Path | None = None
    """Report folder; out/demo-DATE-TIME if not given."""
    resume: bool = False
    """Continue the demonstration that was started in --out with the same options."""
    steps: int | None = None
    """Environment steps of each training; those of its preset (demo, demo-ppo) if not given."""
    minutes: float | None = None
    """Time limit of each training [min]; that of its preset if not given."""
    landings: int = 1000
    """Landings per pilot and scenario."""
    seed: int = 0
    """Seed of the trainings and of the benchmark landings."""
    quick: bool = False
    """A very short run, to check that everything works."""
    json: bool = False
    """Print one JSON object on stdout."""


@dataclass(frozen=True)
class Report:
    """Write summary.json and report.html for a results file."""

    results: tyro.conf.Positional[Path]
    """Parquet file from evaluate or demo."""
    out: Path
    """Folder of the report; must not exist."""
    json: bool = False
    """Print one JSON object on stdout."""


@dataclass(frozen=True)
class BenchPpo:
    """Measure the speed of PPO on this environment and on a dummy that computes nothing."""

    num_envs: int = 1024
    """Number of landers in each environment."""
    epochs: tuple[int, ...] = (4, 10)
    """Numbers of epochs per rollout to measure."""
    repeats: int = 5
    """Repeats, interleaved between the two environments; their medians are compared."""
    iterations: int = 2
    """Rollouts, each with its update, per repeat."""
    batch_size: int = 1024
    """Transitions per gradient step; by default as in the presets. Larger batches make updates
    cheaper, so that the environment takes a larger share of the time."""
    threads: int | None = None
    """Threads of the simulation."""
    json: bool = False
    """Print one JSON object on stdout."""


@dataclass(frozen=True)
class Tune:
    """Tune the gains of a classical pilot on separate episodes and write them as TOML."""

    pilot: str
    """Pilot to tune: law+filter."""
    out: Path
    """TOML file for agents/gains; must not exist unless --resume is given. Until the study is
    complete, its trials are kept in a .journal file next to it."""
    mission: str | None = None
    """Mission: name or path of a TOML file; if not given, hakuto-r-m2."""
    tasks: Path | None = None
    """TOML file of tasks as in training/suite.toml, over which the score is averaged, instead of
    --mission, --scenario, --control and --phase; training/tuning.toml is one."""
    scenario: tuple[str, ...] | None = None
    """Scenarios over which the score is averaged; if not given, noisy and late-acquisition, an
    ordinary one and one whose first range is late: gains tuned on the first alone fail in the
    second; gains tuned on the second alone waste propellant."""
    control: str | None = None
    """What the pilot commands: throttle or thrust_vector; if not given, throttle."""
    phase: str | None = None
    """Where episodes start: terminal, approach or powered; if not given, terminal or the first
    phase that the mission has."""
    trials: int = 30
    """Number of sets of gains to try, the first being the code's defaults."""
    landings: int = 300
    """Landings per trial and task."""
    start: Path | None = None
    """TOML file of gains that are the second trial, as found by hand or by an earlier study; those
    that it lacks are the code's defaults."""
    finalists: int = 0
    """Number of the best trials that are flown again, with the code's defaults, before one is
    chosen: with few landings a trial the best of many is often only the luckiest."""
    final_landings: int = 1000
    """Landings per finalist and task."""
    seed: int = 0
    """Seed of the search and of its episodes, which no benchmark uses."""
    resume: bool = False
    """Continue an interrupted study; the result is the same as without the interruption."""
    json: bool = False
    """Print one JSON object on stdout."""


COMMANDS: dict[str, type] = {
    "train": Train,
    "evaluate": Evaluate,
    "explain": Explain,
    "missions": Missions,
    "accidents": Accidents,
    "benchmark": Benchmark,
    "suite": Suite,
    "study": Study,
    "tune": Tune,
    "demo": Demo,
    "report": Report,
    "export": Export,
    "verify": Verify,
    "bench-ppo": BenchPpo,
}
