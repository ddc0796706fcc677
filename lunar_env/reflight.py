"""Recorded flights from either kind of record: the file of one flight, or a recording's folder.

The file has all that a picture, a plot or a comparison needs. A recording has less, each quantity
at its own rate: its episode is flown again with the recorded actions and what the pilot believed.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lunar_env.belief import Belief
from lunar_env.envs import LunarLandingEnv
from lunar_env.telemetry import Recorder, load_flight

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lunar_env.telemetry import Difference, Flight, Recording

__all__ = ["Reflight", "fly_again", "open_flight"]


class Reflight(NamedTuple):
    """An episode of a recording, flown again."""

    flight: Flight
    difference: Difference | None
    """The first recorded number that it does not have."""


def open_flight(path: str | Path, *, row: int = 0, episode: int = 0) -> Flight:
    """Return a recorded flight.

    Parameters
    ----------
    path : str or Path
        A file of `lunar_env.telemetry.save_flight`, or the folder of a recording, finished or not.
    row, episode : int, optional
        Which lander of a recording, and which of its episodes.

    Returns
    -------
    Flight
        As recorded; of a recording, as flown again.

    Raises
    ------
    LunarEnvError
        If there is no such record, or it cannot be read.
    """
    if not Path(path).is_dir():
        return load_flight(path)
    from lunar_env.telemetry import load_recording

    return fly_again(load_recording(path), row, episode).flight


def fly_again(recording: Recording, row: int = 0, episode: int = 0) -> Reflight:
    """Fly an episode of a recording again, as far as it was written, and compare.

    Parameters
    ----------
    recording : Recording
        From `lunar_env.telemetry.load_recording`.
    row, episode : int, optional
        Which lander, and which of its episodes.

    Returns
    -------
    Reflight
        The flight, and the first number that differs.

    Raises
    ------
    ConfigError
        If there is no such episode, or this version has other observations.
    """
    from lunar_env.telemetry.verify import difference_of

    recorded = recording.episode(row, episode)
    actions = recording.actions(row, episode)
    env = LunarLandingEnv(**recording.keywords(recorded))
    env.pilot = recording.pilot
    recorder = Recorder(env)
    recorder.reset(options=recorded.reset_options())
    beliefs = recording.beliefs(row, episode)
    _believe(recorder, beliefs, 0)
    for k, action in enumerate(actions, start=1):
        *_, terminated, truncated, _ = recorder.step(action)
        _believe(recorder, beliefs, k)
        if terminated or truncated:
            break
    flight = replace(
        recorder.flight,
        seed=recorded.seed,
        beliefs=recorder.flight.beliefs if np.isfinite(beliefs).any() else None,
    )
    settings = env.settings
    return Reflight(
        flight,
        difference_of(recording, recorded, flight, settings.action_fields, settings.frame_fields),
    )


def _believe(recorder: Recorder, beliefs: NDArray[np.float64], step: int) -> None:
    recorder.believe(Belief(*beliefs[step].tolist()))
