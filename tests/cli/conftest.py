"""Running a command as a user does, and a flight to replay."""

from __future__ import annotations

import io
import json

import pytest

from lunar_env.cli import main


@pytest.fixture(autouse=True)
def page_of_120_columns(monkeypatch):
    """Whatever the width of the terminal that runs the tests, which their processes inherit."""
    monkeypatch.delenv("COLUMNS", raising=False)


@pytest.fixture
def run(capsys):
    """Run a command that must succeed; return its JSON object."""

    def run(*words):
        assert main([*map(str, words), "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    return run


@pytest.fixture
def refused(capsys):
    """Run a command that must be refused; return its one line."""

    def refused(*words, status=1):
        assert main([str(word) for word in words]) == status
        streams = capsys.readouterr()
        assert streams.out == ""
        assert streams.err.count("\n") == 1
        assert streams.err.startswith("error: ")
        return streams.err

    return refused


class _Failing(io.StringIO):
    def __init__(self, problem):
        super().__init__()
        self._problem = problem

    def write(self, _text):
        raise self._problem


@pytest.fixture
def run_without_stdout(monkeypatch):
    """Run a command whose every write to stdout fails; return its status."""

    def run_without_stdout(*words, problem):
        with monkeypatch.context() as patch:
            patch.setattr("sys.stdout", _Failing(problem))
            return main([str(word) for word in words])

    return run_without_stdout


@pytest.fixture
def dummy_screen(monkeypatch):
    pygame = pytest.importorskip("pygame")
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    yield pygame
    pygame.display.quit()


@pytest.fixture
def recorded(tmp_path, capsys):
    path = tmp_path / "flight.npz"
    words = ["fly", "--pilot", "random", "--seed", "32", "--record", str(path)]
    assert main(words) == 0
    capsys.readouterr()
    return path


@pytest.fixture
def player(monkeypatch):
    """A player who leaves at once, until given a script: a generator that yields per frame."""
    pygame = pytest.importorskip("pygame")
    from lunar_env.rendering.viewer import Viewer
    from tests.play.player import Player

    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    player, begin = Player(), Viewer.__init__

    def remembered(viewer, *_size, **options):
        begin(viewer, 320, 240, **options)  # small: drawn sooner
        player.viewer = viewer

    monkeypatch.setattr(Viewer, "__init__", remembered)
    monkeypatch.setattr("pygame.time.Clock", lambda: player)
    yield player
    pygame.display.quit()
