"""Results files: a Parquet table with one row per landing.

Reports are computed from these files alone. A row has the outcome, touchdown and margins of a
landing, the seed and episode key to repeat it, and, for the first landings, the height over time.
The metadata has the digests of missions and scenarios.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from lunar_env.errors import ConfigError
from lunar_env.files import write_file
from lunar_env.formats import check_format, json_text
from lunar_env.parquet import read_table, table_bytes, typed_column
from lunar_env.reading import from_json
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

# Columns by name, with one entry per landing.
Landings = dict[str, np.ndarray]

METADATA_KEY = b"lunar-env-results"
FORMAT = "lunar-env-results/3"
AT_REST = ("rest_tilt_deg", "legs_broken", "stroke_m")
TOUCHDOWN = (
    *("v_vertical_m_s", "v_lateral_m_s", "tilt_deg", "rate_deg_s", "miss_m"),
    *AT_REST,
)
_LIMITED = TOUCHDOWN[:4]
MARGINS = (*_LIMITED, *(f"nominal_{name}" for name in _LIMITED))

_TEXT = ("pilot", "mission", "scenario", "outcome", "cause")
_FLAGS = ("landed", "contact", "lost")
_NUMBERS = (
    "stop_margin_m",
    "speed_m_s",  # at touchdown
    *TOUCHDOWN,
    *(f"margin_{name}" for name in MARGINS),
    "propellant_used_kg",
    "propellant_left_kg",
    "first_fix_height_m",
    "first_fix_speed_m_s",
    "first_fix_time_s",
    "fix_margin_m",  # at the first range: height left over for a stop at full thrust
    "worst_height_error_m",  # largest |dead-reckoned - true height|
    "worst_estimate_error_m",  # the same for the pilot's filter, after its first range
    "lockout_s",  # longest uninterrupted rejection of ranges by the filter
    "full_thrust_share",  # fraction of the last burn
    "full_thrust_end_s",  # time at full thrust up to the end
    "optimum_kg",  # minimum propellant from this start; NaN if not computed
    "signal_loss_dB",
    "latency_s",
    "lost_share",  # fraction of ranges that the drawn rangefinder loses
    "missed_share",  # fraction of ranges after the first that never arrived
    "episode_return",
    "duration_s",
)
# Columns that files of earlier versions lack.
ADDED_LATER = (
    *("fix_margin_m", "worst_estimate_error_m", "lockout_s", "full_thrust_share"),
    *("full_thrust_end_s", "optimum_kg", "lost_share", "missed_share", "cause"),
)
# Columns that identify a landing.
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
    """Write landings to a Parquet file, completely or not at all.

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
        The columns of `SCHEMA`. NaN and missing traces become null.
    metadata : mapping
        Digests, versions and seed, stored in the file.

    Returns
    -------
    bytes
        Identical for identical rows and metadata.
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
        The columns of `SCHEMA`; nulls are NaN.
    metadata : dict
        The metadata in the file.

    Raises
    ------
    ConfigError
        If the file cannot be read or is not a results file.
    """
    table = read_table(path)
    metadata = from_json((table.schema.metadata or {}).get(METADATA_KEY, b"{}"), str(path))
    check_format(metadata.get("format"), FORMAT, path)
    missing = [field.name for field in SCHEMA if field.name not in table.column_names]
    for name in missing:
        # Files of earlier versions have no columns about the lander at rest.
        if name not in (*AT_REST, *ADDED_LATER):
            raise ConfigError(f"{path}: column {name} is missing")
        table = table.append_column(name, pa.nulls(len(table), SCHEMA.field(name).type))
    landings = {field.name: _numpy(_column(table, field, path)) for field in SCHEMA}
    if not len(landings["landing"]):
        raise ConfigError(f"{path}: has no landings")
    check_once(landings, EPISODE, path)
    if "cause" in missing:
        landings["cause"] = causes(landings)
    return landings, metadata


def check_once(
    table: Landings, names: Sequence[str], where: str | Path, what: str = "landings"
) -> None:
    """Check that no row occurs more than once.

    Parameters
    ----------
    table : dict of ndarray
        Columns.
    names : sequence of str
        Columns that together identify a row.
    where : str or Path
        The file, for the error message.
    what : str, optional
        Name of the rows, for the error message.

    Raises
    ------
    ConfigError
        If two rows are equal in these columns.
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
    """Return the concatenation of tables.

    Parameters
    ----------
    parts : iterable of dict of ndarray
        Tables with the same columns.

    Returns
    -------
    dict of ndarray
        The joint table.

    Raises
    ------
    ConfigError
        If a landing occurs more than once.
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
    """Return a column; traces, floats and columns added later may have nulls."""
    nulls = (
        field.name in ADDED_LATER
        or pa.types.is_list(field.type)
        or pa.types.is_floating(field.type)
    )
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
