"""The ground along a line, for pictures: the one look at the terrain that no lander takes."""

from typing import NamedTuple

import numpy as np

from lunar_env.kernel.compile import entry
from lunar_env.kernel.records import row_record
from lunar_env.physics.relief import elevation
from lunar_env.physics.rows import Lander


class MapPlace(NamedTuple):
    """A place on the map of the site."""

    east: float  # m, along the surface from the target
    north: float  # m


_load_place = row_record(MapPlace, 0)[0]


@entry
def sample_ground(
    lander: Lander, places: np.ndarray, footprint: float, elevations: np.ndarray
) -> None:
    """Write the elevation [m] of each (east, north) [m] over which row `i` flies."""
    for k in range(places.shape[0]):
        place = _load_place(places, k)
        east, north = place.east, place.north
        elevations[k] = elevation(lander, east, north, footprint)
