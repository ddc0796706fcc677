"""Resets and true states of a batch: loops over rows that Python calls, besides that of `step.py`.

A reset is compiled apart from a step, because the two together would take a minute.
"""

import numpy as np

from lunar_env.kernel.compile import cold_kernel, entry
from lunar_env.kernel.rng import next_key
from lunar_env.sim.observe import reveal
from lunar_env.sim.reset import reset_env
from lunar_env.sim.step import DISABLED, SAME_STEP
from lunar_env.sim.world import OUTCOME, REPORT_LINES, World


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
