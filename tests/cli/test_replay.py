"""``replay``: in the window, on film, in a file."""

from __future__ import annotations

import csv
import sys

import numpy as np
import pytest

from lunar_env.cli import main
from lunar_env.rendering.window import require_screen
from lunar_env.telemetry import load_flight, save_flight

FILM_HEADS = {".gif": b"GIF89a", ".png": b"\x89PNG", ".mp4": b"ftyp"}


@pytest.mark.parametrize("suffix", FILM_HEADS)
def test_a_film_is_written(recorded, suffix, capsys):
    pytest.importorskip({".gif": "PIL", ".mp4": "imageio_ffmpeg", ".png": "pygame"}[suffix])
    film = recorded.with_name(f"film{suffix}")
    assert main(["replay", str(recorded), "--out", str(film), "--speed", "20"]) == 0
    assert FILM_HEADS[suffix] in film.read_bytes()[:16]
    assert {path.name for path in film.parent.iterdir()} == {recorded.name, film.name}


def test_a_missing_library_names_its_extra(refused, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL", None)
    words = ["fly", "--pilot", "random", "--film", tmp_path / "film.gif"]
    assert "pip install 'lunar-env[render]'" in refused(*words)
    assert list(tmp_path.iterdir()) == []


def test_a_recorded_flight_is_replayed(run, recorded):
    told = run("replay", recorded, "--headless")
    assert told["identical"]
    assert told["difference"] is None
    assert told["steps_compared"] == told["steps"] == load_flight(recorded).steps
    assert (told["pilot"], told["seed"]) == ("random", 32)


@pytest.mark.usefixtures("dummy_screen")
def test_a_window_closed_early_does_not_end_the_comparison(recorded, monkeypatch, capsys):
    monkeypatch.setattr("lunar_env.rendering.viewer.Viewer.show", lambda *_: False)
    assert main(["replay", str(recorded)]) == 0
    steps = load_flight(recorded).steps
    assert f"identical: all {steps} steps" in capsys.readouterr().out


def test_a_differing_replay_is_detected(recorded, tmp_path, capsys):
    flight = load_flight(recorded)
    flight.actions[10] = 1.0
    save_flight(flight, tmp_path / "other.npz")
    assert main(["replay", str(tmp_path / "other.npz"), "--headless"]) == 1
    assert "differs: step 11 (2.2 s): observed" in capsys.readouterr().out


def test_a_replay_prints_the_table_of_the_flight(recorded, tmp_path, capsys):
    table = tmp_path / "flight.csv"
    assert main(["replay", str(recorded), "--headless", "--csv", str(table)]) == 0
    with table.open(newline="") as file:
        assert len(list(csv.reader(file))) == load_flight(recorded).steps + 2


def test_nothing_is_overwritten(refused, recorded, tmp_path):
    for option, name in (("--out", "a.png"), ("--csv", "a.csv"), ("--html", "a.html")):
        taken = tmp_path / name
        taken.write_text("mine")
        assert "exists" in refused("replay", recorded, "--headless", option, taken)
        assert taken.read_text() == "mine"
    before = recorded.read_bytes()
    assert "exists" in refused("fly", "--record", recorded)
    assert recorded.read_bytes() == before


def test_a_missing_display_is_a_one_line_error(monkeypatch, refused, recorded):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    fly = ["fly", "--pilot", "random", "--window"]
    assert "(DISPLAY is not set); use --film PATH" in refused(*fly)
    assert "use --film PATH" in refused(*fly, "--landings", "2")
    instead = "; use --out PATH for a film, --html PATH for a page, or --headless"
    assert instead in refused("replay", recorded)
    assert "; `lunar-env fly --film PATH` films a pilot" in refused("play")
    monkeypatch.setattr(sys, "platform", "darwin")
    require_screen()


def test_a_film_shows_the_flight(recorded, tmp_path):
    pygame = pytest.importorskip("pygame")
    main(["replay", str(recorded), "--out", str(tmp_path / "end.png")])
    picture = pygame.surfarray.array3d(pygame.image.load(tmp_path / "end.png"))
    assert picture.shape == (800, 544, 3)
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 50


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["replay", "no-such.npz", "--headless"], "cannot be read"),
        (["replay", __file__, "--headless"], "not a recorded flight"),
    ],
)
def test_wrong_input_is_a_one_line_error(refused, words, message):
    assert message in refused(*words)


def test_a_page_is_written_instead_of_a_window(recorded, monkeypatch, capsys):
    pytest.importorskip("plotly")
    monkeypatch.delenv("DISPLAY", raising=False)
    page = recorded.with_name("flight.html")
    assert main(["replay", str(recorded), "--html", str(page)]) == 0
    text = page.read_text(encoding="utf-8")
    assert text.startswith("<!DOCTYPE html>")
    assert "pilot random, scenario late-acquisition" in text
    assert {path.name for path in page.parent.iterdir()} == {recorded.name, page.name}


def test_a_page_is_made_of_a_recording(tmp_path, capsys):
    pytest.importorskip("plotly")
    pytest.importorskip("pyarrow")
    folder, page = tmp_path / "flight", tmp_path / "flight.html"
    assert main(["fly", "--pilot", "random", "--seed", "32", "--telemetry", str(folder)]) == 0
    assert main(["replay", str(folder), "--html", str(page)]) == 0
    assert "seed 32" in page.read_text(encoding="utf-8")


def test_a_page_needs_its_name_and_its_library(refused, recorded, monkeypatch):
    words = ["replay", recorded, "--html"]
    assert "must end in .html" in refused(*words, recorded.with_name("flight.htm"))
    monkeypatch.setitem(sys.modules, "plotly", None)
    assert "pip install 'lunar-env[html]'" in refused(*words, recorded.with_name("flight.html"))
    assert [path.name for path in recorded.parent.iterdir()] == [recorded.name]
