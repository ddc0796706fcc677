"""The lander, and the outline of where it believes it is.

Shapes are given in the lander's own frame: x in half footprints, y in heights above the footpads.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from lunar_env.rendering import palette
from lunar_env.rendering.primitives import Line, Polygon, Polyline

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lunar_env.rendering.layout import Camera, Layout
    from lunar_env.rendering.primitives import Color, Point, Primitive
    from lunar_env.rendering.snapshot import Snapshot

__all__ = ["SENSOR", "Pose", "lander", "nozzles", "outline", "pose"]

Shape = tuple[tuple[float, float], ...]

NOZZLE: Shape = ((-0.1, 0.27), (0.1, 0.27), (0.17, 0.1), (-0.17, 0.1))
SKIRT: Shape = ((-0.5, 0.34), (-0.36, 0.25), (0.36, 0.25), (0.5, 0.34), (0.5, 0.52), (-0.5, 0.52))
SKIRT_SHADE: Shape = ((0.08, 0.25), (0.36, 0.25), (0.5, 0.34), (0.5, 0.52), (0.14, 0.52))
TOWER: Shape = ((-0.5, 0.52), (0.5, 0.52), (0.4, 0.86), (0.2, 0.93), (-0.2, 0.93), (-0.4, 0.86))
TOWER_SHADE: Shape = ((0.14, 0.52), (0.5, 0.52), (0.4, 0.86), (0.2, 0.93), (0.1, 0.93))
CELLS: Shape = ((-0.42, 0.56), (-0.08, 0.56), (-0.1, 0.82), (-0.34, 0.82))
CELLS_SHADE: Shape = ((0.18, 0.56), (0.42, 0.56), (0.34, 0.82), (0.14, 0.82))
STRUTS: tuple[Shape, Shape] = (
    ((-0.92, 0.02), (-0.86, 0.02), (-0.44, 0.52), (-0.5, 0.52)),
    ((0.92, 0.02), (0.86, 0.02), (0.44, 0.52), (0.5, 0.52)),
)
BRACES: tuple[Shape, Shape] = (((-0.88, 0.03), (-0.38, 0.27)), ((0.88, 0.03), (0.38, 0.27)))
PADS: tuple[Shape, Shape] = (
    ((-1.02, 0.0), (-0.76, 0.0), (-0.82, 0.035), (-0.96, 0.035)),
    ((0.76, 0.0), (1.02, 0.0), (0.96, 0.035), (0.82, 0.035)),
)
MAST: Shape = ((0.12, 0.93), (0.16, 1.04))
PARTS: tuple[tuple[Shape, Color, bool], ...] = (
    (BRACES[0], palette.BRACE, False),
    (BRACES[1], palette.BRACE, False),
    (MAST, palette.STRUT, False),
    (SKIRT, palette.FOIL, True),
    (SKIRT_SHADE, palette.FOIL_SHADE, False),
    (TOWER, palette.HULL, True),
    (TOWER_SHADE, palette.HULL_SHADE, False),
    (CELLS, palette.CELLS, False),
    (CELLS_SHADE, palette.CELLS_SHADE, False),
    (STRUTS[0], palette.STRUT, True),
    (STRUTS[1], palette.STRUT, True),
    (PADS[0], palette.STRUT, False),
    (PADS[1], palette.STRUT, False),
)
"""Back to front, with colour and whether the edge is smooth; two points are a line."""
LEGS: tuple[Shape, Shape] = (((-0.94, 0.0), (-0.46, 0.5)), ((0.94, 0.0), (0.46, 0.5)))
FEET: tuple[Shape, Shape] = (((-1.06, 0.0), (-0.78, 0.0)), ((0.78, 0.0), (1.06, 0.0)))
FAR_PARTS: tuple[tuple[Shape, Color, bool], ...] = (
    (LEGS[0], palette.STRUT, False),
    (LEGS[1], palette.STRUT, False),
    (FEET[0], palette.STRUT, False),
    (FEET[1], palette.STRUT, False),
    (SKIRT, palette.FOIL, False),
    (SKIRT_SHADE, palette.FOIL_SHADE, False),
    (TOWER, palette.HULL, False),
    (TOWER_SHADE, palette.HULL_SHADE, False),
    (CELLS, palette.CELLS, False),
    (CELLS_SHADE, palette.CELLS_SHADE, False),
)
"""The same for a lander of few pixels."""
FAR_PX = 48.0
MIDDLE_LEG: tuple[Shape, Shape] = (
    ((-0.03, 0.02), (0.03, 0.02), (0.03, 0.34), (-0.03, 0.34)),
    ((-0.13, 0.0), (0.13, 0.0), (0.07, 0.035), (-0.07, 0.035)),
)
INNER_LEGS: tuple[Shape, ...] = (
    ((-0.54, 0.02), (-0.49, 0.02), (-0.27, 0.36), (-0.32, 0.36)),
    ((0.54, 0.02), (0.49, 0.02), (0.27, 0.36), (0.32, 0.36)),
    ((-0.62, 0.0), (-0.41, 0.0), (-0.46, 0.035), (-0.57, 0.035)),
    ((0.62, 0.0), (0.41, 0.0), (0.46, 0.035), (0.57, 0.035)),
)
"""Seen from the side, one of three legs is in the middle, and of more than four some within."""
MOST_NOZZLES = 4
NOZZLE_SPREAD = 0.3
NOZZLE_SHRINK = 0.6
"""Several nozzles are drawn in a row: how far apart, and how wide compared with a single one."""
OUTLINE: Shape = (
    (-1.0, 0.0),
    (-0.5, 0.52),
    (-0.36, 0.9),
    (0.36, 0.9),
    (0.5, 0.52),
    (1.0, 0.0),
    (0.36, 0.25),
    (-0.36, 0.25),
)
CORNERS: Shape = ((-1.0, 0.0), (1.0, 0.0), (-0.45, 0.9), (0.45, 0.9))
SENSOR = (0.3, 0.25)


class Pose(NamedTuple):
    """Where and how large the lander is drawn: the middle between its footpads, and its axes.

    A point (a, b) of the lander's own frame is at (x + a ax + b bx, y + a ay + b by).
    """

    x: float
    y: float
    ax: float
    ay: float
    bx: float
    by: float
    half_width: float
    height: float

    def at(self, a: float, b: float) -> Point:
        """Return the pixel of a point of the lander's own frame."""
        return (self.x + a * self.ax + b * self.bx, self.y + a * self.ay + b * self.by)

    def shape(self, points: Shape) -> tuple[Point, ...]:
        """Return the pixels of a shape of the lander's own frame."""
        x, y, ax, ay, bx, by, _, _ = self
        return tuple([(x + a * ax + b * bx, y + a * ay + b * by) for a, b in points])


