"""Segments of a mission's recorded descent, each with an end and a law that leads there.

``plan``     E-guidance to a place, a height and a velocity
``hold``     constant direction and throttle for a given time
``profile``  down along ``v = sqrt(v_end^2 + 2 K (h - h_end))``, over the target
``hover``    at a height for a given time, over a target that may be displaced: a divert
``sink``     at a constant rate to the ground, or to where the mission cuts its engines
``fall``     engines off, attitude inclined by ``lean_deg``; while the lander drifts faster than
             ``lateral_most_m_s``, as a sink

A first range that changes the height estimate by hundreds of metres makes a nearly complete plan
infeasible: in the last ``free_s`` seconds only its velocity counts, not its position.

Heights are those of the pilot's estimate. Plans and profiles end at their height, a plan also
when its time is over, ``hold`` and ``hover`` after their time; a sink that is not the last segment
ends at its height, too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from lunar_env.errors import ConfigError, nearest

from .velocity_profile import Profile, profile_acceleration

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..base import Float64Array
    from .types import VectorInput

__all__ = [
    "KINDS",
    "Segment",
    "SegmentGains",
    "end_state",
    "fall_axis",
    "hover_acceleration",
    "lateral_acceleration",
    "match_velocity",
    "read_segment",
    "segment_acceleration",
    "without_source",
]

KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "plan": ("end_height_m", "end_descent_m_s"),
    "hold": ("lasts_s", "throttle_frac"),
    "profile": ("end_height_m", "end_descent_m_s", "deceleration_m_s2"),
    "hover": ("end_height_m", "lasts_s"),
    "sink": ("end_descent_m_s",),
    "fall": ("end_descent_m_s", "lateral_most_m_s"),
}


# Downward acceleration of a plan over gravity, on the average: the rest holds the lander while it
# brakes along the ground.
_FALL_FRAC: Final = 0.6


@dataclass(frozen=True, slots=True)
class Segment:
    """One part of a descent; numbers that its kind does not use keep their defaults."""

    name: str
    kind: str
    end_height_m: float = 0.0
    end_descent_m_s: float = 0.0  # downwards
    end_forward_m_s: float = 0.0  # along the ground, in the direction of flight
    end_downrange_m: float = 0.0  # before the target, along the ground
    peak_frac: float = 0.9  # of a plan: its largest thrust over the installed one
    free_s: float = 0.0  # of a plan: time before its end from which only the velocity counts
    throttle_frac: float = 0.0  # of a hold
    lasts_s: float = 0.0
    deceleration_m_s2: float = 0.0  # K of a profile
    divert_east_m: float = 0.0  # displacement of the target when the segment begins
    divert_north_m: float = 0.0
    lateral_most_m_s: float = 3.0  # towards the target
    lean_most_deg: float = 25.0  # of profile and hover
    lean_deg: float = 0.0  # of a fall: angle of the body axis from the vertical, ...
    lean_azimuth_deg: float = 0.0  # ... and its azimuth, from north over east


@dataclass(frozen=True, slots=True)
class SegmentGains:
    """Feedback of profile and hover, shared by all missions."""

    # 1/s; as `velocity_profile.py`: below the 1.2 where it begins to ring.
    gain_per_s: float = 0.8
    # 1/s and s: a horizontal command needs a change of attitude first, 3 s for a slow lander.
    place_gain_per_s: float = 0.12
    lateral_tau_s: float = 3.0
    # m/s: vertical speed that corrects a height error of a hover, at most.
    climb_most_m_s: float = 2.0
    height_gain_per_s: float = 0.4


def read_segment(table: Mapping[str, Any], where: str) -> Segment:
    """Read one table of ``segments``; numbers may be plain or tables with their source.

    Parameters
    ----------
    table : mapping
        Fields of `Segment`.
    where : str
        File and number of the segment, for messages.

    Raises
    ------
    ConfigError
        If a key is unknown, missing for its kind, or no number.
    """
    known = {f.name: f for f in fields(Segment)}
    numbers: dict[str, Any] = {}
    for key, raw in table.items():
        if key not in known:
            raise ConfigError(f"{where}: unknown key {key!r}{nearest(key, known)}")
        value = without_source(raw)
        text = key in ("name", "kind")
        if isinstance(value, bool) or not isinstance(value, str if text else int | float):
            raise ConfigError(
                f"{where}: {key} = {value!r} must be a {'text' if text else 'number'}"
            )
        numbers[key] = value if text else float(value)
    kind = str(numbers.get("kind"))
    if kind not in KINDS:
        raise ConfigError(f"{where}: kind = {kind!r} must be one of {', '.join(KINDS)}")
    for key in ("name", *KINDS[kind]):
        if key not in numbers:
            raise ConfigError(f"{where}: {key} is missing, a {kind} needs it")
    return Segment(**numbers)


def without_source(raw: Any) -> Any:
    """Value of a number, given alone or in a table with its source."""
    return raw["value"] if isinstance(raw, dict) and "value" in raw else raw


def end_state(
    segment: Segment, inputs: VectorInput, target: Float64Array, ahead: Float64Array
) -> tuple[Float64Array, Float64Array]:
    """Position (n, 3) [m, L] and velocity (n, 3) [m/s, L] at the end of a plan.

    Its descent rate is at most what a fall over the height that is left reaches: a lander that
    begins lower than planned, or believes so before its first range, ends the plan more slowly.
    Otherwise the plan would have to climb first.

    Parameters
    ----------
    segment : Segment
        The plan.
    inputs : VectorInput
        State of the rows that fly it.
    target : ndarray, shape (n, 2)
        Landing targets [m, L].
    ahead : ndarray, shape (n, 2)
        Unit vectors of the direction of flight.
    """
    moon = inputs.moon
    x, y = (target - segment.end_downrange_m * ahead).T
    end = moon.position(x, y, np.full(len(x), segment.end_height_m))
    up = moon.up(end)
    forward = np.concatenate((ahead, np.zeros((len(ahead), 1))), axis=1)
    forward = forward - np.sum(forward * up, axis=1, keepdims=True) * up
    forward /= np.maximum(np.linalg.norm(forward, axis=1, keepdims=True), 1e-9)
    height = np.maximum(moon.height(inputs.r_m) - segment.end_height_m, 0.0)
    descent = np.maximum(-np.sum(inputs.v_m_s * moon.up(inputs.r_m), axis=1), 0.0)
    fall = _FALL_FRAC * np.linalg.norm(inputs.g_m_s2, axis=1)
    rate = np.minimum(segment.end_descent_m_s, np.sqrt(descent**2 + 2.0 * fall * height))
    velocity: Float64Array = segment.end_forward_m_s * forward - rate[:, np.newaxis] * up
    return end, velocity


def match_velocity(inputs: VectorInput, velocity: Float64Array, t_go: Float64Array) -> Float64Array:
    """Thrust acceleration (n, 3) [m/s^2, L] that reaches a velocity in a time, at any position.

    `velocity` is (n, 3) [m/s, L], `t_go` (n,) [s].
    """
    thrust: Float64Array = (velocity - inputs.v_m_s) / t_go[:, np.newaxis] - inputs.g_m_s2
    return thrust


def segment_acceleration(
    segment: Segment, inputs: VectorInput, extra: Float64Array, gains: SegmentGains
) -> Float64Array:
    """Upward thrust acceleration (n,) [m/s^2] of a profile; `extra` (n,) [m/s] adds to its end."""
    profile = Profile(
        height_to_go=inputs.moon.height(inputs.r_m) - segment.end_height_m,
        final=segment.end_descent_m_s + extra,
        brake=segment.deceleration_m_s2,
        gain_per_s=gains.gain_per_s,
    )
    descent = -np.sum(inputs.v_m_s * inputs.moon.up(inputs.r_m), axis=1)
    return profile_acceleration(profile, descent, np.linalg.norm(inputs.g_m_s2, axis=1))


def fall_axis(segment: Segment, up: Float64Array) -> Float64Array:
    """Direction of the body axis in a fall, unit vectors (n, 3) [-, L]."""
    lean, azimuth = math.radians(segment.lean_deg), math.radians(segment.lean_azimuth_deg)
    horizontal = np.array([math.sin(azimuth), math.cos(azimuth), 0.0])
    axis: Float64Array = math.cos(lean) * up + math.sin(lean) * horizontal
    return axis


def hover_acceleration(segment: Segment, inputs: VectorInput, gains: SegmentGains) -> Float64Array:
    """Upward thrust acceleration (n,) [m/s^2] that holds a height."""
    error = segment.end_height_m - inputs.moon.height(inputs.r_m)
    climb = np.sum(inputs.v_m_s * inputs.moon.up(inputs.r_m), axis=1)
    climb_max = gains.climb_most_m_s
    velocity_ref = np.clip(gains.height_gain_per_s * error, -climb_max, climb_max)
    weight = np.linalg.norm(inputs.g_m_s2, axis=1)
    vertical: Float64Array = weight + gains.gain_per_s * (velocity_ref - climb)
    return vertical


def lateral_acceleration(
    segment: Segment, inputs: VectorInput, target: Float64Array, gains: SegmentGains
) -> Float64Array:
    """Horizontal thrust acceleration (n, 2) [m/s^2, L] towards a target (n, 2) [m, L]."""
    velocity_ref = np.zeros_like(target)
    if inputs.steered:
        velocity_ref = gains.place_gain_per_s * (target - inputs.r_m[:, :2])
        size = np.linalg.norm(velocity_ref, axis=1, keepdims=True)
        velocity_ref *= np.minimum(1.0, segment.lateral_most_m_s / np.maximum(size, 1e-9))
    thrust: Float64Array = (velocity_ref - inputs.v_m_s[:, :2]) / gains.lateral_tau_s
    return thrust
