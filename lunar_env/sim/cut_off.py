"""The mission's engine cut-off: by contact, or by the autopilot's height with contact as reserve.

A single range may be a false alarm, an echo of dust or an old value. For the cut-off the autopilot
therefore holds a height of its own: dead reckoning, corrected only by ranges that agree. A range is
compared with the one before at the same place of dead reckoning, so that the descent between them
does not matter. `CONSISTENT` in a row that agree with each other and with the height that is held
correct it; if they contradict it, twice as many are needed. Between them dead reckoning goes on.
"""

from typing import Final

import numpy as np

from lunar_env.kernel.compile import inline_kernel, kernel
from lunar_env.physics.rows import CONTACT
from lunar_env.sim.table import CUT_HEIGHT, CUT_NEVER, TaskScalars
from lunar_env.sim.world import EPISODE

CONSISTENT: Final = 4.0  # ranges in a row
# Difference of two ranges that follow each other [m]: five times the usual noise.
_AGREEMENT: Final = 1.0
# Difference from the height that is held [m]: ranges that agree with each other and not with it are
# rather echoes of dust than the ground, which does not jump below a hovering lander.
_HELD_AGREEMENT: Final = 2.0


@kernel
def vote(memory: np.ndarray, i: int, offset: float, measured: float) -> None:
    """Let a range vote on the height that is held for the cut-off.

    `offset` [m] is what the range adds to the dead-reckoned altitude, and `measured` [s] its time
    stamp: a repeated range has no second vote.
    """
    if memory[i, EPISODE.votes] > 0.0 and measured == memory[i, EPISODE.vote_stamp]:
        return
    agrees = abs(offset - memory[i, EPISODE.vote_offset]) <= _AGREEMENT
    votes = memory[i, EPISODE.votes] + 1.0 if agrees else 1.0
    memory[i, EPISODE.votes], memory[i, EPISODE.vote_stamp] = votes, measured
    memory[i, EPISODE.vote_offset] = offset
    contradicts = abs(offset - memory[i, EPISODE.held_offset]) > _HELD_AGREEMENT
    needed = 2.0 * CONSISTENT if contradicts and memory[i, EPISODE.holds] > 0.0 else CONSISTENT
    if votes >= needed:
        memory[i, EPISODE.held_offset], memory[i, EPISODE.holds] = offset, 1.0


@inline_kernel
def update_cut_off(memory: np.ndarray, i: int, altitude: float, task: TaskScalars) -> bool:
    """Whether the cut-off of the mission has shut the engines down, now or before.

    `altitude` [m] is the dead-reckoned one of the pads. Switches on the legs or probes under them
    sense the contact.
    """
    triggered = task.cut_off != CUT_NEVER and memory[i, CONTACT.made] > 0.0
    if task.cut_off == CUT_HEIGHT and memory[i, EPISODE.holds] > 0.0:
        triggered = triggered or altitude + memory[i, EPISODE.held_offset] < task.cut_height
    if triggered:
        memory[i, EPISODE.cut_off] = 1.0
    return memory[i, EPISODE.cut_off] > 0.0
