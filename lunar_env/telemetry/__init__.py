"""Recorded flights: what happened in every step, in files that can be flown again.

>>> import gymnasium as gym, lunar_env
>>> from lunar_env.telemetry import Recorder, Replay, load_flight
>>> recorder = Recorder(gym.make("LunarEnv/ThrottleLanding-v0"))

Fly `recorder` like any environment and call ``recorder.save("flight.npz")``. `load_flight` reads
it; `Replay` flies the same episode with the recorded actions and names the first number that
differs; `write_csv` makes a table for other programs. The file is described in `archive.py`;
start with `flight.py`.

`TelemetryRecorder` and `VectorTelemetryRecorder` write any number of episodes to a folder while
they are flown, each quantity at its own rate; `load_recording` reads it, finished or not. They need
the extra ``telemetry``; start with `streams.py`. `Downlink` tells what the ground saw of a flight.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

from lunar_env.errors import MissingExtra
from lunar_env.telemetry.archive import FlightFileError, flight_bytes, load_flight, save_flight
from lunar_env.telemetry.csv_table import csv_text, write_csv
from lunar_env.telemetry.downlink import Downlink, GroundView
from lunar_env.telemetry.events import Event
from lunar_env.telemetry.flight import Column, Flight
from lunar_env.telemetry.frame import Frame
from lunar_env.telemetry.recorder import Recorder
from lunar_env.telemetry.replay import Difference, Replay

if TYPE_CHECKING:
    from lunar_env.telemetry.recording import Recording, RecordingError, load_recording
    from lunar_env.telemetry.telemetry_recorder import TelemetryRecorder
    from lunar_env.telemetry.vector_recorder import VectorTelemetryRecorder

__all__ = [
    "Column",
    "Difference",
    "Downlink",
    "Event",
    "Flight",
    "FlightFileError",
    "Frame",
    "GroundView",
    "Recorder",
    "Recording",
    "RecordingError",
    "Replay",
    "TelemetryRecorder",
    "VectorTelemetryRecorder",
    "csv_text",
    "flight_bytes",
    "load_flight",
    "load_recording",
    "save_flight",
    "write_csv",
]

# Imported when they are first used, since they need pyarrow.
_LATER: Final = {
    "Recording": "recording",
    "RecordingError": "recording",
    "load_recording": "recording",
    "TelemetryRecorder": "telemetry_recorder",
    "VectorTelemetryRecorder": "vector_recorder",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        module = importlib.import_module(f"{__name__}.{_LATER[name]}")
    except ModuleNotFoundError as problem:
        if problem.name != "pyarrow":
            raise
        raise MissingExtra("telemetry", "a recording of telemetry") from None
    return getattr(module, name)
