"""What a picture shows: one instant of a landing, as plain numbers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias

from lunar_env.rendering.solids import PLAIN, Model

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["FARTHEST_M", "Ground", "LegState", "LogEntry", "Quaternion", "Snapshot", "tame"]

FARTHEST_M = 1.0e7
"""Positions are drawn within this distance; anything farther is off the picture anyway."""

Quaternion: TypeAlias = tuple[float, float, float, float]
Trail: TypeAlias = tuple[tuple[float, float], ...]


class Ground(Protocol):
    """The relief around a landing site."""

    def elevations(
        self, along_m: NDArray[np.float64], aside_m: NDArray[np.float64], spacing_m: float
    ) -> NDArray[np.float64]:
        """Return elevations above the target's level [m].

        `along_m` are distances to the right of the target in the picture, `aside_m` away from the
        viewer, of places that are about `spacing_m` apart.
        """


class LegState(NamedTuple):
    """What a leg has gone through."""

    crushed_m: float
    broken: bool


class LogEntry(NamedTuple):
    """A line of the log of a flight."""

    time_s: float
    height_m: float
    text: str


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
    outcome: str
    mission: str
    scenario: str
    pilot: str
    trail: Trail
    model: Model = PLAIN
    attitude: Quaternion = (1.0, 0.0, 0.0, 0.0)
    """From body axes to right, away and up."""
    com_height_m: float = 1.0
    """Of the centre of mass above the plane of the footpads."""
    v_along_m_s: float = math.nan
    """Velocity to the right in the picture."""
    believed_v_lateral_m_s: float = math.nan
    dead_reckoned_height_m: float = math.nan
    planned_height_m: float = math.nan
    """Height at which the planned profile has the present vertical speed."""
    planned_v_vertical_m_s: float = math.nan
    """Vertical speed of the planned profile at the present height."""
    planned_path: Trail = ()
    range_snr: float = math.nan
    """Signal-to-noise ratio of the last range."""
    snr_threshold: float = math.nan
    """Least signal-to-noise ratio that the rangefinder detects."""
    touchdown_v_vertical_m_s: float = math.nan
    touchdown_v_lateral_m_s: float = math.nan
    touchdown_tilt_rad: float = math.nan
    throttles: tuple[float, ...] = ()
    """Thrust of each engine over its full thrust."""
    legs: tuple[LegState, ...] = ()
    sun_elevation_deg: float = 15.0
    earth_elevation_deg: float = 40.0
    """Below zero where the Earth is not to be seen."""
    ground: Ground | None = None
    log: tuple[LogEntry, ...] = ()


def tame(snapshot: Snapshot) -> Snapshot:
    """Return the snapshot with every number that places a shape finite and within reach.

    Parameters
    ----------
    snapshot : Snapshot
        As measured; numbers may be NaN, infinite or absurd.

    Returns
    -------
    Snapshot
        Safe to draw. `believed_height_m`, `stop_height_m`, `first_fix_height_m` and the planned
        values stay NaN where they are not finite: there is nothing to draw then.
    """
    s, far, nan = snapshot, FARTHEST_M, math.nan
    sound = all(map(math.isfinite, s.attitude)) and any(s.attitude)
    return s._replace(
        time_s=_within(s.time_s, 0.0, 0.0, far),
        height_m=_within(s.height_m, 0.0, -far, far),
        x_m=_within(s.x_m, 0.0, -far, far),
        y_m=_within(s.y_m, 0.0, -far, far),
        v_vertical_m_s=_within(s.v_vertical_m_s, 0.0, -far, far),
        tilt_rad=_within(s.tilt_rad, 0.0, -math.tau, math.tau),
        throttle_frac=_within(s.throttle_frac, 0.0, 0.0, 1.0),
        believed_height_m=_within(s.believed_height_m, nan, -far, far),
        believed_sigma_m=_within(s.believed_sigma_m, 0.0, 0.0, far),
        believed_v_vertical_m_s=_within(s.believed_v_vertical_m_s, nan, -far, far),
        planned_height_m=_within(s.planned_height_m, nan, -far, far),
        planned_v_vertical_m_s=_within(s.planned_v_vertical_m_s, nan, -far, far),
        beam_angle_rad=_within(s.beam_angle_rad, 0.0, -math.tau, math.tau),
        first_fix_height_m=_within(s.first_fix_height_m, nan, -far, far),
        stop_height_m=_within(s.stop_height_m, nan, -far, far),
        elevation_m=_within(s.elevation_m, 0.0, -far, far),
        com_height_m=_within(s.com_height_m, 1.0, 0.0, 100.0),
        attitude=s.attitude if sound else (1.0, 0.0, 0.0, 0.0),
        throttles=tuple(_within(each, 0.0, 0.0, 1.0) for each in s.throttles),
        legs=tuple(LegState(_within(c, 0.0, 0.0, 2.0), broken) for c, broken in s.legs),
        sun_elevation_deg=_within(s.sun_elevation_deg, 15.0, 1.0, 90.0),
        earth_elevation_deg=_within(s.earth_elevation_deg, 40.0, -90.0, 90.0),
    )


def _within(value: float, missing: float, low: float, high: float) -> float:
    if low <= value <= high:
        return value
    return min(max(value, low), high) if math.isfinite(value) else missing
