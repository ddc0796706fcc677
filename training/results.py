"""Landings as a table: one row each, in Parquet.

Everything in a report is computed from such a file: outcome, touchdown and margins of every
landing, the seed and the key with which it can be flown again, and for the first few of them the
height over time. The file's metadata names the digests of mission and scenario.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from lunar_env.errors import ConfigError
from lunar_env.files import write_file
from lunar_env.formats import check_format, json_text
from lunar_env.reading import from_json
from training.parquet import read_table, table_bytes, typed_column
from training.taxonomy import causes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

__all__ = [
    "MARGINS",
    "SCHEMA",
    "TOUCHDOWN",
    "Landings",
    "check_once",
    "join",
    "read_results",
    "results_bytes",
    "write_results",
]

# Columns by name; those of one list have one entry per landing.
Landings = dict[str, np.ndarray]

METADATA_KEY = b"lunar-env-results"
FORMAT = "lunar-env-results/1"
AT_REST = ("rest_tilt_deg", "legs_broken", "stroke_m")
TOUCHDOWN = (
    *("v_vertical_m_s", "v_lateral_m_s", "tilt_deg", "rate_deg_s", "miss_m"),
    *AT_REST,
)
_LIMITED = TOUCHDOWN[:4]
MARGINS = (*_LIMITED, *(f"nominal_{name}" for name in _LIMITED))

_TEXT = ("pilot", "mission", "scenario", "outcome", "cause")
_FLAGS = ("landed", "contact", "recoverable")
_NUMBERS = (
    "recover_margin_m",
    "speed_m_s",  # at touchdown
    *TOUCHDOWN,
    *(f"margin_{name}" for name in MARGINS),
    "propellant_used_kg",
    "propellant_left_kg",
    "first_fix_alt_m",
    "first_fix_speed_m_s",
    "first_fix_time_s",
    "fix_margin_m",  # at the first fix: height to spare for a stop at full thrust
    "worst_height_error_m",  # largest |dead-reckoned minus true height| of the flight
    "worst_estimate_error_m",  # as much of the pilot's own filter, once it has seen the ground
    "lockout_s",  # longest time for which its filter refused what it was shown
    "full_thrust_share",  # of the last burn
    "full_thrust_end_s",  # without a break before the end
    "optimum_kg",  # least propellant from this start; NaN where it was not computed
    "signal_loss_dB",
    "latency_s",
    "lost_share",  # of the ranges, on the way; as drawn
    "missed_share",  # of the ranges after the first, for whatever reason
    "episode_return",
    "duration_s",
)
# Files of before the benchmark lack these.
LATER = (
    *("fix_margin_m", "worst_estimate_error_m", "lockout_s", "full_thrust_share"),
    *("full_thrust_end_s", "optimum_kg", "lost_share", "missed_share", "cause"),
)
# What names a landing.
EPISODE = ("pilot", "mission", "scenario", "episode_key")
_TRACES = ("trace_time_s", "trace_height_m")

SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in _TEXT),
        ("landing", pa.int32()),
        ("seed", pa.int64()),
        ("episode_key", pa.uint64()),
        *((name, pa.bool_()) for name in _FLAGS),
        *((name, pa.float64()) for name in _NUMBERS),
        *((name, pa.list_(pa.float32())) for name in _TRACES),
    ]
)


def write_results(path: Path, landings: Landings, metadata: Mapping[str, object]) -> None:
    """Write landings to a Parquet file, whole or not at all.

    Parameters
    ----------
    path : Path
        The file, replaced if it exists.
    landings : dict of ndarray
        As for `results_bytes`.
    metadata : mapping
        As for `results_bytes`.
    """
    write_file(path, results_bytes(landings, metadata), replace=True)


def results_bytes(landings: Landings, metadata: Mapping[str, object]) -> bytes:
    """Return landings as the content of a Parquet file.

    Parameters
    ----------
    landings : dict of ndarray
        Every column of `SCHEMA`. NaN becomes null, as does an empty trace.
    metadata : mapping
        Digests, versions and seed, kept with the file.

    Returns
    -------
    bytes
        The same for the same rows.
    """
    arrays = [_arrow(landings[field.name], field.type) for field in SCHEMA]
    content = json_text({**metadata, "format": FORMAT}, indent=None)
    schema = SCHEMA.with_metadata({METADATA_KEY: content.encode()})
    return table_bytes(pa.Table.from_arrays(arrays, schema=schema))


def read_results(path: Path) -> tuple[Landings, dict[str, Any]]:
    """Read landings from a Parquet file.

    Parameters
    ----------
    path : Path
        A file written by `write_results`.

    Returns
    -------
    landings : dict of ndarray
        Columns; nulls are NaN.
    metadata : dict
        What was kept with the file.

    Raises
    ------
    ConfigError
        If the file cannot be read or holds something else.
    """
    table = read_table(path)
    metadata = from_json((table.schema.metadata or {}).get(METADATA_KEY, b"{}"), str(path))
    check_format(metadata.get("format"), FORMAT, path)
    missing = [field.name for field in SCHEMA if field.name not in table.column_names]
    for name in missing:
        # Files of before landers came to rest do not have the first of these.
        if name not in (*AT_REST, *LATER):
            raise ConfigError(f"{path}: lacks the column {name}")
        table = table.append_column(name, pa.nulls(len(table), SCHEMA.field(name).type))
    landings = {field.name: _numpy(_column(table, field, path)) for field in SCHEMA}
    if not len(landings["landing"]):
        raise ConfigError(f"{path}: holds no landings")
    check_once(landings, EPISODE, path)
    if "cause" in missing:
        landings["cause"] = causes(landings)
    return landings, metadata


def check_once(
    table: Landings, names: Sequence[str], where: str | Path, what: str = "landings"
) -> None:
    """Check that no row would be counted twice.

    Parameters
    ----------
    table : dict of ndarray
        Columns.
    names : sequence of str
        Columns that together name a row.
    where : str or Path
        The file, for the message.
    what : str, optional
        The rows, for the message.

    Raises
    ------
    ConfigError
        If two rows have the same names.
    """
    rows = list(zip(*(table[name].tolist() for name in names), strict=True))
    twice = len(rows) - len(set(rows))
    if twice:
        first = Counter(rows).most_common(1)[0][0]
        known = ", ".join(f"{name} {value}" for name, value in zip(names, first, strict=True))
        raise ConfigError(
            f"{where}: {twice} of {len(rows)} {what} occur more than once, for example"
            f" {known}; each must occur only once"
        )


def join(parts: Iterable[Landings]) -> Landings:
    """Return tables one below the other.

    Parameters
    ----------
    parts : iterable of dict of ndarray
        Tables with the same columns.

    Returns
    -------
    dict of ndarray
        One table.

    Raises
    ------
    ConfigError
        If a landing is there more than once.
    """
    tables = list(parts)
    joined = {name: np.concatenate([table[name] for table in tables]) for name in tables[0]}
    check_once(joined, EPISODE, "results")
    return joined


def _arrow(column: np.ndarray, kind: pa.DataType) -> pa.Array:
    if pa.types.is_list(kind):
        return pa.array([None if trace is None else trace for trace in column], type=kind)
    return pa.array(column, type=kind, from_pandas=True)


def _column(table: pa.Table, field: pa.Field, path: Path) -> pa.ChunkedArray:
    """Return a column; what is not drawn nor measured in every landing may be missing in some."""
    nulls = field.name in LATER or pa.types.is_list(field.type) or pa.types.is_floating(field.type)
    return typed_column(table, field, path, nulls=nulls)


def _numpy(column: pa.ChunkedArray) -> np.ndarray:
    kind = column.type
    if pa.types.is_list(kind):
        traces = np.empty(len(column), dtype=object)
        traces[:] = [None if t is None else np.array(t, np.float32) for t in column.to_pylist()]
        return traces
    if pa.types.is_floating(kind):
        return np.asarray(column.to_numpy().astype(np.float64))
    return np.asarray(column.to_numpy())
