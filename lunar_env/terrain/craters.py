"""Craters by size and shape, stamped on a periodic tile.

References
----------
Moore, Boyce and Hahn 1980, "Small impact craters in the lunar regolith", Moon and Planets 23.
Minton et al. 2019, "The equilibrium size-frequency distribution of small craters", Icarus 326.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lunar_env.physics import landforms

if TYPE_CHECKING:
    from lunar_env.terrain.parameters import Craters

__all__ = ["Catalogue", "density_above", "draw", "stamp"]

Float64Array = NDArray[np.float64]
SATURATION = 1.54
"""Craters larger than D per D squared when no more fit (Gault 1970)."""
_SAMPLES = 1025
# The shape is defined once, in the kernels; here it runs as plain Python.
_profile: Any = getattr(landforms.crater_profile, "py_func", landforms.crater_profile)


class Catalogue(NamedTuple):
    """Craters of one tile, a column each."""

    east_m: Float64Array
    north_m: Float64Array
    diameter_m: Float64Array
    depth_m: Float64Array
    rim_height_m: Float64Array
    degradation: Float64Array


def density_above(craters: Craters, diameter_m: Float64Array) -> Float64Array:
    """Return the number per square metre of craters larger than `diameter_m`."""
    turn = craters.production_from_m
    share = np.asarray(diameter_m) / turn
    number = SATURATION * craters.density / turn**2
    return number * share ** np.where(share < 1.0, -2.0, -craters.production_slope)


def _diameter_at(craters: Craters, density: Float64Array) -> Float64Array:
    """Return the diameter [m] above which there are `density` craters per square metre."""
    turn = craters.production_from_m
    share = density * turn**2 / (SATURATION * craters.density)
    return turn * share ** np.where(share > 1.0, -0.5, -1.0 / craters.production_slope)


def draw(
    craters: Craters, width_m: float, sizes_m: tuple[float, float], rng: np.random.Generator
) -> Catalogue:
    """Draw the craters with diameters within `sizes_m` on a square `width_m` wide.

    Sizes and shapes are stratified: a tile has few of its largest craters, and they make most of
    its slopes.
    """
    smallest, largest = sizes_m[0], min(sizes_m[1], craters.largest_m)
    bounds = density_above(craters, np.array([smallest, max(smallest, largest)]))
    none = craters.density == 0.0 or smallest >= largest
    expected = (bounds[0] - bounds[1]) * width_m**2
    number = 0 if none else math.floor(expected + rng.uniform())
    share = (np.arange(number) + rng.uniform(size=number)) / max(number, 1)
    diameter = _diameter_at(craters, bounds[1] + share * (bounds[0] - bounds[1]))
    spread = craters.depth_high - craters.depth_low
    ratio = craters.depth_low + spread * rng.permutation(share)
    return Catalogue(
        rng.uniform(0.0, width_m, number),
        rng.uniform(0.0, width_m, number),
        diameter,
        ratio * diameter,
        craters.rim_height * ratio / craters.depth_high * diameter,
        (craters.depth_high - ratio) / spread if spread > 0.0 else np.zeros(number),
    )


def stamp(tile: Float64Array, cell_m: float, catalogue: Catalogue) -> None:
    """Add craters to a tile in place, around its edges."""
    n = tile.shape[0]
    x, shapes = _shapes()
    for east, north, diameter, depth, rim, worn in zip(*catalogue, strict=True):
        radius = 0.5 * diameter / cell_m
        half = min(math.ceil(landforms.CRATER_REACH * radius) + 1, n // 2 - 1)
        offsets = np.arange(-half, half + 1)
        column, row = round(east / cell_m), round(north / cell_m)
        along = (column + offsets) - east / cell_m
        across = (row + offsets) - north / cell_m
        distance = np.hypot(along[None, :], across[:, None]) / radius
        fresh = depth * shapes[0] + rim * shapes[1]
        soft = depth * shapes[2] + rim * shapes[3]
        height = np.interp(distance, x, (1.0 - worn) * fresh + worn * soft)
        tile[np.ix_((row + offsets) % n, (column + offsets) % n)] += height


def _shapes() -> tuple[Float64Array, Float64Array]:
    """Return distances in radii and, at those, unit bowl and rim, fresh and worn.

    A crater's height is linear in its depth, its rim and, between fresh and worn, its degradation.
    """
    x = np.linspace(0.0, landforms.CRATER_REACH, _SAMPLES)
    units = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (1.0, 0.0, 1.0), (0.0, 1.0, 1.0))
    shapes = [[_profile(at, *unit, 0.0).height for at in x.tolist()] for unit in units]
    return x, np.array(shapes)
