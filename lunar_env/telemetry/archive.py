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
============== ======= ================ =====================================================

The header holds ``format``; the resolved ``mission`` and ``scenario``, each with its TOML text and
its digest; ``control``, ``phase``, ``history``, ``reward`` and ``time_limit_s`` of the environment;
``pilot``; ``seed``, ``episode_key`` and the ``start`` values that name the episode; ``outcome``,
``touchdown``, ``events``; ``columns``: name, unit and scale of every column (quantity =
element * scale); and the ``versions`` of this package, NumPy and Numba. The same flight makes the
same bytes. Loading a file runs nothing from it.
"""

from __future__ import annotations

import json
import math
import tomllib
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import numpy as np

from lunar_env.errors import LunarEnvError
from lunar_env.files import written_whole
from lunar_env.specs import MissionSpec, ScenarioSpec
from lunar_env.telemetry.events import Event
from lunar_env.telemetry.flight import Column, Flight

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["FlightFileError", "load_flight", "save_flight"]

FORMAT: Final = "lunar-env-flight/2"
_ARRAYS: Final = {
    "actions": np.dtype(np.float64),
    "observations": np.dtype(np.float32),
    "privileged": np.dtype(np.float64),
    "rewards": np.dtype(np.float64),
    "reward_terms": np.dtype(np.float64),
}
# Written as they are, with the types that they must have; the others need a conversion.
_PLAIN: Final[Mapping[str, tuple[type, ...]]] = {
    "control": (str,),
    "phase": (str,),
    "history": (int,),
    "reward": (dict,),
    "time_limit_s": (float, int),
    "pilot": (str,),
    "seed": (int, type(None)),
    "episode_key": (int,),
    "start": (dict,),
    "outcome": (str,),
    "touchdown": (dict, type(None)),
    "versions": (dict,),
}
_COLUMNED: Final = ("actions", "observations", "privileged", "reward_terms")

S = TypeVar("S", MissionSpec, ScenarioSpec)


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
    header = {name: getattr(flight, name) for name in _PLAIN}
    header |= {
        "format": FORMAT,
        "mission": _written(flight.mission),
        "scenario": _written(flight.scenario),
        "events": [event._asdict() for event in flight.events],
        "columns": {k: [c._asdict() for c in columns] for k, columns in flight.columns.items()},
    }
    text = json.dumps(_standard(header), allow_nan=False).encode()
    arrays = {name: getattr(flight, name) for name in _ARRAYS}
    with written_whole(Path(path)) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, header=np.frombuffer(text, np.uint8), **arrays)


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
    header, arrays = _read(Path(path))
    if header.get("format") != FORMAT:
        raise FlightFileError(
            f"{path}: is no recorded flight of format {FORMAT} (format: {header.get('format')!r})"
        )
    try:
        content = {name: _typed(name, header[name]) for name in _PLAIN}
        flight = Flight(
            **content,
            mission=_spec(MissionSpec, header["mission"]),
            scenario=_spec(ScenarioSpec, header["scenario"]),
            events=tuple(_event(**event) for event in header["events"]),
            columns={k: tuple(Column(**c) for c in header["columns"][k]) for k in _COLUMNED},
            **arrays,  # type: ignore[arg-type]  # _check_shapes looks at their types
        )
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        problem = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise FlightFileError(f"{path}: is no whole flight: {problem}") from None
    _check_shapes(flight, path)
    return flight


def _written(spec: MissionSpec | ScenarioSpec) -> dict[str, str]:
    return {"digest": spec.digest, "toml": spec.to_toml()}


def _standard(value: Any) -> Any:
    """Make JSON content: what is not finite (after a numeric end) becomes null."""
    if isinstance(value, Mapping):
        return {key: _standard(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_standard(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _event(time_s: float | None, height_m: float | None, name: str) -> Event:
    time, height = (math.nan if number is None else number for number in (time_s, height_m))
    return Event(time, height, name)


def _typed(name: str, value: Any) -> Any:
    if not isinstance(value, _PLAIN[name]):
        raise FlightFileError(f"{name} = {value!r} is of the wrong kind")
    # JSON has no NaN: null stands for what a lander that did not come to rest cannot report.
    if name == "touchdown" and isinstance(value, dict):
        return {key: math.nan if item is None else item for key, item in value.items()}
    return value


def _spec(model: type[S], written: Mapping[str, str]) -> S:
    spec = model.from_table(tomllib.loads(written["toml"]))
    if spec.digest != written["digest"]:
        raise FlightFileError(f"{spec.name!r} was changed: it does not have its digest")
    return spec


def _read(path: Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    try:
        # Opened here: NumPy leaves the file open when it is no archive.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in _ARRAYS}
            header = json.loads(archive["header"].tobytes())
    except OSError as error:
        raise FlightFileError(f"{path}: cannot be read: {error.strerror or error}") from None
    except KeyError as error:
        raise FlightFileError(f"{path}: is no recorded flight: {error.args[0]}") from None
    except (zipfile.BadZipFile, zlib.error, EOFError):
        raise FlightFileError(f"{path}: is cut or damaged") from None
    except (ValueError, TypeError):  # NumPy's complaint about foreign files speaks of pickles
        raise FlightFileError(f"{path}: is no recorded flight") from None
    if not isinstance(header, dict):
        raise FlightFileError(f"{path}: is no recorded flight: its header is no table")
    return header, arrays


def _check_shapes(flight: Flight, path: str | Path) -> None:
    n = flight.steps
    for name, dtype in _ARRAYS.items():
        array: NDArray[Any] = getattr(flight, name)
        rows = n + 1 if name in ("observations", "privileged") else n
        columns = (len(flight.columns[name]),) if name in _COLUMNED else ()
        if array.shape != (rows, *columns) or array.dtype != dtype:
            raise FlightFileError(
                f"{path}: {name} are {array.dtype} {array.shape},"
                f" must be {dtype} {(rows, *columns)}"
            )
