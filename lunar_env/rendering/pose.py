"""Where a lander is in the picture, how large, and how it is turned."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lunar_env.rendering.camera import Camera
    from lunar_env.rendering.layout import Layout
    from lunar_env.rendering.primitives import Point
    from lunar_env.rendering.snapshot import Quaternion, Snapshot

__all__ = ["Pose", "axes_of", "pose", "turned"]

PITCH_RAD = math.radians(8.0)
"""How far the camera looks down on a lander."""
SMALLEST_PX = 34.0
"""Least size of a lander on the design screen: from afar it is drawn larger than it is."""


class Pose(NamedTuple):
    """How a lander is drawn."""

    x: float
    y: float
    """Pixel of its centre of mass."""
    scale: float
    """Pixels per metre."""
    turn: NDArray[np.float64]
    """(3, 3): body axes to the picture's, which are right, up and away."""
    com_m: float
    """Height of the centre of mass above the plane of the foot pads."""
    size: float
    """Height of the lander [pixels]."""

    def place(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return pixels and depth of points in body axes, (n, 3): x, y and metres away."""
        moved = turned(points - np.array([0.0, 0.0, self.com_m]), self.turn)
        moved[:, 0] = self.x + self.scale * moved[:, 0]
        moved[:, 1] = self.y - self.scale * moved[:, 1]
        return np.asarray(moved)

    def at(self, x: float, y: float, z: float) -> Point:
        """Return the pixel of one point in body axes."""
        t, z = self.turn, z - self.com_m
        right = t[0, 0] * x + t[0, 1] * y + t[0, 2] * z
        up = t[1, 0] * x + t[1, 1] * y + t[1, 2] * z
        return float(self.x + self.scale * right), float(self.y - self.scale * up)


def turned(points: NDArray[np.float64], turn: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return rotated points, (n, 3).

    Without a matrix product, whose last digit depends on where the array is in memory: equal
    snapshots have equal pictures.
    """
    x, y, z = points[:, :1], points[:, 1:2], points[:, 2:]
    return np.asarray(x * turn[:, 0] + y * turn[:, 1] + z * turn[:, 2])


def axes_of(attitude: Quaternion) -> NDArray[np.float64]:
    """Return the matrix (3, 3) that turns body axes to right, away and up.

    Examples
    --------
    >>> axes_of((1.0, 0.0, 0.0, 0.0)).tolist()
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    """
    w, x, y, z = attitude
    size = math.sqrt(w * w + x * x + y * y + z * z) or 1.0
    w, x, y, z = w / size, x / size, y / size, z / size
    return np.array(
        [
            [1.0 - 2.0 * (y * y + z * z), 2.0 * (x * y - w * z), 2.0 * (x * z + w * y)],
            [2.0 * (x * y + w * z), 1.0 - 2.0 * (x * x + z * z), 2.0 * (y * z - w * x)],
            [2.0 * (x * z - w * y), 2.0 * (y * z + w * x), 1.0 - 2.0 * (x * x + y * y)],
        ]
    )


def pose(snapshot: Snapshot, height_m: float, camera: Camera, place: Layout) -> Pose:
    """Return the pose of the lander at a height of its foot pads.

    Parameters
    ----------
    snapshot : Snapshot
        Tamed.
    height_m : float
        True or believed height of the foot pads above the ground under the lander.
    camera : Camera
        How metres become pixels.
    place : Layout
        The picture's layout.

    Returns
    -------
    Pose
        In pixels.
    """
    model = snapshot.model
    size = max(model.height, 0.8 * model.width)
    scale = math.hypot(camera.scale, place.unit * SMALLEST_PX / size)
    axes = axes_of(snapshot.attitude)
    cos, sin = math.cos(PITCH_RAD), math.sin(PITCH_RAD)
    right, away, up = axes
    turn = np.array([right, cos * up + sin * away, cos * away - sin * up])
    # Grown with its foot pads where they are, so that a lander on the ground is on the ground.
    com = snapshot.com_height_m
    lever = com * float(np.clip(axes[2, 2], 0.0, 1.0))
    x, y = camera.at(snapshot.x_m, height_m + com - lever)
    return Pose(x, y - scale * lever, scale, turn, com, scale * model.height)
