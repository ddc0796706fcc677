"""Instants between two that were simulated.

The state is known at the ends of a control period, with its velocities: a cubic through both ends
differs from the flight by some millimetres in a period of 0.2 s.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from lunar_env.rendering import attitude

if TYPE_CHECKING:
    from lunar_env.rendering.snapshot import Snapshot

__all__ = ["between", "follows"]

LINEAR = (
    "y_m",
    "downrange_m",
    "v_vertical_m_s",
    "v_lateral_m_s",
    "v_along_m_s",
    "tilt_rad",
    "throttle_frac",
    "propellant_kg",
    "believed_height_m",
    "believed_sigma_m",
    "believed_v_vertical_m_s",
    "believed_v_lateral_m_s",
    "slant_range_m",
    "beam_angle_rad",
    "stop_height_m",
    "com_height_m",
    "dead_reckoned_height_m",
    "planned_height_m",
    "planned_v_vertical_m_s",
)
LONGEST_S = 30.0
"""Snapshots that are farther apart are shown one after the other."""


def follows(before: Snapshot, after: Snapshot) -> bool:
    """Whether an instant comes after another one of the same flight, soon enough to be joined."""
    same = before.mission == after.mission and before.outcome == "FLYING"
    return same and 0.0 < after.time_s - before.time_s < LONGEST_S


def between(before: Snapshot, after: Snapshot, share: float) -> Snapshot:
    """Return an instant between two of one flight.

    Parameters
    ----------
    before, after : Snapshot
        As simulated; `follows` holds.
    share : float
        Where between them [-]; `after` itself from 1 on.

    Returns
    -------
    Snapshot
        What changes in steps, such as the state of the beam, is as in `before`.
    """
    if share >= 1.0:
        return after
    if share <= 0.0:
        return before
    a, b, dt = before, after, after.time_s - before.time_s
    changes: dict[str, Any] = {
        name: _mixed(getattr(a, name), getattr(b, name), share) for name in LINEAR
    }
    x_m = _cubic((a.x_m, b.x_m), (a.v_along_m_s, b.v_along_m_s), dt, share)
    altitudes = a.elevation_m + a.height_m, b.elevation_m + b.height_m
    altitude = _cubic(altitudes, (a.v_vertical_m_s, b.v_vertical_m_s), dt, share)
    elevation = _elevation(a, b, x_m, changes["y_m"], share)
    return a._replace(
        time_s=a.time_s + share * dt,
        x_m=x_m,
        elevation_m=elevation,
        height_m=altitude - elevation,
        last_range_age_s=a.last_range_age_s + share * dt,
        attitude=attitude.between(a.attitude, b.attitude, share),
        throttles=tuple(
            _mixed(u, v, share) for u, v in zip(a.throttles, b.throttles, strict=False)
        ),
        **changes,
    )


def _mixed(a: float, b: float, share: float) -> float:
    """Return a value between two, the first where one of them is no number."""
    return a + share * (b - a) if math.isfinite(a) and math.isfinite(b) else a


def _cubic(ends: tuple[float, float], rates: tuple[float, float], dt: float, t: float) -> float:
    """Return Hermite's cubic; a straight line where a rate is unknown or does not fit its ends."""
    (a, b), (u, v) = ends, rates
    slope = (b - a) / dt
    if not (math.isfinite(u) and math.isfinite(v)) or abs(u + v - 2.0 * slope) > 1.0 + abs(slope):
        return _mixed(a, b, t)
    s = 1.0 - t
    bend = s * s * t * (u - slope) - t * t * s * (v - slope)
    return a + t * (b - a) + dt * bend


def _elevation(a: Snapshot, b: Snapshot, x_m: float, y_m: float, share: float) -> float:
    """Return the elevation of the ground under a place between both."""
    if a.ground is None or not (math.isfinite(x_m) and math.isfinite(y_m)):
        return _mixed(a.elevation_m, b.elevation_m, share)
    return float(a.ground.elevations(np.array([x_m]), np.array([y_m]), 0.0)[0])
