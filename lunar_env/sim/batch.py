"""Entries for Python, next to that of `step.py`: reset and privileged vector of a batch.

A reset is compiled separately from a step, because both together would take a minute.
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
    """Clear the report of row `i`: reward and end of the last step."""
    for k in range(REPORT_LINES):
        report[k, i] = 0.0


@kernel
def reset_row(world: World, shared: Shared, i: int) -> None:
    """Reset row `i` to the start of its episode."""
    reset_env(batch_row(world, shared, i), world.observation)


@kernel
def write_privileged_row(world: World, shared: Shared, privileged: np.ndarray, i: int) -> None:
    """Write the privileged vector of row `i`."""
    write_privileged(batch_row(world, shared, i), privileged, world.report[OUTCOME, i])


@entry
def reset_rows(
    world: World,
    shared: Shared,
    mask: np.ndarray,
    mode: int,
) -> None:
    """Reset the rows of a mask.

    Parameters
    ----------
    world, shared : World, Shared
        The batch; `world` is changed.
    mask : ndarray of bool, shape (rows,)
        The rows to reset.
    mode : int
        With ``DISABLED`` the episodes have the keys in `world`; in an automatic reset
        (``NEXT_STEP``, ``SAME_STEP``) they have the next ones. ``SAME_STEP`` keeps the report of
        the step that ended the episode, and copies its observation to ``final_observation``.
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
    """Write the privileged vectors of the rows of a mask.

    Parameters
    ----------
    world, shared : World, Shared
        The batch.
    privileged : ndarray of float64, shape (rows, P)
        Changed in the rows of the mask: the quantities of `PRIVILEGED_FIELDS`, in their order.
    mask : ndarray of bool, shape (rows,)
        The rows.
    """
    for i in range(privileged.shape[0]):
        if mask[i]:
            write_privileged_row(world, shared, privileged, i)
