"""Rocks by the share of the area that they cover, as half ellipsoids on a periodic tile.

References
----------
Golombek et al. 2003, "Rock size-frequency distributions on Mars and implications for Mars
Exploration Rover landing safety and operations", J. Geophys. Res. 108(E12).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from lunar_env.terrain.parameters import Rocks

__all__ = ["Boulders", "cover", "draw", "stamp"]

Float64Array = NDArray[np.float64]
_BINS = 512


class Boulders(NamedTuple):
    """Rocks of one tile, a column each."""

    east_m: Float64Array
    north_m: Float64Array
    diameter_m: Float64Array
    height_m: Float64Array


def cover(rocks: Rocks, diameter_m: Float64Array) -> Float64Array:
    """Return the share of the area under rocks larger than `diameter_m`."""
    return rocks.area * np.exp(-rocks.decay_per_m * np.asarray(diameter_m))


def draw(rocks: Rocks, width_m: float, largest_m: float, rng: np.random.Generator) -> Boulders:
    """Draw the rocks on a square `width_m` wide."""
    edges = np.geomspace(rocks.smallest_m, max(largest_m, rocks.smallest_m), _BINS + 1)
    middle = np.sqrt(edges[1:] * edges[:-1])
    area = -np.diff(cover(rocks, edges)) * width_m**2
    expected = area / (0.25 * math.pi * middle**2)
    diameter = np.repeat(middle, rng.poisson(expected))
    number = diameter.size
    return Boulders(
        rng.uniform(0.0, width_m, number),
        rng.uniform(0.0, width_m, number),
        diameter,
        rocks.height * diameter,
    )


def stamp(tile: Float64Array, cell_m: float, boulders: Boulders) -> None:
    """Add rocks to a tile in place, around its edges; where two overlap, the higher one counts."""
    n = tile.shape[0]
    bump = np.zeros_like(tile)
    for east, north, diameter, height in zip(*boulders, strict=True):
        radius = 0.5 * diameter / cell_m
        half = math.ceil(radius) + 1
        offsets = np.arange(-half, half + 1)
        column, row = round(east / cell_m), round(north / cell_m)
        along = (column + offsets - east / cell_m)[None, :]
        across = (row + offsets - north / cell_m)[:, None]
        inside = 1.0 - (along**2 + across**2) / radius**2
        place = np.ix_((row + offsets) % n, (column + offsets) % n)
        bump[place] = np.maximum(bump[place], height * np.sqrt(np.maximum(inside, 0.0)))
    tile += bump
