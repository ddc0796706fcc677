"""A unit that sums waveforms, simulated bin by bin: what the closed forms are checked against."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import ndtr


class Sums(NamedTuple):
    """Sums of a unit: which are detected, the errors of their ranges, and their largest output."""

    detected: float  # fraction
    errors: np.ndarray  # m, of those detected: measured minus at the middle of the window
    output: float  # mean of the largest output, in units of its noise


def sum_waveforms(
    smear: float,
    snr: float,
    lrf,
    *,
    length: int | None = None,
    count: int = 3000,
    seed: int = 1,
) -> Sums:
    """Sum the shots of windows in fixed bins, pass them through a moving sum, and time its edge.

    `snr` is that of a single shot in its bin. The echoes of the shots are evenly spread over the
    smear [m], around a random place within a bin. The moving sum has the length of the smear, or of
    a number of bins; the range is where its output crosses the threshold, seen from the near side.
    """
    rng, shots, wide = np.random.default_rng(seed), int(lrf.shots), smear / lrf.range_bin
    bins = max(1, round(wide)) if length is None else length
    number = int(4.0 * wide) + 40
    middle = number // 2 + rng.uniform(-0.5, 0.5, count)
    waveform = rng.normal(0.0, np.sqrt(shots), (count, number))
    place, sigma = np.arange(number), lrf.pulse / lrf.range_bin
    for shot in range(shots):
        at = (middle + ((shot + 0.5) / shots - 0.5) * wide)[:, None]
        waveform += snr * (ndtr((place + 0.5 - at) / sigma) - ndtr((place - 0.5 - at) / sigma))
    total = np.concatenate([np.zeros((count, 1)), np.cumsum(waveform, axis=1)], axis=1)
    output = (total[:, bins:] - total[:, :-bins]) / np.sqrt(shots * bins)
    over = output >= lrf.threshold
    over[:, 0] = False
    found = np.flatnonzero(over.any(axis=1))
    first = over[found].argmax(axis=1)
    before, after = output[found, first - 1], output[found, first]
    crossing = first - 1.0 + (lrf.threshold - before) / (after - before)
    far_end = crossing + bins - 0.5
    errors = (far_end - middle[found]) * lrf.range_bin
    return Sums(len(found) / count, errors, float(output.max(axis=1).mean()))
