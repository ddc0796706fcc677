"""The file of a recorded flight.

A flight of `n` steps has `n + 1` instants: the reset, and the end of every step. Its file is a
compressed NumPy archive (``numpy.load`` reads it) with these members:

============== ======= ================ =====================================================
member         type    shape            content
============== ======= ================ =====================================================
header         uint8   (bytes,)         JSON text in UTF-8, see below
actions        float64 (n, actions)     as given to the environment, before clipping
observations   float32 (n + 1, fields)  as returned by it
privileged     float64 (n + 1, fields)  the truth at the same instants
rewards        float64 (n,)
reward_terms   float64 (n, terms)       their sum is the reward
beliefs        float64 (n + 1, 4)       `lunar_env.belief.Belief` of the pilot; not in older files
============== ======= ================ =====================================================

The header holds ``format``; the resolved ``mission`` and ``scenario``, each with its TOML text and
its digest; ``control``, ``phase``, ``history``, ``reward`` and ``time_limit_s`` of the environment;
``pilot``; ``seed``, ``episode_key`` and the ``start`` values that name the episode; ``outcome``,
``touchdown``, ``events``; ``columns``: name, unit and scale of every column (quantity =
element * scale); and the ``versions`` of this package, NumPy and Numba. The same flight makes the
same bytes. Loading a file runs nothing from it.
"""

from __future__ import annotations

import io
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from lunar_env.belief import Belief
from lunar_env.errors import ConfigError, LunarEnvError
from lunar_env.files import write_file
from lunar_env.formats import check_format, finite
from lunar_env.reading import from_json
from lunar_env.specs.problems import checked
from lunar_env.telemetry.events import Event
from lunar_env.telemetry.flight import Column, Flight
from lunar_env.telemetry.header import Header, mission_of, scenario_of, spec_table
from lunar_env.telemetry.members import read_members

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["FlightFileError", "flight_bytes", "load_flight", "save_flight"]

FORMAT: Final = "lunar-env-flight/3"
_ARRAYS: Final = {
    "actions": np.dtype(np.float64),
    "observations": np.dtype(np.float32),
    "privileged": np.dtype(np.float64),
    "rewards": np.dtype(np.float64),
    "reward_terms": np.dtype(np.float64),
}
# Written as they are; the others need a conversion.
_PLAIN: Final = (
    *("control", "phase", "history", "reward", "time_limit_s", "pilot", "seed", "episode_key"),
    *("start", "outcome", "touchdown", "versions"),
)
_COLUMNED: Final = ("actions", "observations", "privileged", "reward_terms")


class FlightFileError(LunarEnvError, ValueError):
    """A file that does not hold a whole recorded flight."""


def save_flight(flight: Flight, path: str | Path) -> None:
    """Write a flight, whole or not at all.

    Parameters
    ----------
    flight : Flight
        The record.
    path : str or Path
        A file that must not exist.

    Raises
    ------
    LunarEnvError
        If the name is taken or cannot be written.
    """
    write_file(path, flight_bytes(flight))


def flight_bytes(flight: Flight) -> bytes:
    """Return the content of the file of a flight."""
    header = {name: getattr(flight, name) for name in _PLAIN}
    header |= {
        "format": FORMAT,
        "mission": spec_table(flight.mission),
        "scenario": spec_table(flight.scenario),
        "events": [event._asdict() for event in flight.events],
        "columns": {k: [c._asdict() for c in columns] for k, columns in flight.columns.items()},
    }
    text = json.dumps(finite(header), allow_nan=False).encode()
    arrays = {name: getattr(flight, name) for name in _ARRAYS}
    if flight.beliefs is not None:
        arrays["beliefs"] = flight.beliefs
    content = io.BytesIO()
    np.savez_compressed(content, header=np.frombuffer(text, np.uint8), **arrays)
    return content.getvalue()


def load_flight(path: str | Path) -> Flight:
    """Read a flight.

    Parameters
    ----------
    path : str or Path
        A file written by `save_flight`.

    Returns
    -------
    Flight
        Checked: arrays that belong together, specs that are what they were.

    Raises
    ------
    FlightFileError
        If the file cannot be read, is cut or foreign, or was changed.
    """
    try:
        arrays = read_members(Path(path), ("header", *_ARRAYS), optional=("beliefs",))
        flight = _flight(arrays, str(path))
    except ConfigError as error:
        raise FlightFileError(str(error)) from None
    _check_shapes(flight, path)
    return flight


def _flight(arrays: dict[str, NDArray[Any]], path: str) -> Flight:
    table = from_json(arrays.pop("header").tobytes(), path)
    check_format(table.get("format"), FORMAT, path)
    header = checked(Header, table, f"{path}: is not a complete flight")
    plain: dict[str, Any] = {name: getattr(header, name) for name in _PLAIN}
    return Flight(
        **{**plain, "touchdown": _with_nan(header.touchdown), **arrays},
        mission=mission_of(header.mission, path),
        scenario=scenario_of(header.scenario, path),
        events=tuple(Event(_number(e.time_s), _number(e.height_m), e.name) for e in header.events),
        columns={
            name: tuple(Column(c.name, c.unit, c.scale) for c in getattr(header.columns, name))
            for name in _COLUMNED
        },
    )


def _number(written: float | None) -> float:
    # JSON has no NaN: null is written for values that are unknown without a rest.
    return math.nan if written is None else written


def _with_nan(touchdown: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if touchdown is None:
        return None
    return {name: math.nan if value is None else value for name, value in touchdown.items()}


def _check_shapes(flight: Flight, path: str | Path) -> None:
    n = flight.steps if flight.actions.ndim else 0
    for name, dtype in _ARRAYS.items():
        array: NDArray[Any] = getattr(flight, name)
        rows = n + 1 if name in ("observations", "privileged") else n
        columns = (len(flight.columns[name]),) if name in _COLUMNED else ()
        if array.shape != (rows, *columns) or array.dtype != dtype:
            raise FlightFileError(
                f"{path}: {name} are {array.dtype} {array.shape},"
                f" must be {dtype} {(rows, *columns)}"
            )
    wanted, beliefs = (n + 1, len(Belief._fields)), flight.beliefs
    if beliefs is not None and (beliefs.shape != wanted or beliefs.dtype != np.float64):
        raise FlightFileError(
            f"{path}: beliefs are {beliefs.dtype} {beliefs.shape}, must be float64 {wanted}"
        )
