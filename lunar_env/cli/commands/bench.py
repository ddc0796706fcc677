"""``bench``: steps per second, also of EnvPool, resets, frames, memory, start."""

from __future__ import annotations

import importlib.util
import math
import os
import platform
from typing import TYPE_CHECKING, Any

import gymnasium as gym
import numba
import numpy as np
from rich.table import Table

from lunar_env.cli.measure import (
    envpool_stepper,
    frame_drawer,
    interleave,
    kernel_stepper,
    memory_mb,
    resetter,
    single_stepper,
    spread_vector_env,
    start_s,
    vector_stepper,
)
from lunar_env.cli.program import Done
from lunar_env.errors import ConfigError, MissingExtra, nearest
from lunar_env.registration import IDS
from lunar_env.rendering.canvas import load_pygame
from lunar_env.rendering.viewer import WINDOW_SIZE
from lunar_env.version import __version__

if TYPE_CHECKING:
    from rich.console import Console

    from lunar_env.cli.measure import Spread
    from lunar_env.cli.options import Bench

__all__ = ["run"]

PEER = "LunarLander-v3"
PEER_SIZE = (600, 400)
"""Of the peer's frames [pixels]; ours are compared at the same size."""
# Measured where it is installed; at the batch that suits it best.
BATCH_PEER = "LunarLanderContinuous-v3"
BATCHES = (64, 256, 1024)


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
    names = [row.name for row in IDS]
    if options.id not in names:
        hint = nearest(options.id, names)
        raise ConfigError(f"unknown id {options.id!r}{hint} (available: {', '.join(names)})")
    if importlib.util.find_spec("Box2D") is None:
        raise MissingExtra("bench", "measuring the peer")
    load_pygame()
    out.print(f"measuring for about {20 + 9 * options.seconds:.0f} s ...")
    memory = memory_mb(options.id, options.rows)
    steps, frames, resets = _speeds(options.id, options.rows, options.seconds)
    starts = {kind: start_s(options.id, vector=kind == "vector") for kind in ("single", "vector")}
    content = {
        "id": options.id,
        "machine": _machine(),
        "rows": options.rows,
        "threads": numba.get_num_threads(),
        "seconds": options.seconds,
        "steps_per_s": {name: spread._asdict() for name, spread in steps.items()},
        "ratios": _ratios(steps, frames),
        "reset_us_per_row": 1e6 / resets["reset"].median,
        "render_ms": {name: 1e3 / spread.median for name, spread in frames.items()},
        "memory_mb": memory,
        "start_s": starts,
    }
    _print(content, out)
    return Done(content)


def _speeds(
    name: str, rows: int, seconds: float
) -> tuple[dict[str, Spread], dict[str, Spread], dict[str, Spread]]:
    """Measure steps, frames, and rows reset a second."""
    threads, alone = (spread_vector_env(name, rows, number) for number in (None, 1))
    ours, peer = gym.make(name), gym.make(PEER, continuous=True)
    steps = {
        "vector_env": vector_stepper(threads),
        "vector_env_1_thread": vector_stepper(alone),
        "vector_kernel": kernel_stepper(threads, None),
        "vector_kernel_1_thread": kernel_stepper(alone, 1),
        "single_env": single_stepper(ours),
        "peer_single_env": single_stepper(peer),
    }
    if importlib.util.find_spec("envpool") is not None:
        steps |= {f"envpool_{batch}": envpool_stepper(BATCH_PEER, batch) for batch in BATCHES}
    ours_drawn = gym.make(name, render_mode="rgb_array", render_size=PEER_SIZE)
    window = gym.make(name, render_mode="rgb_array", render_size=WINDOW_SIZE)
    peer_drawn = gym.make(PEER, continuous=True, render_mode="rgb_array")
    frames = {
        "ours": frame_drawer(ours_drawn),
        "peer": frame_drawer(peer_drawn),
        "window": frame_drawer(window),
    }
    measured = (
        interleave(steps, seconds),
        interleave(frames, seconds),
        interleave({"reset": resetter(name, rows)}, seconds),
    )
    for env in (threads, alone, ours, peer, ours_drawn, window, peer_drawn):
        env.close()
    return measured


def _ratios(steps: dict[str, Spread], frames: dict[str, Spread]) -> dict[str, float]:
    def ratio(table: dict[str, Spread], above: str, below: str) -> float:
        return table[above].median / table[below].median

    batches = [spread.median for case, spread in steps.items() if case.startswith("envpool")]
    to_envpool = {"vector_to_envpool": steps["vector_env"].median / max(batches)} if batches else {}
    return to_envpool | {
        "single_to_peer": ratio(steps, "single_env", "peer_single_env"),
        "vector_env_threads": ratio(steps, "vector_env", "vector_env_1_thread"),
        "vector_kernel_threads": ratio(steps, "vector_kernel", "vector_kernel_1_thread"),
        "frames_to_peer": ratio(frames, "ours", "peer"),
    }


def _machine() -> dict[str, object]:
    return {
        "system": platform.platform(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "lunar_env": __version__,
        "numpy": np.__version__,
        "numba": numba.__version__,
        "gymnasium": gym.__version__,
    }


def _print(content: dict[str, Any], out: Console) -> None:
    table = Table(
        "case", title=f"{content['id']}, {content['rows']} rows, {content['threads']} threads"
    )
    for name in ("steps/s", "low", "high"):
        table.add_column(name, justify="right")
    for case, spread in content["steps_per_s"].items():
        table.add_row(case, *(f"{value:,.0f}" for value in spread.values()))
    out.print(table)
    ratios, frames, starts = content["ratios"], content["render_ms"], content["start_s"]
    for line in (
        f"one env: {ratios['single_to_peer']:.2f} times {PEER} continuous",
        *(
            f"vector env: {ratio:.1f} times EnvPool's {BATCH_PEER} at its best batch"
            for name, ratio in ratios.items()
            if name == "vector_to_envpool"
        ),
        f"{content['threads']} threads: {ratios['vector_env_threads']:.2f} times one"
        f" ({ratios['vector_kernel_threads']:.2f} in the kernel)",
        f"reset: {content['reset_us_per_row']:.2f} us a row",
        f"frame of {PEER_SIZE[0]} x {PEER_SIZE[1]}: {frames['ours']:.2f} ms, peer"
        f" {frames['peer']:.2f} ms ({ratios['frames_to_peer']:.2f} times as fast)",
        f"frame of {WINDOW_SIZE[0]} x {WINDOW_SIZE[1]}: {frames['window']:.2f} ms,"
        f" {1e3 / frames['window']:.0f} frames/s of the 60 that the window needs",
        f"memory of {content['rows']} rows: {content['memory_mb']:.1f} MB",
        f"start to first step, compiled: {starts['single']:.2f} s single,"
        f" {starts['vector']:.2f} s vector",
    ):
        out.print(line)
