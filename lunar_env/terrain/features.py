"""Landforms that a mission places: their numbers as the kernels read them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from lunar_env.physics.landforms import CRATER, HILLSIDE

__all__ = ["Crater", "Hillside"]


@dataclass(frozen=True, slots=True)
class Crater:
    """A crater; its depth is measured from the crest of the rim to the floor."""

    east_m: float
    north_m: float
    diameter_m: float
    depth_m: float
    rim_height_m: float
    degradation: float
    floor_frac: float

    def row(self) -> list[float]:
        """Return the feature as a row of the header."""
        return [
            *(CRATER, self.east_m, self.north_m, 0.5 * self.diameter_m, self.depth_m),
            *(self.rim_height_m, self.degradation, self.floor_frac),
        ]

    @property
    def steepest(self) -> float:
        """Upper bound of its slope: of the wall, or of the outer side of the rim."""
        wall = 2.0 * self.depth_m / (1.0 - self.floor_frac)
        return max(wall, 3.2 * self.rim_height_m) / (0.5 * self.diameter_m)


@dataclass(frozen=True, slots=True)
class Hillside:
    """A slope through its centre that levels out to either side."""

    east_m: float
    north_m: float
    slope_deg: float
    azimuth_deg: float
    reach_m: float

    def row(self) -> list[float]:
        """Return the feature as a row of the header."""
        rise, azimuth = math.tan(math.radians(self.slope_deg)), math.radians(self.azimuth_deg)
        rises = rise * math.sin(azimuth), rise * math.cos(azimuth)
        return [HILLSIDE, self.east_m, self.north_m, *rises, self.reach_m, 0.0, 0.0]

    @property
    def steepest(self) -> float:
        """Upper bound of its slope: that at the centre."""
        return math.tan(math.radians(self.slope_deg))
