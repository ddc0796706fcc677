"""The lander: masses, engines, thrusters, legs, touchdown limits and what varies between units."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from lunar_env.errors import ConfigError
from lunar_env.specs.base import Spec
from lunar_env.specs.engine import MAX_ENGINES, EngineSpec, FittedEngine, RcsSpec
from lunar_env.specs.gear import GearSpec, TouchdownLimits
from lunar_env.specs.look import LookSpec
from lunar_env.specs.quantity import (
    PROSE,
    AnyDraw,
    AsList,
    Draw,
    FactorErrorDraw,
    FractionDraw,
    Name,
    NonNegative,
    Positive,
    Prose,
)

__all__ = ["Dispersion", "GaugesSpec", "VehicleSpec"]

_NONE = Draw("constant", (0.0,))


class Dispersion(Spec):
    """Deviations of a lander from its specification, drawn once per episode.

    Those of engines are drawn for each engine. An error as a fraction multiplies the
    specified value by one plus itself.
    """

    thrust_frac: AnyDraw
    """Error of the thrust as a fraction of it."""
    isp_frac: AnyDraw
    """Error of the specific impulse as a fraction of it."""
    mass_frac: AnyDraw
    """Error of the dry mass as a fraction of it."""
    lag_frac: FactorErrorDraw
    """Error of the engines' time constants as a fraction of them."""
    thrust_direction_deg: AnyDraw
    """Misalignment of the thrust, about each of the two lateral axes."""
    com_offset_m: AnyDraw
    """Distance of the centre of mass from the axis, along each of the two lateral axes."""
    inertia_frac: FactorErrorDraw
    """Error of the moments of inertia as a fraction of them, for each axis."""


class GaugesSpec(Spec):
    """Errors of the lander's own gauges, drawn once per episode."""

    propellant_scale_frac: AnyDraw = _NONE
    """Error of the propellant gauge as a fraction of the remaining propellant."""
    propellant_offset_kg: AnyDraw = _NONE
    """Constant error of the propellant gauge."""
    propellant_resolution_kg: NonNegative = 0.0
    """Resolution of the propellant gauge; 0 for none."""
    engine_switch_frac: FractionDraw = Draw("constant", (0.01,))
    """Share of the installed thrust above which the pressure switch reports burning engines."""


class VehicleSpec(Spec):
    """A lander as designed.

    Heights are above the plane of the foot pads.
    """

    name: Name
    """Name of the file, without its ending."""
    title: Prose
    """Name for people."""
    mass_dry_kg: Positive
    """Mass without propellant and payload."""
    payload_kg: NonNegative
    """Payload carried to the ground."""
    propellant_capacity_kg: Positive
    """Usable propellant when the tanks are full."""
    com_z_dry_m: Positive
    """Height of the centre of mass without propellant."""
    com_z_tank_m: Positive
    """Height of the centre of mass of the propellant."""
    k_x_m: Positive
    """Radius of gyration about the body's x axis, without propellant."""
    k_y_m: Positive
    """Radius of gyration about the body's y axis, without propellant."""
    k_z_m: Positive
    """Radius of gyration about the body axis, without propellant."""
    k_tank_m: Positive
    """Radius of gyration of the propellant about axes through its centre of mass."""
    height_m: Positive
    """Height of the lander, legs deployed."""
    width_m: Positive
    """Width of the lander, legs deployed."""
    rate_max_deg_s: Annotated[float, Field(gt=0.0, le=360.0)]
    """Fastest turn that the autopilot asks for."""
    steering: Literal["thrusters", "engines"]
    """Whether the autopilot turns the lander by thrusters and gimbals only, or also by
    throttling engines against each other."""
    engines: Annotated[tuple[EngineSpec, ...], AsList, Field(min_length=1, max_length=MAX_ENGINES)]
    """The engines, by rings."""
    rcs: RcsSpec
    """Attitude thrusters."""
    gear: GearSpec
    """Legs and hull."""
    limits: TouchdownLimits
    """Touchdown limits by tier."""
    dispersion: Dispersion
    """Differences between units."""
    gauges: GaugesSpec = Field(default_factory=GaugesSpec)
    """Propellant gauge and engine switch; without errors where they are left out."""
    look: Annotated[LookSpec | None, PROSE] = None
    """What it looks like in pictures; a plain body of the hull's size if left out."""

    @property
    def engine_list(self) -> tuple[FittedEngine, ...]:
        """The single engines, in the order of the file."""
        return tuple(engine for ring in self.engines for engine in ring.fitted)

    @property
    def thrust_max_N(self) -> float:  # noqa: N802 (the unit keeps its case)
        """Installed thrust: all engines at full thrust."""
        return sum(ring.count * ring.thrust_N for ring in self.engines)

    @property
    def isp_s(self) -> float:
        """Specific impulse of all engines together at full thrust."""
        flow = sum(ring.count * ring.thrust_N / ring.isp_s for ring in self.engines)
        return self.thrust_max_N / flow

    @property
    def throttle_min_frac(self) -> float:
        """Lowest thrust of the engines that are never cut, as a fraction of the installed one."""
        floors = (
            ring.count * ring.thrust_N * ring.floor_frac
            for ring in self.engines
            if ring.cut_below_frac == 0.0
        )
        return sum(floors) / self.thrust_max_N

    @property
    def engine_lag_s(self) -> float:
        """Dead time and time constant of the slowest engine."""
        return max(r.dead_time_s + max(r.lag_up_s, r.lag_down_s) for r in self.engines)

    @property
    def com_height_m(self) -> float:
        """Height of the centre of mass of the dry lander."""
        return self.com_z_dry_m

    @property
    def restartable(self) -> bool:
        """Whether every engine can be lit again."""
        return all(ring.restartable for ring in self.engines)

    @model_validator(mode="after")
    def _body_holds_its_mass(self) -> Self:
        gear = self.gear
        for name in ("com_z_dry_m", "com_z_tank_m"):
            height = getattr(self, name)
            if not gear.hull_bottom_m <= height <= gear.nose_m:
                raise ConfigError(
                    f"{name} = {height:g} must lie between gear.hull_bottom_m ="
                    f" {gear.hull_bottom_m:g} and the top of the hull, {gear.nose_m:g}"
                )
        if gear.nose_m > self.height_m:
            name = "hull_top_m" if gear.hull_nose_m is None else "hull_nose_m"
            raise ConfigError(
                f"gear.{name} = {gear.nose_m:g} must not exceed height_m = {self.height_m:g}"
            )
        return self

    @model_validator(mode="after")
    def _engines_fit_together(self) -> Self:
        count = sum(ring.count for ring in self.engines)
        if count > MAX_ENGINES:
            raise ConfigError(f"engines = {count} in all: must be at most {MAX_ENGINES}")
        names = [ring.name for ring in self.engines]
        if len(set(names)) < len(names):
            raise ConfigError(f"engines are called {', '.join(names)}: names must differ")
        if all(ring.cut_below_frac > 0.0 for ring in self.engines):
            raise ConfigError("cut_below_frac is above 0 for all engines: none could throttle down")
        able = sum(r.count for r in self.engines if r.kind != "on_off" and r.radius_m > 0.0)
        if self.steering == "engines" and able < 3:
            raise ConfigError(
                "steering = 'engines' needs at least three engines off the axis that can"
                f" throttle, has {able}"
            )
        return self
