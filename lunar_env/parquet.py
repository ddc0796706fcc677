"""Tables in Parquet files; the sizes that a file declares are checked before it is read."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Self

import pyarrow as pa
import pyarrow.parquet as pq

from lunar_env.errors import ConfigError
from lunar_env.files import Output, OutputError, system_error
from lunar_env.reading import open_regular

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["MAX_BYTES", "ParquetOutput", "read_table", "table_bytes", "typed_column"]

MAX_BYTES: Final = 4 * 1024**3
"""Enough for about ten million landings."""
# Every row has an episode key, which takes at least a byte compressed; traces take less per value.
_ROWS_PER_BYTE: Final = 1
_VALUES_PER_BYTE: Final = 100
_ROWS_AT_ONCE: Final = 65_536  # of a row group


def read_table(path: Path) -> pa.Table:
    """Read the table in a file.

    Raises
    ------
    ConfigError
        If the file cannot be read as Parquet, or declares more than its size can hold.
    """
    with _opened(path) as file:
        table = file.read()
        table.validate(full=True)  # offsets and strings are used unchecked later
        return table


def typed_column(
    table: pa.Table, field: pa.Field, path: Path, *, nulls: bool = False
) -> pa.ChunkedArray:
    """Return a column, cast to the type of its field.

    Parameters
    ----------
    table : pyarrow.Table
        From `read_table`.
    field : pyarrow.Field
        Name and type.
    path : Path
        The file, for messages.
    nulls : bool, optional
        Whether an entry may be missing.

    Raises
    ------
    ConfigError
        If the column is missing or ambiguous, cannot be cast, or lacks entries.
    """
    if table.column_names.count(field.name) != 1:
        raise ConfigError(f"{path}: must have exactly one column {field.name}")
    column = table.column(field.name)
    try:
        column = column.cast(field.type)
    except (pa.ArrowException, ValueError):
        raise ConfigError(
            f"{path}: column {field.name} holds {column.type}, must hold {field.type}"
        ) from None
    if column.null_count and not nulls:
        raise ConfigError(f"{path}: column {field.name} lacks {column.null_count} entries")
    return column


def table_bytes(table: pa.Table) -> bytes:
    """Return a table as the content of a Parquet file, the same for the same table."""
    content = pa.BufferOutputStream()
    pq.write_table(table, content, compression="zstd")
    data: bytes = content.getvalue().to_pybytes()
    return data


class ParquetOutput:
    """A Parquet file that is made batch by batch; it has its name when the block ends well.

    Parameters
    ----------
    path : Path
        A name that must be free.
    schema : pyarrow.Schema
        Of the table, with its metadata.

    Raises
    ------
    OutputError
        If it cannot be written.
    """

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._output = Output(path, replace=False)
        self._writer = pq.ParquetWriter(
            self._output.temporary, schema, compression="zstd", write_page_checksum=True
        )
        self._waiting: list[pa.RecordBatch] = []

    def __enter__(self) -> Self:
        return self

    def write(self, batch: pa.RecordBatch) -> None:
        """Write the next rows, many batches at once."""
        self._waiting.append(batch)
        if sum(each.num_rows for each in self._waiting) >= _ROWS_AT_ONCE:
            self._write_waiting()

    def __exit__(self, kind: object, *_: object) -> None:
        try:
            self._write_waiting()
            with self._named():
                self._writer.close()
            if kind is None:
                self._output.finish()
        finally:
            self._output.discard()

    def _write_waiting(self) -> None:
        if self._waiting:
            with self._named():
                self._writer.write_table(pa.Table.from_batches(self._waiting))
            self._waiting = []

    @contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except OSError as problem:
            raise OutputError(
                f"{self._output.path}: cannot be written: {system_error(problem, named=False)}"
            ) from None


@contextmanager
def _opened(path: Path) -> Iterator[pq.ParquetFile]:
    with open_regular(path, MAX_BYTES) as source:
        size = os.fstat(source.fileno()).st_size
        try:
            with pq.ParquetFile(source, page_checksum_verification=True) as file:
                _check_declared_sizes(file.metadata, size)
                yield file
        except ConfigError:
            raise
        except (OSError, ValueError, pa.ArrowException) as problem:
            first_line = str(problem).partition("\n")[0]
            raise ConfigError(f"{path}: cannot be read as Parquet: {first_line}") from None


def _check_declared_sizes(metadata: pq.FileMetaData, size: int) -> None:
    groups = [metadata.row_group(k) for k in range(metadata.num_row_groups)]
    columns = range(metadata.num_columns)
    values = sum(max(0, group.column(k).num_values) for group in groups for k in columns)
    if metadata.num_rows > _ROWS_PER_BYTE * size or values > _VALUES_PER_BYTE * size:
        raise ValueError(
            f"it declares {metadata.num_rows:,} rows and {values:,} values in {size:,} bytes"
        )
