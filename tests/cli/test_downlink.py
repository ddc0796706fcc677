"""``--downlink`` tells what the ground saw, ``--live`` lets other programs follow."""

from __future__ import annotations

import json
import socket
import threading

import numpy as np
import pytest

from lunar_env import LunarLandingEnv
from lunar_env.cli import main
from lunar_env.telemetry import Downlink, load_flight
from lunar_env.telemetry.live import LOOPBACK
from lunar_env.telemetry.screen import GroundScreen

RESILIENCE = ("fly", "--mission", "hakuto-r-m2", "--scenario", "as-flown", "--seed", "1")


def test_the_ground_sees_resilience_go_through_the_ground(run, tmp_path):
    told = run(*RESILIENCE, "--downlink", "--record", tmp_path / "f.npz")["ground"]
    assert (told["downlink"], told["signal"]) == ("ispace-m2", "lost")
    assert 20.0 < told["true_height_then_m"] < 40.0
    assert told["through_ground_s"] < told["end_s"]
    assert told["height_shown_m"] == pytest.approx(-223.0, abs=40.0)
    again = run("replay", tmp_path / "f.npz", "--headless", "--downlink")["ground"]
    assert again == told


def test_it_is_a_table_for_people(capsys):
    assert main([*RESILIENCE, "--downlink", "--every-s", "10"]) == 0
    out = capsys.readouterr().out
    assert "seen from the ground: HAKUTO-R Mission 2 to ESA's stations" in out
    lines = [line.split() for line in out.partition("seen from")[2].splitlines()]
    signals = [words[1] for words in lines if len(words) == 6 and words[0][0].isdigit()]
    assert [s for k, s in enumerate(signals) if k == 0 or s != signals[k - 1]] == [
        *("none", "live", "silent", "lost")
    ]


def test_without_it_nothing_is_said_of_the_ground(run):
    assert "ground" not in run("fly", "--pilot", "hoverslam+naive", "--scenario", "ideal")


def free_port():
    with socket.socket() as free:
        free.bind((LOOPBACK, 0))
        return free.getsockname()[1]


def followed(words, port):
    """Lines that a viewer gets of a command, which connects as soon as it can."""
    got = []

    def follow():
        while True:
            try:
                with socket.create_connection((LOOPBACK, port), timeout=30.0) as connection:
                    got.extend(json.loads(line) for line in connection.makefile("rb"))
                return
            except ConnectionRefusedError:
                pass

    viewer = threading.Thread(target=follow)
    viewer.start()
    assert main([*words, "--live", str(port)]) == 0
    viewer.join()
    return got


def test_a_flight_can_be_followed(capsys):
    port = free_port()
    words = ("fly", "--pilot", "hoverslam+naive", "--scenario", "ideal", "--speed", "40")
    first, *lines = followed(words, port)
    assert f"live on {LOOPBACK}:{port}\n" in capsys.readouterr().out
    assert (first["format"], first["seen_from"]) == ("lunar-env-live/1", "flight")
    assert first["pilot"] == "hoverslam+naive"
    times = [line["time_s"] for line in lines]
    assert times == sorted(times)
    assert len(times) > 50
    assert lines[-1]["true"]["height_m"] == pytest.approx(0.0, abs=1.0)
    assert {"height_m", "v_vertical_m_s", "beam_state"} <= set(lines[0]["believed"])


def test_the_ground_can_be_followed_to_the_loss_of_signal():
    first, *lines = followed((*RESILIENCE, "--downlink", "--speed", "40"), free_port())
    assert first["seen_from"] == "ground"
    assert "true" not in lines[0]
    assert lines[-1]["signal"] == "lost"
    assert lines[-1]["height_m"] == pytest.approx(-223.0, abs=40.0)
    live = [line for line in lines if line["signal"] == "live"]
    assert all(line["age_s"] >= 1.8 for line in live)


@pytest.mark.parametrize("words", [("--downlink",), ("--live", "0")])
def test_both_are_for_one_landing(refused, words):
    assert "needs --landings 1, not 2" in refused("fly", "--landings", "2", *words)


def test_wrong_ports_are_errors(refused):
    assert "--live 99999: must be from 0 to 65535" in refused("fly", "--live", "99999")


def test_the_picture_of_the_ground_is_an_earlier_one(run, tmp_path):
    run(*RESILIENCE, "--record", tmp_path / "f.npz")
    flight = load_flight(tmp_path / "f.npz")
    env, screen = LunarLandingEnv(**flight.keywords()), GroundScreen()
    env.reset(options=flight.reset_options())
    screen.add(env.snapshot())
    for action in flight.actions:
        env.step(action)
        screen.add(env.snapshot())
    downlink = Downlink.of(flight)
    assert screen.at(downlink.at(1.0)) is None
    seen = screen.at(downlink.at(20.0))
    assert seen.time_s == pytest.approx(downlink.at(20.0).frame.time_s)
    end = screen.at(downlink.at(downlink.end_s + 1.0))
    assert end.believed_height_m < -180.0
    assert end.outcome == "FLYING"
    assert np.isfinite(end.height_m)
