"""The record of one flight, and its file.

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
its digest; ``phase``, ``history``, ``reward`` and ``time_limit_s`` of the environment; ``pilot``;
``seed``, ``episode_key`` and the ``start`` values that name the episode; ``outcome``,
``touchdown``, ``events``; ``columns``: name, unit and scale of every column (quantity =
element * scale); and the ``versions`` of this package, NumPy and Numba. The same flight makes the
same bytes. Loading a file runs nothing from it.
"""

from __future__ import annotations

import json
import tomllib
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

import numpy as np

from lunar_env.errors import ConfigError, LunarEnvError
from lunar_env.specs import MissionSpec, ScenarioSpec
from lunar_env.telemetry.events import Event
from lunar_env.telemetry.files import written_whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from lunar_env.specs.base import Spec

__all__ = ["Column", "Flight", "FlightFileError", "load_flight", "save_flight"]

FORMAT: Final = "lunar-env-flight/1"
_ARRAYS: Final = {
    "actions": np.dtype(np.float64),
    "observations": np.dtype(np.float32),
    "privileged": np.dtype(np.float64),
    "rewards": np.dtype(np.float64),
    "reward_terms": np.dtype(np.float64),
}
# Written as they are; the others need a conversion.
_PLAIN: Final = (
    *("phase", "history", "reward", "time_limit_s", "pilot", "seed", "episode_key", "start"),
    *("outcome", "touchdown", "versions"),
)
_COLUMNED: Final = ("actions", "observations", "privileged", "reward_terms")

S = TypeVar("S", bound="Spec")


class FlightFileError(LunarEnvError, ValueError):
    """A file that does not hold a whole recorded flight."""


class Column(NamedTuple):
    """One column of an array: the quantity is the element times the scale."""

    name: str
    unit: str
    scale: float


@dataclass(frozen=True)
class Flight:
    """One recorded flight; arrays as in the table of the module."""

    mission: MissionSpec
    scenario: ScenarioSpec
    phase: str
    history: int
    reward: Mapping[str, float]
    time_limit_s: float
    pilot: str
    seed: int | None
    episode_key: int
    start: Mapping[str, float]
    outcome: str
    touchdown: Mapping[str, Any] | None
    events: tuple[Event, ...]
    versions: Mapping[str, str]
    columns: Mapping[str, tuple[Column, ...]]
    actions: NDArray[np.float64]
    observations: NDArray[np.float32]
    privileged: NDArray[np.float64]
    rewards: NDArray[np.float64]
    reward_terms: NDArray[np.float64]

    @property
    def steps(self) -> int:
        """Number of control periods flown."""
        return len(self.actions)

    def quantity(self, table: str, name: str) -> NDArray[np.float64]:
        """Return one column in the unit of its name.

        Parameters
        ----------
        table : {"actions", "observations", "privileged", "reward_terms"}
            Which array.
        name : str
            Which column.

        Returns
        -------
        ndarray of float64, shape (n,) or (n + 1,)
            The quantity at every instant, or in every step.

        Raises
        ------
        ConfigError
            If there is no such column.
        """
        for k, column in enumerate(self.columns[table]):
            if column.name == name:
                values: NDArray[np.float64] = getattr(self, table)[:, k] * np.float64(column.scale)
                return values
        raise ConfigError(f"the flight's {table} have no column {name!r}")

    def keywords(self) -> dict[str, Any]:
        """Return the keyword arguments of the environment that flew it."""
        names = ("mission", "scenario", "phase", "history", "reward", "time_limit_s")
        return {name: getattr(self, name) for name in names}

    def reset_options(self) -> dict[str, Any]:
        """Return the options of ``reset`` that begin the same episode."""
        start = {"start": dict(self.start)} if self.start else {}
        return {"episode_key": self.episode_key, **start}


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
    text = json.dumps(header, default=dict, allow_nan=False).encode()
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
        flight = Flight(
            **{name: header[name] for name in _PLAIN},
            mission=_spec(MissionSpec, header["mission"]),
            scenario=_spec(ScenarioSpec, header["scenario"]),
            events=tuple(Event(**event) for event in header["events"]),
            columns={k: tuple(Column(**c) for c in header["columns"][k]) for k in _COLUMNED},
            **arrays,
        )
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        problem = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise FlightFileError(f"{path}: is no whole flight: {problem}") from None
    _check_shapes(flight, path)
    return flight


def _written(spec: Spec) -> dict[str, str]:
    return {"digest": spec.digest, "toml": spec.to_toml()}


def _spec(model: type[S], written: Mapping[str, str]) -> S:
    spec = model.from_table(tomllib.loads(written["toml"]))
    if spec.digest != written["digest"]:
        raise FlightFileError(f"{spec.name!r} was changed: it does not have its digest")
    return spec


def _read(path: Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    try:
        with np.load(path, allow_pickle=False) as archive:
            if not isinstance(archive, np.lib.npyio.NpzFile):
                raise FlightFileError(f"{path}: is no recorded flight")
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
