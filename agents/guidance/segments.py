"""What a mission's own descent is made of: segments, each with an end and a way to fly there.

``plan``     E-guidance to a place, a height and a velocity
``hold``     thrust keeps its direction and its share for a while
``profile``  down along ``v = sqrt(v_end^2 + 2 K (h - h_end))``, over the target
``hover``    at a height for a while, over a target that may be moved there: a divert
``sink``     at a constant rate to the ground, or to where the mission cuts its engines
``fall``     engines off and turned by ``lean_deg``, unless the lander drifts faster than
             ``lateral_most_m_s``: then as a sink

A first fix that moves the ground by hundreds of metres asks for the impossible of a plan that is
all but flown: with ``free_s`` it ends at its velocity, wherever that is.

Heights are those that the pilot believes. Plans and profiles end at their height, a plan also
when its time has run out, ``hold`` and ``hover`` after a while; a sink that others follow at its
height, too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from lunar_env.errors import ConfigError, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..base import Float64Array
    from .types import Motion

__all__ = [
    "KINDS",
    "Segment",
    "SegmentGains",
    "along_profile",
    "end_state",
    "fallen_way",
    "hovering",
    "read_segment",
    "sideways",
    "to_velocity",
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


@dataclass(frozen=True, slots=True)
class Segment:
    """One part of a descent; numbers that its kind does not use stay as they are."""

    name: str
    kind: str
    end_height_m: float = 0.0
    end_descent_m_s: float = 0.0  # downwards
    end_forward_m_s: float = 0.0  # along the ground, in the direction of flight
    end_downrange_m: float = 0.0  # before the target, along the ground
    peak_frac: float = 0.9  # of a plan: its largest thrust over the installed one
    free_s: float = 0.0  # of a plan: so long before its end only the velocity counts
    throttle_frac: float = 0.0  # of a hold
    lasts_s: float = 0.0
    deceleration_m_s2: float = 0.0  # K of a profile
    divert_east_m: float = 0.0  # the target moves when the segment begins
    divert_north_m: float = 0.0
    lateral_most_m_s: float = 3.0  # on the way to the target
    lean_most_deg: float = 25.0  # of profile and hover
    lean_deg: float = 0.0  # of a fall: so far from the vertical the lander is turned, ...
    lean_azimuth_deg: float = 0.0  # ... its top that way, from north over east


@dataclass(frozen=True, slots=True)
class SegmentGains:
    """Feedback of profile and hover, shared by all missions."""

    # 1/s; as `velocity_profile.py`: below the 1.2 where it begins to ring.
    gain_per_s: float = 0.8
    # 1/s and s: sideways a lander has to lean first, which takes one that turns slowly 3 s.
    place_gain_per_s: float = 0.12
    lateral_tau_s: float = 3.0
    # m/s: at a hover's height, how fast a wrong height is mended.
    climb_most_m_s: float = 2.0
    height_gain_per_s: float = 0.4


def read_segment(table: Mapping[str, Any], where: str) -> Segment:
    """Read one table of ``segments``; numbers may be plain or with their source.

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
    """Value of a number that may stand with its source."""
    return raw["value"] if isinstance(raw, dict) and "value" in raw else raw


def end_state(
    segment: Segment, motion: Motion, target: Float64Array, ahead: Float64Array
) -> tuple[Float64Array, Float64Array]:
    """Place and velocity (n, 3) [L] at the end of a plan.

    Parameters
    ----------
    segment : Segment
        The plan.
    motion : Motion
        Of the rows that fly it.
    target : ndarray, shape (n, 2)
        Where they want to land [m, L].
    ahead : ndarray, shape (n, 2)
        Unit vectors of the direction of flight.
    """
    moon = motion.moon
    x, y = (target - segment.end_downrange_m * ahead).T
    end = moon.place(x, y, np.full(len(x), segment.end_height_m))
    up = moon.up(end)
    forward = np.concatenate((ahead, np.zeros((len(ahead), 1))), axis=1)
    forward = forward - np.sum(forward * up, axis=1, keepdims=True) * up
    forward /= np.maximum(np.linalg.norm(forward, axis=1, keepdims=True), 1e-9)
    velocity: Float64Array = segment.end_forward_m_s * forward - segment.end_descent_m_s * up
    return end, velocity


def to_velocity(motion: Motion, velocity: Float64Array, t_go: Float64Array) -> Float64Array:
    """Thrust acceleration (n, 3) [m/s^2, L] for velocities (n, 3) in times (n,), anywhere."""
    thrust: Float64Array = (velocity - motion.v_m_s) / t_go[:, np.newaxis] - motion.g_m_s2
    return thrust


def along_profile(
    segment: Segment, motion: Motion, extra: Float64Array, gains: SegmentGains
) -> Float64Array:
    """Upward thrust acceleration (n,) that follows a profile; `extra` [m/s] is added to its end."""
    room = np.maximum(motion.moon.height(motion.r_m) - segment.end_height_m, 0.0)
    brake, end = segment.deceleration_m_s2, segment.end_descent_m_s + extra
    descent = -np.sum(motion.v_m_s * motion.moon.up(motion.r_m), axis=1)
    v_ref = np.sqrt(end**2 + 2.0 * brake * room)
    feed = brake * np.clip(descent / np.maximum(v_ref, 1e-3), 0.0, 1.0)
    weight = np.linalg.norm(motion.g_m_s2, axis=1)
    rise: Float64Array = weight + feed + gains.gain_per_s * (descent - v_ref)
    return rise


def fallen_way(segment: Segment, up: Float64Array) -> Float64Array:
    """Where the body's axis is to point in a fall, unit vectors (n, 3) [L]."""
    lean, azimuth = math.radians(segment.lean_deg), math.radians(segment.lean_azimuth_deg)
    flat = np.array([math.sin(azimuth), math.cos(azimuth), 0.0])
    way: Float64Array = math.cos(lean) * up + math.sin(lean) * flat
    return way


def hovering(segment: Segment, motion: Motion, gains: SegmentGains) -> Float64Array:
    """Upward thrust acceleration (n,) that keeps a height."""
    off = segment.end_height_m - motion.moon.height(motion.r_m)
    climb = np.sum(motion.v_m_s * motion.moon.up(motion.r_m), axis=1)
    most = gains.climb_most_m_s
    wanted = np.clip(gains.height_gain_per_s * off, -most, most)
    weight = np.linalg.norm(motion.g_m_s2, axis=1)
    rise: Float64Array = weight + gains.gain_per_s * (wanted - climb)
    return rise


def sideways(
    segment: Segment, motion: Motion, target: Float64Array, gains: SegmentGains
) -> Float64Array:
    """Horizontal thrust acceleration (n, 2) towards a target (n, 2), and against drift."""
    wanted = np.zeros_like(target)
    if motion.steered:
        wanted = gains.place_gain_per_s * (target - motion.r_m[:, :2])
        size = np.linalg.norm(wanted, axis=1, keepdims=True)
        wanted *= np.minimum(1.0, segment.lateral_most_m_s / np.maximum(size, 1e-9))
    pull: Float64Array = (wanted - motion.v_m_s[:, :2]) / gains.lateral_tau_s
    return pull