def pose(snapshot: Snapshot, height_m: float, camera: Camera, place: Layout) -> Pose:
    """Return the pose of the lander at a height.

    From afar it is drawn larger than it is, never under about 40 design pixels. Where it leans
    so that its lowest corner would sink into the ground, it is lifted until that corner touches.

    Parameters
    ----------
    snapshot : Snapshot
        Tamed.
    height_m : float
        Height of the footpads to draw: the true or the believed one.
    camera : Camera
        How metres become pixels.
    place : Layout
        The picture's layout.

    Returns
    -------
    Pose
        In pixels.
    """
    grown = math.hypot(camera.scale, place.px(38) / snapshot.vehicle_height_m)
    half_width = 0.5 * snapshot.vehicle_width_m * grown
    high = snapshot.vehicle_height_m * grown
    x, y = camera.at(snapshot.x_m, height_m)
    cos, sin = math.cos(snapshot.tilt_rad), math.sin(snapshot.tilt_rad)
    body = Pose(x, y, half_width * cos, half_width * sin, high * sin, -high * cos, half_width, high)
    if height_m < -1.0:
        return body
    sunk = max([corner[1] - camera.ground_at(corner[0]) for corner in body.shape(CORNERS)])
    return body._replace(y=y - sunk) if sunk > 0.0 else body


def nozzles(engines: int) -> list[tuple[float, float]]:
    """Return positions of nozzles relative to the axis, and widths relative to a single one.

    Examples
    --------
    >>> nozzles(1), nozzles(2)
    ([(0.0, 1.0)], [(-0.3, 0.6), (0.3, 0.6)])
    """
    count = min(max(engines, 1), MOST_NOZZLES)
    if count == 1:
        return [(0.0, 1.0)]
    step = 2.0 * NOZZLE_SPREAD / (count - 1)
    return [(k * step - NOZZLE_SPREAD, NOZZLE_SHRINK) for k in range(count)]


def lander(pose: Pose, legs: int, engines: int) -> Iterator[Primitive]:
    """Yield the lander: nozzles, legs and a foil-wrapped body with solar cells."""
    far = pose.height < FAR_PX
    for beside, size in nozzles(engines):
        shape = tuple((beside + size * a, b) for a, b in NOZZLE)
        yield Polygon(pose.shape(shape), palette.NOZZLE, smooth=False)
    for leg in MIDDLE_LEG if legs == 3 else INNER_LEGS if legs > 4 else ():
        yield Polygon(pose.shape(leg), palette.BRACE, smooth=False)
    for part, color, smooth in FAR_PARTS if far else PARTS:
        points = pose.shape(part)
        if len(points) == 2:
            yield Line(points[0], points[1], color, 2 if far else 1)
        else:
            yield Polygon(points, color, smooth)


def outline(pose: Pose, color: Color) -> Polyline:
    """Return the outline of a lander, for the place where it is only believed to be."""
    return Polyline(pose.shape(OUTLINE), color, closed=True, smooth=True)
