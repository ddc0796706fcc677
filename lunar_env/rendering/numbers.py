"""Numbers as people read them."""

from __future__ import annotations

import math

__all__ = ["length", "length_between", "number"]

KILOMETRES_FROM_M = 9_999.5


def number(value: float, decimals: int = 1) -> str:
    """Return a number as the panel shows it.

    Parameters
    ----------
    value : float
        A dash is shown where it is not finite.
    decimals : int
        Decimals below 1,000; larger numbers are whole, and from a million on powers of ten.

    Returns
    -------
    str
        With a true minus sign, and never a negative zero.

    Examples
    --------
    >>> number(-0.04), number(12.34, 2), number(2410.3)
    ('0.0', '12.34', '2410')
    """
    size = abs(value)
    if size < 999.95:
        text = f"{size:.{decimals}f}"
    elif size < 999_999.5:
        text = f"{size:.0f}"
    else:
        return f"{value:.1e}" if math.isfinite(value) else "—"
    return f"\u2212{text}" if value < 0.0 and float(text) != 0.0 else text


def length(metres: float) -> str:
    """Return a length with its unit: kilometres where metres are too many.

    Examples
    --------
    >>> length(18.24), length(2410.3), length(412_345.0)
    ('18.2 m', '2410 m', '412.3 km')
    """
    if KILOMETRES_FROM_M <= abs(metres) < 1e9:
        kilometres = 1e-3 * metres
        return f"{number(kilometres, 1)} km"
    return f"{number(metres, 1)} m"


def length_between(a_m: float, b_m: float) -> str:
    """Return the distance between two heights, in whole metres where it is large.

    Examples
    --------
    >>> length_between(18.9, 18.2), length_between(2822.1, 2410.3)
    ('0.7 m', '412 m')
    """
    apart = abs(a_m - b_m)
    return f"{number(apart, 0)} m" if 10.0 <= apart < KILOMETRES_FROM_M else length(apart)
