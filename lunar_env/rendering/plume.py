"""What comes out of the engines: a flame for each nozzle, and the dust that hides the ground."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lunar_env.rendering import palette
from lunar_env.rendering.primitives import Cloud, Polygon
from lunar_env.rendering.speckle import speckle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lunar_env.rendering.camera import Camera
    from lunar_env.rendering.pose import Pose
    from lunar_env.rendering.primitives import Primitive
    from lunar_env.rendering.snapshot import Snapshot
    from lunar_env.rendering.solids import Nozzle

__all__ = ["dust", "flames"]

TONGUES = (
    (1.0, 1.35, palette.FLAME_OUTER),
    (0.68, 0.95, palette.FLAME_MIDDLE),
    (0.4, 0.55, palette.FLAME_CORE),
)
"""Of a flame: share of its length, widest half width in radii of the exit, colour."""
SHORTEST, LONGEST = 2.5, 11.0
"""Length of a flame without throttle and at full throttle, in radii of the exit."""
OUT = 0.004
"""A throttle below this burns nothing."""
DUST_FROM = 55.0
"""Dust rises below this height, in radii of a nozzle with the exit area of all (Metzger and others
find erosion by Apollo's engine from some 20 to 30 m on)."""
PUFFS = 26
SPREAD = 11.0
"""How far dust is driven, in the widths of the lander."""
PUFFS_PER_S = 0.9
NEAR = 0.6
"""Share of the puffs that are farther away than the lander."""


def flames(pose: Pose, snapshot: Snapshot, camera: Camera) -> Iterator[Primitive]:
    """Yield the flames: three nested tongues each, longer the more the engine gives, to the ground.

    An engine whose own thrust is not known burns as the throttle says.
    """
    flicker = (
        1.0 + 0.05 * math.sin(37.0 * snapshot.time_s) + 0.03 * math.sin(91.0 * snapshot.time_s)
    )
    for nozzle in snapshot.model.nozzles:
        share = thrust_of(nozzle, snapshot)
        if share > OUT:
            yield from _flame(pose, nozzle, share, flicker, camera)


def thrust_of(nozzle: Nozzle, snapshot: Snapshot) -> float:
    """Return the thrust of a nozzle's engines over their full thrust."""
    known = [snapshot.throttles[e] for e in nozzle.engines if e < len(snapshot.throttles)]
    return sum(known) / len(known) if known else snapshot.throttle_frac


def _flame(
    pose: Pose, nozzle: Nozzle, share: float, flicker: float, camera: Camera
) -> Iterator[Primitive]:
    (x, y, z), (i, j, k) = nozzle.exit, nozzle.axis
    x0, y0 = pose.at(x, y, z)
    x1, y1 = pose.at(x + i, y + j, z + k)
    along_x, along_y = x1 - x0, y1 - y0
    size = math.hypot(along_x, along_y)
    if size < 1e-6:
        return
    ux, uy = along_x / size, along_y / size
    radius = max(nozzle.radius * pose.scale, 1.2)
    room = max(camera.reach((x0, y0), ux, uy), 0.0)
    long = min((SHORTEST + (LONGEST - SHORTEST) * share) * radius * flicker, room)
    for part, wide, color in TONGUES:
        tip, belly = part * long, 0.4 * part * long
        throat, half = 0.85 * radius, wide * radius * (0.7 + 0.3 * share)
        outline = (
            (x0 + uy * throat, y0 - ux * throat),
            (x0 - uy * throat, y0 + ux * throat),
            (x0 + ux * belly - uy * half, y0 + uy * belly + ux * half),
            (x0 + ux * tip, y0 + uy * tip),
            (x0 + ux * belly + uy * half, y0 + uy * belly - ux * half),
        )
        yield Polygon(outline, color, smooth=True)


def dust(pose: Pose, snapshot: Snapshot, camera: Camera, *, near: bool) -> Iterator[Primitive]:
    """Yield the dust that the exhaust drives over the ground, thicker the lower the lander is.

    Puffs of fixed directions travel outwards over and over; they hide the ground. Those that are
    `near` to the viewer belong in front of the lander, the others behind it.
    """
    model = snapshot.model
    begins_m = DUST_FROM * model.plume_radius * math.sqrt(max(snapshot.throttle_frac, 0.0))
    height_m = max(snapshot.height_m, 0.0)
    if snapshot.throttle_frac <= OUT or height_m >= begins_m or snapshot.height_m < -1.0:
        return
    strength = (1.0 - height_m / begins_m) ** 0.8
    reach = SPREAD * model.width * pose.scale * (0.35 + 0.65 * strength)
    for puff in range(PUFFS):
        phase = (PUFFS_PER_S * snapshot.time_s + speckle(21, puff)) % 1.0
        side = 2.0 * speckle(22, puff) - 1.0
        depth = speckle(23, puff)
        if (depth > NEAR) != near:
            continue
        run = phase**0.7
        x = pose.x + side * reach * (0.08 + 0.92 * run)
        size = (0.12 + 0.5 * run) * reach * 0.42
        y = camera.ground_at(x) - 0.10 * size + (0.9 * depth - 0.3) * 0.18 * size
        share = 0.55 * strength * math.sin(math.pi * min(0.12 + 0.88 * phase, 1.0)) ** 0.7
        wide, high = int(2.0 * size) + 2, int(0.44 * size) + 2
        yield Cloud(round(x) - wide // 2, round(y) - high // 2, wide, high, palette.DUST, share)
