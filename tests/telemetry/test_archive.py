"""The file of a flight: whole, readable by others, and refused when it is not."""

from __future__ import annotations

import json
import math
import os
from dataclasses import fields, replace

import numpy as np
import pytest

from lunar_env import OBSERVATION_FIELDS, LunarEnvError, LunarLandingEnv, __version__
from lunar_env.telemetry import FlightFileError, Recorder, Replay, load_flight, save_flight

ARRAYS = ("actions", "observations", "privileged", "rewards", "reward_terms")


@pytest.fixture
def path(flight, tmp_path):
    save_flight(flight, tmp_path / "flight.npz")
    return tmp_path / "flight.npz"


def rewritten(path, **changes):
    """Write the file again with some members, or entries of the header, changed."""
    with np.load(path) as archive:
        members = dict(archive)
    header = json.loads(members["header"].tobytes())
    for name, value in changes.items():
        if name in members:
            members[name] = value
        elif value is None:
            del header[name]
        else:
            header[name] = value
    members["header"] = np.frombuffer(json.dumps(header).encode(), np.uint8)
    other = path.with_name("other.npz")
    np.savez(other, **members)
    return other


def test_a_saved_flight_is_loaded_equal(flight, path):
    loaded = load_flight(path)
    for field in fields(flight):
        before, after = getattr(flight, field.name), getattr(loaded, field.name)
        if field.name in (*ARRAYS, "beliefs"):
            assert after.dtype == before.dtype
            assert after.tobytes() == before.tobytes()
        elif field.name == "touchdown":
            # It crashed: what it cannot report of its rest is nan before and after.
            np.testing.assert_equal(after, before)
        else:
            assert after == before, field.name


def test_the_same_flight_makes_the_same_bytes(flight, path, tmp_path):
    save_flight(load_flight(path), tmp_path / "again.npz")
    assert (tmp_path / "again.npz").read_bytes() == path.read_bytes()


def test_a_flight_can_be_read_with_numpy_and_json_alone(flight, path):
    with np.load(path, allow_pickle=False) as archive:
        header = json.loads(archive["header"].tobytes())
        assert archive["observations"].shape == (flight.steps + 1, len(OBSERVATION_FIELDS))
    assert header["versions"]["lunar_env"] == __version__
    assert (header["control"], header["phase"]) == ("throttle", "terminal")
    assert header["scenario"]["digest"] == flight.scenario.digest
    assert "nav_height_error_m" in header["scenario"]["toml"]
    assert header["columns"]["actions"] == [{"name": "throttle", "unit": "-", "scale": 1.0}]
    assert header["events"][-1]["name"] == "CRASHED"


def test_nothing_is_overwritten(flight, path):
    before = path.read_bytes()
    with pytest.raises(LunarEnvError, match="exists"):
        save_flight(flight, path)
    assert path.read_bytes() == before


def test_no_partial_file_is_left(flight, tmp_path, monkeypatch):
    def fail(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", fail)
    with pytest.raises(LunarEnvError, match="cannot be written: No space left"):
        save_flight(flight, tmp_path / "flight.npz")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.99])
def test_a_truncated_file_is_an_error(path, share):
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(FlightFileError, match=r"is truncated or damaged|is not a recorded flight"):
        load_flight(path)


def test_a_damaged_file_is_an_error(path):
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 50] = bytes(50)
    path.write_bytes(content)
    with pytest.raises(FlightFileError, match="is truncated or damaged"):
        load_flight(path)


def test_foreign_files_are_rejected(tmp_path):
    (tmp_path / "text.npz").write_bytes(b"not a flight")
    (tmp_path / "pickle.npz").write_bytes(b"\x80\x04\x95")
    np.savez(tmp_path / "weights.npz", weights=np.zeros(3))
    np.save(tmp_path / "one.npy", np.zeros(3))
    for name in ("text.npz", "pickle.npz", "weights.npz", "one.npy"):
        with pytest.raises(FlightFileError, match="not a recorded flight"):
            load_flight(tmp_path / name)
    with pytest.raises(FlightFileError, match="cannot be read: No such file"):
        load_flight(tmp_path / "nothing.npz")
    with pytest.raises(FlightFileError, match="is a folder, not a file"):
        load_flight(tmp_path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": "lunar-env-flight/9"}, "has format lunar-env-flight/9, of a newer version"),
        ({"outcome": None}, "outcome: is missing"),
        ({"episode_key": "7"}, "episode_key = '7': must be a whole number"),
        ({"columns": {}}, "columns.actions, .* are missing"),
        ({"scenario": {"digest": "0", "toml": ""}}, "is not a complete flight"),
        ({"rewards": np.zeros(2)}, "rewards are float64"),
        ({"observations": np.zeros((3, 3), np.float32)}, "observations are float32"),
        ({"actions": np.zeros((4, 1), np.float32)}, "must be"),
    ],
)
def test_an_inconsistent_file_is_rejected(path, changes, message):
    with pytest.raises(FlightFileError, match=message):
        load_flight(rewritten(path, **changes))


def test_a_changed_mission_is_detected(path, flight):
    toml = flight.mission.to_toml().replace("albedo = {value = 0.25", "albedo = {value = 0.5")
    changed = rewritten(path, mission={"digest": flight.mission.digest, "toml": toml})
    with pytest.raises(FlightFileError, match="'hakuto-r-m2' was changed"):
        load_flight(changed)


def test_non_finite_numbers_are_read_back(flight, tmp_path):
    broken = replace(flight, events=(flight.events[0]._replace(height_m=math.nan),))
    save_flight(broken, tmp_path / "broken.npz")
    assert math.isnan(load_flight(tmp_path / "broken.npz").events[0].height_m)


def test_a_flight_without_steps_can_be_saved(tmp_path):
    recorder = Recorder(LunarLandingEnv())
    recorder.reset(seed=0)
    recorder.save(tmp_path / "flight.npz")
    assert load_flight(tmp_path / "flight.npz").steps == 0


def test_a_flight_with_the_faults_of_a_mission_is_read(tmp_path, fly):
    flight = fly(Recorder(LunarLandingEnv("hakuto-r-m2", "as-flown")), seed=1, most=3)
    save_flight(flight, tmp_path / "flight.npz")
    again = load_flight(tmp_path / "flight.npz")
    assert again.scenario == flight.scenario
    assert Replay(again, LunarLandingEnv(**again.keywords())).run() is None
