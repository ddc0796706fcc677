"""The loops over rows: the only functions that Python calls.

A step is asked for by blocks of rows, so that several threads may share a batch: each row is
computed alike whoever does it. Resets are an entry of their own, because the two together would
take a minute to compile.
"""

import numpy as np

from lunar_env.kernel.compile import cold_kernel, entry
from lunar_env.kernel.rng import next_key
from lunar_env.physics.lanes import LANES, SCRATCH
from lunar_env.sim.observe import reveal
from lunar_env.sim.reset import reset_env
from lunar_env.sim.step import DISABLED, NEXT_STEP, SAME_STEP, step_rows
from lunar_env.sim.world import OUTCOME, REPORT_LINES, World

__all__ = ["DISABLED", "NEXT_STEP", "SAME_STEP", "blocks_of"]


def blocks_of(rows: int) -> int:
    """Blocks of rows flown side by side in a batch; the last may be short."""
    return -(-rows // LANES)


@cold_kernel
def clear_report(report: np.ndarray, i: int) -> None:
    """Forget reward and end of the last step."""
    for k in range(REPORT_LINES):
        report[k, i] = 0.0


@entry
def reset_rows(
    world: World,
    table: np.ndarray,
    tiles: np.ndarray,
    terrain: np.ndarray,
    mask: np.ndarray,
    mode: int,
) -> None:
    """Reset the rows of a boolean mask: to their keys, or to the next ones in an automatic reset.

    ``SAME_STEP`` keeps the report of the step that ended the episode, and its last observation.
    """
    memory, line, keys, frames = world.memory, world.line, world.key, world.observation
    last = world.final_observation
    for i in range(mask.shape[0]):
        if not mask[i]:
            continue
        if mode == SAME_STEP:
            for k in range(frames.shape[1]):
                last[i, k] = frames[i, k]
        else:
            clear_report(world.report, i)
        if mode != DISABLED:
            keys[i] = next_key(keys[i])
        reset_env(memory, line, world.events, frames, table, tiles, terrain, keys[i], i)


@entry
def reveal_rows(
    world: World,
    table: np.ndarray,
    tiles: np.ndarray,
    terrain: np.ndarray,
    truth: np.ndarray,
    mask: np.ndarray,
) -> None:
    """Write the true state of the rows of a boolean mask."""
    memory = world.memory
    for i in range(truth.shape[0]):
        if mask[i]:
            reveal(memory, table, tiles, terrain, truth, i, world.report[OUTCOME, i])


@entry
def step_part(
    world: World,
    table: np.ndarray,
    tiles: np.ndarray,
    terrain: np.ndarray,
    actions: np.ndarray,
    shown: np.ndarray,
    mode: int,
    first: int,
    last: int,
) -> None:
    """Step the rows of the blocks `first` to before `last`; who does not wait writes to `shown`."""
    memory, line, keys, frames = world.memory, world.line, world.key, world.observation
    lanes = np.empty(SCRATCH)
    for block in range(first, last):
        step_rows(
            *(memory, line, world.events, world.report, keys, frames, shown),
            *(table, tiles, terrain, actions, lanes, block * LANES, mode),
        )
