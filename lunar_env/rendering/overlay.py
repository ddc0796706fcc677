"""Overlays of the view: belief, abort line, path and ruler."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lunar_env.rendering import palette
from lunar_env.rendering.lander import outline, pose
from lunar_env.rendering.panel import number
from lunar_env.rendering.primitives import Polygon, Polyline, Rect, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lunar_env.rendering.lander import Pose
    from lunar_env.rendering.layout import Camera, Layout
    from lunar_env.rendering.primitives import Primitive
    from lunar_env.rendering.snapshot import Snapshot

__all__ = ["ghost", "ruler", "stop_line", "trail"]

TRAIL_POINTS = 24
MOST_PX = 4096.0
AGREED_PX = 5.0
"""Where belief and truth differ by less than this, the ghost would only blur the lander."""


def ghost(snapshot: Snapshot, body: Pose, camera: Camera, place: Layout) -> Iterator[Primitive]:
    """Yield the lander where it believes it is, joined to where it is.

    Out of view it is drawn at the edge, with an arrow.
    """
    believed = snapshot.believed_height_m
    if not math.isfinite(believed):
        return
    shadow = pose(snapshot, believed, camera, place)
    low, high = body.height + 6.0, place.height - 0.3 * body.height
    y = min(max(shadow.y, low), high)
    apart = abs(y - body.y)
    if apart < AGREED_PX:
        return
    if apart > body.height:
        top, bottom = sorted((round(y), round(body.y)))
        yield Rect(round(body.x), top, 1, bottom - top, palette.BELIEVED_DIM)
    yield outline(shadow._replace(y=y), palette.BELIEVED)
    if y != shadow.y:
        way, half = (-1.0 if shadow.y < y else 1.0), place.px(6)
        x, tip = body.x - body.half_width - 2.0 * half, y - 0.5 * body.height + way * half
        back = tip - 2.0 * way * half
        corners = ((x, tip), (x - half, back), (x + half, back))
        yield Polygon(corners, palette.BELIEVED, smooth=True)
    if apart > 0.7 * body.height:
        error = believed - snapshot.height_m
        size = number(abs(error), 0 if abs(error) >= 10.0 else 1)
        text = f"believed, {size} m too {'high' if error > 0.0 else 'low'}"
        x = body.x + 1.2 * body.half_width + place.px(8)
        yield Text(x, y - 0.45 * body.height, text, place.small, palette.BELIEVED)


def stop_line(snapshot: Snapshot, camera: Camera, place: Layout) -> Iterator[Primitive]:
    """Yield the abort line: below it, full thrust does not stop the lander above ground."""
    if not snapshot.stop_height_m > 0.0 or snapshot.outcome != "FLYING":  # NaN: not known
        return
    left, _, width, _ = place.scene
    y = int(camera.at(0.0, snapshot.stop_height_m)[1])
    if 0 <= y < place.ground_y - 3:
        on, off = place.px(34), place.px(26)
        for x in range(left + place.px(80), left + width - place.px(12), on + off):
            yield Rect(x, y, on, 1, palette.STOP_LINE)


def trail(snapshot: Snapshot, camera: Camera) -> Iterator[Primitive]:
    """Yield the path flown, brighter where it is younger.

    Only every n-th point of the path is drawn, always the same ones, so that it does not flicker.
    """
    path = snapshot.trail
    stride = 1 << max(0, (len(path) // TRAIL_POINTS).bit_length())
    (x0, y0), scale = camera.at(snapshot.x_m, snapshot.height_m), camera.scale
    points = [(x0, y0)]
    for x_m, altitude_m in path[-1 - (len(path) - 1) % stride :: -stride]:
        x = x0 + (x_m - snapshot.x_m) * scale
        y = camera.ground_y - (altitude_m - snapshot.elevation_m) * scale
        if y < 0.0:  # the rest lies above the picture
            if math.isfinite(x) and math.isfinite(y):
                px, py = points[-1]
                upper = px + (x - px) * py / (py - y)
                points.append((min(max(upper, -MOST_PX), MOST_PX), 0.0))
            break
        if 0.0 <= x <= MOST_PX and y <= MOST_PX:
            points.append((x, y))
    half = max(1, len(points) // 2)
    for part, color in (
        (points[half:], palette.TRAIL_OLD),
        (points[: half + 1], palette.TRAIL_NEW),
    ):
        if len(part) > 1:
            yield Polyline(tuple(part), color, closed=False, smooth=False)


def ruler(camera: Camera, place: Layout) -> Iterator[Primitive]:
    """Yield a bar of a round length in metres, at the lower left."""
    longest = place.px(130) / camera.scale
    decade = 10.0 ** math.floor(math.log10(longest))
    length = next(m * decade for m in (5.0, 2.0, 1.0) if m * decade <= longest)
    x, y = place.tape_right + place.px(16), place.height - place.px(16)
    wide = max(2, round(length * camera.scale))
    yield Rect(x, y, wide, 2, palette.VALUE)
    yield Rect(x, y - 5, 2, 5, palette.VALUE)
    yield Rect(x + wide - 2, y - 5, 2, 5, palette.VALUE)
    text = f"{number(length, 0 if length >= 1.0 else 2)} m"
    yield Text(x + wide + place.px(8), y - 2, text, place.small, palette.VALUE)
