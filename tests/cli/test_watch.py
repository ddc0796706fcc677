"""``watch`` and ``replay``: in the window, on film, in a file."""

from __future__ import annotations

import csv
import sys

import numpy as np
import pytest

from lunar_env.cli import main
from lunar_env.cli.flying import require_screen
from lunar_env.registration import IDS
from lunar_env.telemetry import load_flight, save_flight

FILM_HEADS = {".gif": b"GIF89a", ".png": b"\x89PNG", ".mp4": b"ftyp"}


def test_a_pilot_lands(run):
    flown = run("watch", "--scenario", "ideal", "--seed", "3", "--headless")
    assert (flown["pilot"], flown["scenario"]) == ("hoverslam+kalman", "ideal")
    assert flown["outcome"] == "LANDED"
    assert flown["touchdown"]["v_vertical_m_s"] < 3.0
    assert run("watch", "--scenario", "ideal", "--seed", "3", "--headless") == flown


def test_people_get_one_line(capsys):
    assert main(["watch", "--pilot", "random", "--seed", "32", "--headless"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("CRASHED after ")
    assert "first valid range at" in out
    assert out.count("\n") == 1


@pytest.mark.parametrize("row", IDS[1:], ids=lambda row: row.name)
def test_any_control_and_phase_is_watched_and_replayed(row, run, tmp_path):
    flown = ["--mission", row.mission, "--control", row.control, "--phase", row.phase]
    path, film = tmp_path / "flight.npz", tmp_path / "film.png"
    words = ["watch", "--pilot", "random", "--seed", "1", *flown, "--out", film, "--record", path]
    told = run(*words)
    assert (told["control"], told["phase"]) == (row.control, row.phase)
    assert film.read_bytes()[:4] == b"\x89PNG"
    assert run("replay", path, "--headless")["identical"]


def test_a_pilot_of_another_control_is_refused(refused):
    words = ["watch", "--control", "actuators", "--headless"]
    assert "give it control='throttle'" in refused(*words)


@pytest.mark.usefixtures("dummy_screen")
def test_the_window_shows_it(capsys):
    assert main(["watch", "--pilot", "random", "--seed", "32", "--speed", "500"]) == 0
    assert "CRASHED" in capsys.readouterr().out


def test_the_window_can_be_closed(dummy_screen, capsys, monkeypatch):
    shown = []

    def show(*_):
        shown.append(1)
        return len(shown) < 5

    monkeypatch.setattr("lunar_env.rendering.Renderer.show", show)
    assert main(["watch", "--pilot", "random", "--seed", "32"]) == 0
    assert "FLYING after 0.8 s" in capsys.readouterr().out


@pytest.mark.parametrize("suffix", FILM_HEADS)
def test_a_film_is_written(recorded, suffix, capsys):
    pytest.importorskip({".gif": "PIL", ".mp4": "imageio_ffmpeg", ".png": "pygame"}[suffix])
    film = recorded.with_name(f"film{suffix}")
    assert main(["replay", str(recorded), "--out", str(film), "--speed", "20"]) == 0
    assert FILM_HEADS[suffix] in film.read_bytes()[:16]
    assert {path.name for path in film.parent.iterdir()} == {recorded.name, film.name}


def test_a_missing_library_names_its_extra(refused, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL", None)
    words = ["watch", "--pilot", "random", "--out", tmp_path / "film.gif"]
    assert "pip install 'lunar-env[train]'" in refused(*words)
    assert list(tmp_path.iterdir()) == []


def test_a_recorded_flight_is_replayed(run, recorded):
    told = run("replay", recorded, "--headless")
    assert told["identical"]
    assert told["difference"] is None
    assert told["steps_compared"] == told["steps"] == load_flight(recorded).steps
    assert (told["pilot"], told["seed"]) == ("random", 32)


@pytest.mark.usefixtures("dummy_screen")
def test_a_window_closed_early_does_not_end_the_comparison(recorded, monkeypatch, capsys):
    monkeypatch.setattr("lunar_env.rendering.Renderer.show", lambda *_: False)
    assert main(["replay", str(recorded)]) == 0
    steps = load_flight(recorded).steps
    assert f"identical: all of the {steps} steps" in capsys.readouterr().out


def test_another_flight_is_noticed(recorded, tmp_path, capsys):
    flight = load_flight(recorded)
    flight.actions[10] = 1.0
    save_flight(flight, tmp_path / "other.npz")
    assert main(["replay", str(tmp_path / "other.npz"), "--headless"]) == 1
    assert "differs: step 11 (2.2 s): observed" in capsys.readouterr().out


def test_the_table_of_a_flight(recorded, tmp_path, capsys):
    table = tmp_path / "flight.csv"
    assert main(["replay", str(recorded), "--headless", "--csv", str(table)]) == 0
    with table.open(newline="") as file:
        assert len(list(csv.reader(file))) == load_flight(recorded).steps + 2


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["watch", "--pilot", "hoverslm+naive", "--headless"], "did you mean 'hoverslam+naive'"),
        (["watch", "--scenario", "idael", "--headless"], "did you mean 'ideal'"),
        (["watch", "--mission", "hakuto-r-m3", "--headless"], "did you mean 'hakuto-r-m2'"),
        (["watch", "--seed", "-1", "--headless"], "seed = -1"),
        (["watch", "--speed", "0", "--headless"], "speed = 0 must be positive"),
        (["watch", "--speed", "nan", "--headless"], "speed = nan must be positive"),
        (["watch", "--out", "film.avi"], "ends in .gif or .mp4 or .png"),
        (["replay", "no-such.npz", "--headless"], "cannot be read"),
        (["replay", __file__, "--headless"], "no recorded flight"),
    ],
)
def test_wrong_input_is_one_line(refused, words, message):
    assert message in refused(*words)


def test_nothing_is_overwritten(refused, recorded, tmp_path):
    for option, name in (("--out", "a.png"), ("--csv", "a.csv")):
        taken = tmp_path / name
        taken.write_text("mine")
        assert "exists" in refused("replay", recorded, "--headless", option, taken)
        assert taken.read_text() == "mine"
    before = recorded.read_bytes()
    assert "exists" in refused("watch", "--headless", "--record", recorded)
    assert recorded.read_bytes() == before


def test_without_the_clone_s_pilots_the_error_says_so(refused, monkeypatch):
    monkeypatch.setitem(sys.modules, "agents", None)
    assert "needs the package 'agents' of a clone" in refused("watch", "--headless")


def test_no_screen_is_one_line(monkeypatch, refused):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    assert "no window can be opened here" in refused("watch", "--pilot", "random")
    assert "no window can be opened here" in refused("play")
    monkeypatch.setattr(sys, "platform", "darwin")
    require_screen()


def test_a_film_shows_the_flight(recorded, tmp_path):
    pygame = pytest.importorskip("pygame")
    main(["replay", str(recorded), "--out", str(tmp_path / "end.png")])
    picture = pygame.surfarray.array3d(pygame.image.load(tmp_path / "end.png"))
    assert picture.shape == (800, 544, 3)
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 50
