"""The files of a recording while it is made: Arrow IPC streams that grow, one per rate.

A thread writes what was set aside every half second, so that a process that is killed loses at
most its last second, whether it steps or waits. When the recording is closed each stream becomes a
Parquet file. The reader is `recording.py`.
"""

from __future__ import annotations

import json
import os
import threading
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from lunar_env.errors import LunarEnvError
from lunar_env.files import GrowingFile
from lunar_env.folders import new_folder
from lunar_env.formats import finite
from lunar_env.parquet import ParquetOutput
from lunar_env.telemetry.blocks import EVENT_STREAMS, batches_of, columns_of, true_strides
from lunar_env.telemetry.stream_file import (
    GROWING,
    HEADER_KEY,
    HEADER_STREAM,
    WHOLE,
    read_batches,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from lunar_env.telemetry.blocks import Instants
    from lunar_env.telemetry.signals import Signal

__all__ = ["Streams"]

FLUSH_EVERY_S: Final = 0.5
MOST_WAITING: Final = 2048
"""Instants that wait for writing; with more of them the memory would not stay in the cache."""
_END_OF_STREAM: Final = b"\xff\xff\xff\xff\0\0\0\0"


class Streams:
    """The streams of a recording.

    Parameters
    ----------
    folder : Path
        A name that is free, or an empty folder.
    header : mapping
        Written as JSON into the metadata of a file.
    signals : sequence of Signal
        What is written of the instants.
    control_period_s : float
        Time between two instants [s].

    Attributes
    ----------
    beliefs, samples, episodes, ends : deque
        Append what is to be written; instants go to `add`.

    Raises
    ------
    OutputError
        If the folder or a file in it cannot be created.
    """

    def __init__(
        self,
        folder: Path,
        header: Mapping[str, object],
        signals: Sequence[Signal],
        control_period_s: float,
    ) -> None:
        self.folder = new_folder(folder)
        self.instants: deque[Instants] = deque()
        """What waits for writing."""
        self.beliefs: deque[Any] = deque()
        self.samples: deque[Any] = deque()
        self.episodes: deque[Any] = deque()
        self.ends: deque[Any] = deque()
        self.problem: LunarEnvError | None = None
        """What the last writing failed with, if it did; the next step raises it."""
        self._signals, self._control_period_s = signals, control_period_s
        self.true_strides = true_strides(signals, control_period_s)
        """Steps after which the privileged vector of an instant is written."""
        self._schemas = _schemas(header, signals)
        self._files = {
            name: GrowingFile(self.folder / f"{name}{GROWING}") for name in self._schemas
        }
        for name, schema in self._schemas.items():
            self._files[name].append(schema.serialize())
        self._process = os.getpid()
        self._writing = threading.Lock()
        self._wake, self._stopped = threading.Event(), False
        self._thread = threading.Thread(target=self._write_regularly, daemon=True)
        self._thread.start()

    def add(self, instant: Any) -> None:
        """Set instants aside for writing."""
        self.instants.append(instant)
        if len(self.instants) >= MOST_WAITING:
            self._wake.set()

    def flush(self) -> None:
        """Write what was set aside.

        Raises
        ------
        LunarEnvError
            If it cannot be written.
        """
        with self._writing:
            instants = _taken(self.instants)
            others = {name: _taken(getattr(self, name)) for name in EVENT_STREAMS}
            batches = batches_of(
                instants, others, self._signals, self._control_period_s, self._schemas
            )
            for name, batch in batches:
                self._files[name].append(batch.serialize())

    def close(self) -> None:
        """Write the rest and make Parquet files; a second time does nothing.

        Raises
        ------
        LunarEnvError
            If something could not be written; the streams are left as they are.
        """
        # A child of a fork shares the files, but not the thread: the parent writes them.
        if self._stopped or os.getpid() != self._process:
            return
        self._stopped = True
        self._wake.set()
        self._thread.join()
        try:
            if self.problem is not None:
                raise self.problem
            self.flush()
            for file in self._files.values():
                file.append(_END_OF_STREAM)
            for name, file in self._files.items():
                _make_whole(file, self.folder / f"{name}{WHOLE}", self._schemas[name])
        finally:
            for file in self._files.values():
                file.close()

    def abandon(self) -> None:
        """Close without an error: what cannot be written any more is left as it is."""
        with suppress(LunarEnvError):
            self.close()

    def _write_regularly(self) -> None:
        while not self._stopped:
            self._wake.wait(FLUSH_EVERY_S)
            self._wake.clear()
            try:
                self.flush()
            except LunarEnvError as problem:
                self.problem = problem
                return


def _taken(waiting: deque[Any]) -> list[Any]:
    """Take what waits; more may be appended meanwhile."""
    return [waiting.popleft() for _ in range(len(waiting))]


def _schemas(header: Mapping[str, object], signals: Sequence[Signal]) -> dict[str, pa.Schema]:
    texts = {name: json.dumps({"format": header["format"]}) for name in columns_of(signals)}
    texts[HEADER_STREAM] = json.dumps(finite(header), allow_nan=False)
    return {
        name: pa.schema(
            [
                pa.field(column, kind, metadata={"unit": unit, "description": doc})
                for column, (kind, unit, doc) in columns.items()
            ],
            metadata={HEADER_KEY: texts[name]},
        )
        for name, columns in columns_of(signals).items()
    }


def _make_whole(file: GrowingFile, path: Path, schema: pa.Schema) -> None:
    """Copy a stream into a Parquet file, batch by batch, and delete it."""
    with ParquetOutput(path, schema) as whole:
        for batch in read_batches(file.path)[1]:
            whole.write(batch)
    file.remove()
