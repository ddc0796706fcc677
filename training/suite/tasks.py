"""The tasks of a suite: a TOML file of missions in scenarios, each with the question that it asks.

Importing this module registers the tasks with `lunar_env.pilots`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator

from lunar_env.errors import ConfigError, nearest
from lunar_env.pilots import register
from lunar_env.reading import read_toml
from lunar_env.specs.base import Spec
from lunar_env.specs.problems import SpecError
from lunar_env.specs.quantity import AsList, Name, Prose
from lunar_env.task import Task

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["SUITE", "SuiteSpec", "SuiteTask", "load_suite"]

SUITE = Path(__file__).parent.parent / "suite.toml"


class SuiteTask(Spec):
    """One task: what is flown, and why."""

    name: Name
    """Name of the task."""
    mission: str
    """Mission: name or path of a TOML file."""
    scenario: str
    """Scenario: name or path of a TOML file."""
    phase: Literal["terminal", "approach", "powered"]
    """Where episodes start."""
    control: Literal["throttle", "thrust_vector", "actuators"]
    """What the pilots command."""
    question: Prose
    """What the task asks, in one sentence."""
    score: Literal["success", "propellant"] = "success"
    """What pilots are compared by: landings, or propellant where both land."""
    saturated: bool = False
    """Whether every good pilot lands all: a control, in which a loss shows a fault."""

    @property
    def task(self) -> Task:
        """The arguments of the environment."""
        return Task(self.mission, self.scenario, control=self.control, phase=self.phase)

    def check(self) -> None:
        """Check that it can be flown.

        Raises
        ------
        ConfigError
            If mission, scenario, phase and control do not go together; names the task.
        """
        try:
            self.task.settings()
        except ConfigError as error:
            raise ConfigError(f"task {self.name!r}: {error}") from None


class SuiteSpec(Spec):
    """The tasks of a suite."""

    title: Prose
    """Name for people."""
    tasks: Annotated[tuple[SuiteTask, ...], AsList, Field(min_length=1, max_length=100)]
    """The tasks, in the order of the leaderboard."""

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        names = [task.name for task in self.tasks]
        for name in names:
            if names.count(name) > 1:
                raise ConfigError(f"tasks: {name!r} appears more than once")
        return self

    def chosen(self, names: Sequence[str]) -> tuple[SuiteTask, ...]:
        """Return some tasks in the order of the suite, or all if no name is given.

        Parameters
        ----------
        names : sequence of str
            Names of tasks.

        Raises
        ------
        ConfigError
            If there is no such task, or a task cannot be flown.
        """
        known = [task.name for task in self.tasks]
        for name in names:
            if name not in known:
                raise ConfigError(
                    f"unknown task {name!r}{nearest(name, known)} (available: {', '.join(known)})"
                )
        tasks = tuple(task for task in self.tasks if not names or task.name in names)
        for task in tasks:
            task.check()
        return tasks


def load_suite(path: Path | None = None) -> SuiteSpec:
    """Read a suite.

    Parameters
    ----------
    path : Path, optional
        A TOML file; the suite of this package if not given.

    Raises
    ------
    ConfigError
        If the file cannot be read, or has an unknown key or an invalid value.
    """
    path = SUITE if path is None else path
    try:
        return SuiteSpec.from_table(read_toml(path))
    except SpecError as error:
        raise SpecError(str(path), error.problems) from None


class _Tasks:
    """The tasks of the suite; implements `lunar_env.pilots.Source`."""

    def names(self) -> dict[str, str]:
        """Return the question of each task, by name."""
        return {task.name: task.question for task in load_suite().tasks}


register("tasks", _Tasks())
