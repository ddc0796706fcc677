"""The observation in observed units: what a step has written is scaled, then all of it is shown.

It is a pass of its own over the rows of a block: a vector load of numbers that were stored just
before, one by one, would have to wait for these stores.
"""

from typing import Final

import numpy as np

from lunar_env.kernel.compile import inline_kernel, kernel
from lunar_env.physics.rows import VEHICLE
from lunar_env.sim.fields import PAST_ACTIONS
from lunar_env.sim.frame import DESIGN, FRAME
from lunar_env.sim.table import SENSED, load_task, scaled

_EACH_ENGINE: Final = FRAME["EachEngine"]


@kernel
def show_frame(
    memory: np.ndarray, frames: np.ndarray, shown: np.ndarray, table: np.ndarray, i: int
) -> None:
    """Scale the elements of row `i` that every step writes, and copy its frames to `shown`."""
    frame = SENSED + PAST_ACTIONS * int(load_task(table).actions)
    engines_end = _EACH_ENGINE + int(memory[i, VEHICLE.engines])
    _copy(frames, shown, i, engines_end, SENSED)
    _show(frames, shown, table, i, 0, engines_end)
    for k in (DESIGN.thrust_to_weight, DESIGN.com_height_m, DESIGN.elapsed_s):
        frames[i, k] = scaled(frames[i, k], table, k)
        shown[i, k] = frames[i, k]
    _show(frames, shown, table, i, SENSED, frame)
    _copy(frames, shown, i, frame, frames.shape[1])


@inline_kernel
def _show(
    frames: np.ndarray, shown: np.ndarray, table: np.ndarray, i: int, first: int, last: int
) -> None:
    """Scale the elements `first` to `last` - 1, and copy them to `shown`."""
    for k in range(first, last):
        value = np.float32(scaled(frames[i, k], table, k))
        frames[i, k] = value
        shown[i, k] = value


@inline_kernel
def _copy(frames: np.ndarray, shown: np.ndarray, i: int, first: int, last: int) -> None:
    """Copy the elements `first` to `last` - 1 to `shown`."""
    for j in range(first, last):
        k = np.uint64(j)  # as an index that may be negative the copy would be slower
        shown[i, k] = frames[i, k]
