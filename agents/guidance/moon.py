"""Gravity and reference surface of a pilot's model: a plane, or a sphere through the target."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lunar_env.data.constants import G_MOON

from ..base import X, Y, Z

if TYPE_CHECKING:
    from ..base import Float64Array

__all__ = ["Moon"]


class Moon(NamedTuple):
    """The Moon around the target, in the target's frame L (x east, y north, z up).

    A plane is good to 0.1 % within about a kilometre of the target, and to 2 % within twenty.
    """

    g_m_s2: float = G_MOON  # m/s^2, at the target
    radius_m: float = math.inf  # m, of the sphere; infinite for a plane

    @property
    def flat(self) -> bool:
        """Whether it is a plane."""
        return math.isinf(self.radius_m)

    def gravity(self, r_m: Float64Array) -> Float64Array:
        """Gravity [m/s^2, L], (..., 3), at positions (..., 3) [m, L]."""
        if self.flat:
            return np.broadcast_to(np.array([0.0, 0.0, -self.g_m_s2]), r_m.shape)
        from_centre = r_m + np.array([0.0, 0.0, self.radius_m])
        distance2 = np.sum(from_centre**2, axis=-1, keepdims=True)
        gravity: Float64Array = from_centre * (-self.g_m_s2 * self.radius_m**2 * distance2**-1.5)
        return gravity

    def up(self, r_m: Float64Array) -> Float64Array:
        """Local vertical, unit vectors (..., 3) [-, L], at positions (..., 3) [m, L]."""
        if self.flat:
            return np.broadcast_to(np.array([0.0, 0.0, 1.0]), r_m.shape)
        from_centre = r_m + np.array([0.0, 0.0, self.radius_m])
        up: Float64Array = from_centre / np.linalg.norm(from_centre, axis=-1, keepdims=True)
        return up

    def height(self, r_m: Float64Array) -> Float64Array:
        """Height (...) [m] above the plane or the sphere of positions (..., 3) [m, L]."""
        if self.flat:
            return r_m[..., Z]
        across2 = r_m[..., X] ** 2 + r_m[..., Y] ** 2
        from_centre = r_m[..., Z] + self.radius_m
        # Without cancellation: |d| - R as a quotient.
        numerator = across2 + r_m[..., Z] * (r_m[..., Z] + 2.0 * self.radius_m)
        height: Float64Array = numerator / (np.sqrt(across2 + from_centre**2) + self.radius_m)
        return height

    def ground(self, r_m: Float64Array) -> Float64Array:
        """Z (...) [m, L] of the plane or the sphere below positions (..., 3) [m, L]."""
        if self.flat:
            return np.zeros(r_m.shape[:-1])
        across2 = np.minimum(r_m[..., X] ** 2 + r_m[..., Y] ** 2, 0.99 * self.radius_m**2)
        ground: Float64Array = np.sqrt(self.radius_m**2 - across2) - self.radius_m
        return ground

    def position(
        self, x_m: Float64Array, y_m: Float64Array, height_m: Float64Array
    ) -> Float64Array:
        """Position (n, 3) [m, L] of a height above the surface at coordinates x and y."""
        if self.flat:
            return np.stack((x_m, y_m, height_m), axis=-1)
        distance2 = (self.radius_m + height_m) ** 2
        from_centre = np.sqrt(np.maximum(distance2 - x_m**2 - y_m**2, 1.0))
        return np.stack((x_m, y_m, from_centre - self.radius_m), axis=-1)
