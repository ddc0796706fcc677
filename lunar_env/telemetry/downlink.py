"""What the ground sees of a flight: estimates, late, at a low rate, with gaps, until they end.

>>> from lunar_env.telemetry import Downlink, load_flight
>>> downlink = Downlink.of(load_flight("flight.npz"))  # doctest: +SKIP
>>> downlink.at(30.0).height_m  # doctest: +SKIP

The way of the signal is in `link.py`, its data in ``lunar_env/data/downlinks``.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from lunar_env.errors import ConfigError
from lunar_env.specs import AS_FLOWN
from lunar_env.specs.downlink import downlink_of
from lunar_env.telemetry.frame import frames_of
from lunar_env.telemetry.link import Link, Outages

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lunar_env.specs import MissionSpec, ScenarioSpec
    from lunar_env.specs.downlink import DownlinkSpec
    from lunar_env.telemetry.flight import Flight
    from lunar_env.telemetry.frame import Frame

__all__ = ["STANDING", "Downlink", "GroundView"]

STANDING: Final = ("LANDED", "HARD_LANDING", "TIPPED")
"""Outcomes after which a lander still sends."""
_IN_TIME: Final = 2.5  # frame periods without a frame before the picture is silent
_SLACK_S: Final = 1e-9  # of sums of control periods


class GroundView(NamedTuple):
    """What the ground has at one instant."""

    time_s: float
    """Of the flight; the ground's clock is the lander's."""
    signal: str
    """``none`` before the first frame; ``live``; ``silent`` where frames are overdue; ``lost``."""
    frame: Frame | None
    """The latest that has arrived."""
    age_s: float
    """Time since it was sent; NaN without a frame."""
    silent_s: float
    """Time since the last frame arrived; NaN without a frame."""
    height_m: float
    """That a public picture shows: of the frame, moved on with its velocity from the time of its
    stamp to the present, or to the declared loss of signal."""
    v_vertical_m_s: float
    """Of the frame; the picture knows no other."""


class Downlink:
    """The telemetry of one flight, as the ground receives it.

    Parameters
    ----------
    mission : MissionSpec
        What is flown.
    scenario : ScenarioSpec
        Where the signal of a mission ended in the air, it does with its recorded faults only.
    episode_key : int
        Of the episode: its outages are always the same.
    spec : DownlinkSpec, optional
        Instead of the mission's, see `lunar_env.specs.downlink.downlink_of`.

    Raises
    ------
    ConfigError
        If the lander is not on the Moon.
    """

    def __init__(
        self,
        mission: MissionSpec,
        scenario: ScenarioSpec,
        episode_key: int,
        spec: DownlinkSpec | None = None,
    ) -> None:
        if mission.planet.name != "moon":
            raise ConfigError(f"{mission.name}: there is no downlink from {mission.planet.name!r}")
        self.spec = downlink_of(mission) if spec is None else spec
        self._link = Link(self.spec, mission)
        self._outages = Outages(self.spec.outage_every_s, self.spec.outage_s, episode_key)
        self._last_height_m = self.spec.last_height_m if scenario.name == AS_FLOWN else -math.inf
        self._sends = True
        self._due_s = -math.inf
        self._received: list[tuple[float, Frame]] = []  # with its arrival, in the order of sending
        self._stands_since_s = math.inf
        self._delay_s = math.inf  # of a lander that stands

    @classmethod
    def of(cls, flight: Flight, spec: DownlinkSpec | None = None) -> Downlink:
        """Return the downlink of a recorded flight; other arguments as for the class."""
        downlink = cls(flight.mission, flight.scenario, flight.episode_key, spec)
        r = np.stack([flight.quantity("privileged", f"r_{axis}_m") for axis in "xyz"], axis=1)
        heights = flight.quantity("privileged", "height_m").tolist()
        frames = frames_of(flight)
        for frame, place, height in zip(frames, r, heights, strict=True):
            downlink.send(frame, place, height)
        downlink.end(frames[-1], r[-1], flight.outcome)
        return downlink

    def send(self, frame: Frame, r_L_m: NDArray[np.float64], height_m: float) -> None:
        """Let the lander send a frame, if one is due.

        Parameters
        ----------
        frame : Frame
            What it knows; in the order of time.
        r_L_m : ndarray of float64, shape (3,)
            Where it truly is: from the target, in L [m].
        height_m : float
            True height of its pads [m].
        """
        self._sends = self._sends and height_m >= self._last_height_m
        if frame.time_s < self._due_s - _SLACK_S:
            return
        period = self.spec.frame_period_s
        self._due_s = (math.floor((frame.time_s + _SLACK_S) / period) + 1) * period
        if not self._sends or self._outages.covers(frame.time_s):
            return
        delay = self._link.delay_s(r_L_m, frame.time_s)
        if delay < math.inf:
            self._received.append((frame.time_s + delay, frame))

    def end(self, frame: Frame, r_L_m: NDArray[np.float64], outcome: str) -> None:
        """End the flight: a lander that stands still sends, any other falls silent."""
        if outcome in STANDING and self._sends:
            self._stands_since_s = frame.time_s
            self._delay_s = self._link.delay_s(r_L_m, frame.time_s)
            if self._delay_s < math.inf:
                self._received.append((frame.time_s + self._delay_s, frame))

    @property
    def end_s(self) -> float:
        """Flight time from which the picture does not change any more; 0 if there is none.

        Of a lander that stands, when its last new frame has arrived; else, when loss of signal is
        declared.
        """
        last = max((arrival for arrival, _ in self._received), default=0.0)
        return last if self._stands or not last else last + self.spec.silence_s

    @property
    def _stands(self) -> bool:
        return self._delay_s < math.inf

    def at(self, time_s: float) -> GroundView:
        """Return what the ground has.

        Parameters
        ----------
        time_s : float
            Time of the flight [s]; beyond its end, too.
        """
        found = next(((a, f) for a, f in reversed(self._received) if a <= time_s), None)
        if found is None:
            return GroundView(time_s, "none", None, *4 * (math.nan,))
        arrival, frame = found
        if self._stands and arrival >= self._stands_since_s + self._delay_s:
            arrival, frame = self._standing(time_s, frame)
        silent = time_s - arrival
        signal = "live" if silent <= _IN_TIME * self.spec.frame_period_s else "silent"
        if silent >= self.spec.silence_s:
            signal = "lost"
        moved_s = min(time_s, arrival + self.spec.silence_s) - frame.time_s
        if self._stands and frame.time_s >= self._stands_since_s:
            moved_s = 0.0
        height = frame.height_m + frame.v_vertical_m_s * moved_s
        age = time_s - frame.time_s
        return GroundView(time_s, signal, frame, age, silent, height, frame.v_vertical_m_s)

    def _standing(self, time_s: float, frame: Frame) -> tuple[float, Frame]:
        """Return arrival and content of the latest frame of a lander that stands."""
        period = self.spec.frame_period_s
        periods = math.floor((time_s - self._delay_s - self._stands_since_s) / period)
        sent = self._stands_since_s + max(periods, 0) * period
        return sent + self._delay_s, frame._replace(time_s=sent)
