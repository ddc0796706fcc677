"""Recorded flights: what happened in every step, in a file that can be flown again.

>>> import gymnasium as gym, lunar_env
>>> from lunar_env.telemetry import Recorder, Replay, load_flight
>>> recorder = Recorder(gym.make("LunarEnv/ThrottleLanding-v0"))

Fly `recorder` like any environment and call ``recorder.save("flight.npz")``. `load_flight` reads
it; `Replay` flies the same episode with the recorded actions and names the first number that
differs; `write_csv` makes a table for other programs. The file is described in `archive.py`;
start with `flight.py`.
"""

from lunar_env.telemetry.archive import FlightFileError, flight_bytes, load_flight, save_flight
from lunar_env.telemetry.downlink import csv_text, write_csv
from lunar_env.telemetry.events import Event
from lunar_env.telemetry.flight import Column, Flight
from lunar_env.telemetry.recorder import Recorder
from lunar_env.telemetry.replay import Difference, Replay

__all__ = [
    "Column",
    "Difference",
    "Event",
    "Flight",
    "FlightFileError",
    "Recorder",
    "Replay",
    "csv_text",
    "flight_bytes",
    "load_flight",
    "save_flight",
    "write_csv",
]
