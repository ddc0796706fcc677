"""How the rangefinder's beam leans from the body axis: not observed, but told by what is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..compiled import entry
from .inputs import ROW, SLOTS, table_of
from .samples import drop_told

if TYPE_CHECKING:
    from ..base import Float64Array
    from ..observation import Reading

__all__ = ["beam_drop"]

_VALID = ROW["valid"]


def beam_drop(reading: Reading) -> Float64Array:
    """Cosine of the beam of the newest range from the vertical, (n,) [-].

    That of the body axis where there is no range, or nothing speaks against it: see `drop_told`.
    """
    drop = np.array(reading.cos_tilt, dtype=np.float64)
    if reading.ranges.valid.any():
        _tell(table_of(reading), drop)
    return drop


@entry
def _tell(table: np.ndarray, drop: np.ndarray) -> None:
    """Replace the cosines of the body axis where another beam is told."""
    for i in range(drop.size):
        newest = -1
        for slot in range(SLOTS):
            if table[_VALID + slot, i] > 0.5:
                newest = slot
        if newest >= 0:
            told = drop_told(table, i, newest, drop[i])
            drop[i] = told if told == told else drop[i]
