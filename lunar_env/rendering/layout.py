"""Layout of a picture of a given size, and its scale from metres to pixels.

The picture has three columns: a height scale whose zero continues the ground, the view of the
descent, and a panel of numbers. The view zooms with height; the scale never does.
"""

from __future__ import annotations

import bisect
import functools
import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lunar_env.rendering.primitives import Point
    from lunar_env.rendering.snapshot import Snapshot

__all__ = [
    "Camera",
    "Layout",
    "aim",
    "layout",
    "scale_top_m",
    "scale_y",
    "view_height_m",
]

SCALE_KNEE_M = 10.0
"""The height scale is linear well below this height and logarithmic well above."""
SCALE_TOPS_M = (5e3, 20e3, 50e3, 200e3, 1e6, 1e7)
HORIZON_M = 3000.0
"""From here on down the lander sinks in the picture; above, the view only widens."""
EDGE_PX = 16384.0
"""No drawn point leaves this square: pygame's coordinates are C integers."""


class Layout(NamedTuple):
    """Positions and sizes, in pixels."""

    width: int
    height: int
    unit: float
    """Size of a pixel of the 960 x 640 design."""
    tape_right: int
    panel_left: int
    center_x: int
    ground_y: int
    tape_top: int
    small: int
    body: int
    number: int
    banner: int

    @property
    def scene(self) -> tuple[int, int, int, int]:
        """The view between scale and panel: x, y, width, height."""
        return (self.tape_right, 0, self.panel_left - self.tape_right, self.height)

    def px(self, design: float) -> int:
        """Return a length of the 960 x 640 design in pixels of this picture."""
        return round(design * self.unit) or 1


@functools.lru_cache(maxsize=16)
def layout(width: int, height: int) -> Layout:
    """Return the layout of a picture `width` pixels wide and `height` high."""
    unit = min(width / 960.0, height / 640.0)
    tape_right = round(86 * unit)
    panel_left = width - round(270 * unit)
    return Layout(
        width=width,
        height=height,
        unit=unit,
        tape_right=tape_right,
        panel_left=panel_left,
        center_x=(tape_right + panel_left) // 2,
        ground_y=round(height * 0.81),
        tape_top=round(34 * unit),
        small=max(10, round(18.6 * unit)),
        body=max(11, round(21.5 * unit)),
        number=max(12, round(30 * unit)),
        banner=max(16, round(50 * unit)),
    )


def scale_top_m(highest_m: float) -> float:
    """Return the upper end of the height scale for a flight that reaches `highest_m`."""
    return next((top for top in SCALE_TOPS_M if highest_m <= top), SCALE_TOPS_M[-1])


def scale_y(height_m: float, top_m: float, place: Layout) -> float:
    """Return the position of a height on the height scale.

    Parameters
    ----------
    height_m : float
        Height above the ground; below zero is below the ground line.
    top_m : float
        Upper end of the scale.
    place : Layout
        The picture's layout.

    Returns
    -------
    float
        y in pixels, y = y_0 - L asinh(h / h_knee) / asinh(h_top / h_knee), kept in the picture.
    """
    share = math.asinh(height_m / SCALE_KNEE_M) / math.asinh(top_m / SCALE_KNEE_M)
    y = place.ground_y - share * (place.ground_y - place.tape_top)
    return min(max(y, place.tape_top - 10.0), place.height - 10.0)


def view_height_m(height_m: float, vehicle_height_m: float) -> float:
    """Return how many metres the view shows between the ground line and its upper edge.

    It shrinks smoothly during descent, slightly more slowly than the height itself, so that the
    lander both sinks in the picture and grows.

    Parameters
    ----------
    height_m : float
        Height of the lander above the ground.
    vehicle_height_m : float
        Size of the lander, which sets the closest view: about five times its size.

    Returns
    -------
    float
        Metres; monotone in height, and never less than the lander's height over 0.82.
    """
    knee = 2.2 * vehicle_height_m
    h = max(height_m, 1e-4 * knee)  # the limit at the ground is finite, the quotient is not
    filled = 0.36 * (h / (h + knee) + math.log1p(h / knee) / math.log1p(HORIZON_M / knee))
    return h / min(filled, 0.82)


class Camera(NamedTuple):
    """How the drawn plane maps to pixels: the lander is always in the middle column."""

    center_x: float
    ground_y: float
    x_m: float
    scale: float
    """Pixels per metre."""
    columns: tuple[float, ...]
    """Where the ground bends, from left to right: x in pixels."""
    rows: tuple[float, ...]
    """y of the ground there."""

    def at(self, x_m: float, height_m: float) -> Point:
        """Return the pixel of a point; its height is above the ground below the lander."""
        x = self.center_x + (x_m - self.x_m) * self.scale
        y = self.ground_y - height_m * self.scale
        return (min(max(x, -EDGE_PX), EDGE_PX), min(max(y, -EDGE_PX), EDGE_PX))

    def ground_at(self, x: float) -> float:
        """Return the y of the ground at the column `x` of the picture; level beyond its ends."""
        xs, ys = self.columns, self.rows
        k = bisect.bisect_right(xs, x)
        if k == 0:
            return ys[0]
        if k == len(xs):
            return ys[-1]
        share = (x - xs[k - 1]) / (xs[k] - xs[k - 1])
        return ys[k - 1] + share * (ys[k] - ys[k - 1])

    def reach(self, start: Point, ux: float, uy: float) -> float:
        """Return how far it is from a point to the ground in a direction, in pixels.

        Parameters
        ----------
        start : Point
            In pixels.
        ux, uy : float
            Unit vector; y is downwards.

        Returns
        -------
        float
            Infinite where the ray misses the ground, negative where it starts below it.
        """
        (x, y), (t, gap) = start, (0.0, self.ground_at(start[0]) - start[1])
        if gap < 0.0:
            return gap
        bends = self._bends(x, ux) if abs(ux) > 1e-9 else []
        for bend_x, bend_y in bends:
            further = (bend_x - x) / ux
            left = bend_y - (y + further * uy)
            if left <= 0.0:
                return t + (further - t) * gap / (gap - left)
            t, gap = further, left
        return t + gap / uy if uy > 1e-9 else math.inf

    def _bends(self, x: float, ux: float) -> Iterator[Point]:
        """Yield where the ground bends to one side of a column, the nearest first."""
        k = bisect.bisect_right(self.columns, x)
        ahead = range(k, len(self.columns)) if ux > 0.0 else range(k - 1, -1, -1)
        for j in ahead:
            yield self.columns[j], self.rows[j]


def aim(snapshot: Snapshot, place: Layout) -> Camera:
    """Return the camera for a lander, above the ground that its snapshot holds."""
    high, middle = float(place.ground_y), float(place.center_x)
    scale = high / view_height_m(snapshot.height_m, snapshot.vehicle_height_m)
    x_0, y_0 = middle - snapshot.x_m * scale, high + snapshot.elevation_m * scale
    columns = [x_0 + x_m * scale for x_m, _ in snapshot.ground] or [middle]
    rows = [y_0 - elevation_m * scale for _, elevation_m in snapshot.ground] or [high]
    if max(rows) > EDGE_PX or min(rows) < -EDGE_PX:
        rows = [min(max(y, -EDGE_PX), EDGE_PX) for y in rows]
    return Camera(middle, high, snapshot.x_m, scale, tuple(columns), tuple(rows))
