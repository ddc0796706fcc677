"""The rangefinder's beam: its colour is its state."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lunar_env.rendering import palette
from lunar_env.rendering.primitives import Ellipse, Line, dashes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lunar_env.rendering.camera import Camera
    from lunar_env.rendering.layout import Layout
    from lunar_env.rendering.pose import Pose
    from lunar_env.rendering.primitives import Point, Primitive
    from lunar_env.rendering.snapshot import Snapshot

__all__ = ["beam"]

SENSOR = (0.16, 0.28)
"""Where the beam begins: in widths and heights of the lander."""
PULSE_PX_S = 45.0
"""How fast the dashes run down the beam."""


def beam(snapshot: Snapshot, body: Pose, camera: Camera, place: Layout) -> Iterator[Primitive]:
    """Yield the beam from the lander's belly to the ground.

    Parameters
    ----------
    snapshot : Snapshot
        Tamed; a slant range that is not finite means that no echo can come from the ground.
    body : Pose
        The lander.
    camera : Camera
        Where the ground is.
    place : Layout
        The picture's layout.

    Yields
    ------
    Primitive
        A solid line and a spot while tracking; dashes while searching or lost; a faint stub
        while warming up; nothing while off.
    """
    color = palette.beam_color(snapshot.beam_state)
    if color is None:
        return
    model = snapshot.model
    start = body.at(SENSOR[0] * model.width, 0.0, SENSOR[1] * model.height)
    end, hit = _foot(snapshot, start, camera, place)
    if snapshot.beam_state == "TRACK":
        yield Line(start, end, palette.BEAM_GLOW, 4)
        yield Line(start, end, color, 2)
        if hit:
            x, y, wide, high = round(end[0]), round(end[1]), place.px(11), place.px(4)
            yield Ellipse(x - wide, y - high // 2, 2 * wide, high, color)
            yield Ellipse(x - wide // 2, y - high // 4, wide, high // 2, palette.TRUE)
    elif snapshot.beam_state == "WARMUP":
        reach = place.px(40) / max(math.dist(start, end), place.px(40))
        (x0, y0), (x1, y1) = start, end
        yield Line(start, (x0 + (x1 - x0) * reach, y0 + (y1 - y0) * reach), color)
    else:
        on, off = (20.0, 14.0) if snapshot.beam_state == "SEARCH" else (4.0, 14.0)
        phase = PULSE_PX_S * (snapshot.time_s % 1000.0)
        yield from dashes(start, end, on * place.unit, off * place.unit, phase, color)


def _foot(snapshot: Snapshot, start: Point, camera: Camera, place: Layout) -> tuple[Point, bool]:
    """Return where the beam ends in the picture, and whether it ends on the ground."""
    ux, uy = math.sin(snapshot.beam_angle_rad), math.cos(snapshot.beam_angle_rad)
    reach, ground = float(place.width + place.height), camera.reach(start, ux, uy)
    meets = 0.0 <= ground < reach
    hit = meets and math.isfinite(snapshot.slant_range_m)
    if meets:
        reach = ground
    return (start[0] + ux * reach, start[1] + uy * reach), hit
