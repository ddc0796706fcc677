"""Clones of the sources, with a program that compiles a little of them, for processes of tests."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import lunar_env

SOURCE = Path(lunar_env.__file__).parent
GRAVITY = "lunar_env/physics/gravity.py"

PULL = """
from lunar_env.kernel.compile import entry
from lunar_env.physics.gravity import free_fall
from lunar_env.physics.types import Site
from lunar_env.kernel.linalg import Vec3

@entry
def pull(z):
    site = Site(4.9e12, 1.7e6, 0.0, 0.0, 0.0, 1.0)
    return free_fall(Vec3(0.0, 0.0, z), Vec3(0.0, 0.0, 0.0), site).z

def value():
    return pull(0.0)
"""
RUN = "from pull import value; print(value().hex())"


class Ran(NamedTuple):
    value: float
    said: list[str]  # by lunar_env on stderr


def clone(folder, program=PULL):
    """Make a clone that every user can read."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(SOURCE, folder / "lunar_env", ignore=ignored)
    (folder / "pull.py").write_text(program, encoding="utf-8")
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder


def start(folder, program=RUN, **environment):
    """Start a program in a clone; None takes a variable away."""
    own = {"PYTHONPATH": str(folder), "PYTHONUNBUFFERED": "1", **environment}
    merged = {**os.environ, **own}
    return subprocess.Popen(
        [sys.executable, "-B", "-c", program],
        cwd=folder,
        env={name: str(value) for name, value in merged.items() if value is not None},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def result(process):
    out, err = process.communicate(timeout=900)
    assert process.returncode == 0, err
    return Ran(float.fromhex(out), said_in(err))


def said_in(err):
    return [line for line in err.splitlines() if line.startswith("lunar_env: ")]


def run(folder, program=RUN, **environment):
    return result(start(folder, program, **environment))


def compiled(ran):
    """How many times the program compiled its entry."""
    return sum(line.startswith("lunar_env: compiling pull") for line in ran.said)


def triple_gravity(folder):
    path = folder / GRAVITY
    text = path.read_text(encoding="utf-8")
    assert "(site.mu + flat" in text
    path.write_text(text.replace("(site.mu +", "(3.0 * site.mu +"), encoding="utf-8")
