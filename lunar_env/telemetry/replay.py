"""Fly a recorded episode again and compare.

On the machine and with the versions that recorded it, every number is equal to the bit. Elsewhere
the last digit of a library function may differ; the comparison then names the first number that
does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np

from lunar_env.errors import ConfigError
from lunar_env.sim.fields import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from lunar_env.sim.fields import Field
    from lunar_env.telemetry.flight import Column, Flight

__all__ = ["Difference", "Replay"]


class Difference(NamedTuple):
    """The first number of a replay that is not the recorded one."""

    step: int  # 0 is the reset
    time_s: float  # recorded
    what: str
    recorded: float | str
    flown: float | str

    def __str__(self) -> str:
        """Say it in one line."""
        return (
            f"step {self.step} ({self.time_s:.1f} s): {self.what} is {self.flown!r},"
            f" the record has {self.recorded!r}"
        )


class Flyable(Protocol):
    """A single environment of this package."""

    @property
    def observation_fields(self) -> tuple[Field, ...]:
        """Layout of the observation."""

    @property
    def privileged(self) -> NDArray[np.float64]:
        """The truth."""

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[np.float32], dict[str, Any]]:
        """Begin an episode."""

    def step(self, action: Any) -> tuple[NDArray[np.float32], float, bool, bool, dict[str, Any]]:
        """Fly one control period."""


class Replay:
    """A recorded flight being flown again.

    Parameters
    ----------
    flight : Flight
        The record.
    env : LunarLandingEnv
        Made with ``flight.keywords()``.

    Attributes
    ----------
    difference : Difference or None
        The first number that differs so far.
    flown : int
        Steps compared so far.

    Raises
    ------
    ConfigError
        If the environment observes other things than the recorded one did.
    """

    def __init__(self, flight: Flight, env: Flyable) -> None:
        here = [field.name for field in env.observation_fields]
        if here != [column.name for column in flight.columns["observations"]]:
            raise ConfigError(
                "the flight was recorded with another observation layout"
                f" (lunar_env {flight.versions.get('lunar_env', '?')}): this version cannot"
                " replay it"
            )
        self.flight = flight
        self.difference: Difference | None = None
        self.flown = 0
        self._env = env

    def instants(self) -> Iterator[int]:
        """Fly the recorded actions, and compare at every instant.

        Yields
        ------
        int
            Number of steps flown. Ends with the record, or with the episode if that is earlier.
        """
        flight, env = self.flight, self._env
        observation, _ = env.reset(options=flight.reset_options())
        self._compare(0, "observations", observation)
        self._compare(0, "privileged", env.privileged)
        yield 0
        for k in range(flight.steps):
            self.flown = k + 1
            observation, reward, terminated, truncated, info = env.step(flight.actions[k])
            self._compare(k + 1, "observations", observation)
            self._compare(k + 1, "privileged", env.privileged)
            if reward != flight.rewards[k]:
                self._differs(k + 1, "the reward", float(flight.rewards[k]), float(reward))
            ended = terminated or truncated
            recorded = flight.outcome if k == flight.steps - 1 else "FLYING"
            flown = Outcome(info["outcome_code"]).name
            if flown != recorded:
                self._differs(k + 1, "the outcome", recorded, flown)
            yield k + 1
            if ended:
                return

    def run(self) -> Difference | None:
        """Fly to the end.

        Returns
        -------
        Difference or None
            None if every number is bitwise equal to the recorded one.
        """
        for _ in self.instants():
            pass
        return self.difference

    def _compare(self, step: int, table: str, flown: NDArray[Any]) -> None:
        recorded: NDArray[Any] = getattr(self.flight, table)[step]
        if flown.tobytes() == recorded.tobytes():
            return
        # Bits, not values: -0.0 is not 0.0, and a NaN is itself.
        word = np.uint32 if recorded.dtype == np.float32 else np.uint64
        k = int(np.flatnonzero(flown.view(word) != recorded.view(word))[0])
        column: Column = self.flight.columns[table][k]
        what = f"{'observed' if table == 'observations' else 'true'} {column.name}"
        scale = column.scale
        self._differs(step, what, float(recorded[k]) * scale, float(flown[k]) * scale)

    def _differs(self, step: int, what: str, recorded: float | str, flown: float | str) -> None:
        if self.difference is None:
            time_s = float(self.flight.quantity("privileged", "time_s")[step])
            self.difference = Difference(step, time_s, what, recorded, flown)
