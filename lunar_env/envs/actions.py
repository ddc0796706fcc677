"""Checks of actions: shape and numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from lunar_env.errors import ConfigError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["checked_action", "checked_actions"]


_LONGEST_TEXT: Final = 60
_NUMBERS: Final = "fiu"  # kinds of arrays that hold numbers; bools, strings and objects do not


def checked_action(action: ArrayLike, width: int) -> list[Any]:
    """Return the action of one lander as a list.

    Raises
    ------
    ConfigError
        Where it holds no numbers, has another shape, or is not finite.
    """
    if isinstance(action, np.ndarray) and action.dtype.kind == "f":
        given: NDArray[Any] = action
    else:
        given = _numbers(action, "action")
    if given.shape != (width,):
        raise ConfigError(f"action has shape {given.shape}, must be ({width},)")
    # For so few numbers Python is faster than NumPy.
    values: list[Any] = given.tolist()
    if not all(map(math.isfinite, values)):
        raise ConfigError(f"action = {_listed(values)} must be finite")
    return values


def checked_actions(actions: ArrayLike, rows: int, width: int) -> NDArray[np.float64]:
    """Return the actions of all rows, contiguous and in float64; the caller's array is not changed.

    Raises
    ------
    ConfigError
        Where they hold no numbers, have another shape, or one is not finite, naming the row.
    """
    try:
        given = _numbers(actions, "actions")
    except ConfigError:
        _find_row(actions, width)
        raise
    if given.shape != (rows, width):
        raise ConfigError(f"actions have shape {given.shape}, must be ({rows}, {width})")
    flown = given.astype(np.float64, order="C")
    finite = np.isfinite(flown)
    if not finite.all():
        row = int(np.flatnonzero(~finite.all(axis=1))[0])
        raise ConfigError(f"action of row {row} = {_listed(flown[row].tolist())} must be finite")
    return flown


def _numbers(given: ArrayLike, what: str) -> NDArray[Any]:
    try:
        array = np.asarray(given)
    except (TypeError, ValueError):
        raise ConfigError(f"{what} must be an array of numbers, not {_short(given)}") from None
    if array.dtype.kind not in _NUMBERS:
        raise ConfigError(f"{what} must be an array of numbers, not {_short(given)}")
    return array


def _find_row(actions: Any, width: int) -> None:
    """Raise an error that names the first row that is not an action."""
    if not isinstance(actions, Sequence | np.ndarray) or isinstance(actions, str):
        return
    for row, action in enumerate(actions):
        given = _numbers(action, f"action of row {row}")
        if given.shape != (width,):
            raise ConfigError(f"action of row {row} has shape {given.shape}, must be ({width},)")


def _short(given: object) -> str:
    text = repr(given)
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}..."


def _listed(values: list[Any]) -> str:
    return str(values[0] if len(values) == 1 else values)
