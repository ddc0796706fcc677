"""The lander, its broken legs, and its silhouette where it only believes itself to be."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from lunar_env.rendering import palette
from lunar_env.rendering.pose import turned
from lunar_env.rendering.primitives import Line, Polygon, Polyline

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from lunar_env.rendering.pose import Pose
    from lunar_env.rendering.primitives import Color, Point, Primitive
    from lunar_env.rendering.snapshot import LegState
    from lunar_env.rendering.solids import Leg, Model

__all__ = ["lander", "outline"]

AMBIENT = 0.34
DIRECT = 0.78
FROM_BELOW = 0.14
"""Shares of a surface's colour: without light, in full sunlight, and from the bright ground."""
EDGE_PX = 40.0
"""Smaller landers are drawn without edges and braces."""
EDGE_ON = -1e-6
"""Faces that are turned towards the viewer by less than this are not seen."""
PAD_THICKNESS = 0.35
SPLAY, LIFT = 1.25, 0.3
"""Where the pad of a broken leg is drawn: share of its radius, and of the height of its leg."""
PAD_TURNS = tuple(math.tau * k / 10 for k in range(10))

Strut = tuple[tuple[float, float, float], tuple[float, float, float], float]


def lander(
    pose: Pose, model: Model, legs: tuple[LegState, ...], sun: NDArray[np.float64]
) -> Iterator[Primitive]:
    """Yield the lander, back to front.

    Parameters
    ----------
    pose : Pose
        Where it is.
    model : Model
        Its faces.
    legs : tuple of LegState
        How far each is crushed, and whether it is broken; whole where there is no entry.
    sun : ndarray of float64, shape (3,)
        Direction to the Sun: right, up, away.

    Yields
    ------
    Primitive
        Faces and struts.
    """
    placed = pose.place(model.vertices)
    pixels, depths = placed[:, :2].tolist(), placed[:, 2]
    normals = turned(model.normals, pose.turn)
    light = AMBIENT + DIRECT * np.maximum((normals * sun).sum(axis=1), 0.0)
    light += FROM_BELOW * np.maximum(-normals[:, 1], 0.0)
    drawn: list[tuple[float, Primitive]] = []
    smooth = pose.size > EDGE_PX
    for k in np.flatnonzero(normals[:, 2] < EDGE_ON).tolist():
        face = model.faces[k]
        color = palette.lit(model.materials[k], float(light[k]))
        corners = tuple([(pixels[j][0], pixels[j][1]) for j in face])
        depth = sum(float(depths[j]) for j in face) / len(face)
        drawn.append((depth, Polygon(corners, color, smooth)))
    drawn += _gear(pose, model, legs, bool(smooth))
    drawn.sort(key=lambda item: -item[0])
    for _, shape in drawn:
        yield shape


def _gear(
    pose: Pose, model: Model, states: tuple[LegState, ...], whole: bool
) -> list[tuple[float, Primitive]]:
    """Return struts and pads with their depths."""
    drawn: list[tuple[float, Primitive]] = []
    width = max(1, round(model.thickness * pose.scale))
    for k, leg in enumerate(model.legs):
        crushed, broken = states[k] if k < len(states) else (0.0, False)
        pad = _pad_of(leg, crushed, broken)
        knee = _between(pad, leg.top, 0.45)
        struts = [(pad, leg.top, 1.0)]
        if whole:
            ends = leg.braces[:1] if broken else leg.braces
            struts += [(knee, end, 0.6) for end in ends]
        for start, end, share in struts:
            ((x0, y0, d0), (x1, y1, d1)) = pose.place(np.array([start, end])).tolist()
            thick = max(1, round(share * width))
            color = palette.STRUT if share == 1.0 else palette.BRACE
            drawn.append((0.5 * (d0 + d1), Line((x0, y0), (x1, y1), color, thick)))
        drawn.append(_pad(pose, pad, model.pad_radius, k))
    return drawn


def _pad_of(leg: Leg, crushed: float, broken: bool) -> tuple[float, float, float]:
    x, y, z = leg.pad
    if broken:
        return SPLAY * x, SPLAY * y, z + LIFT * leg.top[2]
    return x, y, z + crushed


def _between(
    a: tuple[float, float, float], b: tuple[float, float, float], share: float
) -> tuple[float, float, float]:
    x, y, z = (p + share * (q - p) for p, q in zip(a, b, strict=True))
    return x, y, z


def _pad(
    pose: Pose, middle: tuple[float, float, float], radius: float, leg: int
) -> tuple[float, Primitive]:
    """Return the outline of a pad: a flat dish, seen from its side."""
    x, y, z = middle
    thick = PAD_THICKNESS * radius
    rim = [(x + radius * math.cos(t), y + radius * math.sin(t), z + thick) for t in PAD_TURNS]
    sole = [(x + 0.8 * radius * math.cos(t), y + 0.8 * radius * math.sin(t), z) for t in PAD_TURNS]
    placed = pose.place(np.array(rim + sole)).tolist()
    color = palette.PAD if leg % 2 else palette.STRUT
    hull = _hull([(a, b) for a, b, _ in placed])
    return sum(d for _, _, d in placed) / len(placed), Polygon(tuple(hull), color, True)


def outline(pose: Pose, model: Model, color: Color) -> Polyline:
    """Return the silhouette of a lander."""
    pads = np.array([leg.pad for leg in model.legs])
    placed = pose.place(np.concatenate([model.vertices, pads]))[:, :2].tolist()
    return Polyline(tuple(_hull([(x, y) for x, y in placed])), color, closed=True, smooth=True)


def _hull(points: list[Point]) -> list[Point]:
    """Return the convex hull of some points (Andrew's monotone chain)."""
    ordered = sorted(set(points))
    if len(ordered) < 3:
        return (ordered * 3)[:3]
    lower: list[Point] = []
    upper: list[Point] = []
    for chain, walk in ((lower, ordered), (upper, ordered[::-1])):
        for point in walk:
            while len(chain) > 1 and _turns_right(chain[-2], chain[-1], point):
                chain.pop()
            chain.append(point)
    return lower[:-1] + upper[:-1]


def _turns_right(a: Point, b: Point, c: Point) -> bool:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]) <= 0.0
