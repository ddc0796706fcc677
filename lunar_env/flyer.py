"""A pilot that flies one lander, recorded, with what it believes written down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lunar_env.belief import Belief, onboard_of
from lunar_env.envs import LunarLandingEnv
from lunar_env.pilots import shown_to
from lunar_env.telemetry import Recorder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from lunar_env.pilots import Entry
    from lunar_env.telemetry import Flight, TelemetryRecorder

__all__ = ["Flyer"]


def written_to(env: LunarLandingEnv, folder: Path) -> TelemetryRecorder:
    """Return an environment that is recorded in a folder; only this needs the extra."""
    from lunar_env.telemetry import TelemetryRecorder

    return TelemetryRecorder(env, folder)


class Flyer:
    """A pilot in its own environment, with a recorder.

    Parameters
    ----------
    entry : Entry
        Who flies what.
    telemetry : Path, optional
        Folder in which all of its flights are recorded while they are flown, see
        `lunar_env.telemetry.TelemetryRecorder`; `close` finishes it.
    """

    def __init__(self, entry: Entry, telemetry: Path | None = None) -> None:
        self.env = LunarLandingEnv(**entry.task.keywords())
        self.env.pilot = entry.label
        self._written = None if telemetry is None else written_to(self.env, telemetry)
        self.recorder = Recorder(self._written or self.env)
        self._pilot = entry.pilot

    def close(self) -> None:
        """Finish the recording in a folder, if there is one."""
        if self._written is not None:
            self._written.close()

    def instants(self, seed: int | None, episode_key: int | None = None) -> Iterator[None]:
        """Fly an episode; stop at its beginning, and after every control period.

        Parameters
        ----------
        seed : int or None
            Seed of the episode.
        episode_key : int, optional
            Key of an episode to fly again, instead of a seed.

        Yields
        ------
        None
            The environment and the recorder hold what there is to see.
        """
        options = None if episode_key is None else {"episode_key": episode_key}
        observation, _ = self.recorder.reset(seed=seed, options=options)
        state, start, over = None, np.array([True]), False
        while True:
            seen = shown_to(self._pilot, observation[np.newaxis], self.env)
            belief = self._belief(seen, state, start)
            self.recorder.believe(belief)
            if self._written is not None:
                self._written.believe(belief)
            yield
            if over:
                return
            action, state = self._pilot.predict(seen, state, start, deterministic=True)
            observation, _, terminated, truncated, _ = self.recorder.step(action[0])
            start, over = np.array([False]), terminated or truncated

    def _belief(self, seen: NDArray[np.float32], state: Any, start: NDArray[np.bool_]) -> Belief:
        """Return what the pilot believes now, or else the lander's computer."""
        belief = getattr(self._pilot, "belief", None)
        columns = None if belief is None else belief(seen, state, start)
        if columns is not None:
            return Belief(*(float(column[0]) for column in columns))
        return onboard_of(self.env.settings.frame_fields, seen[0].tolist())

    def fly(self, seed: int | None, episode_key: int | None = None) -> Flight:
        """Fly an episode to its end and return its record."""
        for _ in self.instants(seed, episode_key):
            pass
        return self.recorder.flight
