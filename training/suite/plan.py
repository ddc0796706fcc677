"""The plan of a suite: each pilot in each task that it can fly, on the same seeds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lunar_env.errors import ConfigError
from lunar_env.pilots import resolve
from training.benchmark.folder import BenchmarkFolder
from training.benchmark.jobs import FlyPart, fly_parts
from training.benchmark.plan import Cell, Span, identity_of
from training.evaluate import digests
from training.provenance import provenance
from training.suite.tasks import SuiteTask

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["SuiteFolder", "SuitePlan"]


class SuiteFolder(BenchmarkFolder):
    """The folder of a suite: as that of a benchmark, with a results file for each task."""

    def results_of(self, task: str) -> Path:
        """Return the path of all landings of a task."""
        return self.path / "tasks" / f"{task}.parquet"


@dataclass(frozen=True)
class SuitePlan:
    """What a suite flies; the same plan gives the same results.

    Parameters
    ----------
    pilots : tuple of str
        Names as in the command.
    tasks : tuple of SuiteTask
        The tasks.
    span : Span
        The landings of each pilot in each task.
    trust_code : bool
        Whether to load Stable-Baselines3 models, which can run code.
    """

    pilots: tuple[str, ...]
    tasks: tuple[SuiteTask, ...]
    span: Span
    trust_code: bool = False

    def __post_init__(self) -> None:
        """Check the values.

        Raises
        ------
        ConfigError
            If a number is too small, or a pilot is unknown, given twice or can fly no task.
        """
        self.span.check()
        if not self.pilots:
            raise ConfigError("pilots is empty; give at least one name")
        for names in (list(self.pilots), self.labels):
            for name in names:
                if names.count(name) > 1:
                    raise ConfigError(f"pilot {name!r} is given twice")

    @cached_property
    def _resolved(self) -> dict[str, list[Cell | str]]:
        """For each pilot, by task, its cell or the reason why it cannot fly the task."""
        return {pilot: [self._cell(pilot, task) for task in self.tasks] for pilot in self.pilots}

    def _cell(self, pilot: str, task: SuiteTask) -> Cell | str:
        settings = task.task.settings()
        names = settings.mission.name, settings.scenario.name
        try:
            entry = resolve(pilot, task.task, trust_code=self.trust_code)
        except ConfigError as error:
            return str(error)
        return Cell(pilot, entry.label, entry.task, *names, self.trust_code)

    @property
    def labels(self) -> list[str]:
        """Names of the pilots in the results.

        Raises
        ------
        ConfigError
            If one can fly no task.
        """
        labels = []
        for found in self._resolved.values():
            able = [cell.label for cell in found if isinstance(cell, Cell)]
            if not able:
                raise ConfigError(str(found[0]))
            labels.append(able[0])
        return labels

    def cells(self) -> dict[str, list[Cell]]:
        """Return the cells of each task, in the order of the pilots."""
        rows = zip(*self._resolved.values(), strict=True)
        return {
            task.name: [cell for cell in found if isinstance(cell, Cell)]
            for task, found in zip(self.tasks, rows, strict=True)
        }

    def not_applicable(self) -> dict[str, dict[str, str]]:
        """Return, by task and pilot, why a pilot cannot fly a task."""
        found = zip(self.labels, self._resolved.values(), strict=True)
        reasons: dict[str, dict[str, str]] = {task.name: {} for task in self.tasks}
        for label, cells in found:
            for task, cell in zip(self.tasks, cells, strict=True):
                if isinstance(cell, str):
                    reasons[task.name][label] = cell
        return reasons

    def jobs(self, folder: SuiteFolder) -> dict[str, list[FlyPart]]:
        """Return the jobs of each task, in the order of the results."""
        return {
            task: [p for cell in cells for p in fly_parts(cell, (task,), self.span, folder.parts)]
            for task, cells in self.cells().items()
        }

    def work(self) -> int:
        """Return the number of landings to fly."""
        return self.span.landings * sum(map(len, self.cells().values()))

    def settings(self) -> dict[str, Any]:
        """Return everything that the results depend on, as JSON content."""
        made_from = provenance()
        named = zip(self.labels, self.pilots, strict=True)
        return {
            "pilots": {label: identity_of(pilot) for label, pilot in named},
            "tasks": {task.name: {**digests([task.task])} for task in self.tasks},
            **self.span._asdict(),
            "commit": made_from["commit"],
            "versions": made_from["versions"],
        }
