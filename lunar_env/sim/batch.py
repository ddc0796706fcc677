"""The loops over rows: the only functions that Python calls.

Serial and parallel entries run the same `step_row`, so their results are equal to the bit. Each is
compiled only by the environment that uses it.
"""

from typing import Final

import numpy as np
from numba import prange

from lunar_env.kernel.compile import cold_kernel, entry
from lunar_env.kernel.rng import next_key
from lunar_env.physics.rows import load_ground, load_state, load_vehicle
from lunar_env.sim.observe import reveal
from lunar_env.sim.reset import reset_env
from lunar_env.sim.step import step_env
from lunar_env.sim.world import (
    NEEDS_RESET,
    OUTCOME,
    SCENARIO,
    TERMINATED,
    TERMS,
    TIME,
    TOUCHDOWN,
    TRUNCATED,
    World,
    load_rangefinder,
    load_site,
    load_task,
)

DISABLED: Final = 0
NEXT_STEP: Final = 1
SAME_STEP: Final = 2


@cold_kernel
def step_row(
    memory: np.ndarray,
    line: np.ndarray,
    keys: np.ndarray,
    frames: np.ndarray,
    final_frames: np.ndarray,
    final_truth: np.ndarray,
    final_keys: np.ndarray,
    table: np.ndarray,
    i: int,
    action: float,
    mode: int,
) -> None:
    """Step row `i`, with its automatic reset: in place of the next step, or within this one."""
    again = mode == NEXT_STEP and memory[i, NEEDS_RESET] > 0.0
    if again:
        clear_report(memory, i)
    else:
        step_env(memory, line, frames, table, keys[i], i, action)
        if memory[i, TERMINATED] + memory[i, TRUNCATED] > 0.0:
            memory[i, NEEDS_RESET] = 1.0
            final_keys[i] = keys[i]
            reveal_row(memory, final_truth, table, i)
            if mode == SAME_STEP:
                again = True
                for k in range(frames.shape[1]):
                    final_frames[i, k] = frames[i, k]
    if again:
        keys[i] = next_key(keys[i])
        reset_env(memory, line, frames, table, keys[i], i)


@cold_kernel
def clear_report(memory: np.ndarray, i: int) -> None:
    """Forget reward and end of the last step."""
    for k in range(TERMS, TOUCHDOWN):
        if k != SCENARIO:
            memory[i, k] = 0.0


@cold_kernel
def reveal_row(memory: np.ndarray, truth: np.ndarray, table: np.ndarray, i: int) -> None:
    """Write the true state of row `i`."""
    task = load_task(table)
    reveal(
        memory,
        truth,
        i,
        memory[i, OUTCOME],
        load_state(memory, i),
        memory[i, TIME],
        load_ground(memory, i),
        load_vehicle(memory, i),
        load_rangefinder(table),
        load_site(task),
    )


@entry(parallel=False)
def reset_rows(world: World, table: np.ndarray, mask: np.ndarray) -> None:
    """Reset the rows of a boolean mask."""
    memory, line, keys, frames = world.memory, world.line, world.key, world.observation
    for i in range(mask.shape[0]):
        if mask[i]:
            clear_report(memory, i)
            reset_env(memory, line, frames, table, keys[i], i)


@entry(parallel=False)
def reveal_rows(world: World, table: np.ndarray, truth: np.ndarray) -> None:
    """Write the true state of all rows."""
    memory = world.memory
    for i in range(truth.shape[0]):
        reveal_row(memory, truth, table, i)


@entry(parallel=False)
def step_serial(world: World, table: np.ndarray, actions: np.ndarray, mode: int) -> None:
    """Step all rows on the calling thread."""
    memory, line, keys, frames = world.memory, world.line, world.key, world.observation
    final_frames, final_truth = world.final_observation, world.final_privileged
    final_keys = world.final_key
    for i in range(actions.shape[0]):
        step_row(
            *(memory, line, keys, frames, final_frames, final_truth, final_keys, table),
            *(i, actions[i, 0], mode),
        )


@entry(parallel=True)
def step_parallel(world: World, table: np.ndarray, actions: np.ndarray, mode: int) -> None:
    """Step all rows on all threads that Numba may use."""
    memory, line, keys, frames = world.memory, world.line, world.key, world.observation
    final_frames, final_truth = world.final_observation, world.final_privileged
    final_keys = world.final_key
    for i in prange(actions.shape[0]):
        step_row(
            *(memory, line, keys, frames, final_frames, final_truth, final_keys, table),
            *(i, actions[i, 0], mode),
        )
