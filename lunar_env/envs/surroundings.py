"""The relief around a row, for pictures: a copy that outlives the episode."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from lunar_env.physics.rows import Lander
from lunar_env.rendering.snapshot import FARTHEST_M
from lunar_env.sim.ground import sample_ground

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lunar_env.envs.simulator import Simulator

    Array = NDArray[np.float64]

__all__ = ["Surroundings"]

_SMOOTHED = 8.0
"""The ground is averaged over this many distances between neighbouring places: the relief has no
shorter waves than a fraction of that, so that it does not flicker as the picture moves."""


class Surroundings:
    """The relief of one episode, along a direction on the map.

    Parameters
    ----------
    lander : Lander
        A row of its own, that nothing else changes.
    east, north : float
        Direction to the right in the picture [-], a unit vector.
    """

    def __init__(self, lander: Lander, east: float, north: float) -> None:
        self._lander, self._east, self._north = lander, east, north

    @classmethod
    def of(cls, simulator: Simulator, row: int, east: float, north: float) -> Surroundings:
        """Return the surroundings of a row in its present episode."""
        memory = simulator.world.memory[row : row + 1].copy()
        shared = simulator.shared
        return cls(Lander(memory, shared.tiles, shared.terrain, 0), east, north)

    def elevation(self, along_m: float, aside_m: float) -> float:
        """Return the elevation of one place above the target's level [m]; 0 out of reach."""
        if not (abs(along_m) <= FARTHEST_M and abs(aside_m) <= FARTHEST_M):
            return 0.0
        found = self._looked_up(np.array([along_m]), np.array([aside_m]), 0.0)
        return float(found[0]) if math.isfinite(found[0]) else 0.0

    def elevations(self, along_m: Array, aside_m: Array, spacing_m: float) -> Array:
        """Return elevations above the target's level [m], see `lunar_env.rendering.snapshot`."""
        return self._looked_up(along_m, aside_m, _SMOOTHED * spacing_m)

    def _looked_up(self, along_m: Array, aside_m: Array, footprint_m: float) -> Array:
        places = np.empty((len(along_m), 2))
        places[:, 0] = along_m * self._east - aside_m * self._north
        places[:, 1] = along_m * self._north + aside_m * self._east
        found = np.empty(len(along_m))
        sample_ground(self._lander, places, footprint_m, found)
        return found

    def __reduce__(self) -> tuple[type[Surroundings], tuple[Lander, float, float]]:
        """Copy by its parts."""
        return type(self), (self._lander, self._east, self._north)
