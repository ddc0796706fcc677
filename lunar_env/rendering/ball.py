"""The attitude ball: how the lander leans, in the picture and towards the viewer."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lunar_env.rendering import palette
from lunar_env.rendering.pose import axes_of
from lunar_env.rendering.primitives import Line, Polygon, Polyline, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lunar_env.rendering.primitives import Point, Primitive
    from lunar_env.rendering.snapshot import Quaternion

__all__ = ["ball"]

SIDES = 40


def ball(attitude: Quaternion, x: float, y: float, r: float, font: int) -> Iterator[Primitive]:
    """Yield the ball, as one in the lander that faces away from the viewer would show it.

    The lander's own axis is the cross in the middle; the horizon is where the bright and the dark
    half meet, and the dark half is the ground. The number is the angle from the vertical.

    Parameters
    ----------
    attitude : Quaternion
        From body axes to right, away and up.
    x, y, r : float
        Middle and radius, in pixels.
    font : int
        Size of the number.

    Yields
    ------
    Primitive
        The ball, its horizon and marks.
    """
    turn = axes_of(attitude)
    # The horizon ball is seen along the body's forward direction, which is away when upright.
    up = turn[2]  # the vertical, in body axes
    roll, pitch = math.atan2(-up[0], up[2]), math.asin(max(-1.0, min(1.0, up[1])))
    disc = [_at(x, y, r, math.tau * k / SIDES) for k in range(SIDES)]
    yield Polygon(tuple(disc), palette.BALL_SKY, smooth=True)
    middle = r * math.sin(pitch)
    yield Polygon(tuple(_ground(x, y, r, roll, pitch)), palette.BALL_GROUND, smooth=True)
    cos, sin = math.cos(roll), math.sin(roll)
    for degrees in (-60, -30, 30, 60):
        down = r * math.sin(math.radians(degrees) + pitch)
        half = 0.16 * r
        if abs(down) < 0.9 * r:
            a, b = (
                (x + side * half * cos - down * sin, y + side * half * sin + down * cos)
                for side in (-1.0, 1.0)
            )
            yield Line(a, b, palette.LABEL)
    wide = math.sqrt(max(r * r - middle * middle, 0.0))
    a, b = (
        (x + side * wide * cos - middle * sin, y + side * wide * sin + middle * cos)
        for side in (-1.0, 1.0)
    )
    yield Line(a, b, palette.VALUE, 2)
    yield Polyline(tuple(disc), palette.PANEL_EDGE, closed=True, smooth=True)
    for side in (-1.0, 1.0):
        yield Line((x + side * 0.18 * r, y), (x + side * 0.5 * r, y), palette.PLANNED, 2)
    yield Line((x, y - 0.14 * r), (x, y + 0.14 * r), palette.PLANNED, 2)
    tilt = math.degrees(math.acos(max(-1.0, min(1.0, float(turn[2, 2])))))
    yield Text(x, y + 0.72 * r, f"{tilt:.0f}°", font, palette.VALUE, None, "c")


def _at(x: float, y: float, r: float, angle: float) -> Point:
    return x + r * math.sin(angle), y - r * math.cos(angle)


def _ground(x: float, y: float, r: float, roll: float, pitch: float) -> Iterator[Point]:
    """Yield the outline of the part of the disc below the horizon."""
    half = math.acos(max(-1.0, min(1.0, math.sin(pitch))))
    for k in range(SIDES + 1):
        turn = math.pi + roll - half + 2.0 * half * k / SIDES
        yield _at(x, y, r, turn)
