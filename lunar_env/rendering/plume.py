"""What comes out of the engines: plumes, and the dust that they drive over the ground."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lunar_env.rendering import palette
from lunar_env.rendering.lander import nozzles
from lunar_env.rendering.primitives import Polygon

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lunar_env.rendering.lander import Pose, Shape
    from lunar_env.rendering.layout import Camera
    from lunar_env.rendering.primitives import Primitive
    from lunar_env.rendering.snapshot import Snapshot

__all__ = ["dust", "flame"]

EXIT = 0.10
TONGUES = (
    (1.0, 0.21, palette.FLAME_OUTER),
    (0.7, 0.15, palette.FLAME_MIDDLE),
    (0.42, 0.09, palette.FLAME_CORE),
)
"""Of the plume: share of its length, half width, colour."""
SHEETS = (
    (7.0, 0.26, palette.DUST[0]),
    (5.2, 0.15, palette.DUST[1]),
    (3.2, 0.07, palette.DUST[2]),
)
"""Of the dust: reach in half widths, height in lander heights, colour."""
BILLOW: Shape = (
    (0.1, 0.0),
    (0.4, 0.16),
    (0.7, 0.5),
    (0.88, 0.95),
    (0.96, 1.0),
    (1.02, 0.8),
    (1.05, 0.4),
    (1.04, -0.1),
)
"""Outline of a sheet of dust: share of its reach, share of its height."""


def flame(pose: Pose, snapshot: Snapshot, camera: Camera) -> Iterator[Primitive]:
    """Yield the plumes: three nested tongues each, as long as the throttle is open, to the ground.

    They point along the thrust, which is the body's axis.
    """
    throttle_frac = snapshot.throttle_frac
    if throttle_frac <= 0.005:
        return
    flicker = 1.0 + 0.06 * math.sin(37.0 * snapshot.time_s)
    size = math.hypot(pose.bx, pose.by)
    down_x, down_y = -pose.bx / size, -pose.by / size
    for beside, shrunk in nozzles(snapshot.engines):
        room = max(camera.reach(pose.at(beside, EXIT), down_x, down_y), 0.0) / size
        long = min((0.22 + 1.25 * throttle_frac) * flicker, room)
        for share, wide, color in TONGUES:
            tip, belly, half = EXIT - long * share, EXIT - 0.35 * long * share, wide * shrunk
            throat = 0.14 * shrunk
            tongue = ((-throat, EXIT), (throat, EXIT), (half, belly), (0.0, tip), (-half, belly))
            yield Polygon(pose.shape(tuple((beside + a, b) for a, b in tongue)), color, False)


def dust(pose: Pose, snapshot: Snapshot, camera: Camera) -> Iterator[Primitive]:
    """Yield the dust that the plume drives over the ground, below ten lander heights."""
    height_m = snapshot.height_m
    strength = snapshot.throttle_frac * (1.0 - height_m / (10.0 * snapshot.vehicle_height_m))
    if strength <= 0.02 or height_m < -1.0:
        return
    for reach, high, color in SHEETS:
        for side in (-1.0, 1.0):
            run = side * (1.0 + reach * strength) * pose.half_width
            lift = high * (0.3 + strength) * pose.height
            points = []
            for along, thick in BILLOW:
                x = pose.x + along * run
                points.append((x, camera.ground_at(x) - thick * lift))
            yield Polygon(tuple(points), color, smooth=False)
