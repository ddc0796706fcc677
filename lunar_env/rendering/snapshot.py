"""What a picture shows: one instant of a landing, as plain numbers."""

from __future__ import annotations

import functools
import itertools
import math
from typing import NamedTuple

__all__ = ["FARTHEST_M", "Snapshot", "tame"]

FARTHEST_M = 1.0e7
"""Positions are drawn within this distance; anything farther is off the picture anyway."""
CLOSEST_M = 1.0e-6
"""Points of the ground that are nearer to each other are one in any picture."""


class Snapshot(NamedTuple):
    """One instant of a landing, in the vertical plane that is drawn (x to the right, z up).

    Any number may be NaN or infinite: it is then shown as a dash, and drawn nowhere. Places are
    those of the map, along the surface from the target. Angles are positive towards +x: `tilt_rad`
    leans the lander's top there, `beam_angle_rad` moves the beam's foot there (straight down is 0;
    a beam fixed along the body axis has minus the tilt). Heights are those of the footpads above
    the ground below the lander; elevations, of the ground and of the trail, are above the target's
    level.
    """

    time_s: float
    height_m: float
    x_m: float
    y_m: float
    downrange_m: float
    v_vertical_m_s: float
    v_lateral_m_s: float
    tilt_rad: float
    throttle_frac: float
    propellant_kg: float
    propellant_start_kg: float
    believed_height_m: float
    believed_sigma_m: float
    believed_v_vertical_m_s: float
    slant_range_m: float
    beam_state: str
    beam_angle_rad: float
    last_range_m: float
    last_range_age_s: float
    first_fix_height_m: float
    stop_height_m: float
    elevation_m: float
    ground: tuple[tuple[float, float], ...]
    outcome: str
    mission: str
    scenario: str
    pilot: str
    vehicle_height_m: float
    vehicle_width_m: float
    trail: tuple[tuple[float, float], ...]
    believed_v_lateral_m_s: float = math.nan
    dead_reckoned_height_m: float = math.nan
    touchdown_v_vertical_m_s: float = math.nan
    touchdown_v_lateral_m_s: float = math.nan
    touchdown_tilt_rad: float = math.nan
    legs: int = 4
    engines: int = 1


def tame(snapshot: Snapshot) -> Snapshot:
    """Return the snapshot with every number that places a shape finite and within reach.

    Parameters
    ----------
    snapshot : Snapshot
        As measured; numbers may be NaN, infinite or absurd.

    Returns
    -------
    Snapshot
        Safe to draw. `believed_height_m`, `stop_height_m` and `first_fix_height_m` stay NaN where
        they are not finite: there is nothing to draw then.
    """
    s, far = snapshot, FARTHEST_M
    return s._replace(
        time_s=_within(s.time_s, 0.0, 0.0, far),
        height_m=_within(s.height_m, 0.0, -far, far),
        x_m=_within(s.x_m, 0.0, -far, far),
        tilt_rad=_within(s.tilt_rad, 0.0, -math.tau, math.tau),
        throttle_frac=_within(s.throttle_frac, 0.0, 0.0, 1.0),
        believed_height_m=_within(s.believed_height_m, math.nan, -far, far),
        believed_sigma_m=_within(s.believed_sigma_m, 0.0, 0.0, far),
        beam_angle_rad=_within(s.beam_angle_rad, 0.0, -math.tau, math.tau),
        first_fix_height_m=_within(s.first_fix_height_m, math.nan, -far, far),
        stop_height_m=_within(s.stop_height_m, math.nan, -far, far),
        elevation_m=_within(s.elevation_m, 0.0, -far, far),
        ground=_profile(s.ground),
        vehicle_height_m=_within(s.vehicle_height_m, 2.3, 0.1, 100.0),
        vehicle_width_m=_within(s.vehicle_width_m, 2.6, 0.1, 100.0),
    )


@functools.lru_cache(maxsize=8)
def _profile(ground: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
    """Return the points of a profile that can be drawn, from left to right."""
    far = FARTHEST_M
    kept = [(x, y) for x, y in ground if abs(x) <= far and abs(y) <= far]  # false for NaN
    if all(after[0] - before[0] > CLOSEST_M for before, after in itertools.pairwise(kept)):
        return tuple(kept)
    rising: list[tuple[float, float]] = []
    for point in sorted(kept):
        if not rising or point[0] - rising[-1][0] > CLOSEST_M:
            rising.append(point)
    return tuple(rising)


def _within(value: float, missing: float, low: float, high: float) -> float:
    if low <= value <= high:
        return value
    return min(max(value, low), high) if math.isfinite(value) else missing
