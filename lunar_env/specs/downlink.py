"""How telemetry reaches the ground: light time, rate, outages, relays, and where it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Self

from pydantic import Field, model_validator

from lunar_env.errors import ConfigError
from lunar_env.specs.base import Spec
from lunar_env.specs.files import names
from lunar_env.specs.loader import load
from lunar_env.specs.quantity import AsList, Name, NonNegative, Prose

if TYPE_CHECKING:
    from lunar_env.specs.mission import MissionSpec

__all__ = ["DownlinkSpec", "RelaySpec", "downlink_of"]

_Seconds = Annotated[float, Field(ge=0.0, le=3600.0)]
_Angle = Annotated[float, Field(ge=-360.0, le=360.0)]


class RelaySpec(Spec):
    """A satellite of the Moon that passes telemetry on to the Earth, on a Keplerian orbit.

    Angles are those at the start of a flight, from the Moon's equator and prime meridian.
    """

    name: str
    """What it is called."""
    semi_major_axis_m: Annotated[float, Field(ge=1.0e5, le=1.0e8)]
    """Semi-major axis of its orbit."""
    eccentricity: Annotated[float, Field(ge=0.0, le=0.95)]
    """Eccentricity of its orbit."""
    inclination_deg: Annotated[float, Field(ge=0.0, le=180.0)]
    """Inclination to the Moon's equator."""
    node_deg: _Angle
    """East longitude of the ascending node."""
    periapsis_deg: _Angle
    """Argument of the periapsis."""
    mean_anomaly_deg: _Angle
    """Mean anomaly."""
    processing_s: _Seconds = 0.0
    """Time from receiving a frame to sending it on."""


class DownlinkSpec(Spec):
    """The way of a lander's telemetry to a picture on the ground.

    The lander sends a frame of its estimates every `frame_period_s`. It arrives by the shortest way
    that is not behind the Moon: straight, or through a relay. A public picture moves a frame on
    with the velocity that it states until the next one arrives, or loss of signal is declared.
    """

    name: Name
    """Name of the file, without its ending."""
    title: Prose
    """Name for people."""
    missions: Annotated[tuple[str, ...], AsList, Field(max_length=100)] = ()
    """Missions whose telemetry takes this way."""
    earth_distance_m: Annotated[float, Field(ge=1.0e6, le=1.0e9)]
    """From the Moon's centre to the ground station, which is on the side of the prime meridian:
    libration is left out."""
    frame_period_s: Annotated[float, Field(ge=0.01, le=60.0)]
    """Time between two frames."""
    processing_s: _Seconds
    """Time from the antenna on the ground to the picture."""
    outage_every_s: NonNegative
    """Mean time from one outage to the next; 0 for none. Times are exponentially distributed."""
    outage_s: _Seconds
    """Mean duration of an outage."""
    silence_s: Annotated[float, Field(gt=0.0, le=3600.0)]
    """Time without a frame after which the ground declares loss of signal."""
    last_height_m: Annotated[float, Field(ge=-1.0e6, le=1.0e6)] = -1.0e6
    """True height of the pads at which the lander fell silent with its recorded faults, where it
    did before it touched the ground."""
    relays: Annotated[tuple[RelaySpec, ...], AsList, Field(max_length=16)] = ()
    """Satellites that pass telemetry on."""

    @model_validator(mode="after")
    def _outages_are_apart(self) -> Self:
        if 0.0 < self.outage_every_s < self.outage_s:
            raise ConfigError(
                f"outage_every_s = {self.outage_every_s:g} must be at least outage_s ="
                f" {self.outage_s:g}, or 0 for none"
            )
        return self


def downlink_of(mission: MissionSpec) -> DownlinkSpec:
    """Return how the telemetry of a mission reaches the ground.

    Parameters
    ----------
    mission : MissionSpec
        The mission.

    Returns
    -------
    DownlinkSpec
        The shipped one that names it, or else ``direct``.

    Examples
    --------
    >>> from lunar_env import load_mission
    >>> [relay.name for relay in downlink_of(load_mission("apex-1")).relays]
    ['Alpine', 'Lupine']
    """
    shipped = [load("downlink", DownlinkSpec, name) for name in names("downlink")]
    own = [downlink for downlink in shipped if mission.name in downlink.missions]
    return own[0] if own else load("downlink", DownlinkSpec, "direct")
