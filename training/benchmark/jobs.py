"""Jobs of a benchmark, each done by one process and completed entirely or not at all.

A job writes one Parquet file. A job whose file exists and is valid is done.
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
from lunar_env.parquet import read_table, table_bytes
from lunar_env.pilots import resolve, shown_to
from lunar_env.task import Task
from training.benchmark.optima import optima_of
from training.benchmark.plan import TRACES, Cell
from training.evaluate import DEFAULT_BATCH, fly_seeds, labelled
from training.results import read_results, write_results
from training.seeds import Domain, episode_seeds
from training.vector_env import make_vector_env

if TYPE_CHECKING:
    from collections.abc import Callable

    from lunar_env import LunarLandingVectorEnv
    from lunar_env.pilots import Entry
    from training.benchmark.folder import BenchmarkFolder
    from training.benchmark.plan import Plan, Span

__all__ = ["FlyPart", "OptimaPart", "check_optima", "fly_parts", "jobs_of", "warm_up"]

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
    """A part of the landings of a cell."""

    path: Path
    cell: Cell
    seed: int
    first: int
    count: int
    rows: int  # rows of the environment

    def run(self, note: Callable[[int], None] | None = None) -> int:
        """Fly the landings and write them; return their number."""
        entry, env = _pilot_and_env(self.cell, self.rows)
        seeds = episode_seeds(self.seed, Domain.BENCH, self.first + self.count)[self.first :]
        flown = fly_seeds(entry.pilot, env, seeds, max(0, TRACES - self.first), note)
        table = labelled(flown, self.cell.task, self.cell.label, seeds, self.first)
        write_results(self.path, table, {"seed": self.seed})
        return self.count

    def done(self) -> bool:
        """Return whether the file exists and is valid."""
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
    """The minimum propellant of some starts."""

    path: Path
    task: Task
    mission: str
    scenario: str
    seed: int
    first: int
    count: int

    def run(self, note: Callable[[int], None] | None = None) -> int:
        """Compute the optima and write them; return their number."""
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
        """Return whether the file exists and is valid."""
        try:
            table = read_table(self.path)
            check_optima(table, self.path)
        except ConfigError:
            return False
        return len(table) == self.count


def check_optima(table: pa.Table, path: Path) -> None:
    """Check that a table has the format of this version.

    Raises
    ------
    ConfigError
        If its format is another one.
    """
    written = (table.schema.metadata or {}).get(b"format", b"").decode(errors="replace")
    check_format(written, OPTIMA_FORMAT, path)


def jobs_of(plan: Plan, folder: BenchmarkFolder) -> tuple[list[FlyPart], list[OptimaPart]]:
    """Return the jobs of a plan, in the order of the results.

    Parameters
    ----------
    plan : Plan
        The plan.
    folder : BenchmarkFolder
        The folder for the parts.

    Returns
    -------
    tuple of list
        Jobs for landings, and jobs for optima.
    """
    cells = plan.cells()
    fly = [
        part
        for cell in cells
        for part in fly_parts(cell, (cell.mission, cell.scenario), plan.span, folder.parts)
    ]
    starts = min(plan.optima, plan.landings)
    places = dict.fromkeys((cell.mission, cell.scenario) for cell in cells)
    optima = [
        OptimaPart(
            folder.parts / _file_name("optima", mission, scenario, first),
            task,
            mission,
            scenario,
            plan.seed,
            first,
            min(OPTIMA_CHUNK, starts - first),
        )
        for task, (mission, scenario) in zip(plan.tasks(), places, strict=True)
        for first in range(0, starts, OPTIMA_CHUNK)
    ]
    return fly, optima


def fly_parts(cell: Cell, place: tuple[str, ...], span: Span, folder: Path) -> list[FlyPart]:
    """Return the jobs that fly a cell.

    Parameters
    ----------
    cell : Cell
        The cell.
    place : tuple of str
        What tells it from other cells of its pilot in the folder.
    span : Span
        The landings.
    folder : Path
        Folder for the parts.

    Returns
    -------
    list of FlyPart
        In the order of the landings.
    """
    rows = min(span.chunk, span.landings, DEFAULT_BATCH)
    return [
        FlyPart(folder / _file_name(*place, cell.label, first), cell, span.seed, first, count, rows)
        for first, count in span.parts()
    ]


def warm_up(cells: list[Cell]) -> None:
    """Compile the kernels that cells need, so that workers load them from the cache.

    Parameters
    ----------
    cells : list of Cell
        The cells that will be flown.
    """
    for cell in {(c.pilot, c.mission, c.task.control): c for c in cells}.values():
        entry = resolve(cell.pilot, cell.task, trust_code=cell.trusted)
        env = make_vector_env(entry.task, 2, AutoresetMode.NEXT_STEP, 1)
        fly_one_step(entry, env)
        env.close()


def fly_one_step(entry: Entry, env: LunarLandingVectorEnv) -> None:
    """Call every compiled entry point once."""
    observation, _ = env.reset(seed=0)
    seen = shown_to(entry.pilot, observation, env)
    action, _ = entry.pilot.predict(seen, None, np.ones(env.num_envs, np.bool_))
    env.step(action)
    env.privileged_of(np.ones(env.num_envs, np.bool_))


@lru_cache(maxsize=1)
def _pilot_and_env(cell: Cell, rows: int) -> tuple[Entry, LunarLandingVectorEnv]:
    """Return pilot and environment of a cell, cached from one part to the next."""
    entry = resolve(cell.pilot, cell.task, trust_code=cell.trusted)
    return entry, make_vector_env(cell.task, rows, AutoresetMode.NEXT_STEP, 1)


def _file_name(*parts: str | int) -> str:
    words = [f"{part:07d}" if isinstance(part, int) else part for part in parts]
    return ".".join(word.replace("/", "_") for word in words) + ".parquet"
