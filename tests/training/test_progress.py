"""The line that a long command shows while it works."""

from __future__ import annotations

import io
import os
import re
import sys

import pytest
from rich.console import Console

from training import progress
from training.progress import EvaluationProgress, TrainingProgress, TrainingStatus

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")
NOW = TrainingStatus(6_000_000, 0.0, None, 14_000.0, -12.34, 0.42, 0.973)


@pytest.fixture
def terminal(monkeypatch):
    """A terminal of some width; calling it returns the last line that it shows."""

    def terminal(width, interactive=True):
        screen = io.StringIO()
        kind = {"force_terminal": interactive, "legacy_windows": False}
        console = Console(file=screen, width=width, highlight=False, **kind)
        monkeypatch.setattr(progress, "stderr_console", lambda: console)
        return lambda: ESCAPES.sub("", screen.getvalue()).replace("\r", "\n").splitlines()[-1]

    return terminal


@pytest.mark.parametrize("width", [80, 100, 160])
def test_the_training_line_is_not_cropped(width, terminal):
    shown = terminal(width)
    with TrainingProgress(20_000_000) as bar:
        bar.update(NOW)
    line = shown().rstrip()
    assert len(line) <= width
    assert "…" not in line
    parts = "30%", "14k/s", "return -12.3", "lands 42 %", "best 97 %", "0:00:00", "16:40 left"
    for part in parts:
        assert part in line


@pytest.mark.parametrize(
    ("fraction", "left_s", "percent", "left"),
    [(0.5, 60.0, "50%", "1:00 left"), (0.1, 36_000.0, "30%", "16:40 left")],
)
def test_progress_follows_the_limit_that_ends_the_run_first(
    fraction, left_s, percent, left, terminal
):
    shown = terminal(100)
    with TrainingProgress(20_000_000) as bar:
        bar.update(NOW._replace(clock_fraction=fraction, clock_left_s=left_s))
    assert percent in shown()
    assert left in shown()


def test_progress_allows_a_last_rollout_beyond_the_steps(terminal):
    shown = terminal(100)
    with TrainingProgress(20_000_000) as bar:
        bar.update(NOW._replace(steps=20_100_000))
    assert "100%" in shown()
    assert "0:00 left" in shown()


def test_without_a_terminal_progress_is_printed_in_lines(terminal, monkeypatch):
    shown = terminal(60, interactive=False)
    monkeypatch.setattr(progress, "LINE_EVERY_S", 0.0)
    with TrainingProgress(20_000_000) as bar:
        bar.update(NOW)
    assert shown() == "  train: 30 %  14k/s return -12.3 lands 42 % best 97 %  16:40 left"
    with EvaluationProgress(10) as bar:
        bar.update(3, "own in slim")
    assert shown() == "  flying: 30 %  own in slim"


def test_a_closed_stderr_ends_the_lines_not_the_work(monkeypatch):
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as pipe, monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", pipe)
        progress.say("nobody reads this")
        progress.say("nor this")
        os.dup2(os.open(os.devnull, os.O_WRONLY), writing)  # what is left is flushed at its end
