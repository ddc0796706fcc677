"""The ground along a line, for pictures: the one look at the terrain that no lander takes."""

import numpy as np

from lunar_env.kernel.compile import entry
from lunar_env.physics.terrain import elevation


@entry
def sample_ground(
    memory: np.ndarray,
    tiles: np.ndarray,
    terrain: np.ndarray,
    i: int,
    places: np.ndarray,
    footprint: float,
    elevations: np.ndarray,
) -> None:
    """Write the elevation [m] of each (east, north) [m] over which row `i` flies."""
    for k in range(places.shape[0]):
        east, north = places[k, 0], places[k, 1]
        elevations[k] = elevation(tiles, terrain, memory, i, east, north, footprint)
