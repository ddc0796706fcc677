"""A process that forks, runs a command in the child, and kills it at a moment that it is told.

Everything is imported and compiled once, before the first fork, so that a child costs what its own
work costs. Orders and answers are lines of JSON on standard input and output.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path

import numpy as np

import lunar_env
from lunar_env.telemetry import Recorder
from training.cli import main

CHANGES = {"os.rename", "os.link", "os.mkdir", "os.remove", "os.rmdir", "os.truncate"}
STEPS = 30


def record(path: str) -> int:
    """Fly and record a while, as a user of the library does."""
    env = Recorder(lunar_env.LunarLandingEnv("hakuto-r-m2"))
    env.reset(seed=7)
    for _ in range(STEPS):
        env.step(np.array([0.3], np.float32))
    env.save(path)
    return 0


def do(words: list[str]) -> int:
    """Run a command of the program, or the recorder."""
    sys.argv = ["training", *words]
    return record(words[1]) if words[0] == "record" else main(words)


class FileChanges:
    """Counts what the process does to files, and kills it just before one of them."""

    def __init__(self, most: int | None) -> None:
        self.count = 0
        self._most = most
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[object, ...]) -> None:
        writes = event == "open" and int(str(arguments[2] or 0)) & (os.O_WRONLY | os.O_RDWR)
        if writes or event in CHANGES:
            if self.count == self._most:
                os.kill(os.getpid(), signal.SIGKILL)
            self.count += 1


def child(order: dict[str, object], answer: int) -> None:
    """Do an order in this process and tell how many changes to files it made; never returns."""
    os.chdir(str(order["folder"]))
    with Path(str(order["log"])).open("ab", buffering=0) as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    before = order.get("before_change")
    changes = FileChanges(None if before is None else int(str(before)))
    code = 70
    try:
        code = do([str(word) for word in order["words"]])  # type: ignore[attr-defined]
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os.write(answer, str(changes.count).encode())
        os._exit(code)


def serve(order: dict[str, object]) -> dict[str, object]:
    """Fork, wait, perhaps kill; return how it ended, how long it took and what it changed."""
    ours, theirs = os.pipe()
    began = time.monotonic()
    number = os.fork()
    if not number:
        os.close(ours)
        child(order, theirs)
    os.close(theirs)
    after = order.get("after_s")
    while (done := os.waitpid(number, os.WNOHANG))[0] == 0:
        if after is not None and time.monotonic() - began >= float(str(after)):
            os.kill(number, signal.SIGKILL)
        time.sleep(0.001)
    changes = os.read(ours, 32)
    os.close(ours)
    code = os.waitstatus_to_exitcode(done[1])
    seconds = time.monotonic() - began
    return {"code": code, "seconds": seconds, "changes": int(changes) if changes else None}


def warm_up(order: dict[str, object]) -> dict[str, object]:
    """Run a command here, so that its modules are imported and its kernels compiled."""
    before, said = Path.cwd(), sys.stdout
    os.chdir(str(order["folder"]))
    sys.stdout = sys.stderr
    try:
        return {"code": do([str(word) for word in order["words"]])}  # type: ignore[attr-defined]
    finally:
        sys.stdout = said
        os.chdir(before)


if __name__ == "__main__":
    for line in sys.stdin:
        asked = json.loads(line)
        told = warm_up(asked) if asked.get("warm_up") else serve(asked)
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
