"""Reading a recording: whole ones, and those whose process was killed or still runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pyarrow as pa

from lunar_env.errors import ConfigError, LunarEnvError, nearest, shown
from lunar_env.parquet import read_table
from lunar_env.reading import from_json
from lunar_env.telemetry.blocks import EVENT_STREAMS, KEYS
from lunar_env.telemetry.columns import numbers
from lunar_env.telemetry.header import mission_of, scenario_in, scenario_of
from lunar_env.telemetry.signals import BELIEF_SIGNALS
from lunar_env.telemetry.stream_file import (
    GROWING,
    HEADER_STREAM,
    WHOLE,
    check_columns,
    check_header,
    header_of,
    read_batches,
    unit_in,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from lunar_env.specs import ScenarioSpec

__all__ = ["Episode", "Recording", "RecordingError", "is_recording", "load_recording"]

_ACTION: Final = "action."


class RecordingError(LunarEnvError, ValueError):
    """A folder that does not hold a recording that this version can read."""


class Episode(NamedTuple):
    """One episode of a recording."""

    row: int
    """Lander of the environment."""
    number: int
    """Of this lander, from 0."""
    episode_key: int
    seed: int | None
    start: Mapping[str, float]
    """Values of the option ``start`` of its reset."""
    scenario: ScenarioSpec
    steps: int
    """Control periods that were written."""
    outcome: str
    """FLYING where its end was not written."""
    touchdown: Mapping[str, Any] | None

    def reset_options(self) -> dict[str, Any]:
        """Return the options of ``reset`` that begin it again."""
        start = {"start": dict(self.start)} if self.start else {}
        return {"episode_key": self.episode_key, **start}


class Recording:
    """What a folder holds; use `load_recording` to get one.

    Attributes
    ----------
    folder : Path
        Where it lies.
    finished : bool
        Whether the recording was closed.
    mission, scenario, control, phase, history, reward, time_limit_s, pilot, versions
        Of the environment and the pilot that flew, as in `lunar_env.telemetry.Flight`.
    units : dict of str to str
        Unit of every periodic quantity and of beliefs.
    episodes : tuple of Episode
        In the order in which they began.
    """

    def __init__(self, folder: Path, tables: dict[str, pa.Table], finished: bool) -> None:
        self.folder, self.finished, self._tables = folder, finished, tables
        header = header_of(tables[HEADER_STREAM].schema, folder)
        self.mission = mission_of(header.mission, str(folder))
        self.scenario = scenario_of(header.scenario, str(folder))
        self.control, self.phase, self.history = header.control, header.phase, header.history
        self.reward, self.time_limit_s = header.reward, float(header.time_limit_s)
        self.pilot, self.versions = header.pilot, header.versions
        periodic = [name for name in tables if name.startswith("every-")]
        self._stream = {
            column: name
            for name in (*periodic, "beliefs")
            for column in tables[name].column_names
            if column not in KEYS
        }
        # Actions are in the stream of the control period.
        self._step_stream = next(
            (name for column, name in self._stream.items() if column.startswith(_ACTION)), ""
        )
        if not self._step_stream:
            raise ConfigError(f"{folder}: is not a recording: has no actions")
        self.units = {
            column: unit_in(tables[name].schema.field(column))
            for column, name in self._stream.items()
        }
        self.episodes = tuple(self._episodes())

    @property
    def streams(self) -> tuple[str, ...]:
        """Names of the tables."""
        return tuple(self._tables)

    def table(self, stream: str) -> pa.Table:
        """Return a table, with units and meanings in the metadata of its fields.

        Parameters
        ----------
        stream : str
            One of `streams`.

        Raises
        ------
        ConfigError
            If there is no such stream.
        """
        if stream not in self._tables:
            known = ", ".join(self._tables)
            hint = nearest(stream, self._tables)
            raise ConfigError(f"no stream {shown(stream)}{hint} (available: {known})")
        return self._tables[stream]

    def column(
        self, name: str, row: int = 0, number: int = 0
    ) -> tuple[NDArray[np.float64], NDArray[Any]]:
        """Return a quantity of one episode, at its own rate.

        Parameters
        ----------
        name : str
            Such as ``true.height_m``, ``observed.lrf_track``, ``believed.height_m``.
        row, number : int, optional
            Lander, and its episode.

        Returns
        -------
        time_s : ndarray of float64, shape (n,)
            Since the start of the episode [s].
        values : ndarray, shape (n,)
            In the unit of the name.

        Raises
        ------
        ConfigError
            If there is no such quantity or episode.
        """
        self.episode(row, number)
        if name not in self._stream:
            raise ConfigError(f"no quantity {shown(name)}{nearest(name, self._stream)}")
        table = self.rows_of(self._stream[name], row, number)
        period = self.mission.control_period_s
        return table["step"].to_numpy() * period, table[name].to_numpy()

    def episode(self, row: int = 0, number: int = 0) -> Episode:
        """Return one episode.

        Raises
        ------
        ConfigError
            If there is no such episode.
        """
        for episode in self.episodes:
            if (episode.row, episode.number) == (row, number):
                return episode
        last = max((e.number for e in self.episodes if e.row == row), default=None)
        rows = ", ".join(str(r) for r in sorted({e.row for e in self.episodes}))
        there = f"row {row} has 0 to {last}" if last is not None else f"rows: {rows or 'none'}"
        raise ConfigError(f"{self.folder}: has no episode {number} of row {row} ({there})")

    def actions(self, row: int = 0, number: int = 0) -> NDArray[np.float64]:
        """Return the actions of an episode, shape (steps, n) [-], as given to the environment."""
        table = self.rows_of(self._step_stream, row, number)
        names = [name for name in table.column_names if name.startswith(_ACTION)]
        columns = [table[name].to_numpy()[1:] for name in names]
        return np.stack(columns, axis=1).astype(np.float64)

    def beliefs(self, row: int = 0, number: int = 0) -> NDArray[np.float64]:
        """Return what was believed in an episode, shape (steps + 1, 4), as `Belief`; or NaN."""
        table = self.rows_of("beliefs", row, number)
        steps = self.episode(row, number).steps
        believed = np.full((steps + 1, len(BELIEF_SIGNALS)), np.nan)
        at = table["step"].to_numpy()
        known = at <= steps  # of an unfinished recording either may be written further
        columns = [table[signal.name].to_numpy()[known] for signal in BELIEF_SIGNALS]
        believed[at[known]] = np.stack(columns, axis=1)
        return believed

    def keywords(self, episode: Episode) -> dict[str, Any]:
        """Return the keyword arguments of an environment that flies an episode."""
        names = ["mission", "control", "phase", "history", "reward", "time_limit_s"]
        return {**{name: getattr(self, name) for name in names}, "scenario": episode.scenario}

    def rows_of(self, stream: str, row: int, number: int) -> pa.Table:
        """Return what a stream has of one episode."""
        table = self.table(stream)
        chosen = (table["row"].to_numpy() == row) & (table["episode"].to_numpy() == number)
        return table.take(numbers(np.flatnonzero(chosen)))

    def _episodes(self) -> list[Episode]:
        table = self._tables[self._step_stream]
        at = zip(*(table[name].to_pylist() for name in KEYS), strict=True)
        steps = {(row, number): step for row, number, step in at}  # the last counts
        ends = {(e["row"], e["episode"]): e for e in self._tables["ends"].to_pylist()}
        begun = ((b["row"], b["episode"], b) for b in self._tables["episodes"].to_pylist())
        return [
            self._episode(table, steps[row, number], ends.get((row, number), {}))
            for row, number, table in begun
            if (row, number) in steps
        ]

    def _episode(self, begun: dict[str, Any], steps: int, end: dict[str, Any]) -> Episode:
        where, touchdown = str(self.folder), end.get("touchdown")
        scenario = self.scenario
        if begun["scenario"]:
            scenario = scenario_in(begun["scenario"], where)
        return Episode(
            begun["row"],
            begun["episode"],
            begun["episode_key"],
            begun["seed"],
            from_json(begun["start"].encode(), where),
            scenario,
            steps,
            end.get("outcome", "FLYING"),
            from_json(touchdown.encode(), where) if touchdown else None,
        )


def is_recording(path: str | Path) -> bool:
    """Whether a path is that of a folder, and not that of the file of a flight."""
    return Path(path).is_dir()


def load_recording(folder: str | Path) -> Recording:
    """Read a recording, finished or not.

    Parameters
    ----------
    folder : str or Path
        As given to the recorder.

    Returns
    -------
    Recording
        All that was written so far.

    Raises
    ------
    RecordingError
        If there is none, or it is of another version, cut, damaged or foreign.

    Examples
    --------
    >>> load_recording("nowhere")
    Traceback (most recent call last):
    lunar_env.telemetry.recording.RecordingError: nowhere: is not a folder with a recording
    """
    path = Path(folder)
    try:
        tables, finished = _tables(path)
        return Recording(path, tables, finished)
    except ConfigError as problem:
        raise RecordingError(str(problem)) from None


def _tables(folder: Path) -> tuple[dict[str, pa.Table], bool]:
    if not folder.is_dir():
        raise ConfigError(f"{folder}: is not a folder with a recording")
    files = {
        suffix: {file.name.removesuffix(suffix) for file in folder.glob(f"*{suffix}")}
        for suffix in (WHOLE, GROWING)
    }
    names = [*sorted(n for n in files[WHOLE] | files[GROWING] if n not in EVENT_STREAMS)]
    names += EVENT_STREAMS
    if len(names) == len(EVENT_STREAMS):
        raise ConfigError(f"{folder}: is not a recording: has no file every-*{WHOLE} or {GROWING}")
    tables = {}
    for name in names:
        # A process that was killed while it made the Parquet files may leave both.
        whole = name in files[WHOLE]
        path = folder / f"{name}{WHOLE if whole else GROWING}"
        tables[name] = read_table(path) if whole else _growing(path)
        check_header(tables[name].schema, path)
        check_columns(tables[name], name, path)
    return tables, not files[GROWING]


def _growing(path: Path) -> pa.Table:
    schema, batches = read_batches(path)
    return pa.Table.from_batches(list(batches), schema)
