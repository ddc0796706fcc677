"""The planned profile of a phase, as its mission file gives it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lunar_env.rendering.snapshot import Trail
    from lunar_env.specs.phase import PhaseSpec
    from lunar_env.specs.quantity import Draw

__all__ = ["Plan"]

POINTS = 40


class Plan:
    """The last kilometres at a constant deceleration, and the way there.

    Parameters
    ----------
    phase : PhaseSpec
        What gives the profile, ``v^2 = v_0^2 + 2 a h``, and the start of the phase.
    """

    def __init__(self, phase: PhaseSpec) -> None:
        self._top_m, self._top_m_s = phase.plan_height_m, phase.plan_speed_m_s
        self._end_m_s = phase.plan_touchdown_speed_m_s
        self._deceleration = phase.plan_deceleration_m_s2
        self.path: Trail = tuple(_path(phase))
        """Distance to the right of the target and altitude above it of points of the path."""

    def speed_m_s(self, height_m: float) -> float:
        """Return the planned descent rate at a height; NaN above the profile."""
        if not 0.0 <= height_m <= self._top_m:
            return math.nan
        return math.sqrt(self._end_m_s**2 + 2.0 * self._deceleration * height_m)

    def height_m(self, speed_m_s: float) -> float:
        """Return the height at which a descent rate is planned; NaN beyond the profile."""
        if not self._end_m_s <= speed_m_s <= self._top_m_s:
            return math.nan
        return (speed_m_s**2 - self._end_m_s**2) / (2.0 * self._deceleration)


def _path(phase: PhaseSpec) -> list[tuple[float, float]]:
    """Return points from the start to the top of the profile, and down to the target.

    The way to the profile is the cubic in time with the velocities of both ends.
    """
    end = [(0.0, phase.plan_height_m), (0.0, 0.0)]
    distance, height = _typical(phase.downrange_m), _typical(phase.height_m)
    forward = _typical(phase.v_forward_m_s)
    if distance <= 0.0 or forward <= 0.0:
        return [(0.0, max(height, phase.plan_height_m)), (0.0, 0.0)]
    down = phase.plan_speed_m_s if phase.v_vertical_m_s is None else _typical(phase.v_vertical_m_s)
    # Over the distance at the mean of first and last speed.
    duration = 2.0 * distance / forward
    points = []
    for k in range(POINTS + 1):
        t = k / POINTS
        points.append(
            (
                _cubic(-distance, 0.0, forward * duration, 0.0, t),
                _cubic(
                    height,
                    phase.plan_height_m,
                    -down * duration,
                    -phase.plan_speed_m_s * duration,
                    t,
                ),
            )
        )
    return [*points, *end[1:]]


def _typical(draw: Draw) -> float:
    """Return the middle of what can be drawn."""
    if draw.kind == "choice":
        return sum(draw.parameters) / len(draw.parameters)
    return 0.5 * sum(draw.parameters) if draw.kind == "uniform" else draw.parameters[0]


def _cubic(start: float, end: float, v0: float, v1: float, t: float) -> float:
    """Return Hermite's cubic at t in [0, 1]."""
    return (
        (2.0 * t**3 - 3.0 * t**2 + 1.0) * start
        + (t**3 - 2.0 * t**2 + t) * v0
        + (3.0 * t**2 - 2.0 * t**3) * end
        + (t**3 - t**2) * v1
    )
