"""Resets and true states of a batch: loops over rows that Python calls, besides that of `step.py`.

A reset is compiled apart from a step, because the two together would take a minute.
"""

import numpy as np

from lunar_env.kernel.compile import entry, kernel
from lunar_env.kernel.rng import next_key
from lunar_env.sim.observe import write_privileged
from lunar_env.sim.reset import reset_env
from lunar_env.sim.step import DISABLED, SAME_STEP
from lunar_env.sim.world import OUTCOME, REPORT_LINES, Shared, World, batch_row


@kernel
def clear_report(report: np.ndarray, i: int) -> None:
    """Forget reward and end of the last step."""
    for k in range(REPORT_LINES):
        report[k, i] = 0.0


@kernel
def reset_row(world: World, shared: Shared, i: int) -> None:
    """Begin the episode of row `i`."""
    reset_env(batch_row(world, shared, i), world.observation)


@kernel
def write_privileged_row(world: World, shared: Shared, privileged: np.ndarray, i: int) -> None:
    """Write the true state of row `i`."""
    write_privileged(batch_row(world, shared, i), privileged, world.report[OUTCOME, i])


@entry
def reset_rows(
    world: World,
    shared: Shared,
    mask: np.ndarray,
    mode: int,
) -> None:
    """Reset the rows of a boolean mask: to their keys, or to the next ones in an automatic reset.

    ``SAME_STEP`` keeps the report of the step that ended the episode, and its last observation.
    """
    keys, frames, last = world.key, world.observation, world.final_observation
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
        reset_row(world, shared, i)


@entry
def write_privileged_rows(
    world: World,
    shared: Shared,
    privileged: np.ndarray,
    mask: np.ndarray,
) -> None:
    """Write the true state of the rows of a boolean mask."""
    for i in range(privileged.shape[0]):
        if mask[i]:
            write_privileged_row(world, shared, privileged, i)
