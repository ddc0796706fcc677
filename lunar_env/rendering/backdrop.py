"""Everything that is constant during a flight: sky, scales, and the labels of the panel.

A renderer paints this once per flight and keeps the pixels.
"""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, NamedTuple

from lunar_env.rendering.layout import HEIGHT_TOPS_M, SPEED_TOPS_M_S, layout, scale_top
from lunar_env.rendering.panel import labels
from lunar_env.rendering.primitives import Clip, Primitive
from lunar_env.rendering.sky import sky
from lunar_env.rendering.tape import scales

if TYPE_CHECKING:
    from lunar_env.rendering.snapshot import Snapshot

__all__ = ["BackdropKey", "backdrop", "backdrop_key"]


class BackdropKey(NamedTuple):
    """All that the backdrop depends on; equal keys, equal pixels."""

    width: int
    height: int
    top_m: float
    top_m_s: float
    mission: str
    scenario: str
    pilot: str
    earth_deg: float


def backdrop_key(snapshot: Snapshot, width: int, height: int) -> BackdropKey:
    """Return the key of the backdrop that belongs to a snapshot.

    Parameters
    ----------
    snapshot : Snapshot
        The scales are chosen for the highest point and the fastest descent of the flight so far.
    width, height : int
        Size of the picture, in pixels.

    Returns
    -------
    BackdropKey
        The key; it changes a few times in a flight at most.
    """
    highest = snapshot.height_m if math.isfinite(snapshot.height_m) else 0.0
    if snapshot.trail and math.isfinite(snapshot.trail[0][1]):
        highest = max(highest, snapshot.trail[0][1])  # a descent starts at its highest point
    speed = snapshot.v_vertical_m_s
    return BackdropKey(
        width,
        height,
        scale_top(highest, HEIGHT_TOPS_M),
        scale_top(abs(speed) if math.isfinite(speed) else 0.0, SPEED_TOPS_M_S),
        snapshot.mission,
        snapshot.scenario,
        snapshot.pilot,
        snapshot.earth_elevation_deg,
    )


@functools.lru_cache(maxsize=8)
def backdrop(key: BackdropKey) -> tuple[Primitive, ...]:
    """Return the primitives of the backdrop."""
    place = layout(key.width, key.height)
    return (
        Clip(place.scene),
        *sky(place, key.earth_deg),
        Clip(None),
        *scales(place, key.top_m, key.top_m_s),
        *labels(place, key.mission, key.scenario, key.pilot),
    )
