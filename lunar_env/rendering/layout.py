"""Layout of a picture of a given size.

From left to right: a speed scale and a height scale whose zeros continue the ground, the view of
the descent, and a panel of instruments. Small pictures have no panel, the smallest no speed scale.
"""

from __future__ import annotations

import functools
import math
from typing import NamedTuple

__all__ = ["Layout", "layout", "scale_top", "scale_y"]

HEIGHT_KNEE_M = 10.0
SPEED_KNEE_M_S = 2.0
"""The scales are linear well below these values and logarithmic well above."""
HEIGHT_TOPS_M = (5e3, 20e3, 50e3, 200e3, 1e6, 1e7)
SPEED_TOPS_M_S = (200.0, 2e3, 2e4, 1e6)
NARROW_PX = 560
SMALL_PX = 400
"""Narrower pictures have no panel; no speed scale."""
SMALLEST_FONT = 10


class Layout(NamedTuple):
    """Positions and sizes, in pixels."""

    width: int
    height: int
    unit: float
    """Size of a pixel of the 960 x 640 design."""
    speed_right: int
    """Right edge of the speed scale; 0 without one."""
    tape_right: int
    """Right edge of the height scale, where the view begins."""
    panel_left: int
    """Where the view ends and the panel begins; the picture's width without a panel."""
    center_x: int
    ground_y: int
    horizon_y: int
    """Where level ground ends, infinitely far away."""
    tape_top: int
    small: int
    body: int
    number: int
    banner: int

    @property
    def scene(self) -> tuple[int, int, int, int]:
        """The view between scales and panel: x, y, width, height."""
        return (self.tape_right, 0, self.panel_left - self.tape_right, self.height)

    @property
    def has_panel(self) -> bool:
        """Whether there is room for the instruments."""
        return self.panel_left < self.width

    def px(self, design: float) -> int:
        """Return a length of the 960 x 640 design in pixels of this picture."""
        return round(design * self.unit) or 1


@functools.lru_cache(maxsize=16)
def layout(width: int, height: int) -> Layout:
    """Return the layout of a picture `width` pixels wide and `height` high."""
    unit = min(width / 960.0, height / 640.0)
    has_panel, has_speed = width >= NARROW_PX, width >= SMALL_PX
    if not has_panel:
        unit = min(width / 560.0, height / 480.0)  # less to show, so that it can be larger
    speed_right = round(66 * unit) if has_speed else 0
    tape_right = speed_right + round(74 * unit)
    panel_left = width - round(270 * unit) if has_panel else width
    ground_y = round(height * 0.79)
    return Layout(
        width=width,
        height=height,
        unit=unit,
        speed_right=speed_right,
        tape_right=tape_right,
        panel_left=panel_left,
        center_x=(tape_right + panel_left) // 2,
        ground_y=ground_y,
        horizon_y=ground_y - max(6, round(height * 0.09)),
        tape_top=round(36 * unit),
        small=max(SMALLEST_FONT, round(18.6 * unit)),
        body=max(SMALLEST_FONT + 1, round(21.5 * unit)),
        number=max(SMALLEST_FONT + 2, round(30 * unit)),
        banner=max(16, round(50 * unit)),
    )


def scale_top(highest: float, tops: tuple[float, ...]) -> float:
    """Return the upper end of a scale for a flight that reaches `highest`."""
    return next((top for top in tops if highest <= top), tops[-1])


def scale_y(value: float, top: float, knee: float, place: Layout) -> float:
    """Return the position of a value on a scale.

    Parameters
    ----------
    value : float
        Height or speed; below zero is below the ground line.
    top : float
        Upper end of the scale.
    knee : float
        Where it turns from linear to logarithmic.
    place : Layout
        The picture's layout.

    Returns
    -------
    float
        y in pixels, y = y_0 - L asinh(v / knee) / asinh(top / knee), kept in the picture.
    """
    share = math.asinh(value / knee) / math.asinh(top / knee)
    y = place.ground_y - share * (place.ground_y - place.tape_top)
    return min(max(y, place.tape_top - 10.0), place.height - 10.0)
