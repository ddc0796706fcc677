"""Where the lander is on the map of the site, and its attitude there.

The map holds distances along the surface from the target (azimuthal equidistant); heights are above
the sphere through the target. So a descent that begins hundreds of kilometres away, beyond the
horizon, stands over its ground as one of the last kilometre does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from lunar_env.telemetry import Flight

__all__ = ["Places", "places_of"]

Numbers = NDArray[np.float64]


class Places(NamedTuple):
    """Positions and attitudes of every instant of a flight, each of shape (n + 1, ...)."""

    east_m: Numbers  # along the surface from the target
    north_m: Numbers  # likewise
    altitude_m: Numbers  # centre of mass above the sphere through the target
    attitude: Numbers  # quaternion from body axes to east, north and up at the lander
    believed_attitude: Numbers  # the same from the lander's estimate


def places_of(flight: Flight) -> Places:
    """Return positions and attitudes on the map.

    Parameters
    ----------
    flight : Flight
        The record.
    """
    x, y, z = (flight.quantity("privileged", f"r_{axis}_m") for axis in "xyz")
    lateral = np.hypot(x, y)
    distance = flight.quantity("privileged", "downrange_m")
    stretch = np.divide(distance, lateral, out=np.ones_like(x), where=lateral > 0.0)
    up = np.stack([x, y, z + flight.mission.planet.radius_m], axis=1)
    up /= np.linalg.norm(up, axis=1, keepdims=True)
    upright = _upright(up)
    return Places(
        stretch * x,
        stretch * y,
        flight.quantity("privileged", "altitude_m"),
        _product(upright, _quaternion(flight, "privileged")),
        _product(upright, _quaternion(flight, "observations")),
    )


def _quaternion(flight: Flight, table: str) -> Numbers:
    return np.stack([flight.quantity(table, f"q_{part}") for part in "wxyz"], axis=1)


def _upright(up: Numbers) -> Numbers:
    """Return the shortest rotations that take the vertical `up` [-, L] to the z axis."""
    turn = np.stack([1.0 + up[:, 2], up[:, 1], -up[:, 0], np.zeros(len(up))], axis=1)
    return np.asarray(turn / np.linalg.norm(turn, axis=1, keepdims=True))


def _product(p: Numbers, q: Numbers) -> Numbers:
    """Return the Hamilton products of quaternions, scalar first."""
    (a, b, c, d), (w, x, y, z) = p.T, q.T
    return np.stack(
        [
            a * w - b * x - c * y - d * z,
            a * x + b * w + c * z - d * y,
            a * y - b * z + c * w + d * x,
            a * z + b * y - c * x + d * w,
        ],
        axis=1,
    )
