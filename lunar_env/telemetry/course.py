"""A recorded flight as columns over time: what was true, what was believed, what was done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lunar_env.belief import Belief
from lunar_env.telemetry.frame import BEAM_STATES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lunar_env.telemetry.flight import Flight

    Numbers = NDArray[np.float64]

__all__ = ["Course", "course_of"]


class Course(NamedTuple):
    """Quantities of every instant of a flight, for printing and plots."""

    time_s: Numbers
    height_m: Numbers  # true
    believed_height_m: Numbers
    believed_sigma_m: Numbers
    dead_reckoned_height_m: Numbers
    descent_m_s: Numbers  # true, along the local vertical
    believed_descent_m_s: Numbers
    lateral_m_s: Numbers  # true
    thrust_frac: Numbers
    propellant_kg: Numbers
    beam: list[str]
    last_range_m: Numbers  # NaN before the first
    last_range_age_s: Numbers


def course_of(flight: Flight) -> Course:
    """Return these quantities for a flight.

    Parameters
    ----------
    flight : Flight
        The record.
    """

    def true(name: str) -> Numbers:
        return flight.quantity("privileged", name)

    def seen(name: str) -> Numbers:
        return flight.quantity("observations", name)

    v = np.stack([true(f"v_{axis}_m_s") for axis in "xyz"], axis=1)
    # Along the vertical of the lander, which far from the target is not the target's.
    up = np.stack([true(f"r_{axis}_m") for axis in "xyz"], axis=1)
    up += np.array([0.0, 0.0, flight.mission.planet.radius_m])
    climb = np.sum(v * up, axis=1) / np.linalg.norm(up, axis=1)
    lateral = np.sqrt(np.maximum(np.sum(v * v, axis=1) - climb**2, 0.0))
    beliefs = flight.beliefs
    if beliefs is None:
        beliefs = np.full((flight.steps + 1, len(Belief._fields)), np.nan)
    believed: Any = Belief(*beliefs.T)
    states = np.stack([seen(f"lrf_{state.lower()}") for state in BEAM_STATES], axis=1)
    fixed = seen("lrf_seen") > 0.5
    return Course(
        true("time_s"),
        true("height_m"),
        believed.height_m,
        believed.height_sigma_m,
        seen("dr_height_m"),
        -climb,
        -believed.v_vertical_m_s,
        lateral,
        seen("thrust_frac"),
        true("propellant_kg"),
        [BEAM_STATES[k] for k in states.argmax(axis=1)],
        np.where(fixed, seen("lrf_last_range_m"), np.nan),
        np.where(fixed, seen("lrf_last_age_s"), np.nan),
    )
