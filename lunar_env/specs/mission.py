"""The mission: lander, site, initial states of its phases, and time steps."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from lunar_env.data.constants import R_MOON
from lunar_env.errors import ConfigError
from lunar_env.physics.gear import LONGEST_TICK
from lunar_env.physics.landforms import MAX_FEATURES
from lunar_env.specs.base import Spec
from lunar_env.specs.inertial import InertialSpec
from lunar_env.specs.phase import Phases
from lunar_env.specs.planet import PlanetSpec
from lunar_env.specs.quantity import (
    AsList,
    Fraction,
    FrictionDraw,
    Name,
    NonNegative,
    Positive,
    Prose,
)
from lunar_env.specs.rangefinder import RangefinderSpec
from lunar_env.specs.sensors import CameraSpec, RadarSpec, VelocimeterSpec
from lunar_env.specs.terrain import FeatureSpec, TerrainSpec
from lunar_env.specs.vehicle import VehicleSpec

__all__ = ["MissionSpec", "PayloadSpec"]

# The autopilot closes its loop at 2 rad/s: a longer tick would reverse a rate, not remove it.
_LONGEST_TICK_S = 0.2
# The work of one control period: ticks, ticks near the ground, and sums of the rangefinder.
_MOST_IN_A_PERIOD = {"tick_s": 1_000, "contact_tick_s": 20_000}
_MOST_SUMS = 1_000
# Length of the queue of commands, which bounds the dead time of an engine.
_MAX_DEAD_TICKS = 4


class PayloadSpec(Spec):
    """One line of a mission's manifest; the lander's `payload_kg` is what flies."""

    name: str
    """What it is."""
    owner: Prose
    """Whose it is."""
    mass_kg: Positive
    """Its mass."""


class MissionSpec(Spec):
    """One landing: site, lander, sensors, initial states and time steps."""

    name: Name
    """Name of the file, without its ending."""
    title: Prose
    """Name for people."""
    operator: Prose
    """Who flew it."""
    date: Annotated[str, Field(pattern=r"^\d{4}(-\d{2}-\d{2})?$")]
    """Day of the landing, UTC; only the year of a future landing."""
    site: Prose
    """Landing site."""
    outcome: Prose
    """Outcome of the mission."""
    planet: PlanetSpec
    """The celestial body; the Moon if a file names none."""
    latitude_deg: Annotated[float, Field(ge=-90.0, le=90.0)]
    """Latitude of the target."""
    longitude_deg: Annotated[float, Field(ge=-180.0, le=180.0)]
    """East longitude of the target."""
    albedo: Annotated[float, Field(gt=0.0, le=1.0)]
    """Reflectivity of the ground at the wavelength of the rangefinder, at normal incidence."""
    albedo_contrast_frac: Annotated[float, Field(ge=0.0, le=0.5)]
    """One sigma of the reflectivity from place to place, over its mean."""
    friction: FrictionDraw
    """Coefficient of friction between pads and ground, drawn per episode."""
    cutoff: Literal["contact", "height", "none"]
    """What shuts the engines down: contact of a pad, the estimated height, or only the pilot."""
    cutoff_height_m: NonNegative = 0.0
    """Estimated height of the pads for a cut-off by height."""
    reserve_frac: Fraction = 0.03
    """Propellant that the planned landing leaves, as a fraction of that at the start of its
    earliest phase; 3 % is the margin to which the landers' loads are set. See `reserve_lost_frac`
    of a scenario."""
    time_limit_s: Positive
    """Longest episode, unless the phase sets a limit."""
    control_period_s: Annotated[float, Field(gt=0.0, le=10.0)]
    """Time between two actions."""
    tick_s: Annotated[float, Field(gt=0.0, le=_LONGEST_TICK_S)]
    """Time step of the integrator."""
    contact_tick_s: Annotated[float, Field(gt=0.0, le=LONGEST_TICK)]
    """Time step while something can touch the ground."""
    vehicle: VehicleSpec
    """The lander."""
    inertial: InertialSpec
    """Its inertial unit."""
    rangefinder: RangefinderSpec | None = None
    """Its laser rangefinder, if it carries one."""
    velocimeter: VelocimeterSpec | None = None
    """Its Doppler velocimeter, if it carries one."""
    radar: RadarSpec | None = None
    """Its radar altimeter, if it carries one."""
    camera: CameraSpec | None = None
    """Its camera for terrain-relative navigation, if it carries one."""
    sun_elevation_deg: Annotated[float | None, Field(ge=-90.0, le=90.0)] = None
    """Elevation of the Sun at the target; a camera needs light."""
    terrain: TerrainSpec
    """Terrain."""
    payloads: Annotated[tuple[PayloadSpec, ...], AsList, Field(max_length=100)] = ()
    """Payloads as far as they are known; their sum is the lander's `payload_kg`."""
    features: Annotated[tuple[FeatureSpec, ...], AsList, Field(max_length=MAX_FEATURES)] = ()
    """Craters and slopes of this site."""
    phases: Phases
    """Initial states of its phases."""

    @property
    def reserve_kg(self) -> float:
        """Propellant that the planned landing leaves."""
        first = self.phases.named(self.phases.offered[-1])
        return self.reserve_frac * first.propellant_kg

    @model_validator(mode="after")
    def _clocks_fit_together(self) -> Self:
        for longer, shorter in (("control_period_s", "tick_s"), ("tick_s", "contact_tick_s")):
            long, short = getattr(self, longer), getattr(self, shorter)
            ratio = long / short
            if abs(ratio - round(ratio)) > 1e-9 or ratio < 0.5:
                raise ConfigError(
                    f"{longer} = {long:g} must be a whole multiple of {shorter} = {short:g}"
                )
        for shorter, most in _MOST_IN_A_PERIOD.items():
            if self.control_period_s > (most + 0.5) * getattr(self, shorter):
                raise ConfigError(
                    f"control_period_s = {self.control_period_s:g} must not hold more than"
                    f" {most:,} times {shorter} = {getattr(self, shorter):g}"
                )
        longest = _MAX_DEAD_TICKS * self.tick_s
        for ring in self.vehicle.engines:
            if ring.dead_time_s > longest + 1e-9:
                raise ConfigError(
                    f"vehicle.engines: dead_time_s = {ring.dead_time_s:g} of {ring.name!r} must"
                    f" not exceed {_MAX_DEAD_TICKS} ticks of {self.tick_s:g} s"
                )
        return self

    @model_validator(mode="after")
    def _rangefinder_keeps_time(self) -> Self:
        if self.rangefinder is None:
            return self
        sums = self.control_period_s / self.rangefinder.integration_s
        if sums > _MOST_SUMS:
            raise ConfigError(
                f"rangefinder.prf_Hz = {self.rangefinder.prf_Hz:g} with accumulated_shots ="
                f" {self.rangefinder.accumulated_shots} makes {sums:,.0f} ranges in a control"
                f" period of {self.control_period_s:g} s, at most {_MOST_SUMS:,}"
            )
        return self

    @model_validator(mode="after")
    def _ground_is_of_this_planet(self) -> Self:
        if self.terrain.dem is not None and self.planet.radius_m != R_MOON:
            raise ConfigError(
                f"terrain.dem: elevation models are read as maps of the Moon; planet.radius_m ="
                f" {self.planet.radius_m:g} must be {R_MOON:g}"
            )
        return self

    @model_validator(mode="after")
    def _lander_fits(self) -> Self:
        capacity = self.vehicle.propellant_capacity_kg
        for name in self.phases.offered:
            propellant = self.phases.named(name).propellant_kg
            if propellant > capacity:
                raise ConfigError(
                    f"phases.{name}.propellant_kg = {propellant:g} must not exceed"
                    f" vehicle.propellant_capacity_kg = {capacity:g}"
                )
        lowest = min(self.vehicle.com_z_dry_m, self.vehicle.com_z_tank_m)
        for part in ("rangefinder", "velocimeter", "radar"):
            sensor = getattr(self, part)
            if sensor is not None and sensor.mount_offset_m >= lowest:
                raise ConfigError(
                    f"{part}.mount_offset_m = {sensor.mount_offset_m:g} puts the sensor below the"
                    " foot pads, must be below vehicle.com_z_dry_m and com_z_tank_m, here"
                    f" {lowest:g}"
                )
        if self.camera is not None and self.sun_elevation_deg is None:
            raise ConfigError("sun_elevation_deg: is missing; the camera needs it")
        if (self.cutoff == "height") != (self.cutoff_height_m > 0.0):
            raise ConfigError(
                f"cutoff_height_m = {self.cutoff_height_m:g} must be > 0 exactly where cutoff ="
                f" {self.cutoff!r} is 'height'"
            )
        return self
