"""Gravity and ground as a pilot's computer knows them: a plane, or a sphere through the target."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lunar_env.data.constants import G_MOON

if TYPE_CHECKING:
    from ..base import Float64Array

__all__ = ["Moon"]


class Moon(NamedTuple):
    """The Moon around the target, in its frame L: z is up there.

    A plane is good to 0.1 % within a kilometre or so of the target, and to 2 % within twenty.
    """

    g_m_s2: float = G_MOON  # at the target
    radius_m: float = math.inf

    @property
    def flat(self) -> bool:
        """Whether it is a plane."""
        return math.isinf(self.radius_m)

    def pull(self, r_m: Float64Array) -> Float64Array:
        """Acceleration of gravity at places (..., 3)."""
        if self.flat:
            return np.broadcast_to(np.array([0.0, 0.0, -self.g_m_s2]), r_m.shape)
        depth = r_m + np.array([0.0, 0.0, self.radius_m])
        distance2 = np.sum(depth**2, axis=-1, keepdims=True)
        pull: Float64Array = depth * (-self.g_m_s2 * self.radius_m**2 * distance2**-1.5)
        return pull

    def up(self, r_m: Float64Array) -> Float64Array:
        """Local vertical, a unit vector, at places (..., 3)."""
        if self.flat:
            return np.broadcast_to(np.array([0.0, 0.0, 1.0]), r_m.shape)
        depth = r_m + np.array([0.0, 0.0, self.radius_m])
        up: Float64Array = depth / np.linalg.norm(depth, axis=-1, keepdims=True)
        return up

    def height(self, r_m: Float64Array) -> Float64Array:
        """Height of places (..., 3) above the plane or the sphere."""
        if self.flat:
            return r_m[..., 2]
        across2 = r_m[..., 0] ** 2 + r_m[..., 1] ** 2
        depth = r_m[..., 2] + self.radius_m
        # Without cancellation: |d| - R as a quotient.
        rise = across2 + r_m[..., 2] * (r_m[..., 2] + 2.0 * self.radius_m)
        height: Float64Array = rise / (np.sqrt(across2 + depth**2) + self.radius_m)
        return height

    def ground(self, r_m: Float64Array) -> Float64Array:
        """Z of the plane or the sphere under places (..., 3)."""
        if self.flat:
            return np.zeros(r_m.shape[:-1])
        across2 = np.minimum(r_m[..., 0] ** 2 + r_m[..., 1] ** 2, 0.99 * self.radius_m**2)
        ground: Float64Array = np.sqrt(self.radius_m**2 - across2) - self.radius_m
        return ground

    def place(self, x_m: Float64Array, y_m: Float64Array, height_m: Float64Array) -> Float64Array:
        """Place (n, 3) of a height at horizontal coordinates x and y of L."""
        if self.flat:
            return np.stack((x_m, y_m, height_m), axis=-1)
        distance2 = (self.radius_m + height_m) ** 2
        depth = np.sqrt(np.maximum(distance2 - x_m**2 - y_m**2, 1.0))
        return np.stack((x_m, y_m, depth - self.radius_m), axis=-1)
