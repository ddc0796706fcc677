"""Grids in the ASCII format of ESRI, which need no library to be read."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lunar_env.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from lunar_env.terrain.raster import Float64Array, Places

__all__ = ["AsciiGrid"]

_KEYS = (
    *("ncols", "nrows", "xllcorner", "xllcenter", "yllcorner", "yllcenter"),
    *("cellsize", "dx", "dy", "nodata_value"),
)
_NO_DATA = -9999.0  # what the format means where it does not say
_LEAST_BYTES = 2  # of a number: a digit and what parts it from the next


class _Header(NamedTuple):
    """Where a grid lies; x and y are those of the outer corner of the lower left pixel."""

    shape: tuple[int, int]
    x: float
    y: float
    step_x: float
    step_y: float
    no_data: float


class AsciiGrid:
    """A grid of heights in metres, in metres east and north of the target.

    Parameters
    ----------
    path : Path
        The file: a header of one key and number a line, in any order and case, then the rows from
        the north. ``ncols``, ``nrows`` and ``cellsize`` (or ``dx`` and ``dy``) are the size,
        ``xllcorner`` and ``yllcorner`` (or ``xllcenter`` and ``yllcenter``) the place of the lower
        left pixel, ``NODATA_value`` marks gaps and is -9999 where it is left out.

    Raises
    ------
    ConfigError
        If the file is not such a grid.
    """

    unit_is_stated = False
    note = "; the grid is taken to be in metres east and north of the target"

    def __init__(self, path: Path) -> None:
        try:
            with path.open(encoding="utf-8-sig") as file:
                keys, first = _read_keys(file)
                self._header = _understand(keys)
                self._heights = _read_numbers(
                    chain([first], file), self._header.shape, path.stat().st_size
                )
        except ValueError as error:  # also text that is not UTF-8
            raise ConfigError(f"is not an ESRI ASCII grid: {error}") from None
        self._heights[self._heights == self._header.no_data] = np.nan

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self._header.shape

    def locate(self, places: Places) -> tuple[Float64Array, Float64Array]:
        """Return columns and rows of places."""
        x, y, step_x, step_y = self._header[1:5]
        top = y + self.shape[0] * step_y
        return (places.east - x) / step_x - 0.5, (top - places.north) / step_y - 0.5

    @property
    def bounds(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """First and end of rows and of columns."""
        rows, columns = self.shape
        return (0, rows), (0, columns)

    def columns_per_metre(self, rows: Float64Array) -> None:
        """Return None: all rows have as many columns."""

    def read(self, rows: tuple[int, int], columns: tuple[int, int]) -> Float64Array:
        """Return heights [m] from the first row and column to before the last; nan in gaps."""
        return self._heights[slice(*rows), slice(*columns)]


def _read_keys(lines: Iterable[str]) -> tuple[dict[str, float], str]:
    """Return the header and the first line after it."""
    keys: dict[str, float] = {}
    for line in lines:
        words = line.split()
        if not words:
            continue
        if not words[0][0].isalpha() or words[0].lower() in ("nan", "inf"):
            return keys, line
        if words[0].lower() not in _KEYS or len(words) != 2:
            raise ValueError(f"its header has {line.strip()[:60]!r}, must have a key and a number")
        keys[words[0].lower()] = float(words[1])
    return keys, ""


def _understand(keys: dict[str, float]) -> _Header:
    """Return the header that keys state."""

    def one_of(*names: str) -> tuple[str, float]:
        for name in names:
            if name in keys:
                return name, keys[name]
        raise ValueError(f"its header has no {' or '.join(names)}")

    def positive(*names: str) -> float:
        name, value = one_of(*names)
        if not 0.0 < value < np.inf:
            raise ValueError(f"{name} = {value:g} must be positive")
        return value

    def count(name: str) -> int:
        value = positive(name)
        if value != int(value):
            raise ValueError(f"{name} = {value:g} must be a whole number")
        return int(value)

    def edge(axis: str, step: float) -> float:
        name, value = one_of(f"{axis}llcorner", f"{axis}llcenter")
        if not np.isfinite(value):
            raise ValueError(f"{name} = {value:g} must be finite")
        return value - (0.5 * step if name.endswith("center") else 0.0)

    shape = count("nrows"), count("ncols")
    step_x, step_y = positive("cellsize", "dx"), positive("cellsize", "dy")
    no_data = keys.get("nodata_value", _NO_DATA)
    return _Header(shape, edge("x", step_x), edge("y", step_y), step_x, step_y, no_data)


def _read_numbers(lines: Iterator[str], shape: tuple[int, int], size: int) -> Float64Array:
    """Return the numbers of lines, which may break anywhere."""
    count = shape[0] * shape[1]
    if count * _LEAST_BYTES > size + 1:
        raise ValueError(f"{shape[0]} x {shape[1]} heights cannot be in {size} bytes")
    numbers, filled = np.empty(count), 0
    for line in lines:
        part = np.array(line.split(), dtype=np.float64)
        end = filled + part.size
        if end > count:
            raise ValueError(f"it has more than {shape[0]} x {shape[1]} heights")
        numbers[filled:end], filled = part, end
    if filled < count:
        raise ValueError(f"it has {filled} heights, must have {shape[0]} x {shape[1]}")
    return numbers.reshape(shape)
