"""What the numbers of an elevation model mean: their unit, what they count from, which are gaps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lunar_env.data.constants import R_MOON
from lunar_env.errors import ConfigError, shown

if TYPE_CHECKING:
    from lunar_env.terrain.raster import Float64Array

__all__ = ["HIGHEST_M", "LOWEST_M", "Heights", "metres_per_unit"]

# The Moon's relief is -9.2 to 10.8 km about the sphere of R_MOON; the rest is for maps that count
# from another sphere. The usual marks of a gap, -9999 and those of 16 bits, lie outside.
LOWEST_M, HIGHEST_M = -9_900.0, 11_500.0
_METRES = {
    1.0: ("m", "metre", "metres", "meter", "meters"),
    1000.0: ("km", "kilometre", "kilometres", "kilometer", "kilometers"),
}


def metres_per_unit(name: str) -> float:
    """Return the length in metres of a unit by its name.

    Raises
    ------
    ConfigError
        If the name is not one of metres or kilometres.
    """
    for metres, names in _METRES.items():
        if name.strip("'\"<> ").lower() in names:
            return metres
    raise ConfigError(f"the unit of its heights is {shown(name)}, must be m or km")


class Heights:
    """Turns the values of a file into heights, with nan for values that the Moon does not have.

    Parameters
    ----------
    near_target : ndarray
        Values around the target [m], which show whether they are heights or radii.
    unit_is_stated : bool
        Whether the file states the unit of its values.
    columns : int
        Columns of the file, after which it may begin again.

    Raises
    ------
    ConfigError
        If the values may be radii in kilometres and the file states no unit.
    """

    def __init__(self, near_target: Float64Array, unit_is_stated: bool, columns: int) -> None:
        known = near_target[np.isfinite(near_target)]
        self.above_m = R_MOON if np.any(_is_height(known - R_MOON)) else 0.0
        """Radius from which the values count [m]; 0 where they are heights."""
        self.strange = 0
        """How many values were taken for gaps because no place on the Moon has them."""
        self._first, self._columns = "", columns
        plausible = known[_is_height(known - self.above_m)]
        if not unit_is_stated and _are_radii_km(plausible):
            raise ConfigError(
                f"its values near the target, like {plausible[0]:g}, may be radii in km or heights"
                " in m: state the unit in the file ('rio edit-info --bidx 1 --units km FILE') or"
                " add a constant to all heights"
            )

    def __call__(self, values: Float64Array, row: int, column: int) -> Float64Array:
        """Return heights [m] for values whose first is at a row and column of the file."""
        heights = values - self.above_m
        strange = ~np.isnan(values) & ~_is_height(heights)
        if strange.any():
            if not self.strange:
                i, j = divmod(int(strange.argmax()), strange.shape[1])
                place = f"row {max(0, row + i)}, column {(column + j) % self._columns}"
                self._first = f"{values[i, j]:g} m at {place}"
            self.strange += int(np.count_nonzero(strange))
            heights = np.where(strange, np.nan, heights)
        return heights

    def explain(self) -> str:
        """Return what was taken for gaps, as the end of a sentence; empty if nothing was."""
        if not self.strange:
            return ""
        low, high = LOWEST_M + self.above_m, HIGHEST_M + self.above_m
        return (
            f"; {self.strange} values outside {low:.0f} to {high:.0f} m count as gaps,"
            f" the first is {self._first}"
        )


def _is_height(values: Float64Array) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    return (values >= LOWEST_M) & (values <= HIGHEST_M)


def _are_radii_km(values: Float64Array) -> bool:
    return values.size > 0 and bool(np.all(_is_height(values * 1000.0 - R_MOON)))
