"""What a benchmark flies: every pilot in every scenario of every mission, on the same seeds."""

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

__all__ = ["Cell", "Plan", "identity_of"]

# Landings of a cell whose height over time is kept.
TRACES = 20


class Cell(NamedTuple):
    """One pilot in one scenario of one mission."""

    pilot: str  # as the command names it
    label: str  # as the results name it
    task: Task
    mission: str
    scenario: str
    trusted: bool = False  # its file may run code


@dataclass(frozen=True)
class Plan:
    """What is flown; the same plan gives the same rows.

    Parameters
    ----------
    pilots, missions, scenarios : tuple of str
        As the commands name them.
    landings : int
        Of each pilot in each scenario of each mission.
    seed : int
        The user's seed.
    control, phase : str
        What is commanded, and where episodes start.
    chunk : int
        Landings in a part: what is lost at most when a worker is killed.
    optima : int
        Of how many starts of each scenario and mission the least propellant is computed.
    trust_code : bool
        Load Stable-Baselines3 models, which run code.
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
        """Refuse numbers that make no sense."""
        check_seed(self.seed)
        for name, least in (("landings", 1), ("chunk", 1), ("optima", 0)):
            if getattr(self, name) < least:
                raise ConfigError(f"{name} = {getattr(self, name)} must be at least {least}")
        for name in ("pilots", "missions", "scenarios"):
            if not getattr(self, name):
                raise ConfigError(f"{name} is empty; give at least one name")

    def tasks(self) -> list[Task]:
        """Return every scenario of every mission."""
        return [
            Task(mission, scenario, control=self.control, phase=self.phase)
            for mission in self.missions
            for scenario in self.scenarios
        ]

    def cells(self) -> list[Cell]:
        """Return every pilot in each of them, in the order of the results.

        Raises
        ------
        ConfigError
            If a name is wrong, a pilot cannot fly a mission, or two would share a name.
        """
        cells = []
        for task in self.tasks():
            settings = task.settings()
            names = settings.mission.name, settings.scenario.name
            for pilot in self.pilots:
                entry = resolve(pilot, task, trust_code=self.trust_code)
                cells.append(Cell(pilot, entry.label, entry.task, *names, self.trust_code))
        seen = set()
        for cell in cells:
            key = cell.label, cell.mission, cell.scenario
            if key in seen:
                raise ConfigError(f"{' in '.join(key)} is given twice")
            seen.add(key)
        return cells

    def spans(self, landings: int) -> Iterator[tuple[int, int]]:
        """Yield first landing and number of landings of the parts."""
        for first in range(0, landings, self.chunk):
            yield first, min(self.chunk, landings - first)

    def settings(self) -> dict[str, Any]:
        """Return everything that the rows depend on, as JSON content."""
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


def identity_of(pilot: str) -> str:
    """Name of a pilot that is made by the code, digest of one that is read from a file."""
    path = Path(pilot)
    path = path / f"{RUN_POLICY}.safetensors" if path.is_dir() else path
    if not is_file(path):
        return pilot
    return f"sha256 {hashlib.sha256(read_bytes(path, MAX_BYTES)).hexdigest()}"
