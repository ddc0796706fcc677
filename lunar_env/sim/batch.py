"""The loops over rows: the only functions that Python calls.

Serial and parallel entries run the same `step_block`, so their results are equal to the bit. Each
is compiled only by the environment that uses it.
"""

import numpy as np
from numba import prange

from lunar_env.kernel.compile import cold_kernel, entry
from lunar_env.kernel.rng import next_key
from lunar_env.physics.lanes import LANES, SCRATCH
from lunar_env.physics.rows import load_state, load_vehicle
from lunar_env.sim.observe import reveal
from lunar_env.sim.reset import reset_env
from lunar_env.sim.step import DISABLED, NEXT_STEP, SAME_STEP, step_rows
from lunar_env.sim.table import load_rangefinder, load_site, load_task
from lunar_env.sim.world import (
    NEEDS_RESET,
    OUTCOME,
    SCENARIO,
    TERMINATED,
    TERMS,
    TIME,
    TOUCHDOWN,
    TRUNCATED,
    WAITING,
    World,
)

__all__ = ["DISABLED", "NEXT_STEP", "SAME_STEP"]


@cold_kernel
def step_block(
    memory: np.ndarray,
    line: np.ndarray,
    keys: np.ndarray,
    frames: np.ndarray,
    final_frames: np.ndarray,
    final_truth: np.ndarray,
    final_keys: np.ndarray,
    table: np.ndarray,
    tiles: np.ndarray,
    terrain: np.ndarray,
    actions: np.ndarray,
    lanes: np.ndarray,
    block: int,
    mode: int,
) -> None:
    """Step a block of rows, with their automatic resets."""
    first = block * LANES
    rows = min(LANES, actions.shape[0] - first)
    step_rows(
        *(memory, line, keys, frames, table, tiles, terrain, actions),
        *(lanes, first, rows, mode),
    )
    for i in range(first, first + rows):
        again = memory[i, WAITING] > 0.0
        if again:
            clear_report(memory, i)
        elif memory[i, TERMINATED] + memory[i, TRUNCATED] > 0.0:
            memory[i, NEEDS_RESET] = 1.0
            final_keys[i] = keys[i]
            reveal_row(memory, final_truth, table, tiles, terrain, i)
            again = mode == SAME_STEP
            if again:
                for k in range(frames.shape[1]):
                    final_frames[i, k] = frames[i, k]
        if again:
            keys[i] = next_key(keys[i])
            reset_env(memory, line, frames, table, tiles, terrain, keys[i], i)


@cold_kernel
def clear_report(memory: np.ndarray, i: int) -> None:
    """Forget reward and end of the last step."""
    for k in range(TERMS, TOUCHDOWN):
        if k != SCENARIO:
            memory[i, k] = 0.0


@cold_kernel
def reveal_row(
    memory: np.ndarray,
    truth: np.ndarray,
    table: np.ndarray,
    tiles: np.ndarray,
    terrain: np.ndarray,
    i: int,
) -> None:
    """Write the true state of row `i`."""
    task = load_task(table)
    reveal(
        memory,
        tiles,
        terrain,
        truth,
        i,
        memory[i, OUTCOME],
        load_state(memory, i),
        memory[i, TIME],
        load_vehicle(memory, i),
        load_rangefinder(table),
        load_site(task),
    )


@entry(parallel=False)
def reset_rows(
    world: World, table: np.ndarray, tiles: np.ndarray, terrain: np.ndarray, mask: np.ndarray
) -> None:
    """Reset the rows of a boolean mask."""
    memory, line, keys, frames = world.memory, world.line, world.key, world.observation
    for i in range(mask.shape[0]):
        if mask[i]:
            clear_report(memory, i)
            reset_env(memory, line, frames, table, tiles, terrain, keys[i], i)


@entry(parallel=False)
def reveal_rows(
    world: World, table: np.ndarray, tiles: np.ndarray, terrain: np.ndarray, truth: np.ndarray
) -> None:
    """Write the true state of all rows."""
    memory = world.memory
    for i in range(truth.shape[0]):
        reveal_row(memory, truth, table, tiles, terrain, i)


@entry(parallel=False)
def step_serial(
    world: World,
    table: np.ndarray,
    tiles: np.ndarray,
    terrain: np.ndarray,
    actions: np.ndarray,
    mode: int,
) -> None:
    """Step all rows on the calling thread."""
    memory, line, keys, frames = world.memory, world.line, world.key, world.observation
    final_frames, final_truth = world.final_observation, world.final_privileged
    final_keys = world.final_key
    lanes = np.empty(SCRATCH)
    for block in range((actions.shape[0] + LANES - 1) // LANES):
        step_block(
            *(memory, line, keys, frames, final_frames, final_truth, final_keys, table, tiles),
            *(terrain, actions, lanes, block, mode),
        )


@entry(parallel=True)
def step_parallel(
    world: World,
    table: np.ndarray,
    tiles: np.ndarray,
    terrain: np.ndarray,
    actions: np.ndarray,
    mode: int,
    parts: int,
) -> None:
    """Step all rows on all threads that Numba may use, in `parts` with a scratch array each."""
    memory, line, keys, frames = world.memory, world.line, world.key, world.observation
    final_frames, final_truth = world.final_observation, world.final_privileged
    final_keys = world.final_key
    blocks = (actions.shape[0] + LANES - 1) // LANES
    for part in prange(parts):
        lanes = np.empty(SCRATCH)
        for block in range(part * blocks // parts, (part + 1) * blocks // parts):
            step_block(
                *(memory, line, keys, frames, final_frames, final_truth, final_keys, table, tiles),
                *(terrain, actions, lanes, block, mode),
            )
