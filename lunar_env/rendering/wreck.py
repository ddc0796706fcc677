"""The ground after a crash: a scorched crater, rays of soil, and debris."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lunar_env.rendering import palette
from lunar_env.rendering.primitives import Cloud, Ellipse, Polygon
from lunar_env.rendering.speckle import speckle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lunar_env.rendering.camera import Camera
    from lunar_env.rendering.pose import Pose
    from lunar_env.rendering.primitives import Primitive
    from lunar_env.rendering.snapshot import Snapshot

__all__ = ["DESTROYED", "crater", "debris", "wrecked"]

DESTROYED = ("CRASHED", "FUEL_OUT")
WRECK_M_S = 8.0
"""From this speed on nothing of a lander remains that could be recognised."""
PIECES = 46
FLATTENED = 0.24
"""Height over width of a crater, seen from the side."""


def wrecked(snapshot: Snapshot) -> bool:
    """Whether the lander has been destroyed, not just broken."""
    return snapshot.outcome in DESTROYED and _speed(snapshot) > WRECK_M_S


def _speed(snapshot: Snapshot) -> float:
    down, across = snapshot.touchdown_v_vertical_m_s, snapshot.touchdown_v_lateral_m_s
    if math.isfinite(down) and math.isfinite(across):
        return math.hypot(down, across)
    return math.hypot(snapshot.v_vertical_m_s, snapshot.v_lateral_m_s)


def _size(snapshot: Snapshot, pose: Pose) -> float:
    """Radius of the crater [pixels]: larger, but not by much, for a faster impact."""
    speed = min(_speed(snapshot), 300.0) if math.isfinite(_speed(snapshot)) else 300.0
    return 0.5 * snapshot.model.width * pose.scale * (0.75 + 0.22 * math.log1p(speed / 4.0))


def crater(snapshot: Snapshot, pose: Pose, camera: Camera) -> Iterator[Primitive]:
    """Yield the crater under a lander that crashed."""
    if snapshot.outcome not in DESTROYED:
        return
    radius = _size(snapshot, pose)
    x, y = pose.x, camera.ground_at(pose.x)
    wide, high = 4.6 * radius, 4.6 * radius * FLATTENED
    yield _soft(x, y, wide, high, palette.SCORCH, 0.85)
    for ray in range(14):
        turn = math.tau * (ray + 0.6 * speckle(31, ray)) / 14
        long = radius * (1.6 + 1.8 * speckle(32, ray))
        ux, uy = math.cos(turn), FLATTENED * math.sin(turn)
        tip = (x + long * ux, y + long * uy)
        foot = 0.9 * radius
        half = 0.10 * radius
        left = (x + foot * ux - half * uy / FLATTENED, y + foot * uy + half * ux * FLATTENED)
        right = (x + foot * ux + half * uy / FLATTENED, y + foot * uy - half * ux * FLATTENED)
        yield Polygon((left, tip, right), palette.SCORCH, smooth=True)
    for share, color, down in (
        (1.1, palette.SCORCH_RIM, 0.0),
        (1.0, (58, 54, 52), 0.02),
        (0.82, palette.SCORCH, 0.06),
    ):
        yield _flat(
            x, y + down * radius, 2.0 * share * radius, 2.0 * share * radius * FLATTENED, color
        )


def debris(snapshot: Snapshot, pose: Pose, camera: Camera) -> Iterator[Primitive]:
    """Yield the pieces of a lander that was destroyed."""
    if not wrecked(snapshot):
        return
    radius, piece = _size(snapshot, pose), max(0.11 * snapshot.model.width * pose.scale, 1.6)
    for k in range(PIECES):
        turn, out = math.tau * speckle(33, k), speckle(34, k) ** 0.8
        x = pose.x + (0.3 + 3.4 * out) * radius * math.cos(turn)
        y = camera.ground_at(x) + FLATTENED * (0.3 + 2.4 * out) * radius * math.sin(turn)
        size = piece * (0.35 + 1.5 * speckle(35, k)) * (1.0 - 0.55 * out)
        color = palette.DEBRIS[int(speckle(36, k) * len(palette.DEBRIS))]
        spin = math.tau * speckle(37, k)
        corners = []
        for corner in range(4):
            angle = spin + math.tau * corner / 4
            long = size * (0.55 + 0.9 * speckle(38, k, corner))
            corners.append(
                (x + long * math.cos(angle), y - 0.3 * size + 0.6 * long * math.sin(angle))
            )
        yield _flat(x + 0.5 * size, y + 0.2 * size, 2.6 * size, 0.8 * size, palette.SHADOW)
        yield Polygon(tuple(corners), palette.mix(color, palette.SCORCH, 0.35), smooth=True)


def _flat(x: float, y: float, wide: float, high: float, color: tuple[int, int, int]) -> Ellipse:
    w, h = max(2, round(wide)), max(1, round(high))
    return Ellipse(round(x) - w // 2, round(y) - h // 2, w, h, color)


def _soft(
    x: float, y: float, wide: float, high: float, color: tuple[int, int, int], share: float
) -> Cloud:
    w, h = max(2, round(wide)), max(2, round(high))
    return Cloud(round(x) - w // 2, round(y) - h // 2, w, h, color, share)
