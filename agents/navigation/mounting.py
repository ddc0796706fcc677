"""Direction of a range: not observed, but inferred from the autopilot's height.

The radar, whose range stands in the first slot where no rangefinder is fitted, looks to the nearest
ground within its wide beam.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..compiled import entry
from .inputs import ROW, SLOTS, table_of
from .samples import cosine_from_autopilot, smear_time, snr_of

if TYPE_CHECKING:
    from ..base import Float64Array
    from ..observation import Reading

__all__ = ["beam_cosine"]

_VALID, _BEAM = ROW["valid"], ROW["beam"]


def beam_cosine(reading: Reading) -> Float64Array:
    """Cosine (n,) [-] between the vertical and the beam of the newest range.

    That of the body axis where there is no range, or `cosine_from_autopilot` agrees with it; of
    the radar, that of its first echo.
    """
    cosines = np.array(reading.cos_tilt, dtype=np.float64)
    if reading.ranges.valid.any():
        sheet = reading.sheet
        smear, threshold = sheet.figure("lrf_smear_s"), sheet.figure("lrf_threshold_log")
        _replace_cosines(table_of(reading), smear, threshold, cosines)
        tilt = np.arccos(np.clip(reading.cos_tilt, -1.0, 1.0))
        first_echo = np.cos(np.maximum(tilt - sheet.figure("ralt_half_width_rad"), 0.0))
        by_radar = (reading.ranges.beam < 0.5).all(axis=1)
        cosines = np.where(by_radar, first_echo, cosines)
    return cosines


@entry
def _replace_cosines(
    table: np.ndarray, smear: np.ndarray, threshold: np.ndarray, cosines: np.ndarray
) -> None:
    """Replace the cosines of the body axis where the beam is found to be another."""
    for i in range(cosines.size):
        newest = -1
        for slot in range(SLOTS):
            if table[_VALID + slot, i] > 0.5 and table[_BEAM + slot, i] > 0.5:
                newest = slot
        if newest >= 0:
            smear_s = smear_time(smear[i], threshold[i], snr_of(table, i, newest))
            known = cosine_from_autopilot(table, i, newest, cosines[i], smear_s)
            cosines[i] = known if known == known else cosines[i]
