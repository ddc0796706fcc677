"""Options of every command, as dataclasses that tyro turns into flags."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import tyro

from lunar_env.pilots import MISSION, SCENARIO
from training.config import TrainConfig

__all__ = [
    "COMMANDS",
    "BenchPpo",
    "Benchmark",
    "Demo",
    "Evaluate",
    "Export",
    "Missions",
    "Report",
    "Train",
    "Tune",
]

CONTROL = "throttle"
PHASE = "terminal"
TUNED_ON = ("noisy", "late-acquisition")


@dataclass(frozen=True)
class Train:
    """Train a policy with PPO, choose the best one, and report its benchmark results."""

    preset: str = ""
    """Configuration to start from; options given on the command line override it."""
    out: Path | None = None
    """Run folder; a new one under runs/ if not given."""
    resume: Path | None = None
    """Continue the run in this folder; one that is complete is extended by --total-steps or
    --max-minutes, which are totals from its start. Takes no other option."""
    json: bool = False
    """Print one JSON object on stdout."""
    config: Annotated[TrainConfig, tyro.conf.arg(name="")] = field(default_factory=TrainConfig)
    """What is trained, and how."""


@dataclass(frozen=True)
class Evaluate:
    """Fly a pilot on paired benchmark landings, one Parquet row each."""

    pilot: str
    """One of `lunar-env list pilots`, a policy file, the folder of a training run, module:factory
    (anything with Stable-Baselines3's predict) or a Stable-Baselines3 model."""
    out: Path
    """Parquet file; must not exist."""
    mission: str | None = None
    """Mission: name or path of a TOML file; if not given, what the pilot was trained on, or
    hakuto-r-m2."""
    scenario: str | None = None
    """Scenario: name or path of a TOML file; if not given, what the pilot was trained on, or
    late-acquisition."""
    control: str | None = None
    """What the pilot commands: throttle, thrust_vector or actuators; if not given, that of the
    mission as flown, or what the pilot was trained on, or throttle."""
    phase: str | None = None
    """Where episodes start: terminal, approach or powered; if not given, same rule as
    --control, otherwise terminal."""
    trust_code: bool = False
    """Load a Stable-Baselines3 model, which can run any code that its file holds."""
    landings: int = 1000
    """How many landings."""
    seed: int = 0
    """With the same seed every pilot flies the same episodes."""
    batch: int = 1000
    """Landings flown at once; does not change the results."""
    threads: int | None = None
    """Threads of the kernel; do not change the results."""
    traces: int = 0
    """Number of landings whose height over time is kept."""
    json: bool = False
    """Print one JSON object on stdout."""


@dataclass(frozen=True)
class Missions:
    """Fly missions with their recorded faults and report outcomes; or try other pilots there."""

    missions: tuple[str, ...] = ()
    """Names, separated by spaces or commas; all that have flown if not given."""
    landings: int = 200
    """Landings of each mission with its recorded faults, and as many with healthy sensors."""
    seed: int = 0
    """With the same seed every pilot flies the same episodes."""
    out: Path | None = None
    """TOML file in which the missions flown are replaced and others kept; with --what-if a
    Markdown file. If not given, nothing is written."""
    update_package: bool = False
    """Replace the missions flown in the results that come with the package, which `lunar-env
    missions` shows."""
    what_if: bool = False
    """Let the pilots given fly the same landers, and print how many land, as Markdown."""
    pilots: tuple[str, ...] = (
        *("own", "e-guidance+kalman", "apollo+kalman", "hoverslam+kalman"),
        *("ppo-m2-late-acquisition", "e-guidance+oracle"),
    )
    """Pilots for --what-if: own, law+filter, a learned one, or a bound that knows the truth."""
    resume: bool = False
    """Continue after a stop: missions that the file has from the same version, seed and
    number of landings are not flown again."""
    workers: int | None = None
    """Processes, one for each core if not given; they do not change the results."""
    json: bool = False
    """Print one JSON object on stdout."""


@dataclass(frozen=True)
class Benchmark:
    """Fly pilots over missions and scenarios on the same seeds; report what they lost and why."""

    pilots: tuple[str, ...]
    """Names as evaluate takes them, separated by spaces or commas."""
    out: Path
    """Folder; must be new or empty, unless --resume continues it."""
    missions: tuple[str, ...] = (MISSION,)
    """Names or paths of TOML files."""
    scenarios: tuple[str, ...] = (SCENARIO,)
    """Names or paths of TOML files."""
    control: str = CONTROL
    """What the pilots command: throttle, thrust_vector or actuators."""
    phase: str = PHASE
    """Where episodes start: terminal, approach or powered."""
    landings: int = 1000
    """Landings of each pilot in each scenario of each mission."""
    seed: int = 0
    """With the same seed every pilot flies the same episodes."""
    resume: bool = False
    """Continue in a folder that was started with the same settings."""
    optima: int = 100
    """Number of starts per scenario and mission for which the minimum propellant is computed."""
    trust_code: bool = False
    """Load Stable-Baselines3 models, which can run any code that their files hold."""
    chunk: int = 1000
    """Landings per part; --resume repeats only parts that were not finished."""
    workers: int | None = None
    """Processes, one for each core if not given; they do not change the results."""
    json: bool = False
    """Print one JSON object on stdout."""


@dataclass(frozen=True)
class Demo:
    """Train a policy on M2's late rangefinder and fly it against classical guidance."""

    out: Path | None = None
    """Report folder; out/demo-DATE-TIME if not given."""
    resume: bool = False
    """Continue the demonstration in the folder at --out, started with the same options."""
    steps: int | None = None
    """Environment steps of training; the preset's if not given."""
    minutes: float | None = None
    """Time limit of the training [min]; the preset's if not given."""
    landings: int = 1000
    """Landings of each pilot in each scenario."""
    seed: int = 0
    """Seed of the training and of the benchmark landings."""
    quick: bool = False
    """A tiny run that shows that everything works."""
    json: bool = False
    """Print one JSON object on stdout."""


@dataclass(frozen=True)
class Report:
    """Compute summary.json and report.html from a results file."""

    results: tyro.conf.Positional[Path]
    """Parquet file of evaluate or demo."""
    out: Path
    """Folder of the report; must not exist."""
    json: bool = False
    """Print one JSON object on stdout."""


@dataclass(frozen=True)
class Export:
    """Write the best policy of a run as safetensors and JSON card."""

    run: tyro.conf.Positional[Path]
    """Run folder."""
    out: Path
    """File to write the weights in, for example agents/weights/NAME.safetensors; must not exist."""
    json: bool = False
    """Print one JSON object on stdout."""


@dataclass(frozen=True)
class BenchPpo:
    """Measure PPO's speed on our environment, compared with an environment that costs nothing."""

    num_envs: int = 1024
    """Rows of both environments."""
    epochs: tuple[int, ...] = (4, 10)
    """Numbers of epochs per rollout to measure."""
    repeats: int = 5
    """Interleaved repeats; the medians are compared."""
    iterations: int = 2
    """Rollouts with their updates per repeat."""
    batch_size: int = 1024
    """Transitions per gradient step; by default that of the shipped presets. Larger
    batches make updates cheaper, and the environment's share larger."""
    threads: int | None = None
    """Threads of our kernel."""
    json: bool = False
    """Print one JSON object on stdout."""


@dataclass(frozen=True)
class Tune:
    """Tune the gains of a classical pilot on separate landings, and write them as TOML."""

    pilot: str
    """Pilot to tune: law+filter."""
    out: Path
    """TOML file for agents/gains; must not exist, unless --resume continues it. Until the
    study is done its trials are kept next to it in a .journal file."""
    mission: str = MISSION
    """Mission: name or path of a TOML file."""
    scenario: tuple[str, ...] = TUNED_ON
    """Scenarios, flown in turn and averaged. The default is an ordinary one and one with a late
    first range: tuned on the first alone, a pilot gives up what saves the lander in the second;
    tuned on the second alone, it wastes propellant."""
    control: str = CONTROL
    """What the pilot commands: throttle or thrust_vector."""
    phase: str = PHASE
    """Where episodes start: terminal, approach or powered."""
    trials: int = 30
    """Number of sets of gains to try; the first is the default one."""
    landings: int = 300
    """Landings of each trial in each scenario."""
    seed: int = 0
    """Seed of the search and of its landings, which no benchmark uses."""
    resume: bool = False
    """Continue a study that was stopped or killed; the result is the same as without the stop."""
    json: bool = False
    """Print one JSON object on stdout."""


COMMANDS: dict[str, type] = {
    "train": Train,
    "evaluate": Evaluate,
    "missions": Missions,
    "benchmark": Benchmark,
    "tune": Tune,
    "demo": Demo,
    "report": Report,
    "export": Export,
    "bench-ppo": BenchPpo,
}
