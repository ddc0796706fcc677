"""Ground to pixels: the column of every pixel meets the nearest row that is as high."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lunar_env.rendering.primitives import Relief

__all__ = ["paint_relief"]


def paint_relief(frame: NDArray[np.uint8], relief: Relief, colors: NDArray[np.uint8]) -> None:
    """Draw the ground into a frame.

    Parameters
    ----------
    frame : ndarray of uint8, shape (height, width, 3)
        Changed.
    relief : Relief
        The ground.
    colors : ndarray of uint8, shape (256, 3)
        Colour of every grey level.
    """
    left, top, width, height = relief.area
    if width <= 0 or height <= 0:
        return
    heights = _across(_finer(relief.rows), relief.columns, left, width)
    grey = _across(_finer(relief.grey), relief.columns, left, width).astype(np.uint8)
    # The highest line so far: a lower row behind it is hidden.
    skyline = np.minimum.accumulate(heights, axis=0)
    lines = np.clip(np.ceil(skyline - top), 0, height).astype(np.int32)
    first, last = int(lines[-1].min()), int(lines[-1].max())
    if first >= height:
        return
    # A pixel shows the nearest of the rows that begin above it: as many rows from the end as have
    # begun there. The first row begins below the picture.
    room = height - first
    columns = np.arange(width, dtype=np.int32)
    begins = ((lines - first) * width + columns).ravel()
    begun = np.bincount(begins, minlength=(room + 1) * width).reshape(-1, width)[:room]
    begun = np.cumsum(begun, axis=0, dtype=np.uint16)
    nearest = np.minimum(len(heights) - begun.astype(np.int32), len(heights) - 1)
    shade = grey.ravel()[nearest * width + columns]
    area = frame[top + first : top + height, left : left + width]
    sky = begun[: last - first] == 0
    for channel in range(3):
        level = colors[:, channel][shade]
        np.copyto(level[: last - first], area[: last - first, :, channel], where=sky)
        area[..., channel] = level


def _finer(grid: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return a grid with a row between every two."""
    finer = np.empty((2 * len(grid) - 1, grid.shape[1]), dtype=np.float32)
    finer[::2] = grid
    finer[1::2] = 0.5 * (grid[1:] + grid[:-1])
    return finer


def _across(
    grid: NDArray[np.float32], columns: NDArray[np.float64], left: int, width: int
) -> NDArray[np.float32]:
    """Return a grid at every column of the picture."""
    at = (np.arange(left, left + width) - columns[0]) / (columns[1] - columns[0])
    first = np.clip(at.astype(np.intp), 0, len(columns) - 2)
    share = (at - first).astype(np.float32)
    return np.asarray(grid[:, first] * (1.0 - share) + grid[:, first + 1] * share)
