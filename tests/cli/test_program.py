"""Words that are no command line: one line, a nonzero status, nothing on stdout."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from lunar_env.cli import main
from lunar_env.cli.options import COMMANDS

ROOT = Path(__file__).parents[2]


def test_help_names_every_command(capsys):
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    for name in ("missions", "describe", "play", "replay", "watch", "bench", "check", "cache"):
        assert name in text
    assert main([]) == 2


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_its_options(name, capsys):
    assert main([name, "--help"]) == 0
    text = capsys.readouterr().out
    assert "--json" in text
    assert " ".join((COMMANDS[name].__doc__ or "").split()) in " ".join(text.split())


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["wacth"], "did you mean 'watch'"),
        (["watch", "--scenari", "ideal"], "did you mean '--scenario'"),
        (["watch", "--seed", "one"], "--seed: invalid literal for int()"),
        (["watch", "--seed"], "--seed"),
        (["describe"], "Mission, scenario"),
        (["missions", "all"], "Unrecognized options: all"),
        (["play", "--max-steps=x"], "--max-steps"),
    ],
)
def test_wrong_usage_is_one_line(refused, words, message):
    assert message in refused(*words, status=2)


def test_an_interruption_is_no_traceback(monkeypatch, capsys):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("lunar_env.cli.program._dispatch", interrupt)
    assert main(["check"]) == 130
    assert capsys.readouterr().err == "interrupted\n"


def test_the_module_is_the_command():
    words = [sys.executable, "-m", "lunar_env", "describe", "no-such"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("error: unknown name 'no-such'")
