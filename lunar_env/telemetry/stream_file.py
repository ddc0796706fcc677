"""The files of a recording: names, header and columns, and reading those without an end."""

from __future__ import annotations

import mmap
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from lunar_env.errors import ConfigError
from lunar_env.formats import check_format
from lunar_env.reading import from_json, open_regular
from lunar_env.specs.problems import checked
from lunar_env.telemetry.blocks import EVENT_TYPES, KEY_TYPES
from lunar_env.telemetry.header import RecordingHeader

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = [
    "FORMAT",
    "GROWING",
    "HEADER_KEY",
    "HEADER_STREAM",
    "WHOLE",
    "check_columns",
    "check_header",
    "header_of",
    "read_batches",
    "unit_in",
]

FORMAT: Final = "lunar-env-telemetry/1"
HEADER_KEY: Final = b"lunar_env"
"""Key of the header in the metadata of a schema; all but its format is in one stream."""
HEADER_STREAM: Final = "episodes"
GROWING: Final = ".arrows"
WHOLE: Final = ".parquet"
MAX_BYTES: Final = 64 * 1024**3
"""A day of one lander at full speed."""


def read_batches(path: Path) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    """Read a stream, which may lack its end.

    Parameters
    ----------
    path : Path
        The file; it may still grow.

    Returns
    -------
    schema : pyarrow.Schema
        Of the stream.
    batches : iterator of pyarrow.RecordBatch
        Up to the last that is whole.

    Raises
    ------
    ConfigError
        If the file cannot be read, or does not begin as an Arrow stream.
    """
    with open_regular(path, MAX_BYTES) as file:
        if not file.read(1):  # an empty file cannot be mapped
            raise ConfigError(f"{path}: is empty")
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    try:
        reader = pa.ipc.open_stream(pa.py_buffer(mapped))
    except (pa.ArrowException, OSError) as problem:
        reason = str(problem).partition("\n")[0]
        raise ConfigError(f"{path}: is not an Arrow stream, or cut short: {reason}") from None
    return reader.schema, _whole_batches(reader, path)


def _whole_batches(reader: pa.RecordBatchReader, path: Path) -> Iterator[pa.RecordBatch]:
    while True:
        try:
            batch = reader.read_next_batch()
        except StopIteration:
            return
        except (pa.ArrowException, OSError):
            return  # what its process was writing when it ended
        try:
            batch.validate(full=True)
        except pa.ArrowException as problem:
            reason = str(problem).partition("\n")[0]
            raise ConfigError(f"{path}: is damaged: {reason}") from None
        yield batch


def header_of(schema: pa.Schema, path: Path) -> RecordingHeader:
    """Return the header in the metadata of the stream `HEADER_STREAM`.

    Raises
    ------
    ConfigError
        If there is none, or one of another format or version.
    """
    return checked(RecordingHeader, _checked(schema, path), f"{path}: is not a complete recording")


def check_header(schema: pa.Schema, path: Path) -> None:
    """Check that a file is one of a recording, and of this version; raises as `header_of`."""
    _checked(schema, path)


def _checked(schema: pa.Schema, path: Path) -> dict[str, Any]:
    text = (schema.metadata or {}).get(HEADER_KEY)
    if text is None:
        raise ConfigError(f"{path}: is not of a recording: has no metadata of lunar_env")
    table = from_json(text, str(path))
    check_format(table.get("format"), FORMAT, path)
    return table


def check_columns(table: pa.Table, stream: str, path: Path) -> None:
    """Check that a table has what a stream of this name holds.

    Raises
    ------
    ConfigError
        If a column is missing, has another type, or lacks entries.
    """
    for name, kind in EVENT_TYPES.get(stream, KEY_TYPES).items():
        found = table.schema.field(name).type if name in table.column_names else None
        if found != kind:
            raise ConfigError(f"{path}: column {name} holds {found}, must hold {kind}")
    for name in table.column_names:
        if name not in EVENT_TYPES.get(stream, {}) and table[name].null_count:
            raise ConfigError(f"{path}: column {name} lacks {table[name].null_count} entries")


def unit_in(field: pa.Field) -> str:
    """Return the unit that a field states."""
    return str((field.metadata or {}).get(b"unit", b"-").decode(errors="replace"))
