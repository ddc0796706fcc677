"""Overlays of the view: belief, abort line, paths, shadow, target and ruler."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

from lunar_env.rendering import palette
from lunar_env.rendering.lander import outline
from lunar_env.rendering.lines import cut
from lunar_env.rendering.numbers import length, length_between
from lunar_env.rendering.pose import pose
from lunar_env.rendering.primitives import Cloud, Line, Polygon, Polyline, Rect, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lunar_env.rendering.camera import Camera
    from lunar_env.rendering.layout import Layout
    from lunar_env.rendering.pose import Pose
    from lunar_env.rendering.primitives import Color, Point, Primitive
    from lunar_env.rendering.snapshot import Snapshot, Trail

__all__ = ["ghost", "planned", "ruler", "shadow", "stop_line", "target", "trail"]

TRAIL_POINTS = 48
MOST_PX = 4096.0
AGREED_PX = 5.0
"""Where belief and truth differ by less than this, the ghost would only blur the lander."""


def ghost(
    snapshot: Snapshot, body: Pose, camera: Camera, place: Layout, *, of_truth: bool
) -> Iterator[Primitive]:
    """Yield the lander where it believes it is, joined to where it is.

    Out of view it is drawn at the edge, with an arrow. With `of_truth` the snapshot is that of the
    belief, and the ghost is the truth.
    """
    believed = snapshot.believed_height_m
    if not math.isfinite(believed):
        return
    color = palette.TRUE if of_truth else palette.BELIEVED
    shade = pose(snapshot, believed, camera, place)
    room = 0.6 * body.size
    y = min(max(shade.y, room + 6.0), place.height - 0.3 * body.size)
    apart = abs(y - body.y)
    if apart < AGREED_PX:
        return
    if apart > body.size:
        top, bottom = sorted((round(y), round(body.y)))
        dim = palette.TRAIL_NEW if of_truth else palette.BELIEVED_DIM
        yield Rect(round(body.x), top, 1, bottom - top, dim)
    yield outline(shade._replace(y=y), snapshot.model, color)
    half_width = 0.5 * snapshot.model.width * body.scale
    if y != shade.y:
        way, half = (-1.0 if shade.y < y else 1.0), place.px(6)
        x, tip = body.x - half_width - 2.0 * half, y + way * half
        back = tip - 2.0 * way * half
        yield Polygon(((x, tip), (x - half, back), (x + half, back)), color, smooth=True)
    if apart > 0.7 * body.size:
        error = believed - snapshot.height_m
        size, high = length_between(believed, snapshot.height_m), error > 0.0
        text = (
            f"truth, {size} {'above' if high else 'below'}"
            if of_truth
            else f"believed, {size} too {'high' if high else 'low'}"
        )
        x = body.x + 1.2 * half_width + place.px(8)
        yield Text(x, y, text, place.small, color)


def shadow(snapshot: Snapshot, body: Pose, camera: Camera) -> Iterator[Primitive]:
    """Yield the shadow of the lander, as far to the right as the Sun is low."""
    steep = math.tan(math.radians(snapshot.sun_elevation_deg))
    high_px = max(snapshot.height_m, 0.0) * camera.scale
    long = snapshot.model.height * body.scale / steep
    wide = snapshot.model.width * body.scale
    start = body.x + high_px / steep - 0.4 * wide
    if start > 4.0 * MOST_PX:
        return
    long = min(long + 0.8 * wide, 3.0 * MOST_PX)
    x = start + 0.5 * long
    y = camera.ground_at(min(max(x, -MOST_PX), MOST_PX)) + 0.04 * wide
    high = 0.26 * wide
    yield Cloud(
        round(start),
        round(y - 0.5 * high),
        max(2, round(long)),
        max(2, round(high)),
        palette.SHADOW,
        0.85,
    )


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
    flown = path[-1 - (len(path) - 1) % stride :: -stride] if path else ()
    start = camera.at(snapshot.x_m, snapshot.height_m)
    points = _seen([start, *_pixels(flown, snapshot, camera)])
    half = max(1, len(points) // 2)
    for part, color in (
        (points[half:], palette.TRAIL_OLD),
        (points[: half + 1], palette.TRAIL_NEW),
    ):
        if len(part) > 1:
            yield Polyline(tuple(part), color, closed=False, smooth=True)


def planned(snapshot: Snapshot, camera: Camera, place: Layout) -> Iterator[Primitive]:
    """Yield the planned path, dashed."""
    points = [*_pixels(snapshot.planned_path, snapshot, camera)]
    yield from dashed(points, place, palette.PLANNED_DIM)


def dashed(points: list[Point], place: Layout, color: Color) -> Iterator[Primitive]:
    """Yield a dashed line through some points, as far as it is near the picture."""
    on, off = float(place.px(8)), float(place.px(7))
    at, edge = 0.0, 1.5 * max(place.width, place.height)
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        clipped = cut((x0, y0), (x1, y1), (-edge, -edge, edge, edge))
        if clipped is None:
            continue
        (x0, y0), (x1, y1) = clipped
        size = math.hypot(x1 - x0, y1 - y0)
        t = -(at % (on + off))
        while t < size:
            a, b = max(t, 0.0) / size, min(t + on, size) / size
            if b > a:
                yield Line(
                    (x0 + a * (x1 - x0), y0 + a * (y1 - y0)),
                    (x0 + b * (x1 - x0), y0 + b * (y1 - y0)),
                    color,
                    2,
                )
            t += on + off
        at += size


def _pixels(path: Trail, snapshot: Snapshot, camera: Camera) -> Iterator[Point]:
    """Yield the pixels of the points of a path that are numbers."""
    x_0, y_0, scale = camera.center_x, camera.ground_y, camera.scale
    for x_m, altitude_m in path:
        x = x_0 + (x_m - snapshot.x_m) * scale
        y = y_0 - (altitude_m - snapshot.elevation_m) * scale
        if math.isfinite(x) and math.isfinite(y):
            yield x, y


def _seen(points: list[Point]) -> list[Point]:
    """Return a path up to where it first leaves the square that can be drawn."""
    kept = points[:1]
    for after in points[1:]:
        clipped = cut(kept[-1], after, (-MOST_PX, -MOST_PX, MOST_PX, MOST_PX))
        if clipped is None:
            break
        kept.append(clipped[1])
        if clipped[1] != after:
            break
    return kept


def target(snapshot: Snapshot, camera: Camera, place: Layout) -> Iterator[Primitive]:
    """Yield the mark of the landing target: two posts, or an arrow where it is out of view."""
    left, _, width, _ = place.scene
    x, _ = camera.at(0.0, 0.0)
    edge = place.px(16)
    if left + edge < x < left + width - edge:
        half, high = place.px(9), place.px(9)
        for post in (x - half, x + half):
            top = round(camera.ground_at(post)) - high
            yield Rect(round(post), top, 2, high, palette.PLANNED)
        return
    way = 1 if x > place.center_x else -1
    tip = left + width - place.px(8) if way > 0 else left + place.px(8)
    y = max(camera.ground_at(tip), place.ground_y) + place.px(44)
    half = place.px(5)
    back = tip - way * place.px(9)
    yield Polygon(((tip, y), (back, y - half), (back, y + half)), palette.PLANNED, smooth=True)
    anchor = "r" if way > 0 else "l"
    text = f"target {length(snapshot.downrange_m)}"
    yield Text(back - way * place.px(6), y, text, place.small, palette.PLANNED, None, anchor)


def ruler(camera: Camera, place: Layout) -> Iterator[Primitive]:
    """Yield a bar of a round length, at the lower left."""
    longest = place.px(130) / camera.scale
    decade = 10.0 ** math.floor(math.log10(longest))
    bar = next(m * decade for m in (5.0, 2.0, 1.0) if m * decade <= longest)
    x, y = place.tape_right + place.px(16), place.height - place.px(16)
    wide = max(2, round(bar * camera.scale))
    yield Rect(x, y, wide, 2, palette.VALUE)
    yield Rect(x, y - 5, 2, 5, palette.VALUE)
    yield Rect(x + wide - 2, y - 5, 2, 5, palette.VALUE)
    text = f"{bar * 1e-3:g} km" if bar >= 1000.0 else f"{bar:g} m"
    yield Text(x + wide + place.px(8), y - 2, text, place.small, palette.VALUE)
