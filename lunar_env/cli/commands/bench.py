"""``bench``: steps a second with the peer beside them, resets, frames, memory, start."""

from __future__ import annotations

import importlib.util
import math
import platform
import time
from typing import TYPE_CHECKING, Any

import gymnasium as gym
import numba
import numpy as np
from rich.table import Table

from lunar_env.cli.measure import (
    Spread,
    interleave,
    memory_mb,
    single_stepper,
    start_s,
    vector_stepper,
)
from lunar_env.cli.program import Done
from lunar_env.errors import ConfigError, MissingExtra
from lunar_env.registration import IDS
from lunar_env.rendering.canvas import load_pygame
from lunar_env.sim.batch import NEXT_STEP
from lunar_env.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from lunar_env.cli.options import Bench

__all__ = ["run"]

PEER = "LunarLander-v3"
# The vector environment of one thread is compared with this many.
ONE = 1


def run(options: Bench, out: Console) -> Done:
    """Measure.

    Parameters
    ----------
    options : Bench
        What was asked for.
    out : Console
        Where people read.

    Returns
    -------
    Done
        Steps a second by case, ratios, and the costs of everything else.
    """
    if not (math.isfinite(options.seconds) and options.seconds > 0.0):
        raise ConfigError(f"seconds = {options.seconds:g} must be positive and finite")
    if options.rows < 1:
        raise ConfigError(f"rows = {options.rows} must be at least 1")
    if importlib.util.find_spec("Box2D") is None:
        raise MissingExtra("bench", "measuring the peer")
    load_pygame()
    out.print(f"measuring for about {_duration_s(options.seconds):.0f} s ...")
    memory = memory_mb(options.rows)
    steps, frames, resets = _speeds(options.rows, options.seconds)
    starts = {"single": start_s(vector=False), "vector": start_s(vector=True)}
    content = {
        "machine": _machine(),
        "rows": options.rows,
        "threads": numba.config.NUMBA_NUM_THREADS,
        "seconds": options.seconds,
        "steps_per_s": {name: spread._asdict() for name, spread in steps.items()},
        "ratios": _ratios(steps, frames),
        "reset_us_per_row": 1e6 / resets.median,
        "render_ms": {name: 1e3 / spread.median for name, spread in frames.items()},
        "memory_mb": memory,
        "start_s": starts,
    }
    _print(content, out)
    return Done(content)


def _speeds(rows: int, seconds: float) -> tuple[dict[str, Spread], dict[str, Spread], Spread]:
    """Steps a second, frames a second, and rows reset a second."""
    threads, all_steps = vector_stepper(rows, None)
    alone, one_step = vector_stepper(rows, ONE)
    ours, peer = gym.make(IDS[0].name), gym.make(PEER, continuous=True)
    ours_drawn = gym.make(IDS[0].name, render_mode="rgb_array")
    peer_drawn = gym.make(PEER, continuous=True, render_mode="rgb_array")
    cases = {
        "vector_env": all_steps,
        "vector_env_1_thread": one_step,
        "vector_kernel": _kernel(threads, rows),
        "vector_kernel_1_thread": _kernel(alone, rows),
        "single_env": single_stepper(ours),
        "peer_single_env": single_stepper(peer),
        "reset": _resetter(alone, rows),
    }
    steps = interleave(cases, seconds)
    resets = steps.pop("reset")
    frames = _frames({"ours": ours_drawn, "peer": peer_drawn}, seconds)
    for env in (threads, alone, ours, peer, ours_drawn, peer_drawn):
        env.close()
    return steps, frames, resets


def _kernel(env: Any, rows: int) -> Callable[[], int]:
    """Return a function that steps the kernel alone: no checks, no infos, no copies."""
    actions = np.random.default_rng(1).uniform(-1.0, 1.0, (rows, 1))

    def step() -> int:
        env._simulator.step(actions, NEXT_STEP)
        return rows

    return step


def _resetter(env: Any, rows: int) -> Callable[[], int]:
    def reset() -> int:
        env.reset()
        return rows

    return reset
