"""Where things stand in a picture of a given size, and how metres become pixels in it.

The picture has three columns: an altitude scale whose zero continues the ground, the view of the
descent, and a panel of numbers. The view zooms with height; the scale never does.
"""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from lunar_env.rendering.primitives import Point

__all__ = [
    "Camera",
    "Layout",
    "aim",
    "layout",
    "plain_slope",
    "scale_top_m",
    "scale_y",
    "view_height_m",
]

SCALE_KNEE_M = 10.0
"""The altitude scale is linear well below this height and logarithmic well above."""
SCALE_TOPS_M = (5e3, 20e3, 50e3, 200e3, 1e6, 1e7)
HORIZON_M = 3000.0
"""From here on down the lander sinks in the picture; above, the view only widens."""
STEEPEST = 2.5
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
    """Return the upper end of the altitude scale for a flight that reaches `highest_m`."""
    return next((top for top in SCALE_TOPS_M if highest_m <= top), SCALE_TOPS_M[-1])


def scale_y(height_m: float, top_m: float, place: Layout) -> float:
    """Return where a height stands on the altitude scale.

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

    It shrinks smoothly on the way down, a little more slowly than the height itself, so that the
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


def plain_slope(slope_rad: float) -> float:
    """Return a slope as rise over run, in steps too fine to see; 0 where it is not finite.

    The ground is part of the backdrop, and the steps let backdrops be kept.
    """
    if not math.isfinite(slope_rad):
        return 0.0
    return min(max(round(500.0 * math.tan(slope_rad)) / 500.0, -STEEPEST), STEEPEST)


class Camera(NamedTuple):
    """How the drawn plane maps to pixels: the lander is always in the middle column."""

    center_x: float
    ground_y: float
    x_m: float
    scale: float
    """Pixels per metre."""
    slope: float
    """Rise of the ground to the right, metres per metre."""

    def at(self, x_m: float, height_m: float) -> Point:
        """Return the pixel of a point; its height is above the ground below the lander."""
        x = self.center_x + (x_m - self.x_m) * self.scale
        y = self.ground_y - height_m * self.scale
        return (min(max(x, -EDGE_PX), EDGE_PX), min(max(y, -EDGE_PX), EDGE_PX))

    def ground_at(self, x: float) -> float:
        """Return the y of the ground at the column `x` of the picture."""
        return self.ground_y - (x - self.center_x) * self.slope


def aim(
    height_m: float, x_m: float, slope: float, vehicle_height_m: float, place: Layout
) -> Camera:
    """Return the camera for a lander at `height_m` over ground that rises by `slope`."""
    scale = place.ground_y / view_height_m(height_m, vehicle_height_m)
    return Camera(float(place.center_x), float(place.ground_y), x_m, scale, slope)
