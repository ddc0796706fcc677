"""The mission: which lander lands where, how its phases start, and how time is cut up."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from lunar_env.errors import ConfigError
from lunar_env.specs.base import Spec
from lunar_env.specs.quantity import AnyDraw, Positive, PositiveDraw, SlopeDraw
from lunar_env.specs.rangefinder import RangefinderSpec
from lunar_env.specs.vehicle import Name, VehicleSpec

__all__ = ["MissionSpec", "Phases", "TerminalPhase"]


class TerminalPhase(Spec):
    """The last kilometres: starts lie on the mission's own plan, as the lander believes it.

    The plan decelerates at a constant rate from `plan_speed_m_s` at `plan_height_m` to
    `plan_touchdown_speed_m_s` on the ground.
    """

    height_m: PositiveDraw
    """Height at the start that the lander believes; truth differs by the navigation error."""
    plan_height_m: Positive
    """Height at which the planned profile begins."""
    plan_speed_m_s: Positive
    """Planned speed there, downwards."""
    plan_touchdown_speed_m_s: Positive
    """Planned speed at the ground, downwards."""
    v_vertical_scatter_m_s: AnyDraw
    """Difference of the true vertical speed from the plan at the start."""
    v_lateral_m_s: AnyDraw
    """True horizontal velocity at the start, per axis."""
    position_east_m: AnyDraw
    """True position at the start, east of the target."""
    position_north_m: AnyDraw
    """True position at the start, north of the target."""
    tilt_deg: AnyDraw
    """Tilt at the start, per lateral axis."""
    propellant_kg: Positive
    """Propellant left at the start."""
    box_m: Positive
    """Half width of the box around the target that the lander must stay in."""

    @model_validator(mode="after")
    def _plan_slows_down(self) -> Self:
        if self.plan_touchdown_speed_m_s >= self.plan_speed_m_s:
            raise ConfigError(
                f"plan_touchdown_speed_m_s = {self.plan_touchdown_speed_m_s:g}"
                f" must be below plan_speed_m_s = {self.plan_speed_m_s:g}"
            )
        return self

    @property
    def plan_deceleration_m_s2(self) -> float:
        """Net deceleration of the plan."""
        squares = self.plan_speed_m_s**2 - self.plan_touchdown_speed_m_s**2
        return squares / (2.0 * self.plan_height_m)


class Phases(Spec):
    """Start distributions, one per phase that the mission offers."""

    terminal: TerminalPhase
    """From a few kilometres to the ground."""


class MissionSpec(Spec):
    """One landing: site, lander, rangefinder, starts, and the clocks of the simulation."""

    name: Name
    """Name of the file, without its ending."""
    title: str
    """Name for people."""
    operator: str
    """Who flew it."""
    date: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    """Day of the landing, UTC."""
    site: str
    """Where."""
    outcome: str
    """What happened."""
    latitude_deg: Annotated[float, Field(ge=-90.0, le=90.0)]
    """Latitude of the target."""
    longitude_deg: Annotated[float, Field(ge=-180.0, le=180.0)]
    """East longitude of the target."""
    albedo: Annotated[float, Field(gt=0.0, le=1.0)]
    """Reflectivity of the ground at the wavelength of the rangefinder, at normal incidence."""
    slope_deg: SlopeDraw
    """Slope of the ground, drawn per episode."""
    slope_azimuth_deg: AnyDraw
    """Direction in which the ground rises, clockwise from north."""
    time_limit_s: Positive
    """Longest episode."""
    control_period_s: Positive
    """Time between two actions."""
    tick_s: Positive
    """Time step of the integrator."""
    vehicle: VehicleSpec
    """The lander."""
    rangefinder: RangefinderSpec
    """Its rangefinder."""
    phases: Phases
    """How its phases start."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        ratio = self.control_period_s / self.tick_s
        if abs(ratio - round(ratio)) > 1e-9 or ratio < 0.5:
            raise ConfigError(
                f"control_period_s = {self.control_period_s:g} must be a whole multiple of"
                f" tick_s = {self.tick_s:g}"
            )
        propellant, capacity = (
            self.phases.terminal.propellant_kg,
            self.vehicle.propellant_capacity_kg,
        )
        if propellant > capacity:
            raise ConfigError(
                f"phases.terminal.propellant_kg = {propellant:g} must not exceed"
                f" vehicle.propellant_capacity_kg = {capacity:g}"
            )
        offset, cg_height = self.rangefinder.mount_offset_m, self.vehicle.cg_height_m
        if offset >= cg_height:
            raise ConfigError(
                f"rangefinder.mount_offset_m = {offset:g} puts the sensor below the foot pads,"
                f" must be below vehicle.cg_height_m = {cg_height:g}"
            )
        return self
