"""Ranges of beams that are canted from the boresight, converted to ranges along the boresight.

Filters model one beam, along the body axis. Over level ground the range along a canted beam is
longer by the ratio of the two cosines to the vertical, at the attitude of the measurement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from .base import X, Y, Z

if TYPE_CHECKING:
    from .base import Float64Array

__all__ = ["Beams", "boresight_ratio"]

# The body rate is assumed constant since the measurement, which holds no longer than this.
_LONGEST_S: Final = 0.5
# Below it the boresight hardly meets the ground, and the ratio would grow without bounds.
_LEAST_COSINE: Final = 0.2


class Beams(NamedTuple):
    """Beam that measured each slot's range, and its mounting; (n,) unless said otherwise."""

    beams: Float64Array  # number of the unit's beams
    cant_rad: Float64Array  # between each beam and the boresight
    beam: Float64Array  # (n, 4), number of the beam, from 1
    age_s: Float64Array  # (n, 4)


def boresight_ratio(beams: Beams, up: Float64Array, rate: Float64Array) -> Float64Array:
    """Range along the boresight over the range along the beam, (n, 4); 1 where there is one beam.

    Parameters
    ----------
    beams : Beams
        The slots of one step.
    up : ndarray of float64, shape (n, 3)
        Local vertical now, unit vectors [-, frame B].
    rate : ndarray of float64, shape (n, 3)
        Body rate [rad/s, frame B]. Seen from the body, a fixed direction rotates against it.

    Returns
    -------
    ndarray of float64, shape (n, 4)
        Factor for the range of each slot [-].
    """
    age = np.minimum(beams.age_s, _LONGEST_S)[..., np.newaxis]
    then = up[:, np.newaxis] + age * np.cross(rate, up)[:, np.newaxis]
    azimuth = 2.0 * np.pi * (beams.beam - 1.0) / np.maximum(beams.beams, 1.0)[:, np.newaxis]
    cant = beams.cant_rad[:, np.newaxis]
    lateral = np.cos(azimuth) * then[..., X] + np.sin(azimuth) * then[..., Y]
    cosine = np.maximum(then[..., Z], _LEAST_COSINE)
    ratio = np.cos(cant) - np.sin(cant) * lateral / cosine
    several = (cant > 0.0) & (beams.beam > 0.5)
    return np.where(several, ratio, 1.0)
