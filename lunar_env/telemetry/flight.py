"""The record of one flight.

A flight of `n` steps has `n + 1` instants: the reset, and the end of every step. `recorder.py`
makes it, `archive.py` keeps it in a file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lunar_env.errors import ConfigError
from lunar_env.specs import MissionSpec, ScenarioSpec
from lunar_env.telemetry.events import Event

__all__ = ["Column", "Flight"]


class Column(NamedTuple):
    """One column of an array: the quantity is the element times the scale."""

    name: str
    unit: str
    scale: float


@dataclass(frozen=True)
class Flight:
    """One recorded flight; its arrays are described in `lunar_env.telemetry.archive`."""

    mission: MissionSpec
    scenario: ScenarioSpec
    control: str
    phase: str
    history: int
    reward: Mapping[str, float]
    time_limit_s: float
    pilot: str
    seed: int | None
    episode_key: int
    start: Mapping[str, float]
    outcome: str
    touchdown: Mapping[str, Any] | None
    events: tuple[Event, ...]
    versions: Mapping[str, str]
    columns: Mapping[str, tuple[Column, ...]]
    actions: NDArray[np.float64]
    observations: NDArray[np.float32]
    privileged: NDArray[np.float64]
    rewards: NDArray[np.float64]
    reward_terms: NDArray[np.float64]
    beliefs: NDArray[np.float64] | None = None  # (n + 1, 4), see `Belief`; None in older files

    @property
    def steps(self) -> int:
        """Number of control periods flown."""
        return len(self.actions)

    def quantity(self, table: str, name: str) -> NDArray[np.float64]:
        """Return one column in the unit of its name.

        Parameters
        ----------
        table : {"actions", "observations", "privileged", "reward_terms"}
            Which array.
        name : str
            Which column.

        Returns
        -------
        ndarray of float64, shape (n,) or (n + 1,)
            The quantity at every instant, or in every step.

        Raises
        ------
        ConfigError
            If there is no such column.
        """
        for k, column in enumerate(self.columns[table]):
            if column.name == name:
                values: NDArray[np.float64] = getattr(self, table)[:, k] * np.float64(column.scale)
                return values
        raise ConfigError(f"the flight's {table} have no column {name!r}")

    def keywords(self) -> dict[str, Any]:
        """Return the keyword arguments of the environment that flew it."""
        names = ["mission", "scenario", "control", "phase", "history", "reward", "time_limit_s"]
        return {name: getattr(self, name) for name in names}

    def reset_options(self) -> dict[str, Any]:
        """Return the options of ``reset`` that begin the same episode."""
        start = {"start": dict(self.start)} if self.start else {}
        return {"episode_key": self.episode_key, **start}
