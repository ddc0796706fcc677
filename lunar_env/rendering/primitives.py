"""The few shapes a picture is made of.

A scene is a tuple of these, in painter's order. They are plain values, so a test can look at a
picture without a screen, and any backend that can fill a polygon can show it. Coordinates are
pixels, x to the right and y down; colours are 8-bit red, green, blue.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "Clip",
    "Cloud",
    "Color",
    "Ellipse",
    "Line",
    "Point",
    "Polygon",
    "Polyline",
    "Primitive",
    "Rect",
    "Relief",
    "Text",
    "dashes",
]

Color: TypeAlias = tuple[int, int, int]
Point: TypeAlias = tuple[float, float]


class Rect(NamedTuple):
    """A filled, axis-aligned rectangle."""

    x: int
    y: int
    width: int
    height: int
    color: Color


class Line(NamedTuple):
    """A smooth line; wider ones have square ends."""

    start: Point
    end: Point
    color: Color
    width: int = 1


class Polyline(NamedTuple):
    """Connected lines, one pixel wide, smooth where `smooth`."""

    points: tuple[Point, ...]
    color: Color
    closed: bool
    smooth: bool


class Polygon(NamedTuple):
    """A filled polygon, with smooth edges where `smooth`."""

    points: tuple[Point, ...]
    color: Color
    smooth: bool


class Ellipse(NamedTuple):
    """A filled, axis-aligned ellipse in its bounding box."""

    x: int
    y: int
    width: int
    height: int
    color: Color


class Cloud(NamedTuple):
    """An ellipse that hides what is behind it by `share` in its middle, and fades to its edge."""

    x: int
    y: int
    width: int
    height: int
    color: Color
    share: float


class Relief(NamedTuple):
    """Ground in perspective, of rows from near to far; a nearer one hides a farther one."""

    area: tuple[int, int, int, int]
    """Where it may be drawn: x, y, width, height."""
    columns: NDArray[np.float64]
    """(n,), x of the grid, from left to right, from left of the area to right of it."""
    rows: NDArray[np.float64]
    """(m, n), y of the grid."""
    grey: NDArray[np.float64]
    """(m, n), grey levels of the grid, from 0 to 255."""


class Text(NamedTuple):
    """One line of text.

    `x` is its left end, middle or right end after `anchor` ("l", "c", "r"), `y` the middle of its
    capitals. On a known flat `background` it is drawn faster; with a `max_width` above zero it is
    cut with an ellipsis.
    """

    x: float
    y: float
    text: str
    size: int
    color: Color
    background: Color | None = None
    anchor: str = "l"
    max_width: int = 0


class Clip(NamedTuple):
    """Restrict drawing to this rectangle (None: no restriction)."""

    area: tuple[int, int, int, int] | None


Primitive: TypeAlias = Rect | Line | Polyline | Polygon | Ellipse | Cloud | Relief | Text | Clip


def dashes(
    start: Point, end: Point, on: float, off: float, phase: float, color: Color
) -> Iterator[Line]:
    """Cut a line into dashes, two pixels wide.

    Parameters
    ----------
    start, end : Point
        Ends of the line.
    on, off : float
        Lengths of a dash and of a gap, in pixels.
    phase : float
        How far the pattern is pushed from start to end, in pixels.
    color : Color
        Colour of the dashes.

    Yields
    ------
    Line
        One dash after the other, from start to end.
    """
    length = math.hypot(end[0] - start[0], end[1] - start[1])
    if length <= 0.0:
        return
    ux, uy = (end[0] - start[0]) / length, (end[1] - start[1]) / length
    at = phase % (on + off) - (on + off)
    while at < length:
        a, b = max(at, 0.0), min(at + on, length)
        if b > a:
            yield Line(
                (start[0] + ux * a, start[1] + uy * a),
                (start[0] + ux * b, start[1] + uy * b),
                color,
                2,
            )
        at += on + off
