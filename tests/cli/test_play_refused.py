"""What `play` refuses, before a window opens."""

from __future__ import annotations

import sys

import pytest

pytest.importorskip("pygame")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--max-steps", "0"], "--max-steps 0: must be"),
        (["--seed", "-3"], "--seed -3: must not be negative"),
        (["--scenario", "noissy"], "did you mean 'noisy'"),
        (["--mission", "slimm"], "did you mean 'slim'"),
        (["--level", "vektor"], "did you mean 'vector'"),
        (["--phase", "landing"], "landing"),
        (["--against", "hoverslam+kalmann"], "did you mean 'hoverslam+kalman'"),
        (["--record", __file__], "a recorded flight must end in .npz"),
        (["--record", "/dev/null/a.npz"], "/dev/null is not a folder"),
    ],
)
def test_wrong_input_is_a_one_line_error(player, refused, words, message):
    assert message in refused("play", *words)
    assert player.viewer is None  # nothing was opened


def test_a_chosen_pilot_needs_a_clone(player, refused, monkeypatch):
    monkeypatch.setattr("lunar_env.pilots._PROVIDERS", ())
    monkeypatch.setattr("lunar_env.pilots._sources", {})
    message = refused("play", "--against", "hoverslam+kalman")
    assert "needs the package 'agents' of a clone" in message


def test_a_game_needs_pygame_and_a_screen(refused, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "pygame", None)
        patch.setenv("SDL_VIDEODRIVER", "dummy")
        assert "lunar-env[render]" in refused("play")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER"):
        monkeypatch.delenv(name, raising=False)
    assert "no window can be opened here" in refused("play")
