"""Direction of the rangefinder's beam: not observed, but inferred from the autopilot's height."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..compiled import entry
from .inputs import ROW, SLOTS, table_of
from .samples import cosine_from_autopilot

if TYPE_CHECKING:
    from ..base import Float64Array
    from ..observation import Reading

__all__ = ["beam_cosine"]

_VALID = ROW["valid"]


def beam_cosine(reading: Reading) -> Float64Array:
    """Cosine (n,) [-] between the vertical and the beam of the newest range.

    That of the body axis where there is no range, or `cosine_from_autopilot` agrees with it.
    """
    cosines = np.array(reading.cos_tilt, dtype=np.float64)
    if reading.ranges.valid.any():
        _replace_cosines(table_of(reading), cosines)
    return cosines


@entry
def _replace_cosines(table: np.ndarray, cosines: np.ndarray) -> None:
    """Replace the cosines of the body axis where the beam is found to be another."""
    for i in range(cosines.size):
        newest = -1
        for slot in range(SLOTS):
            if table[_VALID + slot, i] > 0.5:
                newest = slot
        if newest >= 0:
            known = cosine_from_autopilot(table, i, newest, cosines[i])
            cosines[i] = known if known == known else cosines[i]
