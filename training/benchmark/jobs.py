"""Pieces of a benchmark that are done whole or not at all, each by one process.

A job writes one Parquet file under its final name; a job whose file is there is done.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from gymnasium.vector import AutoresetMode

from lunar_env.errors import ConfigError
from lunar_env.files import write_file
from lunar_env.formats import check_format
from lunar_env.pilots import resolve, shown_to
from lunar_env.task import Task
from training.benchmark.optima import optima_of
from training.benchmark.plan import TRACES, Cell
from training.evaluate import fly_seeds, labelled
from training.parquet import read_table, table_bytes
from training.results import read_results, write_results
from training.seeds import Domain, episode_seeds
from training.vector_env import make_vector_env

if TYPE_CHECKING:
    from collections.abc import Callable

    from lunar_env import LunarLandingVectorEnv
    from lunar_env.pilots import Entry
    from training.benchmark.folder import BenchmarkFolder
    from training.benchmark.plan import Plan

__all__ = ["FlyPart", "OptimaPart", "check_optima", "jobs_of", "warm_up"]

OPTIMA_CHUNK = 20
OPTIMA_FORMAT = "lunar-env-optima/1"
OPTIMA_SCHEMA = pa.schema(
    [
        ("mission", pa.string()),
        ("scenario", pa.string()),
        ("landing", pa.int32()),
        ("seed", pa.int64()),
        ("optimum_kg", pa.float64()),
    ],
    metadata={"format": OPTIMA_FORMAT},
)


@dataclass(frozen=True)
class FlyPart:
    """Some landings of a cell."""

    path: Path
    cell: Cell
    seed: int
    first: int
    count: int
    rows: int  # of the environment

    def run(self, note: Callable[[int], None] | None = None) -> int:
        """Fly them; return how many."""
        entry, env = _ready(self.cell, self.rows)
        seeds = episode_seeds(self.seed, Domain.BENCH, self.first + self.count)[self.first :]
        flown = fly_seeds(entry.pilot, env, seeds, max(0, TRACES - self.first), note)
        table = labelled(flown, self.cell.task, self.cell.label, seeds, self.first)
        write_results(self.path, table, {"seed": self.seed})
        return self.count

    def done(self) -> bool:
        """Whether the file is there, and whole."""
        if not self.path.is_file():
            return False
        try:
            landings, _ = read_results(self.path)
        except ConfigError:
            return False
        columns = ("pilot", "mission", "scenario", "landing", "seed")
        found = zip(*(landings[name].tolist() for name in columns), strict=True)
        seeds = episode_seeds(self.seed, Domain.BENCH, self.first + self.count)[self.first :]
        names = self.cell.label, self.cell.mission, self.cell.scenario
        return list(found) == [(*names, self.first + k, seed) for k, seed in enumerate(seeds)]


@dataclass(frozen=True)
class OptimaPart:
    """The least propellant of some starts."""

    path: Path
    task: Task
    mission: str
    scenario: str
    seed: int
    first: int
    count: int

    def run(self, note: Callable[[int], None] | None = None) -> int:
        """Compute them; return how many."""
        seeds = episode_seeds(self.seed, Domain.BENCH, self.first + self.count)[self.first :]
        table = {
            "mission": [self.mission] * self.count,
            "scenario": [self.scenario] * self.count,
            "landing": np.arange(self.first, self.first + self.count, dtype=np.int32),
            "seed": np.array(seeds, dtype=np.int64),
            "optimum_kg": pa.array(optima_of(self.task, seeds, note), from_pandas=True),
        }
        write_file(self.path, table_bytes(pa.table(table, schema=OPTIMA_SCHEMA)), replace=True)
        return self.count

    def done(self) -> bool:
        """Whether the file is there, and whole."""
        try:
            table = read_table(self.path)
            check_optima(table, self.path)
        except ConfigError:
            return False
        return len(table) == self.count


def check_optima(table: pa.Table, path: Path) -> None:
    """Check that a table holds optima of this version.

    Raises
    ------
    ConfigError
        If it does not.
    """
    written = (table.schema.metadata or {}).get(b"format", b"").decode(errors="replace")
    check_format(written, OPTIMA_FORMAT, path)


def jobs_of(plan: Plan, folder: BenchmarkFolder) -> tuple[list[FlyPart], list[OptimaPart]]:
    """Return the jobs of a plan, in the order of the results.

    Parameters
    ----------
    plan : Plan
        What is flown.
    folder : BenchmarkFolder
        Where the parts go.

    Returns
    -------
    tuple of list
        Landings, and optima.
    """
    rows = min(plan.chunk, plan.landings)
    cells = plan.cells()
    fly = [
        FlyPart(
            folder.parts / _file_name(cell.mission, cell.scenario, cell.label, first),
            *(cell, plan.seed, first, count, rows),
        )
        for cell in cells
        for first, count in plan.spans(plan.landings)
    ]
    most = min(plan.optima, plan.landings)
    named = dict.fromkeys((cell.mission, cell.scenario) for cell in cells)
    optima = [
        OptimaPart(
            folder.parts / _file_name("optima", mission, scenario, first),
            *(task, mission, scenario, plan.seed, first, min(OPTIMA_CHUNK, most - first)),
        )
        for task, (mission, scenario) in zip(plan.tasks(), named, strict=True)
        for first in range(0, most, OPTIMA_CHUNK)
    ]
    return fly, optima


def warm_up(cells: list[Cell]) -> None:
    """Compile what the cells need, so that workers find it compiled.

    Parameters
    ----------
    cells : list of Cell
        What will be flown.
    """
    for cell in {(cell.pilot, cell.mission): cell for cell in cells}.values():
        entry = resolve(cell.pilot, cell.task, trust_code=cell.trusted)
        env = make_vector_env(entry.task, 2, AutoresetMode.NEXT_STEP, 1)
        fly_one_step(entry, env)
        env.close()


def fly_one_step(entry: Entry, env: LunarLandingVectorEnv) -> None:
    """Use every compiled entry once."""
    observation, _ = env.reset(seed=0)
    seen = shown_to(entry.pilot, observation, env)
    action, _ = entry.pilot.predict(seen, None, np.ones(env.num_envs, np.bool_))
    env.step(action)
    env.privileged_of(np.ones(env.num_envs, np.bool_))


@lru_cache(maxsize=1)
def _ready(cell: Cell, rows: int) -> tuple[Entry, LunarLandingVectorEnv]:
    """Keep the environment from one part of a cell to the next."""
    entry = resolve(cell.pilot, cell.task, trust_code=cell.trusted)
    return entry, make_vector_env(cell.task, rows, AutoresetMode.NEXT_STEP, 1)


def _file_name(*parts: str | int) -> str:
    words = [f"{part:07d}" if isinstance(part, int) else part for part in parts]
    return ".".join(word.replace("/", "_") for word in words) + ".parquet"
