"""A flight for other programs while it is flown: every instant a line, at the pace of a clock."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from lunar_env.telemetry import Downlink
from lunar_env.telemetry.frame import frame_of
from lunar_env.telemetry.live import LOOPBACK, LiveServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from rich.console import Console

    from lunar_env.flyer import Flyer
    from lunar_env.telemetry import Frame
    from lunar_env.telemetry.recorder import Latest

__all__ = ["Broadcast", "broadcast"]

_TRUE = (
    "height_m",
    "altitude_m",
    "downrange_m",
    "tilt_rad",
    "propellant_kg",
    "thrust_N",
    "mass_kg",
)


class Broadcast:
    """Sends the instants of one flight.

    Parameters
    ----------
    flyer : Flyer
        Who flies.
    server : LiveServer
        To whom it is sent.
    rate : float
        Instants per second.
    as_ground : bool
        Send what the ground has instead of the flight.
    """

    def __init__(self, flyer: Flyer, server: LiveServer, rate: float, *, as_ground: bool) -> None:
        self._flyer, self._server, self._rate, self._as_ground = flyer, server, rate, as_ground
        self._downlink: Downlink | None = None

    def follow(self, instants: Iterator[None]) -> Iterator[None]:
        """Fly on when asked for the next instant, not before its time, and send it."""
        begin = time.monotonic()
        k = -1
        for k, _ in enumerate(instants):
            time.sleep(max(0.0, begin + k / self._rate - time.monotonic()))
            self._send(self._flyer.recorder.latest())
            yield
        if self._downlink is not None:
            self._send_rest(self._downlink, begin, k)

    def _send(self, latest: Latest) -> None:
        frame, true = self._frame(latest), latest.true
        line: dict[str, object] = {"time_s": true["time_s"]}
        if not self._as_ground:
            line["true"] = {name: true[name] for name in _TRUE}
            self._server.send({**line, "believed": frame._asdict()})
            return
        if self._downlink is None:
            settings = self._flyer.env.settings
            self._downlink = Downlink(settings.mission, settings.scenario, latest.episode_key)
        self._downlink.send(frame, _place(latest), true["height_m"])
        self._server.send(_seen(self._downlink, true["time_s"]))

    def _send_rest(self, downlink: Downlink, begin: float, k: int) -> None:
        """Send what the ground still sees after the flight."""
        latest = self._flyer.recorder.latest()
        end_s = latest.true["time_s"]
        downlink.end(self._frame(latest), _place(latest), self._flyer.recorder.flight.outcome)
        period = self._flyer.env.settings.mission.control_period_s
        after = 0
        while end_s + after * period <= downlink.end_s:
            after += 1
            time.sleep(max(0.0, begin + (k + after) / self._rate - time.monotonic()))
            self._server.send(_seen(downlink, end_s + after * period))

    def _frame(self, latest: Latest) -> Frame:
        radius = self._flyer.env.settings.mission.planet.radius_m
        return frame_of(latest.true["time_s"], latest.observed, latest.belief, radius)


@contextmanager
def broadcast(
    flyer: Flyer, port: int | None, rate: float, out: Console, *, as_ground: bool
) -> Iterator[Broadcast | None]:
    """Send a flight to whoever connects to a port; None sends nothing."""
    if port is None:
        yield None
        return
    settings = flyer.env.settings
    first = {
        "mission": settings.mission.name,
        "scenario": settings.scenario.name,
        "pilot": flyer.env.pilot,
        "seen_from": "ground" if as_ground else "flight",
    }
    with LiveServer(port, first) as server:
        out.print(f"live on {LOOPBACK}:{server.port}")
        yield Broadcast(flyer, server, rate, as_ground=as_ground)


def _place(latest: Latest) -> NDArray[np.float64]:
    return np.array([latest.true[f"r_{axis}_m"] for axis in "xyz"])


def _seen(downlink: Downlink, time_s: float) -> dict[str, object]:
    view = downlink.at(time_s)
    return {**view._asdict(), "frame": None if view.frame is None else view.frame._asdict()}
