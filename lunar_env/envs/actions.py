"""Actions at the border: their shape, and that they are numbers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from lunar_env.errors import ConfigError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["checked_action", "checked_actions"]


def checked_action(action: ArrayLike, width: int) -> list[Any]:
    """Return the action of one lander as a list.

    Raises
    ------
    ConfigError
        Where it has another shape, or is not finite.
    """
    given = np.asarray(action)
    if given.shape != (width,):
        raise ConfigError(f"action has shape {given.shape}, must be ({width},)")
    # For so few numbers Python is faster than NumPy.
    values: list[Any] = given.tolist()
    if not all(map(math.isfinite, values)):
        raise ConfigError(f"action = {_told(values)} must be finite")
    return values


def checked_actions(actions: ArrayLike, rows: int, width: int) -> NDArray[np.float64]:
    """Return the actions of all rows, contiguous and in float64; the caller's array stays his.

    Raises
    ------
    ConfigError
        Where they have another shape, or one is not finite, naming the row.
    """
    given = np.require(actions, np.float64, ["C", "A", "W"])
    if given.shape != (rows, width):
        raise ConfigError(f"actions have shape {given.shape}, must be ({rows}, {width})")
    finite = np.isfinite(given)
    if not finite.all():
        row = int(np.flatnonzero(~finite.all(axis=1))[0])
        raise ConfigError(f"action of row {row} = {_told(given[row].tolist())} must be finite")
    return given


def _told(values: list[Any]) -> str:
    return str(values[0] if len(values) == 1 else values)
