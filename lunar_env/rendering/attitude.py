"""Attitudes as quaternions, scalar first, and as matrices."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lunar_env.rendering.snapshot import Quaternion

__all__ = ["between", "quaternion", "rotation"]

Matrix = tuple[tuple[float, float, float], ...]


def rotation(w: float, x: float, y: float, z: float) -> Matrix:
    """Return the matrix of a unit quaternion, by rows.

    Examples
    --------
    >>> rotation(0.0, 0.0, 0.0, 1.0)[0]
    (-1.0, 0.0, 0.0)
    """
    return (
        (1.0 - 2.0 * (y * y + z * z), 2.0 * (x * y - w * z), 2.0 * (x * z + w * y)),
        (2.0 * (x * y + w * z), 1.0 - 2.0 * (x * x + z * z), 2.0 * (y * z - w * x)),
        (2.0 * (x * z - w * y), 2.0 * (y * z + w * x), 1.0 - 2.0 * (x * x + y * y)),
    )


def quaternion(m: Sequence[Sequence[float]]) -> Quaternion:
    """Return the unit quaternion of a rotation matrix (Shepperd's method).

    Examples
    --------
    >>> quaternion(((-1.0, 0.0, 0.0), (0.0, -1.0, 0.0), (0.0, 0.0, 1.0)))
    (0.0, 0.0, 0.0, 1.0)
    """
    trace = m[0][0] + m[1][1] + m[2][2]
    squares = (trace, m[0][0], m[1][1], m[2][2])
    if not math.isfinite(trace):
        return math.nan, math.nan, math.nan, math.nan
    largest = squares.index(max(squares))
    if largest == 0:
        s = 2.0 * math.sqrt(1.0 + trace)
        return 0.25 * s, (m[2][1] - m[1][2]) / s, (m[0][2] - m[2][0]) / s, (m[1][0] - m[0][1]) / s
    i = largest - 1
    j, k = (i + 1) % 3, (i + 2) % 3
    s = 2.0 * math.sqrt(max(1.0 + m[i][i] - m[j][j] - m[k][k], 0.0))
    parts = [0.0, 0.0, 0.0]
    parts[i] = 0.25 * s
    parts[j] = (m[j][i] + m[i][j]) / s
    parts[k] = (m[k][i] + m[i][k]) / s
    return (m[k][j] - m[j][k]) / s, parts[0], parts[1], parts[2]


def between(a: Quaternion, b: Quaternion, share: float) -> Quaternion:
    """Return an attitude on the shorter way from one to another.

    Neighbouring attitudes are a few degrees apart, where a straight line between quaternions is as
    good as an arc.
    """
    sign = 1.0 if sum(p * q for p, q in zip(a, b, strict=True)) >= 0.0 else -1.0
    w, x, y, z = (p + share * (sign * q - p) for p, q in zip(a, b, strict=True))
    size = math.sqrt(w * w + x * x + y * y + z * z)
    if not size > 0.0:  # opposite ones, or no numbers
        return b
    return w / size, x / size, y / size, z / size
