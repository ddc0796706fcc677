"""Whole games, from the title to the replay, played by posted events."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest

pytest.importorskip("pygame")

from lunar_env.cli import main
from lunar_env.play.title import WHAT_HAPPENED
from lunar_env.rendering.camera import View
from lunar_env.rendering.layout import layout
from lunar_env.rendering.primitives import Rect, Text
from lunar_env.telemetry import load_flight
from lunar_env.telemetry.replay import Replay
from tests.play.player import fall, frames

KNOWN = View("chase", "belief", truth=False)


def landing(player):
    """Falls, and brakes by what the picture shows: a constant deceleration to 1 m/s."""
    player.down("down")
    burning = False
    while player.seen.outcome == "FLYING":
        height, down = player.seen.believed_height_m, -player.seen.believed_v_vertical_m_s
        burns = down > math.sqrt(1.6 * max(height - 1.0, 0.0)) + 0.8
        if burns != burning:
            (player.down if burns else player.up)("space")
            burning = burns
        yield
    player.up("space")
    yield


def whole_game(player, seen):
    """Plays a whole game, and remembers what there was to see."""
    yield
    seen["title"] = player.texts
    player.touch("return")
    yield from frames(2)
    seen["view"] = player.view
    player.touch("b")
    yield from frames(2)
    seen["after b"] = player.view
    yield from landing(player)
    yield from frames(3)
    seen["score"] = player.texts
    seen["still hidden"] = player.view
    player.touch("r")
    yield from frames(4)
    seen["replay"] = player.view
    seen["replayed"] = player.seen
    player.touch("return")
    yield from frames(3)
    seen["back"] = player.texts
    player.touch("t")
    yield from frames(3)
    seen["pilot"] = player.seen.pilot
    player.touch("escape")
    yield from frames(9)


def test_a_landing_is_scored_and_revealed(player, run, tmp_path):
    """The player lands by what the lander knows; then the score, and the truth."""
    path, seen = tmp_path / "flight.npz", {}
    player.script = whole_game(player, seen)
    told = run("play", "--scenario", "ideal", "--seed", "1", "--record", path)
    assert set(WHAT_HAPPENED) <= set(seen["title"])
    assert seen["view"] == seen["after b"] == seen["still hidden"] == KNOWN
    assert seen["replay"] == View()
    assert math.isfinite(seen["replayed"].believed_height_m)
    assert seen["replayed"].time_s < 5.0
    assert seen["back"] == seen["score"]
    assert seen["pilot"] == "throttle-m2"
    assert told["outcome"] == "LANDED"
    assert told["seed"] == 1
    assert told["against"]["episode_key"] == told["episode_key"]
    assert told["against"]["outcome"] == "LANDED"
    assert told["better"] in ("player", "pilot")
    winner = "You" if told["better"] == "player" else "The pilot"
    assert f"{winner} did better" in seen["score"]
    flight = load_flight(path)
    assert flight.pilot == "player"
    assert flight.beliefs is not None
    assert main(["replay", str(path), "--headless"]) == 0


def test_again_is_the_same_episode_and_next_another(player, run):
    seen = []

    def to_the_end():
        yield from fall(player)
        seen.append(player.seen)

    def script():
        yield
        player.touch("return")
        yield from frames(5)
        player.touch("backspace")  # in flight
        yield from frames(3)
        assert player.seen.time_s < 1.0
        yield from to_the_end()
        player.touch("backspace")
        yield from frames(3)
        yield from to_the_end()
        player.touch("return")
        yield from frames(3)
        yield from to_the_end()

    player.script = script()
    told = run("play", "--seed", "1", "--against", "random")
    first, again, other = seen
    assert again.time_s == first.time_s
    assert again.height_m == first.height_m
    assert other.time_s != first.time_s
    assert told["seed"] is None
    assert told["against"]["pilot"] == "random"


@pytest.mark.parametrize("downs", [0, 1, 2])
def test_levels_are_chosen_on_the_title(player, run, downs):
    def script():
        yield
        for _ in range(downs):
            player.touch("down")
        yield
        if downs:
            player.touch("up")
            player.touch("s")
        player.touch("return")
        yield from frames(20)

    player.script = script()
    told = run("play", "--seed", "1", "--max-steps", "4")
    assert told["control"] == ("throttle", "thrust_vector", "actuators")[downs]
    assert (told["steps"], told["seed"], told["outcome"]) == (4, 1, "FLYING")
    assert told["against"] is told["better"] is None


def test_by_hand_the_rival_has_an_autopilot(player, run):
    def script():
        yield
        player.touch("return")
        yield
        player.down("k")  # it topples
        yield from fall(player)

    player.script = script()
    told = run("play", "--level", "hand", "--scenario", "ideal", "--seed", "1")
    assert told["control"] == "actuators"
    assert told["against"]["control"] == "thrust_vector"
    assert told["against"]["outcome"] == "LANDED"
    assert told["better"] == "pilot"


def test_a_gamepad_does_all(player, run, tmp_path):
    path, seen = tmp_path / "flight.npz", []

    def script():
        yield
        player.button(0)
        yield from frames(3)
        player.axis(1, 1.0)  # towards the player: less thrust
        player.axis(0, -1.0)
        yield from frames(12)
        player.button(7)
        yield from frames(3)
        seen.append(player.viewer.controls.paused)
        player.button(7)
        yield from frames(12)
        player.axis(1, 0.0)
        player.button(1)
        yield from frames(3)
        seen.append(player.seen.time_s)
        player.axis(1, 1.0)
        while player.seen.outcome == "FLYING":
            yield
        yield from frames(3)
        player.button(2)
        yield from frames(3)
        seen.append(player.view)
        player.button(0)
        yield from frames(4)
        player.button(8)
        yield from frames(4)
        seen.append(WHAT_HAPPENED[0] in player.texts)

    player.script = script()
    told = run("play", "--level", "vector", "--seed", "1", "--record", path, "--against", "random")
    paused, after_restart, view, title = seen
    assert paused
    assert after_restart < 1.0
    assert view == View()
    assert title
    assert told["control"] == "thrust_vector"


def test_throttle_follows_the_stick(player, run, tmp_path):
    path = tmp_path / "flight.npz"

    def script():
        yield
        player.button(0)
        yield from frames(2)
        player.axis(1, 1.0)
        yield from frames(30)

    player.script = script()
    run("play", "--seed", "1", "--max-steps", "12", "--record", path)
    throttle = load_flight(path).quantity("actions", "throttle")
    assert throttle[-1] == -1.0
    assert throttle[0] > 0.5


def test_the_truth_can_be_shown_from_the_start(player, run):
    seen = []

    def script():
        yield
        player.touch("return")
        yield from frames(3)
        seen.append(player.view)

    player.script = script()
    run("play", "--show-truth", "--seed", "1")
    assert seen == [View()]


@pytest.mark.parametrize("words", [(), ("--max-steps", "3")])
def test_a_window_closed_at_the_title_is_no_error(player, run, words, tmp_path):
    path = tmp_path / "flight.npz"
    told = run("play", "--seed", "4", "--record", path, *words)
    assert (told["steps"], told["outcome"]) == (0, "FLYING")
    assert load_flight(path).steps == 0


def test_a_game_without_rival_goes_on(player, run, monkeypatch):
    seen = []

    def script():
        yield
        player.touch("return")
        yield
        yield from fall(player)
        player.touch("t")
        yield from frames(3)
        seen.append(player.texts)

    monkeypatch.setattr("lunar_env.pilots._PROVIDERS", ())
    monkeypatch.setattr("lunar_env.pilots._sources", {})
    player.script = script()
    told = run("play", "--seed", "1")
    assert told["against"] is told["better"] is None
    assert any("needs the package 'agents'" in text for text in seen[0])


def test_every_screen_fits_into_every_window(player, run):
    """No line of the title or the score leaves the picture."""
    seen = []

    def script():
        yield
        seen.append(player.viewer.over)
        player.touch("return")
        yield
        yield from fall(player)
        seen.append(player.viewer.over)

    player.script = script()
    run("play", "--level", "hand", "--seed", "1", "--against", "random")
    for width, height in ((320, 240), (560, 400), (800, 544), (1280, 800), (1920, 1080)):
        for over in seen:
            shapes = list(over(layout(width, height)))
            rows = sorted({s.y for s in shapes if isinstance(s, Text) and s.anchor != "r"})
            assert 0 <= rows[0] <= rows[-1] <= height
            assert all(b - a >= 9 for a, b in pairwise(rows))
            rects = [s for s in shapes if isinstance(s, Rect)]
            assert all(s.x >= 0 and s.x + s.width <= width for s in rects)


@pytest.mark.parametrize(
    ("problem", "status"), [(BrokenPipeError(), 141), (OSError(28, "Full"), 1)]
)
def test_a_game_is_recorded_where_stdout_fails(
    player, tmp_path, run_without_stdout, problem, status
):
    def script():
        yield
        player.touch("return")
        yield
        yield from fall(player)

    path = tmp_path / "flight.npz"
    player.script = script()
    words = ["play", "--seed", "4", "--record", path, "--against", "random"]
    assert run_without_stdout(*words, problem=problem) == status
    assert load_flight(path).outcome != "FLYING"


def test_a_replay_is_the_flight(player, run, monkeypatch):
    """What is revealed is what was flown, bit for bit."""
    seen = []
    flown = Replay.instants

    def kept(replay):
        seen.append(replay)
        return flown(replay)

    def script():
        yield
        player.touch("return")
        yield
        yield from fall(player)
        end = player.seen
        player.touch("r")
        yield from frames(3)
        while player.seen.outcome == "FLYING":
            yield
        seen.append((end, player.seen))
        yield from frames(3)

    monkeypatch.setattr(Replay, "instants", kept)
    player.script = script()
    run("play", "--seed", "1", "--against", "random")
    replay, (end, again) = seen
    assert replay.difference is None
    assert (again.time_s, again.height_m) == (end.time_s, end.height_m)
    assert again.believed_height_m == end.believed_height_m
