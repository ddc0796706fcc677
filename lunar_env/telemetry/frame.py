"""A frame of telemetry: what the lander's computer knows at one instant, and sends."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lunar_env.belief import Belief, onboard
from lunar_env.kernel.linalg import Quat, Vec3, dot, rotate, unit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lunar_env.telemetry.flight import Flight

__all__ = ["BEAM_STATES", "Frame", "frame_of", "frames_of"]

BEAM_STATES = ("OFF", "WARMUP", "SEARCH", "TRACK", "LOST")


class Frame(NamedTuple):
    """What the lander believes; nothing of it is the true state. Any number may be NaN."""

    time_s: float
    """When it was sent, since the start of the flight."""
    height_m: float
    """Of the pads above the ground, as the pilot estimates it."""
    height_sigma_m: float
    v_vertical_m_s: float
    """Along the local vertical, upwards."""
    v_lateral_m_s: float
    tilt_rad: float
    """Body axis from the local vertical, by the estimated attitude."""
    east_m: float
    """Dead-reckoned position from the target, in L."""
    north_m: float
    dead_reckoned_height_m: float
    thrust_frac: float
    propellant_kg: float
    beam_state: str
    last_range_m: float
    """NaN before the first."""
    last_range_age_s: float


def frame_of(
    time_s: float, observed: Mapping[str, float], belief: Belief | None, radius_m: float
) -> Frame:
    """Return the frame of an instant.

    Parameters
    ----------
    time_s : float
        Since the start of the flight [s].
    observed : mapping of str to float
        The present observation, in the units of the names.
    belief : Belief or None
        What the pilot believes; None for a pilot without a filter, who believes the lander's
        computer.
    radius_m : float
        Of the planet [m].
    """
    estimate = onboard(observed) if belief is None else belief
    east, north = observed["dr_x_m"], observed["dr_y_m"]
    body = rotate(Quat(*(observed[f"q_{part}"] for part in "wxyz")), Vec3(0.0, 0.0, 1.0))
    up = unit(Vec3(east, north, radius_m + observed["dr_height_m"]))
    seen = observed["lrf_seen"] > 0.5
    states = [observed[f"lrf_{state.lower()}"] for state in BEAM_STATES]
    return Frame(
        time_s,
        *estimate,
        math.acos(max(-1.0, min(1.0, dot(body, up)))),
        east,
        north,
        observed["dr_height_m"],
        observed["thrust_frac"],
        observed["propellant_kg"],
        BEAM_STATES[states.index(max(states))],
        observed["lrf_last_range_m"] if seen else math.nan,
        observed["lrf_last_age_s"] if seen else math.nan,
    )


def frames_of(flight: Flight) -> list[Frame]:
    """Return the frame of every instant of a recorded flight."""
    fields = [column for column in flight.columns["observations"] if "@" not in column.name]
    scales = np.array([column.scale for column in fields])
    names = [column.name for column in fields]
    radius, times = flight.mission.planet.radius_m, flight.quantity("privileged", "time_s").tolist()
    frames = []
    for k, elements in enumerate(flight.observations[:, : len(fields)].astype(np.float64)):
        observed = dict(zip(names, (elements * scales).tolist(), strict=True))
        belief = None if flight.beliefs is None else Belief(*flight.beliefs[k].tolist())
        if belief is not None and math.isnan(belief.height_m):
            belief = None
        frames.append(frame_of(times[k], observed, belief, radius))
    return frames
