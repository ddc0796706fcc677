"""The table of a flight for other programs."""

from __future__ import annotations

import csv

import pytest

from lunar_env import LunarEnvError, LunarLandingEnv
from lunar_env.telemetry import Recorder, write_csv


def read(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_every_step_is_a_row_in_plain_units(flight, tmp_path):
    write_csv(flight, tmp_path / "flight.csv")
    lines = read(tmp_path / "flight.csv")
    assert len(lines) == flight.steps + 1
    assert lines[0]["action.throttle"] == lines[0]["reward"] == ""
    assert float(lines[1]["action.throttle"]) == pytest.approx(flight.actions[0, 0], rel=1e-8)
    assert float(lines[-1]["reward"]) == pytest.approx(flight.rewards[-1], rel=1e-8)
    assert float(lines[0]["true.height_m"]) == pytest.approx(flight.privileged[0, 14], rel=1e-8)
    assert 1000.0 < float(lines[0]["observed.dr_height_m"]) < 5000.0
    assert float(lines[-1]["reward.impact"]) == pytest.approx(-10.0)


def test_stacked_past_frames_are_not_written(fly, tmp_path):
    flight = fly(Recorder(LunarLandingEnv(history=3)), seed=0, most=2)
    write_csv(flight, tmp_path / "flight.csv")
    observed = [name for name in read(tmp_path / "flight.csv")[0] if name.startswith("observed.")]
    assert len(observed) == flight.observations.shape[1] // 3


def test_nothing_is_overwritten(flight, tmp_path):
    (tmp_path / "flight.csv").write_text("mine")
    with pytest.raises(LunarEnvError, match="exists"):
        write_csv(flight, tmp_path / "flight.csv")
    assert (tmp_path / "flight.csv").read_text() == "mine"
