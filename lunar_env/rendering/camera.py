"""Cameras: how metres become pixels, and what is followed.

The plane of the flight is drawn to scale, so that lengths can be read off it. What lies before and
behind it is seen in perspective, from a camera that looks horizontally across the plane.
"""

from __future__ import annotations

import bisect
import functools
import math
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lunar_env.rendering.layout import Layout
    from lunar_env.rendering.primitives import Point
    from lunar_env.rendering.snapshot import Snapshot

__all__ = ["CAMERAS", "EDGE_PX", "Camera", "View", "aim", "view_height_m"]

CameraName = Literal["chase", "descent", "ground"]
CAMERAS: tuple[CameraName, ...] = ("chase", "descent", "ground")
HORIZON_M = 3000.0
"""From here on down the lander sinks in the picture; above, the view only widens."""
EDGE_PX = 16384.0
"""No drawn point leaves this square: pygame's coordinates are C integers."""
FOCAL = 1.15
"""Distance of the camera from the plane of the flight, in widths of the view."""
GROUND_VIEW = 14.0
"""Height of the view of the ground camera, in heights of the lander."""
COLUMN_PX = 8
"""The ground is looked up at places this far apart."""


class View(NamedTuple):
    """What to look at."""

    camera: CameraName = "chase"
    """Close to the lander, the whole descent in one chart, or at the landing place."""
    follow: Literal["truth", "belief"] = "truth"
    """Whether the lander is drawn where it is, or where it believes itself to be."""
    truth: bool = True
    """Whether anything is shown that the lander does not know."""


class Camera(NamedTuple):
    """How the plane of the flight maps to pixels: the lander is always in the middle column."""

    center_x: float
    ground_y: float
    x_m: float
    scale: float
    """Pixels per metre."""
    columns: tuple[float, ...]
    """Where the ground bends, from left to right: x in pixels."""
    rows: tuple[float, ...]
    """y of the ground there."""
    horizon_y: float
    focal: float
    """Distance of the camera from the plane, in pixels of the plane."""

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


def aim(snapshot: Snapshot, place: Layout, view: View) -> Camera:
    """Return the camera for a lander, above the ground that its snapshot knows.

    Parameters
    ----------
    snapshot : Snapshot
        Tamed; its height is that of the lander that is followed.
    place : Layout
        The picture's layout.
    view : View
        Chase or ground camera.

    Returns
    -------
    Camera
        Of the plane of the flight.
    """
    high, middle = float(place.ground_y), float(place.center_x)
    size = max(snapshot.model.height, 0.7 * snapshot.model.width)
    if view.camera == "ground":
        shown_m = GROUND_VIEW * size
    else:
        shown_m = view_height_m(snapshot.height_m, size)
    scale = high / shown_m
    left, _, width, _ = place.scene
    columns = _columns(left - width, left + 2 * width)
    rows = np.full(columns.shape, high)
    if snapshot.ground is not None:
        along = snapshot.x_m + (columns - middle) / scale
        aside = np.full(columns.shape, snapshot.y_m)
        found = snapshot.ground.elevations(along, aside, COLUMN_PX / scale)
        rows = high - (found - snapshot.elevation_m) * scale
        rows = np.clip(np.nan_to_num(rows, nan=high), -EDGE_PX, EDGE_PX)
    return Camera(
        middle,
        high,
        snapshot.x_m,
        scale,
        tuple(columns.tolist()),
        tuple(rows.tolist()),
        float(place.horizon_y),
        FOCAL * width,
    )


@functools.lru_cache(maxsize=8)
def _columns(left: int, right: int) -> np.ndarray:
    return np.arange(left, right + COLUMN_PX, COLUMN_PX, dtype=np.float64)
