"""One runner for both programs: statuses, errors, JSON, and streams that are not what they were."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import warnings
from pathlib import Path
from types import SimpleNamespace

import pytest

from lunar_env import __version__
from lunar_env.cli import PROGRAM, main
from lunar_env.cli.options import COMMANDS
from lunar_env.cli.program import Done
from lunar_env.errors import ConfigError
from lunar_env.stopping import Stopped

ROOT = Path(__file__).parents[2]


@pytest.fixture
def command(monkeypatch):
    """Put something else in the place of ``check``."""

    def command(run):
        monkeypatch.setitem(
            sys.modules,
            "lunar_env.cli.commands.check",
            SimpleNamespace(run=lambda _, out: run(out)),
        )

    return command


def test_help_names_every_command(capsys):
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    names = "missions", "describe", "list", "fly", "play", "replay", "bench", "check", "cache"
    for name in names:
        assert name in text
    assert main([]) == 2


def test_the_version_is_printed(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"lunar-env {__version__}\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_its_options(name, capsys):
    assert main([name, "--help"]) == 0
    text = capsys.readouterr().out
    assert "--json" in text
    assert " ".join((COMMANDS[name].__doc__ or "").split()) in " ".join(text.split())


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["desribe"], "did you mean 'describe'"),
        (["watch", "--seed", "3"], "use lunar-env fly"),
        (["evaluate"], "use python -m training evaluate"),
        (["evaluat"], "did you mean 'evaluate'"),
        (["fly", "--scenari", "ideal"], "did you mean '--scenario'"),
        (["fly", "--seed", "one"], "--seed takes INT, not 'one'"),
        (["fly", "--seed"], "error: --seed needs a value (see: lunar-env fly --help)"),
        (["describe"], "error: NAME is missing (see: lunar-env describe --help)"),
        (["missions", "all"], "unexpected argument: all"),
        (["describe", "slim", "im-1"], "unexpected argument: im-1"),
        (["evaluat"], "which is python -m training evaluate"),
        (["play", "--max-steps=x"], "--max-steps takes INT, not 'x'"),
        (["fly", "--every-s", "x"], "--every-s takes FLOAT, not 'x'"),
    ],
)
def test_wrong_usage_is_a_one_line_error(refused, words, message):
    assert message in refused(*words, status=2)


@pytest.mark.parametrize(
    ("problem", "status", "line"),
    [
        (ConfigError("one\ntwo"), 1, "error: one\\ntwo\n"),
        (OSError(28, "Disk full", "a.csv"), 1, "error: a.csv: Disk full\n"),
        (KeyboardInterrupt(), 130, "interrupted\n"),
        (Stopped(signal.SIGTERM), 143, "stopped by SIGTERM\n"),
    ],
)
@pytest.mark.parametrize("words", [["check"], ["check", "--json"]])
def test_a_failure_is_a_one_line_error_and_a_status(words, problem, status, line, command, capsys):
    def fail(_):
        raise problem

    command(fail)
    assert main(words) == status
    streams = capsys.readouterr()
    assert (streams.out, streams.err) == ("", line)


def test_sigterm_unwinds_the_program(command, capsys):
    cleaned = []

    def wait(_):
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            signal.pause()
        finally:
            cleaned.append(True)

    before = signal.getsignal(signal.SIGTERM)
    command(wait)
    assert main(["check"]) == 143
    assert capsys.readouterr().err == "stopped by SIGTERM\n"
    assert cleaned
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.filterwarnings("default")
def test_with_json_nothing_else_is_printed(command, capfd):
    def talk(out):
        out.print("for people")
        print("from a library")  # noqa: T201
        print("progress", file=sys.stderr)  # noqa: T201
        warnings.warn("careful", stacklevel=1)
        return Done({"value": float("nan"), "list": (1, 2)}, ok=False)

    command(talk)
    assert main(["check", "--json"]) == 1
    streams = capfd.readouterr()
    assert json.loads(streams.out) == {"value": None, "list": [1, 2]}
    assert streams.err == ""


@pytest.mark.filterwarnings("default")
def test_warnings_are_one_line_errors(command, capsys):
    def talk(_):
        warnings.warn("careful", stacklevel=1)
        return {}

    command(talk)
    assert main(["check"]) == 0
    assert capsys.readouterr().err == "warning: careful\n"


def stream_that_cannot(encoding):
    return io.TextIOWrapper(io.BytesIO(), encoding=encoding)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
@pytest.mark.parametrize("words", [["missions"], ["describe", "change-5"], ["list", "pilots"]])
def test_an_output_stream_without_unicode_is_no_error(words, encoding, monkeypatch):
    out = stream_that_cannot(encoding)
    monkeypatch.setattr(sys, "stdout", out)
    assert main(words) == 0
    out.flush()
    text = out.buffer.getvalue().decode(encoding)
    assert "\n" in text
    if encoding == "ascii":
        assert "?" in text or text.isascii()


@pytest.mark.parametrize("closed", [True, False])
def test_a_missing_or_closed_output_stream_is_no_error(closed, monkeypatch):
    def gone():
        if not closed:
            return None
        stream = io.StringIO()
        stream.close()
        return stream

    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, gone())
    assert main(["missions"]) == 0
    assert main(["missions", "--json"]) == 0
    assert main(["describe", "no-such"]) == 1


@pytest.mark.parametrize("words", [["missions"], ["missions", "--json"], ["--help"], ["fly", "-h"]])
def test_a_closed_pipe_is_no_error(words, monkeypatch, capsys):
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as pipe:
        monkeypatch.setattr(sys, "stdout", pipe)
        assert main(words) == 141  # what a shell says of a program that SIGPIPE ended
        pipe.write("nothing fails any more")
    assert capsys.readouterr().err == ""


def test_suggestions_resemble_the_typed_word(refused):
    assert refused("fly", "--bogus", status=2) == "error: fly has no option '--bogus'\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("words", [["list", "phases"], ["list", "phases", "--json"], ["--help"]])
def test_a_full_disk_is_an_error_on_stdout(words):
    with open("/dev/full", "w") as full:  # noqa: PTH123
        call = [sys.executable, "-m", "lunar_env", *words]
        done = subprocess.run(
            call, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.stderr == "error: standard output: No space left on device\n"
    assert done.returncode == 1


def test_python_dash_m_runs_the_same_command():
    words = [sys.executable, "-m", "lunar_env", "describe", "no-such"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("error: unknown name 'no-such'")


def test_both_programs_use_the_same_runner(capsys):
    training = pytest.importorskip("training.cli").PROGRAM
    assert type(training) is type(PROGRAM)
    shared = set(training.commands) & set(PROGRAM.commands)
    assert training.main(["--version"]) == 0
    assert capsys.readouterr().out == f"python -m training {__version__}\n"
    assert shared == {"missions"}  # shown by one, flown by the other
