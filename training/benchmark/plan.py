"""The plan of a benchmark: each pilot in each scenario of each mission, on the same seeds."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from agents.source import RUN_POLICY
from agents.tensors import MAX_BYTES
from lunar_env.errors import ConfigError
from lunar_env.pilots import resolve
from lunar_env.reading import is_file, read_bytes
from lunar_env.task import Task
from training.evaluate import digests
from training.provenance import provenance
from training.seeds import check_seed

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["PHASES", "Cell", "Plan", "Span", "identity_of"]

PHASES = ("powered", "approach", "terminal")  # the longest flights first
# Number of landings of a cell whose height trace is kept.
TRACES = 20


class Cell(NamedTuple):
    """One pilot in one scenario of one mission."""

    pilot: str  # name in the command
    label: str  # name in the results
    task: Task
    mission: str
    scenario: str
    trusted: bool = False  # loading the pilot may run code


class Span(NamedTuple):
    """The landings of each cell, flown in parts."""

    landings: int
    seed: int  # the user's
    chunk: int  # landings per part

    def check(self) -> None:
        """Check the values.

        Raises
        ------
        ConfigError
            If one is too small.
        """
        check_seed(self.seed)
        for name in ("landings", "chunk"):
            if getattr(self, name) < 1:
                raise ConfigError(f"{name} = {getattr(self, name)} must be at least 1")

    def parts(self) -> Iterator[tuple[int, int]]:
        """Yield the first landing and the number of landings of each part."""
        for first in range(0, self.landings, self.chunk):
            yield first, min(self.chunk, self.landings - first)


@dataclass(frozen=True)
class Plan:
    """What a benchmark flies; the same plan gives the same results.

    Parameters
    ----------
    pilots, missions, scenarios : tuple of str
        Names as in the commands.
    landings : int
        Landings of each pilot in each scenario of each mission.
    seed : int
        The user's seed.
    control, phase : str
        What pilots command, and where episodes start.
    chunk : int
        Landings per part, at most this many are lost if a worker is killed.
    optima : int
        Number of starts of each scenario and mission whose minimum propellant is computed.
    trust_code : bool
        Whether to load Stable-Baselines3 models, which can run code.
    """

    pilots: tuple[str, ...]
    missions: tuple[str, ...]
    scenarios: tuple[str, ...]
    landings: int
    seed: int = 0
    control: str = "throttle"
    phase: str = "terminal"
    chunk: int = 1000
    optima: int = 100
    trust_code: bool = False

    def __post_init__(self) -> None:
        """Check the values.

        Raises
        ------
        ConfigError
            If a number is too small, or a list of names is empty or repeats one.
        """
        self.span.check()
        if self.optima < 0:
            raise ConfigError(f"optima = {self.optima} must be at least 0")
        for name in ("pilots", "missions", "scenarios"):
            names = getattr(self, name)
            if not names:
                raise ConfigError(f"{name} is empty; give at least one name")
            for given in names:
                if names.count(given) > 1:
                    raise ConfigError(f"--{name}: {given!r} is given twice")

    def tasks(self) -> list[Task]:
        """Return a task for each scenario of each mission."""
        return [
            Task(mission, scenario, control=self.control, phase=self.phase)
            for mission in self.missions
            for scenario in self.scenarios
        ]

    def cells(self) -> list[Cell]:
        """Return a cell for each task and pilot, in the order of the results.

        Raises
        ------
        ConfigError
            If a name is unknown, a pilot cannot fly a task, or two cells have the same names.
        """
        cells = []
        for task in self.tasks():
            settings = task.settings()
            names = settings.mission.name, settings.scenario.name
            for pilot in self.pilots:
                entry = resolve(pilot, task, trust_code=self.trust_code)
                cells.append(Cell(pilot, entry.label, entry.task, *names, self.trust_code))
        _check_once(cells)
        return cells

    @property
    def span(self) -> Span:
        """The landings of each cell."""
        return Span(self.landings, self.seed, self.chunk)

    def settings(self) -> dict[str, Any]:
        """Return everything that the results depend on, as JSON content."""
        cells = self.cells()
        made_from = provenance()
        return {
            "pilots": {cell.label: identity_of(cell.pilot) for cell in cells},
            **digests(self.tasks()),
            "landings": self.landings,
            "seed": self.seed,
            "chunk": self.chunk,
            "optima": self.optima,
            "commit": made_from["commit"],
            "versions": made_from["versions"],
        }


def _check_once(cells: list[Cell]) -> None:
    """Check that no two cells, from a name and the path of a file for instance, are the same."""
    seen: dict[tuple[str, str, str], Cell] = {}
    for cell in cells:
        other = seen.setdefault((cell.label, cell.mission, cell.scenario), cell)
        if other is not cell:
            names, task = other.task, cell.task
            for option, first, second, name in (
                ("missions", names.mission, task.mission, cell.mission),
                ("scenarios", names.scenario, task.scenario, cell.scenario),
                ("pilots", other.pilot, cell.pilot, cell.label),
            ):
                if first != second:
                    raise ConfigError(
                        f"--{option}: {name!r} is given twice, as {first!r} and as {second!r}"
                    )


def identity_of(pilot: str) -> str:
    """Return the digest of a pilot that is read from a file, or the name of another pilot."""
    path = Path(pilot)
    path = path / f"{RUN_POLICY}.safetensors" if path.is_dir() else path
    if not is_file(path):
        return pilot
    return f"sha256 {hashlib.sha256(read_bytes(path, MAX_BYTES)).hexdigest()}"
