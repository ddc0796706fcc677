"""The measurements of ``bench``.

Machines have moods: a peer measured minutes later says nothing. All speeds are therefore measured
in turns, a slice of time each, several rounds long, and the median over the rounds is reported.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import time
import tracemalloc
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

import gymnasium as gym
import numpy as np

from lunar_env import LunarLandingVectorEnv
from lunar_env.errors import LunarEnvError
from lunar_env.registration import IDS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Spread", "interleave", "memory_mb", "single_stepper", "start_s", "vector_stepper"]

ROUNDS = 5
ACTIONS = 256  # drawn beforehand, used in turns
SPREAD_GROUPS, SPREAD_STEPS = 16, 10
STARTS = 3
MEGABYTE = 1e6


class Spread(NamedTuple):
    """Median, smallest and largest of the rounds."""

    median: float
    low: float
    high: float


def interleave(cases: Mapping[str, Callable[[], int]], seconds: float) -> dict[str, Spread]:
    """Run every case in turns and count.

    Parameters
    ----------
    cases : mapping of str to callable
        Each does some work and returns how many units it did.
    seconds : float
        Time for each case, all rounds together.

    Returns
    -------
    dict of str to Spread
        Units a second.
    """
    rates: dict[str, list[float]] = {name: [] for name in cases}
    for work in cases.values():
        work()  # compiles and warms up
    for _ in range(ROUNDS):
        for name, work in cases.items():
            rates[name].append(_rate(work, seconds / ROUNDS))
    return {name: Spread(median(rate), min(rate), max(rate)) for name, rate in rates.items()}


def _rate(work: Callable[[], int], seconds: float) -> float:
    units, began_at = 0, time.perf_counter()
    while True:
        units += work()
        elapsed = time.perf_counter() - began_at
        if elapsed >= seconds:
            return units / elapsed


def vector_stepper(rows: int, num_threads: int | None) -> tuple[LunarLandingVectorEnv, Any]:
    """Return a vector environment in mid-flight, and a function that steps it once.

    The rows are spread over their episodes, so that resets come as steadily as in a long run.
    """
    env = LunarLandingVectorEnv(rows, num_threads=num_threads)
    generator = np.random.default_rng(0)
    actions = generator.uniform(-1.0, 1.0, (ACTIONS, rows, 1)).astype(np.float32)
    turn = 0

    def step() -> int:
        nonlocal turn
        env.step(actions[turn % ACTIONS])
        turn += 1
        return rows

    env.reset(seed=0)
    for group in range(SPREAD_GROUPS):
        mask = np.arange(rows) % SPREAD_GROUPS == group
        if mask.any():
            env.reset(options={"reset_mask": mask})
        for _ in range(SPREAD_STEPS):
            step()
    return env, step


def single_stepper(env: gym.Env[Any, Any]) -> Callable[[], int]:
    """Return a function that steps an environment, and resets it where an episode ends."""
    env.action_space.seed(0)
    actions = [env.action_space.sample() for _ in range(ACTIONS)]
    env.reset(seed=0)

    def step_all() -> int:
        for action in actions:
            _, _, terminated, truncated, _ = env.step(action)
            if terminated or truncated:
                env.reset()
        return ACTIONS

    return step_all


def memory_mb(rows: int) -> float:
    """Return what a vector environment keeps in memory, by Python's own account, in megabytes."""
    env = LunarLandingVectorEnv(rows)
    env.reset(seed=0)  # what the first use leaves behind belongs to no environment
    del env
    gc.collect()
    tracemalloc.start()
    try:
        env = LunarLandingVectorEnv(rows)
        env.reset(seed=0)
        env.step(np.zeros((rows, 1), np.float32))
        gc.collect()
        return tracemalloc.get_traced_memory()[0] / MEGABYTE
    finally:
        tracemalloc.stop()


def start_s(vector: bool) -> float:
    """Return the time from starting Python to the end of the first step, compiled code cached."""
    make = f"gym.make_vec({IDS[0].name!r}, 64)" if vector else f"gym.make({IDS[0].name!r})"
    program = (
        f"import gymnasium as gym, lunar_env\nenv = {make}\nenv.reset(seed=0)\n"
        "env.step(env.action_space.sample())\n"
    )
    # What this process can import, the new one can too.
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    times = []
    for _ in range(STARTS):
        began_at = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, check=False
        )
        times.append(time.perf_counter() - began_at)
        if done.returncode != 0:
            raise LunarEnvError(f"a new process cannot fly: {done.stderr.decode()[-300:]}")
    return median(times)
