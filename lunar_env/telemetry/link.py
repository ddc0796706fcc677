"""The way of a signal from the lander to the Earth: which path is open, and how long it takes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from lunar_env.data.constants import C_LIGHT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lunar_env.specs import MissionSpec
    from lunar_env.specs.downlink import DownlinkSpec, RelaySpec

    Vector = NDArray[np.float64]

__all__ = ["Link", "Outages", "relay_position"]

_KEPLER_STEPS: Final = 50  # of Newton's method, which converges within ten


class Link:
    """Paths from a landing site to the Earth.

    Vectors are Moon-fixed: x through the prime meridian, towards the Earth; z north.

    Parameters
    ----------
    downlink : DownlinkSpec
        Distances, relays and delays.
    mission : MissionSpec
        Site and planet.
    """

    def __init__(self, downlink: DownlinkSpec, mission: MissionSpec) -> None:
        self._downlink, self._planet = downlink, mission.planet
        latitude, longitude = map(math.radians, (mission.latitude_deg, mission.longitude_deg))
        up = _direction(latitude, longitude)
        east = np.array([-math.sin(longitude), math.cos(longitude), 0.0])
        self._axes = np.stack([east, np.cross(up, east), up], axis=1)  # L to Moon-fixed
        self._target = mission.planet.radius_m * up
        self._earth = np.array([downlink.earth_distance_m, 0.0, 0.0])

    def delay_s(self, r_L_m: Vector, time_s: float) -> float:
        """Return how long a frame takes to the picture on the ground.

        Parameters
        ----------
        r_L_m : ndarray of float64, shape (3,)
            Where the lander is: from the target, in L [m].
        time_s : float
            Since the start of the flight [s].

        Returns
        -------
        float
            By the shortest open path [s]; infinite if the Moon is in the way of all.
        """
        lander = self._target + self._axes @ r_L_m
        ways = [self._way(lander, self._earth, 0.0)]
        for relay in self._downlink.relays:
            satellite = relay_position(relay, time_s, self._planet.mu, self._planet.rotation_rad_s)
            up = self._way(lander, satellite, relay.processing_s)
            ways.append(up + self._way(satellite, self._earth, 0.0))
        return min(ways) + self._downlink.processing_s

    def _way(self, start: Vector, end: Vector, processing_s: float) -> float:
        if _is_behind(start, end, self._planet.radius_m):
            return math.inf
        return float(np.linalg.norm(end - start)) / C_LIGHT + processing_s


class Outages:
    """Times without reception, drawn one after another: the same for the same episode.

    Parameters
    ----------
    every_s, lasts_s : float
        Means of exponential distributions [s]: from the start of an outage to the next, and of its
        duration; no outages for 0.
    episode_key : int
        Of the flight.
    """

    def __init__(self, every_s: float, lasts_s: float, episode_key: int) -> None:
        self._generator = np.random.default_rng([episode_key % 2**64, _PURPOSE])
        self._every_s, self._lasts_s = every_s, lasts_s
        self._outages: list[tuple[float, float]] = []
        self._known_until_s = 0.0 if every_s > 0.0 else math.inf

    def covers(self, time_s: float) -> bool:
        """Whether there is an outage at a time since the start of the flight [s]."""
        while self._known_until_s <= time_s:
            begin = self._known_until_s + self._generator.exponential(self._every_s)
            self._outages.append((begin, begin + self._generator.exponential(self._lasts_s)))
            self._known_until_s = begin
        return any(begin <= time_s < end for begin, end in self._outages)


_PURPOSE: Final = 0x646F776E  # so that other uses of an episode's key draw other numbers


def relay_position(relay: RelaySpec, time_s: float, mu: float, rotation_rad_s: float) -> Vector:
    """Return where a relay is, Moon-fixed [m].

    Parameters
    ----------
    relay : RelaySpec
        Its orbit.
    time_s : float
        Since the start of the flight [s].
    mu : float
        Gravitational parameter of the Moon [m^3/s^2].
    rotation_rad_s : float
        Rotation of the Moon, under the orbit [rad/s].

    Notes
    -----
    Kepler's equation ``M = E - e sin E`` by Newton's method; Vallado 2013, algorithms 2 and 10.
    """
    a, e = relay.semi_major_axis_m, relay.eccentricity
    mean = math.radians(relay.mean_anomaly_deg) + math.sqrt(mu / a**3) * time_s
    eccentric = mean if e < 0.8 else math.pi
    for _ in range(_KEPLER_STEPS):
        step = (eccentric - e * math.sin(eccentric) - mean) / (1.0 - e * math.cos(eccentric))
        eccentric -= step
        if abs(step) < 1e-12:
            break
    x = a * (math.cos(eccentric) - e)
    y = a * math.sqrt(1.0 - e * e) * math.sin(eccentric)
    node = math.radians(relay.node_deg) - rotation_rad_s * time_s
    tilt, turn = math.radians(relay.inclination_deg), math.radians(relay.periapsis_deg)
    along, across = math.cos(turn) * x - math.sin(turn) * y, math.sin(turn) * x + math.cos(turn) * y
    flat = across * math.cos(tilt)
    return np.array(
        [
            math.cos(node) * along - math.sin(node) * flat,
            math.sin(node) * along + math.cos(node) * flat,
            across * math.sin(tilt),
        ]
    )


def _direction(latitude: float, longitude: float) -> Vector:
    across = math.cos(latitude)
    return np.array(
        [across * math.cos(longitude), across * math.sin(longitude), math.sin(latitude)]
    )


def _is_behind(start: Vector, end: Vector, radius_m: float) -> bool:
    """Whether the sphere of the Moon is between two points, of which neither is inside it."""
    way = end - start
    nearest = -float(start @ way) / float(way @ way)  # of the line to the centre, 0 to 1 on the way
    if not 0.0 < nearest < 1.0:
        return False
    # A lander on the ground, or below the sphere on low ground, is no obstacle to itself.
    limit = min(radius_m, float(np.linalg.norm(start)))
    return float(np.linalg.norm(start + nearest * way)) < limit * (1.0 - 1e-12)
