"""A lander that does not stand: engines off above the ground, leaning to the side it falls onto.

Upright on its only main leg, 0.1 to 0.2 m from the axis to its edges and 1.2 m below the centre of
mass, SLIM stands on slopes of 5 to 10 degrees at most. On a steeper one it falls downhill, however
gently it is put down, unless it leans uphill then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from .segments import fall_axis

if TYPE_CHECKING:
    from ..base import Float64Array
    from .segments import Segment

__all__ = ["Tip"]

_OFF_M_S2: Final = 1e-3  # negligible thrust, which only gives the direction


class Tip(NamedTuple):
    """How the last metres end, instead of upright under power."""

    below_m: float  # height at which the engines are cut
    fall: Segment  # lean, its azimuth, and the horizontal speed above which they are not

    def cut(
        self, thrust: Float64Array, v_m_s: Float64Array, up: Float64Array, height_m: Float64Array
    ) -> Float64Array:
        """Return the thrust (n, 3) [m/s^2, L], cut in the rows that are low and slow enough.

        Parameters
        ----------
        thrust : ndarray of float64, shape (n, 3)
            Of the law [m/s^2, L].
        v_m_s, up : ndarray of float64, shape (n, 3)
            Velocity [m/s, L] and local vertical [-, L].
        height_m : ndarray of float64, shape (n,)
            Above the ground [m].
        """
        across = v_m_s - np.sum(v_m_s * up, axis=1, keepdims=True) * up
        slow = np.linalg.norm(across, axis=1) <= self.fall.lateral_most_m_s
        off = (slow & (height_m <= self.below_m))[:, np.newaxis]
        return np.where(off, _OFF_M_S2 * fall_axis(self.fall, up), thrust)
