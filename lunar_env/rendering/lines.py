"""Lines, cut to what can be drawn of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lunar_env.rendering.primitives import Point

__all__ = ["cut"]


def cut(a: Point, b: Point, box: tuple[float, float, float, float]) -> tuple[Point, Point] | None:
    """Return the part of a line within a box (Liang and Barsky 1984).

    Parameters
    ----------
    a, b : Point
        Ends of the line.
    box : tuple of float
        Left, top, right and bottom.

    Returns
    -------
    tuple of Point, or None
        From the side of `a` to that of `b`; None where nothing of it is within.

    Examples
    --------
    >>> cut((-5.0, 0.0), (5.0, 10.0), (0.0, 0.0, 10.0, 7.0))
    ((0.0, 5.0), (2.0, 7.0))
    """
    (x, y), (dx, dy) = a, (b[0] - a[0], b[1] - a[1])
    left, top, right, bottom = box
    begin, end = 0.0, 1.0
    for step, room in ((-dx, x - left), (dx, right - x), (-dy, y - top), (dy, bottom - y)):
        if step == 0.0:
            if room < 0.0:
                return None
        elif step < 0.0:
            begin = max(begin, room / step)
        else:
            end = min(end, room / step)
    if begin >= end:
        return None
    first = a if begin == 0.0 else (x + begin * dx, y + begin * dy)
    return first, (b if end == 1.0 else (x + end * dx, y + end * dy))
