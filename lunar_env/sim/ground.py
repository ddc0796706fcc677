"""Elevation of the ground at given places, for pictures."""

from typing import NamedTuple

import numpy as np

from lunar_env.kernel.compile import entry
from lunar_env.kernel.records import row_record
from lunar_env.physics.relief import elevation
from lunar_env.physics.rows import Lander


class MapPlace(NamedTuple):
    """A place on the map of the site."""

    east: float  # m, along the surface from the target
    north: float  # m, likewise


_load_place = row_record(MapPlace, 0)[0]


@entry
def sample_ground(
    lander: Lander, places: np.ndarray, footprint: float, elevations: np.ndarray
) -> None:
    """Write elevations of the ground.

    Parameters
    ----------
    lander : Lander
        The row whose terrain is sampled.
    places : ndarray of float64, shape (n, 2)
        East and north of the target along the surface [m].
    footprint : float
        Width over which the ground is smoothed [m].
    elevations : ndarray of float64, shape (n,)
        Changed: elevation above the sphere through the target [m].
    """
    for k in range(places.shape[0]):
        place = _load_place(places, k)
        east, north = place.east, place.north
        elevations[k] = elevation(lander, east, north, footprint)
