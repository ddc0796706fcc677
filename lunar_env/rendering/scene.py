"""The picture of one instant: a pure function from a snapshot to shapes.

Nothing here needs a screen or pygame. `build` is the whole picture; a renderer that keeps the
pixels of `backdrop` draws only `foreground` per frame and gets the same picture.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lunar_env.rendering.backdrop import backdrop, backdrop_key
from lunar_env.rendering.banner import banner
from lunar_env.rendering.beam import beam
from lunar_env.rendering.chart import chart
from lunar_env.rendering.ground import craters, relief, target
from lunar_env.rendering.lander import lander, pose
from lunar_env.rendering.layout import aim, layout
from lunar_env.rendering.overlay import ghost, ruler, stop_line, trail
from lunar_env.rendering.panel import values
from lunar_env.rendering.plume import dust, flame
from lunar_env.rendering.primitives import Clip, Primitive
from lunar_env.rendering.snapshot import Snapshot, tame
from lunar_env.rendering.tape import marks

if TYPE_CHECKING:
    from lunar_env.rendering.backdrop import BackdropKey

__all__ = ["build", "foreground"]


def build(snapshot: Snapshot, width: int, height: int) -> tuple[Primitive, ...]:
    """Return the picture of a snapshot.

    Parameters
    ----------
    snapshot : Snapshot
        One instant of a landing; numbers may be NaN, infinite or absurd.
    width, height : int
        Size of the picture, in pixels.

    Returns
    -------
    tuple of Primitive
        In painter's order. Equal snapshots give equal pictures.
    """
    key = backdrop_key(snapshot, width, height)
    return (*backdrop(key), *foreground(snapshot, key))


def foreground(snapshot: Snapshot, key: BackdropKey) -> tuple[Primitive, ...]:
    """Return all of the picture that changes from frame to frame.

    Parameters
    ----------
    snapshot : Snapshot
        One instant of a landing.
    key : BackdropKey
        Of the snapshot's backdrop, from `backdrop_key`.

    Returns
    -------
    tuple of Primitive
        To be drawn over the backdrop.
    """
    place = layout(key.width, key.height)
    safe = tame(snapshot)
    camera = aim(safe, place)
    body = pose(safe, safe.height_m, camera, place)
    return (
        Clip(place.scene),
        *relief(camera, place),
        *craters(camera, place),
        *target(camera, place),
        *dust(body, safe, camera),
        *stop_line(safe, camera, place),
        *trail(safe, camera),
        *ghost(safe, body, camera, place),
        *flame(body, safe, camera),
        *beam(safe, body, camera, place),
        *lander(body, safe.legs, safe.engines),
        *ruler(camera, place),
        *chart(safe, place),
        *banner(snapshot, place),
        Clip(None),
        *marks(safe, key.top_m, place),
        *values(snapshot, place),
    )
