"""Stopping: a signal ends a command soon, what it did is kept, and it says how to go on."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from lunar_env.stopping import Stopped, held_back, resumed_by, stoppable
from training.cli import main

BOTH = pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["SIGINT", "SIGTERM"]
)


def stopped(number, words=("tune", "--pilot", "p")):
    """Stop a command by a signal to this process; return what it raises."""
    with pytest.raises(Stopped) as caught, stoppable(words), resumed_by():
        os.kill(os.getpid(), number)
    return caught.value


@BOTH
def test_the_first_signal_raises_and_handlers_are_restored(number, code):
    before = [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)]
    stop = stopped(number)
    assert stop.code == code
    assert isinstance(stop, KeyboardInterrupt)  # libraries let it through
    assert before == [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)]


def test_a_stopped_command_says_how_to_resume():
    text = str(stopped(signal.SIGTERM, ["tune", "--out", "my gains.toml"]))
    first, command = text.splitlines()
    assert first.startswith("stopped by SIGTERM")
    assert shlex.split(command) == [
        *("python", "-m", "training", "tune", "--out", "my gains.toml", "--resume")
    ]
    again = str(stopped(signal.SIGINT, ["tune", "--resume"]))
    assert again.splitlines()[1] == "python -m training tune --resume"


def test_a_stopped_command_without_resume_prints_one_line():
    with pytest.raises(Stopped) as caught, stoppable(["report"]):
        os.kill(os.getpid(), signal.SIGINT)
    assert str(caught.value) == "stopped by SIGINT"


def test_a_delayed_signal_is_raised_at_the_end():
    done = []

    def work():
        with stoppable(), held_back():
            os.kill(os.getpid(), signal.SIGTERM)
            done.append(True)

    with pytest.raises(Stopped):
        work()
    assert done == [True]


def test_a_signal_delivered_to_another_thread_is_delayed_too():
    done = []
    ready, end = threading.Event(), threading.Event()

    def idle():
        ready.set()
        end.wait()

    def work():
        with stoppable(), held_back():
            os.kill(os.getpid(), signal.SIGTERM)  # this thread masks it, the other one takes it
            time.sleep(0.05)
            done.append(True)

    other = threading.Thread(target=idle)
    other.start()
    ready.wait()
    try:
        with pytest.raises(Stopped):
            work()
    finally:
        end.set()
        other.join()
    assert done == [True]


def test_ignored_signals_stay_ignored():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with stoppable():
            os.kill(os.getpid(), signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)


def test_handlers_are_not_installed_in_another_thread():
    seen = []

    def work():
        with stoppable():
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [signal.getsignal(signal.SIGTERM)]


def start(code):
    words = [sys.executable, "-c", code]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_the_second_signal_ends_the_process_at_once():
    code = (
        "import time\nfrom lunar_env.stopping import stoppable\n"
        "with stoppable():\n"
        "    try:\n        print('begun', flush=True); time.sleep(60)\n"
        "    finally:\n        print('saving', flush=True); time.sleep(60)\n"
    )
    with start(code) as process:
        assert process.stdout.readline() == "begun\n"
        process.send_signal(signal.SIGTERM)
        assert process.stdout.readline() == "saving\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == -signal.SIGTERM


POOL = """
import os, sys, time
from training.benchmark.pool import run_jobs
from lunar_env.stopping import Stopped, stoppable

class Slow:
    def run(self, note=None):
        note(1)
        print("at work", os.getpid(), flush=True)
        time.sleep(600)

if __name__ == "__main__":
    try:
        with stoppable():
            list(run_jobs([Slow(), Slow()], 2, lambda done, job: print("noted", done, flush=True)))
    except Stopped as stop:
        print("stopped", flush=True)
        sys.exit(stop.code)
"""


def workers_of(process):
    """Wait until both are at work and both have been heard of; return their numbers."""
    numbers, noted = [], 0
    while len(numbers) < 2 or noted < 2:
        word, *_, number = process.stdout.readline().split()
        if word == "noted":
            noted = int(number)
        else:
            numbers.append(int(number))
    return numbers


def wait_until_gone(numbers):
    until = time.monotonic() + 60
    while any(is_alive(number) for number in numbers):
        assert time.monotonic() < until, "workers live on"
        time.sleep(0.05)


def is_alive(number):
    try:
        with open(f"/proc/{number}/stat", encoding="ascii") as file:  # noqa: PTH123
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_workers_end_with_their_parent_however_it_ends(tmp_path, number):
    script = tmp_path / "pool.py"
    script.write_text(POOL)
    words = [sys.executable, str(script)]
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        numbers = workers_of(process)
        if number == signal.SIGINT:
            os.killpg(process.pid, number)  # as a terminal does
        else:
            process.send_signal(number)
        code = process.wait(60)
        wait_until_gone(numbers)
        if number != signal.SIGKILL:  # then multiprocessing tells what it cleans up
            assert process.stderr.read() == ""
    assert code == {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGKILL: -9}[number]


def test_a_killed_worker_is_one_clear_error(tmp_path):
    script = tmp_path / "pool.py"
    text = POOL.replace("time.sleep(600)", "os.kill(os.getpid(), 9)")
    text = text.replace("except Stopped as stop:", "except LunarEnvError as stop:")
    text = text.replace('print("stopped", flush=True)', "print(stop)").replace("stop.code", "1")
    script.write_text("from lunar_env.errors import LunarEnvError\n" + text)
    words = [sys.executable, str(script)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1
    assert "a worker process was killed" in done.stdout
    assert done.stderr == ""


TRAIN = [
    *("train", "--total-steps", "512", "--task.num-envs", "8", "--ppo.n-steps", "16"),
    *("--ppo.batch-size", "64", "--selection.landings", "4", "--selection.report-landings", "4"),
]


@pytest.mark.train
def test_a_stopped_training_names_its_folder_and_resumes(tmp_path, capsys, monkeypatch):
    supervisor = pytest.importorskip("training.supervisor")
    original = supervisor.Supervisor._on_step

    def stop(self):
        if self.model.num_timesteps > 200:
            os.kill(os.getpid(), signal.SIGTERM)
        return original(self)

    monkeypatch.chdir(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(supervisor.Supervisor, "_on_step", stop)
        assert main([*TRAIN, "--json"]) == 143
    streams = capsys.readouterr()
    assert streams.out == ""
    again = shlex.split(streams.err.splitlines()[-1])
    assert again[:5] == ["python", "-m", "training", "train", "--resume"]
    assert len(list(Path(again[5]).glob("checkpoints/*"))) == 1
    assert main([*again[3:], "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["steps"] == 512
    assert main([*again[3:], "--total-steps", "640", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["steps"] == 640
