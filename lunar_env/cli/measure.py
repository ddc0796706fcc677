"""The measurements of ``bench``.

Machines have moods: a peer measured minutes later says nothing. All speeds are therefore measured
in turns, a slice of time each, several rounds long, and the median over the rounds is reported.
"""

from __future__ import annotations

import gc
import itertools
import os
import subprocess
import sys
import time
import tracemalloc
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

import gymnasium as gym
import numba
import numpy as np

from lunar_env import LunarLandingVectorEnv
from lunar_env.envs.simulator import Simulator
from lunar_env.errors import LunarEnvError
from lunar_env.sim.step import NEXT_STEP

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    # Units done, and the seconds that they took.
    Work = Callable[[], tuple[int, float]]

__all__ = [
    "Spread",
    "envpool_stepper",
    "frame_drawer",
    "interleave",
    "kernel_stepper",
    "memory_mb",
    "resetter",
    "single_stepper",
    "spread_vector_env",
    "start_s",
    "timed",
    "vector_env",
    "vector_stepper",
]

ROUNDS = 5
ACTIONS = 64  # drawn beforehand, used in turns
SPREAD_GROUPS, SPREAD_STEPS = 16, 10
STARTS = 3
MEGABYTE = 1e6


class Spread(NamedTuple):
    """Median, smallest and largest of the rounds."""

    median: float
    low: float
    high: float


def interleave(cases: Mapping[str, Work], seconds: float) -> dict[str, Spread]:
    """Run every case in turns.

    Parameters
    ----------
    cases : mapping of str to callable
        Each does some work and returns how many units it did in how many seconds.
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


def _rate(work: Work, seconds: float) -> float:
    units, spent, until = 0, 0.0, time.perf_counter() + seconds
    while spent == 0.0 or time.perf_counter() < until:
        done, took = work()
        units, spent = units + done, spent + took
    return units / spent


def timed(units: int, work: Callable[[], object]) -> tuple[int, float]:
    """Run `work` and return its duration; it does a given number of units."""
    began_at = time.perf_counter()
    work()
    return units, time.perf_counter() - began_at


def vector_env(name: str, rows: int, num_threads: int | None = None) -> LunarLandingVectorEnv:
    """Return the vector environment of an id."""
    return LunarLandingVectorEnv(rows, num_threads=num_threads, **gym.spec(name).kwargs)


def spread_vector_env(name: str, rows: int, num_threads: int | None) -> LunarLandingVectorEnv:
    """Return a vector environment in mid-flight.

    Its rows are spread over their episodes, so that resets come as steadily as in a long run.
    """
    env = vector_env(name, rows, num_threads)
    step = vector_stepper(env)
    env.reset(seed=0)
    for group in range(SPREAD_GROUPS):
        mask = np.arange(rows) % SPREAD_GROUPS == group
        if mask.any():
            env.reset(options={"reset_mask": mask})
        for _ in range(SPREAD_STEPS):
            step()
    return env


def vector_stepper(env: LunarLandingVectorEnv) -> Work:
    """Return the work of one step of a vector environment, automatic resets included."""
    rows = env.num_envs
    shape = (ACTIONS, rows, len(env.action_fields))
    drawn = np.random.default_rng(0).uniform(-1.0, 1.0, shape).astype(np.float32)
    actions = itertools.cycle(drawn)
    return lambda: timed(rows, lambda: env.step(next(actions)))


def kernel_stepper(env: LunarLandingVectorEnv, num_threads: int | None) -> Work:
    """Return the work of one step of the kernel alone: no checks, no infos, no copies.

    It flies on from where the rows of an environment are.
    """
    rows = env.num_envs
    simulator = Simulator(env.settings, rows, num_threads)
    for ours, theirs in zip(simulator.world, env.world, strict=True):
        ours[...] = theirs
    shape = (rows, len(env.action_fields))
    actions = np.random.default_rng(0).uniform(-1.0, 1.0, shape)
    return lambda: timed(rows, lambda: simulator.step(actions, NEXT_STEP))


def resetter(name: str, rows: int) -> Work:
    """Return the work of resetting every row of a vector environment."""
    env = vector_env(name, rows)
    return lambda: timed(rows, env.reset)


def single_stepper(env: gym.Env[Any, Any]) -> Work:
    """Return the work of steps of an environment, reset where an episode ends."""
    actions = _sampled(env)

    def step_all() -> None:
        for action in actions:
            _, _, terminated, truncated, _ = env.step(action)
            if terminated or truncated:
                env.reset()

    return lambda: timed(ACTIONS, step_all)


def envpool_stepper(name: str, rows: int) -> Work:
    """Return the work of one step of a batch of EnvPool, a peer written in C++."""
    import envpool  # optional, and large

    cores = int(numba.get_num_threads())
    env = envpool.make(name, env_type="gymnasium", num_envs=rows, num_threads=cores)
    env.reset()
    shape = (ACTIONS, rows, *env.action_space.shape)
    drawn = np.random.default_rng(0).uniform(-1.0, 1.0, shape).astype(np.float32)
    actions = itertools.cycle(drawn)
    return lambda: timed(rows, lambda: env.step(next(actions)))


def frame_drawer(env: gym.Env[Any, Any]) -> Work:
    """Return the work of one frame; the step before it does not count."""
    actions = itertools.cycle(_sampled(env))

    def draw() -> tuple[int, float]:
        _, _, terminated, truncated, _ = env.step(next(actions))
        if terminated or truncated:
            env.reset()
        return timed(1, env.render)

    return draw


def _sampled(env: gym.Env[Any, Any]) -> list[Any]:
    env.action_space.seed(0)
    env.reset(seed=0)
    return [env.action_space.sample() for _ in range(ACTIONS)]


def memory_mb(name: str, rows: int) -> float:
    """Return what a vector environment keeps in memory, by Python's own account, in megabytes."""
    env = vector_env(name, rows)
    env.reset(seed=0)  # what the first use leaves behind belongs to no environment
    del env
    gc.collect()
    tracemalloc.start()
    try:
        env = vector_env(name, rows)
        env.reset(seed=0)
        env.step(np.zeros((rows, len(env.action_fields)), np.float32))
        gc.collect()
        return tracemalloc.get_traced_memory()[0] / MEGABYTE
    finally:
        tracemalloc.stop()


def start_s(name: str, vector: bool) -> float:
    """Return the time from starting Python to the end of the first step, compiled code cached."""
    make = f"gym.make_vec({name!r}, 64)" if vector else f"gym.make({name!r})"
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
            raise LunarEnvError(f"a new process failed: {done.stderr.decode()[-300:]}")
    return median(times)
