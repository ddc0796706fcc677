"""How a landing went, and which of two went better."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from lunar_env.telemetry import Flight

__all__ = ["Score", "better"]

RANKS = {"LANDED": 3, "HARD_LANDING": 2, "TIPPED": 1}
"""From best to worst; all other outcomes are alike."""


class Score(NamedTuple):
    """How a landing went."""

    pilot: str
    outcome: str
    v_vertical_m_s: float
    """At touchdown, downwards; NaN without one."""
    v_lateral_m_s: float
    tilt_deg: float
    propellant_kg: float
    """Burnt."""
    duration_s: float
    lost: bool
    """Whether no control whatever could have landed."""

    @property
    def speed_m_s(self) -> float:
        """Speed at touchdown; infinite without one."""
        speed = math.hypot(self.v_vertical_m_s, self.v_lateral_m_s)
        return speed if math.isfinite(speed) else math.inf

    @classmethod
    def of(cls, flight: Flight) -> Score:
        """Return the score of a flight."""
        met = flight.touchdown or {}
        left = flight.quantity("privileged", "propellant_kg")
        return cls(
            flight.pilot,
            flight.outcome,
            abs(met.get("v_vertical_m_s", math.nan)),
            met.get("v_lateral_m_s", math.nan),
            met.get("tilt_deg", math.nan),
            float(left[0] - left[-1]),
            float(flight.quantity("privileged", "time_s")[-1]),
            float(flight.quantity("privileged", "lost")[-1]) > 0.5,
        )


def better(a: Score, b: Score) -> int:
    """Return 1 if `a` went better, -1 if `b` did, 0 if neither.

    What counts is the outcome; where it is the same, less propellant if both landed, and otherwise
    less speed at touchdown.

    Examples
    --------
    >>> landed = Score("a", "LANDED", 1.2, 0.1, 0.3, 90.0, 60.0, lost=False)
    >>> thrifty = landed._replace(propellant_kg=80.0, v_vertical_m_s=1.9)
    >>> better(thrifty, landed), better(landed._replace(outcome="CRASHED"), landed)
    (1, -1)
    """
    mine, other = _order(a), _order(b)
    return (mine > other) - (mine < other)


def _order(score: Score) -> tuple[int, float]:
    last = score.propellant_kg if score.outcome == "LANDED" else score.speed_m_s
    return RANKS.get(score.outcome, 0), -last
