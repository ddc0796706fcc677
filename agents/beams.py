"""Ranges of beams that lean away from the boresight, as the boresight would have seen them.

Filters know one beam, along the body axis. Over level ground a beam that leans is longer by the
ratio of the two cosines to the vertical, at the attitude of its own time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from .base import Float64Array

__all__ = ["Beams", "boresight_share"]

# The turn since the measurement is taken as even; over a longer time it is not.
_LONGEST_S: Final = 0.5
# Below it the boresight hardly meets the ground: the share would grow without bounds.
_LEAST_COSINE: Final = 0.2


class Beams(NamedTuple):
    """Which beam saw each slot's range, and how it leans; (n,) unless said otherwise."""

    number: Float64Array  # of the unit
    cant_rad: Float64Array  # of each of them to the boresight
    which: Float64Array  # (n, 4), from 1
    age_s: Float64Array  # (n, 4)


def boresight_share(beams: Beams, up: Float64Array, rate: Float64Array) -> Float64Array:
    """Range along the boresight over that of the beam, (n, 4); 1 where there is one beam.

    Parameters
    ----------
    beams : Beams
        The slots of one step.
    up : ndarray of float64, shape (n, 3)
        Local vertical in the body's axes, now [-, B].
    rate : ndarray of float64, shape (n, 3)
        Body rate [rad/s, B]. A fixed direction seen from the body turns against it.
    """
    age = np.minimum(beams.age_s, _LONGEST_S)[..., np.newaxis]
    then = up[:, np.newaxis] + age * np.cross(rate, up)[:, np.newaxis]
    azimuth = 2.0 * np.pi * (beams.which - 1.0) / np.maximum(beams.number, 1.0)[:, np.newaxis]
    cant = beams.cant_rad[:, np.newaxis]
    aside = np.cos(azimuth) * then[..., 0] + np.sin(azimuth) * then[..., 1]
    cosine = np.maximum(then[..., 2], _LEAST_COSINE)
    share = np.cos(cant) - np.sin(cant) * aside / cosine
    several = (cant > 0.0) & (beams.which > 0.5)
    return np.where(several, share, 1.0)
