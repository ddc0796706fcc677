"""SIGKILL at any moment: nothing earlier is lost, and what is done again ends as if undisturbed.

Half of the moments are drawn from the time that the command takes, half are just before one of its
changes to files, where a kill can do most. Kills come in chains: what goes on is killed again.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("cvxpy")
pytest.importorskip("optuna")

from tests.kills.commands import COMMANDS, files_of, leftovers

if not hasattr(os, "fork"):
    pytest.skip("needs fork", allow_module_level=True)

pytestmark = pytest.mark.train
CHAIN = 4
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")
REPOSITORY = Path(__file__).parents[2]


class Server:
    """The process that forks what is killed."""

    def __init__(self, folder):
        self.folder = folder
        # A child has none of its parent's threads, so the parent must not come to need any.
        environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), **dict.fromkeys(THREADS, "1")}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.kills.server"],
            **{"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True},
            **{"env": environment, "cwd": REPOSITORY, "stderr": subprocess.DEVNULL},
        )

    def run(self, words, folder, **moment):
        """Run a command in a folder until it ends or is killed."""
        log = str(self.folder / "log")
        order = {"words": words, "folder": str(folder), "log": log, **moment}
        print(json.dumps(order), file=self._process.stdin, flush=True)
        line = self._process.stdout.readline()
        assert line, "the server is gone"
        return json.loads(line)

    def close(self):
        """End it."""
        self._process.stdin.close()
        self._process.wait(60)
        self._process.stdout.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("kills"))
    yield server
    server.close()


@pytest.fixture(scope="module")
def references(server):
    """Undisturbed runs, as they are needed: the folder, and what they took."""
    known = {}

    def reference(kind):
        if kind not in known:
            known[kind] = undisturbed(server, kind, [reference(n) for n in COMMANDS[kind].needs])
        return known[kind]

    return reference


def undisturbed(server, kind, needed):
    words, folders = COMMANDS[kind].words, []
    for name in ("warm", "whole"):
        folder = server.folder / f"{kind}-{name}"
        folder.mkdir()
        for other, _ in needed:
            shutil.copytree(other, folder, dirs_exist_ok=True)
        took = server.run(words, folder, warm_up=name == "warm")
        assert took["code"] == 0, (server.folder / "log").read_text()[-2000:]
        folders.append(folder)
    # The first ran in the server itself, the second in a child: the same, or nothing can be.
    assert files_of(folders[0]) == files_of(folders[1])
    return folders[1], took


def moment_of(rng, took, number):
    if number % 2 == 0:
        return {"before_change": int(rng.integers(took["changes"]))}
    return {"after_s": float(rng.uniform(0.0, took["seconds"]))}


def kill_and_go_on(server, kind, reference, folder, moments):
    """Kill a command at every moment of a chain, then let it end; return how often it was hit."""
    command, (whole, _) = COMMANDS[kind], reference
    hits, before = 0, files_of(folder)
    for moment in moments:
        if command.complete(folder):
            break
        killed = server.run(command.again(folder), folder, **moment)
        hits += killed["code"] == -9
        assert killed["code"] in {0, -9}, (server.folder / "log").read_text()[-2000:]
        now = files_of(folder)  # reads them all
        lost = [name for name in before if name not in now and not goes(name)]
        assert lost == []
        before = now
    if not command.complete(folder):
        code = server.run(command.again(folder), folder)["code"]
        assert code == 0, (server.folder / "log").read_text()[-2000:]
        # Who writes to a folder next removes what was left there.
        assert leftovers(folder) == []
    expected, found = files_of(whole), files_of(folder)
    assert list(found) == list(expected)
    different = [name for name in expected if found[name] != expected[name]]
    assert different == []
    return hits


def goes(name):
    """Whether a command itself takes a file away when it has a newer one."""
    return "checkpoints" in name or name.endswith(".journal")


def folder_for(server, kind, reference_of, number):
    folder = server.folder / f"{kind}-{number}"
    folder.mkdir()
    for other in COMMANDS[kind].needs:
        shutil.copytree(reference_of(other)[0], folder, dirs_exist_ok=True)
    return folder


# The missions take a minute: their kills are among the slow tests.
QUICK = [kind for kind in COMMANDS if kind != "missions"]


@pytest.mark.parametrize("kind", QUICK)
def test_files_are_intact_after_two_kills(server, references, kind):
    kill_often(server, references, kind, 2, 1)


@pytest.mark.slow
@pytest.mark.parametrize("kind", COMMANDS)
def test_files_are_intact_after_forty_kills(server, references, kind):
    kill_often(server, references, kind, 40, 2)


def kill_often(server, references, kind, least, seed):
    reference, rng = references(kind), np.random.default_rng(seed)
    hits = number = 0
    while hits < least:
        moments = [moment_of(rng, reference[1], k) for k in range(min(CHAIN, least - hits))]
        folder = folder_for(server, kind, references, f"{seed}-{number}")
        hits += kill_and_go_on(server, kind, reference, folder, moments)
        number += 1
        shutil.rmtree(folder)
        assert number < 5 * least  # a moment of the clock may come after the end
