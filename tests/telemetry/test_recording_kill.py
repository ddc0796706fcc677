"""A recording whose process is killed: what is lost is its last second at most."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time

import pytest

from lunar_env.reflight import fly_again
from lunar_env.telemetry import load_recording

# Says after every step how many there are and when; flies a while, then waits.
FLIGHT = """
import sys, time
import numpy as np
from lunar_env import LunarLandingEnv
from lunar_env.belief import Belief
from lunar_env.telemetry import TelemetryRecorder
env = TelemetryRecorder(LunarLandingEnv(), sys.argv[1])
pause_s, most = float(sys.argv[2]), int(sys.argv[3])
env.reset(seed=0)
steps = 0
while True:
    if steps < most:
        *_, terminated, truncated, _ = env.step(np.array([0.5]))
        env.believe(Belief(1.0, 2.0, 3.0, 4.0))
        steps += 1
        print(steps, time.monotonic(), flush=True)
        if terminated or truncated:
            env.reset()
    time.sleep(pause_s)
"""


def killed(folder, pause_s, most, after_s):
    """Fly in another process, kill it, and return how many steps were flown a second before."""
    words = [sys.executable, "-c", FLIGHT, str(folder), str(pause_s), str(most)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        first = process.stdout.readline().split()
        time.sleep(after_s)
        os.kill(process.pid, signal.SIGKILL)
        at = time.monotonic()
        rest = [line.split() for line in process.stdout.read().splitlines()]
    said = [(int(line[0]), float(line[1])) for line in (first, *rest) if len(line) == 2]
    return max((steps for steps, time_s in said if time_s < at - 1.0), default=0)


# Between steps and while it waits for a player; at full speed, when much is written at once.
@pytest.mark.parametrize(
    ("pause_s", "most"),
    [
        (0.01, 10**9),
        pytest.param(0.001, 50, marks=pytest.mark.slow),
        pytest.param(0.0, 10**9, marks=pytest.mark.slow),
    ],
)
def test_a_killed_recording_loses_its_last_second_at_most(tmp_path, pause_s, most):
    folder, after_s = tmp_path / "r", random.uniform(1.1, 2.5)
    due = killed(folder, pause_s, most, after_s)
    recording = load_recording(folder)
    written = sum(episode.steps for episode in recording.episodes)
    assert written >= due > 0, after_s
    assert not recording.finished
    assert recording.table("beliefs").num_rows >= due
    last = recording.episodes[-1]
    assert fly_again(recording, 0, last.number).difference is None


def test_nothing_heavy_is_imported_when_it_is_first_written(tmp_path):
    """Pandas, where it is installed, would take more than the second that may be lost."""
    code = """
import sys
from lunar_env import LunarLandingEnv
from lunar_env.telemetry import TelemetryRecorder
env = TelemetryRecorder(LunarLandingEnv(), sys.argv[1])
env.reset(seed=0)
before = set(sys.modules)
env._streams.flush()
assert not {m for m in set(sys.modules) - before if "lunar_env" not in m}, "imported"
env.close()
assert "pandas" not in sys.modules
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "r")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
