"""Parquet files that claim more than they hold, or hold something else."""

from __future__ import annotations

import os

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lunar_env.errors import ConfigError
from lunar_env.parquet import read_table, typed_column
from tests.training.conftest import landings_table
from training.results import METADATA_KEY, read_results, write_results


@pytest.fixture
def results(tmp_path):
    write_results(tmp_path / "r.parquet", landings_table("mine", "noisy", [1, 0, 1]), {"seed": 0})
    return tmp_path / "r.parquet"


def changed(results, name, column):
    table = pq.read_table(results)
    other = table.set_column(table.column_names.index(name), name, column)
    pq.write_table(other.replace_schema_metadata(table.schema.metadata), results)
    return results


def test_a_small_file_that_declares_a_billion_rows_is_rejected(tmp_path):
    path = tmp_path / "zeros.parquet"
    zeros = pa.array(np.zeros(10_000_000, np.int8))
    pq.write_table(pa.table({"a": zeros}), path, row_group_size=10_000_000)
    assert path.stat().st_size < 100_000
    with pytest.raises(ConfigError, match="it declares 10,000,000 rows"):
        read_table(path)


@pytest.mark.parametrize(
    ("name", "column", "message"),
    [
        ("landed", pa.array(["yes", "no", "so"]), "landed holds string, must hold bool"),
        ("speed_m_s", pa.array(["fast"] * 3), "speed_m_s holds string, must hold double"),
        ("trace_time_s", pa.array([1.0, 2.0, 3.0]), "trace_time_s holds double"),
        ("seed", pa.array([1, None, 3]), "seed lacks 1 entries"),
        ("outcome", pa.array([None, "LANDED", "CRASHED"]), "outcome lacks 1 entries"),
        ("landing", pa.array([2**40, 1, 2]), "landing holds int64, must hold int32"),
    ],
)
def test_columns_of_a_wrong_type_are_rejected(results, name, column, message):
    with pytest.raises(ConfigError, match=message):
        read_results(changed(results, name, column))


def test_integer_columns_are_read_as_floats(results):
    landings, _ = read_results(changed(results, "speed_m_s", pa.array([1, 2, 3])))
    assert landings["speed_m_s"].tolist() == [1.0, 2.0, 3.0]


def test_deeply_nested_metadata_is_rejected(results):
    table = pq.read_table(results)
    pq.write_table(table.replace_schema_metadata({METADATA_KEY: b"[" * 100_000}), results)
    with pytest.raises(ConfigError, match="nests more than 32 deep"):
        read_results(results)


def test_strings_that_are_not_utf_8_are_rejected(results):
    text = pa.Array.from_buffers(
        *(pa.string(), 3),
        [None, pa.py_buffer(np.array([0, 1, 2, 3], np.int32).tobytes()), pa.py_buffer(b"\xff" * 3)],
    )
    with pytest.raises(ConfigError, match=r"cannot be read as Parquet: .*UTF8"):
        read_results(changed(results, "cause", text))


def test_a_pipe_is_rejected_without_waiting(tmp_path):
    os.mkfifo(tmp_path / "r.parquet")
    with pytest.raises(ConfigError, match="is a pipe"):
        read_results(tmp_path / "r.parquet")


def test_a_duplicate_column_is_rejected():
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    with pytest.raises(ConfigError, match="must have exactly one column a"):
        typed_column(table, pa.field("a", pa.int64()), "r.parquet")
