"""One picture of several landings side by side."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    Frame = NDArray[np.uint8]

__all__ = ["tile"]


def tile(films: Sequence[Iterable[Frame]], columns: int, hold: int) -> Iterator[Frame]:
    """Play several films side by side; a shorter one holds its last frame.

    Parameters
    ----------
    films : sequence of iterable of ndarray
        Frames of one size.
    columns : int
        Films in a row of the picture.
    hold : int
        How often the last picture is repeated.

    Yields
    ------
    ndarray of uint8
        The joint picture.
    """
    last: list[Frame | None] = [None] * len(films)
    picture: Frame | None = None
    for frames in zip_longest(*films):
        last = [old if new is None else new for old, new in zip(last, frames, strict=True)]
        picture = _grid([frame for frame in last if frame is not None], columns)
        yield picture
    if picture is not None:
        yield from [picture] * hold


def _grid(frames: list[Frame], columns: int) -> Frame:
    blank = np.zeros_like(frames[0])
    padded = frames + [blank] * (-len(frames) % columns)
    rows = [padded[i : i + columns] for i in range(0, len(padded), columns)]
    return np.concatenate([np.concatenate(row, axis=1) for row in rows], axis=0)
