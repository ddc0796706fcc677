"""The ground in perspective: the relief that is there, in the light of the mission's Sun.

Rows of the ground parallel to the plane of the flight, from near to far, are looked up where they
are equally far apart in the picture. A place is bright where it faces the Sun, and dark where a
rise to its left casts a shadow on it: the Sun is drawn on the left, as high as the mission's file
has it (no file gives its azimuth).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from lunar_env.rendering.camera import EDGE_PX
from lunar_env.rendering.primitives import Relief
from lunar_env.rendering.snapshot import FARTHEST_M

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lunar_env.rendering.camera import Camera
    from lunar_env.rendering.layout import Layout
    from lunar_env.rendering.snapshot import Snapshot

    Array = NDArray[np.float64]

__all__ = ["relief", "sun_direction"]

ROW_PX = 3.0
COLUMN_PX = 9
LAST_PX = 1.0
"""The farthest row of level ground is this far below the horizon."""
RADIUS_M = 1_737_400.0
"""Mean radius of the Moon: far ground drops below the horizon of a plane."""
SUN_TOWARDS_VIEWER = math.radians(25.0)
"""The Sun is on the left, and this much on the viewer's side, so that what one sees is lit."""
EXPOSURE = 112.0
"""Grey level of level ground under a Sun of 15 degrees."""
CONTRAST = 0.85
SHADOW_GREY = 0.16
PENUMBRA_PX = 2.5


def sun_direction(elevation_deg: float) -> Array:
    """Return the unit vector to the Sun: right, up, away."""
    up = math.radians(elevation_deg)
    flat, side = math.cos(up), SUN_TOWARDS_VIEWER
    return np.array([-flat * math.cos(side), math.sin(up), -flat * math.sin(side)])


def relief(snapshot: Snapshot, camera: Camera, place: Layout) -> Relief:
    """Return the ground.

    Parameters
    ----------
    snapshot : Snapshot
        Tamed; without a ground of its own it is level.
    camera : Camera
        How the plane of the flight maps to pixels.
    place : Layout
        The picture's layout.

    Returns
    -------
    Relief
        Heights in the picture and grey levels on a grid.
    """
    left, _, width, height = place.scene
    columns = np.arange(
        left - 3 * COLUMN_PX, left + width + 2 * COLUMN_PX, COLUMN_PX, dtype=np.float64
    )
    below = np.arange(height + 4.0 * ROW_PX - camera.horizon_y, LAST_PX, -ROW_PX)
    eye_m = (camera.ground_y - camera.horizon_y) / camera.scale
    away = camera.focal * eye_m / below  # m, from the camera
    focal_m = camera.focal / camera.scale
    aside = away - focal_m
    along = (columns - camera.center_x) * (away / camera.focal)[:, np.newaxis]
    heights = _heights(snapshot, along, aside, away / camera.focal)
    shape = heights - (along**2 + aside[:, np.newaxis] ** 2) / (2.0 * RADIUS_M)
    scale = (camera.focal / away)[:, np.newaxis]
    rows = camera.horizon_y - scale * (shape - eye_m)
    grey = _light(heights, along, aside, snapshot.sun_elevation_deg, scale)
    return Relief(place.scene, columns, np.clip(rows, -EDGE_PX, EDGE_PX), grey)


def _heights(snapshot: Snapshot, along: Array, aside: Array, per_px: Array) -> Array:
    """Return elevations above the ground below the lander."""
    heights = np.zeros(along.shape)
    ground = snapshot.ground
    if ground is None:
        return heights
    for k in range(len(aside)):
        beside = np.full(along.shape[1], snapshot.y_m + aside[k])
        spacing = max(COLUMN_PX * float(per_px[k]), 0.02)
        heights[k] = ground.elevations(snapshot.x_m + along[k], beside, spacing)
    return np.clip(np.nan_to_num(heights - snapshot.elevation_m), -FARTHEST_M, FARTHEST_M)


def _light(heights: Array, along: Array, aside: Array, sun_deg: float, scale: Array) -> Array:
    """Return grey levels: the cosine of incidence over that of level ground, and shadows."""
    right, up, away = sun_direction(sun_deg)
    step = along[:, 1:2] - along[:, :1]
    rise = np.gradient(heights, axis=1) / step
    depth = np.gradient(heights, aside, axis=0)
    facing = (up - right * rise - away * depth) / np.sqrt(1.0 + rise**2 + depth**2)
    ratio = np.maximum(facing, 0.0) / up
    tone = (1.0 + CONTRAST) * ratio / (CONTRAST + ratio)  # 1 on level ground, bounded above
    # A place is in shadow where a ray to the Sun, which is on the left, meets higher ground.
    steep = math.tan(math.radians(sun_deg)) / math.cos(SUN_TOWARDS_VIEWER)
    ray = heights + along * steep
    covered = (np.maximum.accumulate(ray, axis=1) - ray) * scale / PENUMBRA_PX
    tone *= 1.0 - (1.0 - SHADOW_GREY) * np.clip(covered, 0.0, 1.0)
    level = EXPOSURE * (0.72 + 0.28 * min(math.sin(math.radians(sun_deg)) / 0.26, 1.6))
    # Darker towards the viewer, as a frame.
    shade = np.linspace(0.62, 1.0, len(aside))[:, np.newaxis]
    return np.asarray(np.clip(level * shade * tone, 6.0, 250.0))
