"""Compare a recording with the same episode flown again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lunar_env.errors import ConfigError
from lunar_env.telemetry.blocks import KEYS, in_units
from lunar_env.telemetry.replay import Difference
from lunar_env.telemetry.signals import STATE_SIGNALS, signals_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from lunar_env.sim.fields import Field
    from lunar_env.telemetry.flight import Flight
    from lunar_env.telemetry.recording import Episode, Recording
    from lunar_env.telemetry.signals import Signal

__all__ = ["difference_of"]


def difference_of(
    recording: Recording,
    episode: Episode,
    flight: Flight,
    actions: tuple[Field, ...],
    frame: tuple[Field, ...],
) -> Difference | None:
    """Return the first number of a recorded episode that another flight of it does not have.

    Parameters
    ----------
    recording : Recording
        What was written.
    episode : Episode
        Which of its episodes.
    flight : Flight
        The same episode, flown with the recorded actions.
    actions, frame : tuple of Field
        Elements of its actions, and of a frame of its observations.

    Returns
    -------
    Difference or None
        None if every number is bitwise equal.

    Raises
    ------
    ConfigError
        If the recording has quantities that this version does not know.
    """
    period = recording.mission.control_period_s
    signals = {signal.name: signal for signal in signals_of(actions, frame, period)}
    found = list(_differences(recording, episode, flight, signals))
    if flight.steps < episode.steps or flight.outcome != episode.outcome:
        at = flight.steps
        found.append(Difference(at, at * period, "the outcome", episode.outcome, flight.outcome))
    return min(found, key=lambda difference: difference.step, default=None)


def _differences(
    recording: Recording, episode: Episode, flight: Flight, signals: Mapping[str, Signal]
) -> Iterator[Difference]:
    """Yield the first difference of every signal that has one."""
    tables = _tables_of(flight)
    for stream in (name for name in recording.streams if name.startswith("every-")):
        table = recording.rows_of(stream, episode.row, episode.number)
        steps = table["step"].to_numpy()
        steps = steps[steps <= flight.steps]
        for name in table.column_names:
            if name in KEYS:
                continue
            if name not in signals:
                raise ConfigError(
                    f"{recording.folder}: {name!r} is not known here: it was recorded by"
                    f" lunar_env {recording.versions.get('lunar_env', '?')}"
                )
            signal = signals[name]
            recorded = table[name].to_numpy()[: len(steps)]
            flown = in_units(tables[signal.table][steps], [signal])[0]
            k = _first(recorded, flown)
            if k is not None:
                at = int(steps[k])
                time_s = at * recording.mission.control_period_s
                yield Difference(at, time_s, name, float(recorded[k]), float(flown[k]))


def _tables_of(flight: Flight) -> dict[str, NDArray[Any]]:
    """Return what is recorded of the instants of a flight; NaN for the reset where it has none."""
    reward = np.column_stack([flight.rewards, flight.reward_terms])
    return {
        "action": _after_nothing(flight.actions),
        "observed": flight.observations,
        "state": np.stack([flight.quantity("privileged", n) for n in STATE_SIGNALS], axis=1),
        "true": flight.privileged,
        "reward": _after_nothing(reward),
    }


def _after_nothing(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.concatenate([np.full((1, values.shape[1]), np.nan), values])


def _first(recorded: NDArray[Any], flown: NDArray[Any]) -> int | None:
    """Place of the first value whose bits differ; a NaN is any other NaN."""
    word = np.uint32 if flown.dtype == np.float32 else np.uint64
    if recorded.dtype != flown.dtype:
        return 0
    same = np.ascontiguousarray(recorded).view(word) == np.ascontiguousarray(flown).view(word)
    differs = np.flatnonzero(~(same | (np.isnan(recorded) & np.isnan(flown))))
    return int(differs[0]) if differs.size else None
