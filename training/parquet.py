"""Tables in Parquet files; the sizes that a file declares are checked before it is read."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.parquet as pq

from lunar_env.errors import ConfigError
from lunar_env.reading import open_regular

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["MAX_BYTES", "read_table", "table_bytes", "typed_column"]

MAX_BYTES: Final = 4 * 1024**3
"""Enough for about ten million landings."""
# Every row has an episode key, which takes at least a byte compressed; traces take less per value.
_ROWS_PER_BYTE: Final = 1
_VALUES_PER_BYTE: Final = 100


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


@contextmanager
def _opened(path: Path) -> Iterator[pq.ParquetFile]:
    with open_regular(path, MAX_BYTES) as source:
        size = os.fstat(source.fileno()).st_size
        try:
            with pq.ParquetFile(source) as file:
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
