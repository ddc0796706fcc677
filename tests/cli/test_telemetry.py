"""``fly --telemetry`` records in a folder; ``replay`` reads it, finished or not."""

from __future__ import annotations

import json

import numpy as np
import pytest

from lunar_env import LunarLandingEnv
from lunar_env.cli import main
from lunar_env.telemetry import TelemetryRecorder, load_flight, load_recording

FLY = ("fly", "--pilot", "hoverslam+naive", "--scenario", "ideal")


def test_a_flight_is_recorded_with_what_was_believed_and_replayed(run, tmp_path):
    flown = run(*FLY, "--seed", 3, "--telemetry", tmp_path / "r", "--record", tmp_path / "f.npz")
    told = run("replay", tmp_path / "r", "--headless")
    assert told["identical"]
    assert told["steps_compared"] == flown["steps"]
    assert {name: told[name] for name in flown} == flown
    beliefs = load_flight(tmp_path / "f.npz").beliefs
    assert load_recording(tmp_path / "r").beliefs().tolist() == beliefs.tolist()


def test_several_landings_are_one_recording(run, tmp_path, capsys):
    run(*FLY, "--landings", 3, "--telemetry", tmp_path / "r")
    assert [e.seed for e in load_recording(tmp_path / "r").episodes] == [0, 1, 2]
    assert run("replay", tmp_path / "r", "--episode", 2, "--headless")["seed"] == 2
    assert main(["replay", str(tmp_path / "r"), "--episode", "1", "--headless"]) == 0
    assert "episode 1 of 3 of row 0 of a recording\n" in capsys.readouterr().out


def test_an_unfinished_recording_is_filmed_and_plotted(tmp_path, capsys):
    env = TelemetryRecorder(LunarLandingEnv(), tmp_path / "r")
    env.reset(seed=0)
    for _ in range(30):
        env.step(np.array([0.5]))
    env._streams.flush()
    words = ["--out", tmp_path / "film.gif", "--plot", tmp_path / "plot.svg", "--speed", "20"]
    assert main(["replay", *map(str, (tmp_path / "r", *words))]) == 0
    out = capsys.readouterr().out
    assert "of a recording, which was not finished" in out
    assert "identical: all 30 steps" in out
    assert (tmp_path / "film.gif").read_bytes().startswith(b"GIF89a")
    assert b"<svg" in (tmp_path / "plot.svg").read_bytes()
    env.close()


def test_a_recording_that_differs_is_detected(tmp_path, capsys, monkeypatch):
    assert main([*FLY, "--telemetry", str(tmp_path / "r")]) == 0
    monkeypatch.setattr(
        "lunar_env.telemetry.recording.Recording.actions",
        lambda recording, *_: np.full((recording.episode().steps, 1), 0.9),
    )
    capsys.readouterr()
    assert main(["replay", str(tmp_path / "r"), "--headless", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert not told["identical"]
    assert told["difference"]["what"] == "action.throttle"
    assert told["difference"]["step"] == 1


def test_wrong_words_are_errors(refused, tmp_path, recorded):
    assert "--row and --episode are for folders" in refused("replay", recorded, "--episode", 1)
    assert "is not a recording" in refused("replay", tmp_path, "--headless")
    (tmp_path / "mine").write_text("mine")
    assert "mine" in refused(*FLY, "--telemetry", tmp_path / "mine")


@pytest.mark.parametrize("suffix", ["txt", "npz"])
def test_a_plot_has_a_known_format(refused, recorded, suffix):
    assert "must end in" in refused("replay", recorded, "--plot", f"plot.{suffix}")
