"""What a recorder sets aside while it flies, and how it becomes columns.

A recorder of one lander sets aside numbers and vectors, one of several landers a line for each of
them. Both are joined when they are written, so that a step pays as little as possible.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pyarrow as pa

from lunar_env.sim.fields import PRIVILEGED_FIELDS
from lunar_env.telemetry.columns import column_of, numbers
from lunar_env.telemetry.signals import BELIEF_SIGNALS, SAMPLE_SIGNALS, TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from lunar_env.belief import Belief
    from lunar_env.telemetry.signals import Signal

__all__ = [
    "EVENT_STREAMS",
    "EVENT_TYPES",
    "KEYS",
    "KEY_TYPES",
    "Begun",
    "Believed",
    "Ended",
    "Instants",
    "Samples",
    "batches_of",
    "columns_of",
    "in_units",
    "stream_of",
    "true_strides",
]


class Instants(NamedTuple):
    """An instant of one lander, or of several: the reset, or the end of a control period."""

    row: Any
    episode: Any
    step: Any
    over: Any  # whether the episode ended
    due: Any  # whether `true` is there
    action: Any  # NaN at the reset
    reward: Any  # reward and its terms; NaN at the reset
    observed: Any  # elements, as observed
    state: Any  # values of `STATE_SIGNALS`
    true: Any  # privileged vectors, only where they are due


class Believed(NamedTuple):
    """What the pilot believes at an instant."""

    row: int
    episode: int
    step: int
    belief: Belief


class Samples(NamedTuple):
    """Samples of sensors that arrived in a step of one lander, a line each."""

    row: int
    episode: int
    step: int
    samples: NDArray[np.float64]


class Begun(NamedTuple):
    """The start of an episode."""

    row: int
    episode: int
    episode_key: int  # unsigned
    seed: int | None
    start: str  # JSON: values of the option ``start``
    scenario: str  # TOML, where it is not that of the recording; else empty


class Ended(NamedTuple):
    """The end of an episode."""

    row: int
    episode: int
    step: int
    outcome: str
    touchdown: str  # JSON; empty without contact


KEYS: Final = ("row", "episode", "step")
"""Columns that periodic streams, beliefs and samples begin with."""
KEY_TYPES: Final = dict.fromkeys(KEYS, pa.int32())
EVENT_STREAMS: Final = ("beliefs", "samples", "episodes", "ends")
"""Streams that have no period."""
EVENT_TYPES: Final = {
    "episodes": {
        "row": pa.int32(),
        "episode": pa.int32(),
        "episode_key": pa.uint64(),
        "seed": pa.uint64(),
        "start": pa.string(),
        "scenario": pa.string(),
    },
    "ends": {
        "row": pa.int32(),
        "episode": pa.int32(),
        "step": pa.int32(),
        "outcome": pa.string(),
        "touchdown": pa.string(),
    },
}


def stream_of(period_s: float) -> str:
    """Return the name of the stream with a period.

    Examples
    --------
    >>> stream_of(0.2)
    'every-0.2s'
    """
    return f"every-{period_s:g}s"


def columns_of(signals: Sequence[Signal]) -> dict[str, dict[str, tuple[pa.DataType, str, str]]]:
    """Return for each stream its columns: type, unit and meaning."""
    keys = {
        "row": (pa.int32(), "-", "lander of the environment, from 0"),
        "episode": (pa.int32(), "-", "episode of this lander, from 0"),
        "step": (pa.int32(), "-", "control periods flown; 0 is the reset"),
    }
    streams: dict[str, dict[str, tuple[pa.DataType, str, str]]] = {}
    for signal in signals:
        columns = streams.setdefault(stream_of(signal.period_s), dict(keys))
        columns[signal.name] = _typed(signal)
    streams["beliefs"] = keys | {signal.name: _typed(signal) for signal in BELIEF_SIGNALS}
    streams["samples"] = keys | {signal.name: _typed(signal) for signal in SAMPLE_SIGNALS}
    for name, types in EVENT_TYPES.items():
        streams[name] = {column: (kind, "-", "") for column, kind in types.items()}
    return streams


def _typed(signal: Signal) -> tuple[pa.DataType, str, str]:
    return pa.float32() if signal.single else pa.float64(), signal.unit, signal.doc


def true_strides(signals: Sequence[Signal], control_period_s: float) -> tuple[int, ...]:
    """Return after how many steps privileged vectors are due, for each stream that needs them."""
    periods = {signal.period_s for signal in signals if signal.table == "true"}
    return tuple(sorted(round(period / control_period_s) for period in periods))


def batches_of(
    instants: Sequence[Instants],
    others: Mapping[str, Sequence[Any]],
    signals: Sequence[Signal],
    control_period_s: float,
    schemas: Mapping[str, pa.Schema],
) -> Iterator[tuple[str, pa.RecordBatch]]:
    """Yield what is to be appended to each stream.

    Parameters
    ----------
    instants : sequence of Instants
        In their order.
    others : mapping
        Lists of `Believed`, `Samples`, `Begun` and `Ended` by the name of their stream.
    signals : sequence of Signal
        What is written of the instants.
    control_period_s : float
        Time between two instants [s].
    schemas : mapping
        Of the streams.

    Yields
    ------
    str, pyarrow.RecordBatch
        Name of a stream, and what comes next in it.
    """
    # Before the instants, so that no instant is in a file without its episode.
    if others["episodes"]:
        yield "episodes", _rows(others["episodes"], schemas["episodes"])
    if instants:
        yield from _periodic(instants, signals, control_period_s, schemas)
    if others["beliefs"]:
        yield "beliefs", _beliefs(others["beliefs"], schemas["beliefs"])
    if others["samples"]:
        yield "samples", _samples(others["samples"], schemas["samples"])
    if others["ends"]:
        yield "ends", _rows(others["ends"], schemas["ends"])


def _rows(events: Sequence[Any], schema: pa.Schema) -> pa.RecordBatch:
    columns = zip(*events, strict=True)
    arrays = [column_of(c, field.type) for c, field in zip(columns, schema, strict=True)]
    return pa.record_batch(arrays, schema=schema)


def _periodic(
    instants: Sequence[Instants],
    signals: Sequence[Signal],
    control_period_s: float,
    schemas: Mapping[str, pa.Schema],
) -> Iterator[tuple[str, pa.RecordBatch]]:
    joined = Instants(*(_joined(items) for items in zip(*instants, strict=True)))
    rows = len(joined.row)
    tables = {name: getattr(joined, name).reshape(rows, -1) for name in TABLES if name != "true"}
    tables["true"] = joined.true.reshape(-1, len(PRIVILEGED_FIELDS))
    for period_s in {signal.period_s: None for signal in signals}:
        name, stride = stream_of(period_s), round(period_s / control_period_s)
        chosen = (joined.step % stride == 0) | joined.over
        if not chosen.any():
            continue
        arrays = [getattr(joined, key)[chosen].astype(np.int32) for key in KEYS]
        for table, elements in tables.items():
            written = [s for s in signals if s.period_s == period_s and s.table == table]
            rows_at = chosen[joined.due] if table == "true" else chosen
            arrays += in_units(elements[rows_at], written) if written else []
        yield name, pa.record_batch([numbers(a) for a in arrays], schema=schemas[name])


def _joined(items: Sequence[Any]) -> NDArray[Any]:
    """Join numbers, vectors of one lander, or arrays with a line for each of several landers."""
    if isinstance(items[0], np.ndarray):
        return np.concatenate(items)
    return np.array(items)


def in_units(elements: NDArray[Any], signals: Sequence[Signal]) -> list[NDArray[Any]]:
    """Return columns of a table as the quantities of some of its signals.

    Parameters
    ----------
    elements : ndarray, shape (n, columns)
        The table.
    signals : sequence of Signal
        At least one, all of this table.

    Returns
    -------
    list of ndarray, shape (n,)
        One for each of them.
    """
    kind = np.float32 if signals[0].single else np.float64
    scales = np.array([signal.scale for signal in signals], kind)
    # Column by column in memory, as they are written.
    columns: Any = elements.T[[signal.column for signal in signals]].astype(kind)
    columns *= scales[:, np.newaxis]
    return list(columns)


def _beliefs(beliefs: Sequence[Believed], schema: pa.Schema) -> pa.RecordBatch:
    keys = zip(*(b[: len(KEYS)] for b in beliefs), strict=True)
    arrays = [np.array(key, np.int32) for key in keys]
    values = np.array([b.belief for b in beliefs], np.float64).reshape(len(beliefs), -1)
    return pa.record_batch([numbers(a) for a in (*arrays, *values.T)], schema=schema)


def _samples(samples: Sequence[Samples], schema: pa.Schema) -> pa.RecordBatch:
    counts = [len(each.samples) for each in samples]
    keys = zip(*(each[: len(KEYS)] for each in samples), strict=True)
    arrays = [np.repeat(np.array(key, np.int32), counts) for key in keys]
    values = np.concatenate([each.samples for each in samples])
    return pa.record_batch([numbers(a) for a in (*arrays, *values.T)], schema=schema)
