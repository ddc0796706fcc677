"""Numbers that users pass: NumPy's count like Python's, bools and strings do not."""

from __future__ import annotations

import math
from numbers import Integral, Real

from lunar_env.errors import ConfigError, shown

__all__ = ["real", "whole"]


def real(what: str, value: object, low: float = -math.inf, high: float = math.inf) -> float:
    """Return a finite number within a range.

    Parameters
    ----------
    what : str
        Its name, for the message.
    value : object
        What the user passed.
    low, high : float, optional
        The range, ends included.

    Raises
    ------
    ConfigError
        Where it is no such number.
    """
    if isinstance(value, bool) or not isinstance(value, Real):
        raise ConfigError(f"{what} = {value!r} must be a number")
    try:
        number = float(value)
    except OverflowError:
        raise ConfigError(f"{what} = {shown(value)} is too large for a float") from None
    if not math.isfinite(number):
        raise ConfigError(f"{what} = {number} must be finite")
    if not low <= number <= high:
        raise ConfigError(f"{what} = {number:g} must be between {low:g} and {high:g}")
    return number


def whole(what: str, value: object, low: int, high: int | None = None) -> int:
    """Return a whole number within a range.

    Parameters
    ----------
    what : str
        Its name, for the message.
    value : object
        What the user passed.
    low, high : int, optional
        The range, ends included.

    Raises
    ------
    ConfigError
        Where it is no such number.
    """
    least = f"of at least {low}" if high is None else f"from {low} to {high}"
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise ConfigError(f"{what} = {value!r} must be a whole number {least}")
    number = int(value)
    if number < low or (high is not None and number > high):
        raise ConfigError(f"{what} = {_short(number)} must be a whole number {least}")
    return number


def _short(number: int) -> str:
    """Write an integer; Python writes none of more than 4300 digits."""
    return str(number) if number.bit_length() < 256 else f"a number of {number.bit_length()} bits"
