"""The picture of one instant: a pure function from a snapshot to shapes.

Nothing here needs a screen or pygame. `build` is the whole picture; a renderer that keeps the
pixels of `backdrop` draws only `foreground` per frame and gets the same picture.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lunar_env.rendering.backdrop import backdrop, backdrop_key
from lunar_env.rendering.banner import banner
from lunar_env.rendering.beam import beam
from lunar_env.rendering.camera import View, aim
from lunar_env.rendering.chart import chart, inset
from lunar_env.rendering.lander import lander
from lunar_env.rendering.layout import layout
from lunar_env.rendering.overlay import ghost, planned, ruler, shadow, stop_line, target, trail
from lunar_env.rendering.panel import values
from lunar_env.rendering.plume import dust, flames
from lunar_env.rendering.pose import pose
from lunar_env.rendering.primitives import Clip, Primitive
from lunar_env.rendering.relief import relief, sun_direction
from lunar_env.rendering.snapshot import Snapshot, tame
from lunar_env.rendering.tape import marks
from lunar_env.rendering.wreck import crater, debris, wrecked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lunar_env.rendering.backdrop import BackdropKey
    from lunar_env.rendering.layout import Layout

__all__ = ["build", "foreground"]

NAN = math.nan


def build(
    snapshot: Snapshot,
    width: int,
    height: int,
    view: View = View(),  # noqa: B008 (immutable)
) -> tuple[Primitive, ...]:
    """Return the picture of a snapshot.

    Parameters
    ----------
    snapshot : Snapshot
        One instant of a landing; numbers may be NaN, infinite or absurd.
    width, height : int
        Size of the picture, in pixels.
    view : View
        Camera, and what it follows.

    Returns
    -------
    tuple of Primitive
        In painter's order. Equal snapshots give equal pictures.
    """
    key = backdrop_key(snapshot, width, height)
    return (*backdrop(key), *foreground(snapshot, key, view))


def foreground(
    snapshot: Snapshot,
    key: BackdropKey,
    view: View = View(),  # noqa: B008 (immutable)
) -> tuple[Primitive, ...]:
    """Return all of the picture that changes from frame to frame.

    Parameters
    ----------
    snapshot : Snapshot
        One instant of a landing.
    key : BackdropKey
        Of the snapshot's backdrop, from `backdrop_key`.
    view : View
        Camera, and what it follows.

    Returns
    -------
    tuple of Primitive
        To be drawn over the backdrop.
    """
    place = layout(key.width, key.height)
    told = tame(snapshot)
    seen = _followed(told, view)
    scene = chart(seen, place) if view.camera == "descent" else _scene(seen, place, view)
    return (
        Clip(place.scene),
        *scene,
        *banner(snapshot, place),
        Clip(None),
        *marks(_known(told, view), key.top_m, key.top_m_s, place),
        *values(_known(snapshot, view), place),
    )


def _scene(seen: Snapshot, place: Layout, view: View) -> Iterator[Primitive]:
    """Yield what a camera close to the lander or the ground shows."""
    camera = aim(seen, place, view)
    body = pose(seen, seen.height_m, camera, place)
    yield relief(seen, camera, place)
    yield from crater(seen, body, camera)
    yield from shadow(seen, body, camera)
    yield from target(seen, camera, place)
    yield from planned(seen, camera, place)
    yield from stop_line(seen, camera, place)
    yield from trail(seen, camera)
    yield from dust(body, seen, camera, near=False)
    yield from ghost(seen, body, camera, place, of_truth=view.follow == "belief")
    yield from beam(seen, body, camera, place)
    yield from debris(seen, body, camera)
    if not wrecked(seen):
        yield from flames(body, seen, camera)
        yield from lander(body, seen.model, seen.legs, sun_direction(seen.sun_elevation_deg))
    yield from dust(body, seen, camera, near=True)
    yield from ruler(camera, place)
    yield from inset(seen, place)


def _followed(snapshot: Snapshot, view: View) -> Snapshot:
    """Return the snapshot of the lander that is followed; the other one is its ghost."""
    s, believes = snapshot, math.isfinite(snapshot.believed_height_m)
    if not view.truth:
        s = _known(snapshot, view)
        return s._replace(
            height_m=snapshot.believed_height_m if believes else 0.0, believed_height_m=NAN
        )
    if view.follow == "truth" or not believes:
        return s
    moved = snapshot.believed_height_m - snapshot.height_m
    return s._replace(
        height_m=snapshot.believed_height_m,
        believed_height_m=snapshot.height_m,
        trail=tuple((x, y + moved) for x, y in s.trail),
    )


def _known(snapshot: Snapshot, view: View) -> Snapshot:
    """Return the snapshot without what the lander does not know, if that is not to be shown."""
    if view.truth:
        return snapshot
    return snapshot._replace(
        height_m=NAN,
        v_vertical_m_s=NAN,
        v_lateral_m_s=NAN,
        stop_height_m=NAN,
        first_fix_height_m=NAN,
        downrange_m=NAN,
        slant_range_m=snapshot.last_range_m,
        trail=(),
        log=(),
    )
