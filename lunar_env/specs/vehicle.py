"""The lander: masses, engine, inertia, size, touchdown limits and what varies between units."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from lunar_env.errors import ConfigError
from lunar_env.specs.base import Spec
from lunar_env.specs.quantity import Angle, AnyDraw, NonNegative, NonNegativeDraw, Positive

__all__ = ["Dispersion", "TouchdownLimits", "TouchdownTier", "VehicleSpec"]

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")]


class TouchdownTier(Spec):
    """Largest values at first contact that still count for one tier."""

    v_vertical_m_s: Positive
    """Speed along the local vertical."""
    v_lateral_m_s: Positive
    """Speed across the local vertical."""
    tilt_deg: Angle
    """Angle between the body axis and the normal of the ground."""
    rate_deg_s: Positive
    """Magnitude of the body rate."""


class TouchdownLimits(Spec):
    """What the landing gear takes: as intended, without loss, and at the edge."""

    nominal: TouchdownTier
    """What the mission plans for."""
    survivable: TouchdownTier
    """Within it the landing is a success."""
    hard: TouchdownTier
    """Within it the landing is a hard one, beyond it a crash."""

    @model_validator(mode="after")
    def _tiers_widen(self) -> Self:
        for inner, outer in (("nominal", "survivable"), ("survivable", "hard")):
            for name in TouchdownTier.model_fields:
                smaller = getattr(getattr(self, inner), name)
                larger = getattr(getattr(self, outer), name)
                if smaller > larger:
                    raise ConfigError(
                        f"{inner}.{name} = {smaller:g} must not exceed {outer}.{name} = {larger:g}"
                    )
        return self


class Dispersion(Spec):
    """How one unit of the lander differs from its specification; drawn once per episode."""

    thrust_frac: AnyDraw
    """Error of the thrust as a fraction of it."""
    isp_frac: AnyDraw
    """Error of the specific impulse as a fraction of it."""
    mass_frac: AnyDraw
    """Error of the mass as a fraction of it."""
    engine_lag_s: NonNegativeDraw
    """Time constant of the engine in this episode."""
    thrust_direction_deg: AnyDraw
    """Misalignment of the thrust, about each of the two lateral axes."""


class VehicleSpec(Spec):
    """A lander as its designers know it, with one lumped engine along the body axis."""

    name: Name
    """Name of the file, without its ending."""
    title: str
    """Name for people."""
    mass_dry_kg: Positive
    """Mass without propellant and payload."""
    payload_kg: NonNegative
    """Payload carried to the ground."""
    propellant_capacity_kg: Positive
    """Usable propellant when the tanks are full."""
    thrust_max_N: Positive
    """Installed thrust."""
    throttle_min_frac: Annotated[float, Field(ge=0.0, lt=1.0)]
    """Floor of the throttle band, as a fraction of the installed thrust."""
    restartable: bool
    """Whether the engine can be lit again after it was shut down."""
    isp_s: Annotated[float, Field(gt=0.0, le=1000.0)]
    """Specific impulse in vacuum."""
    engine_lag_s: Annotated[float, Field(ge=0.0, le=10.0)]
    """First-order time constant of the thrust, as the designers know it."""
    engine_arm_m: Annotated[float, Field(ge=0.0)]
    """Distance of the engine below the centre of mass."""
    k_xy_m: Positive
    """Radius of gyration about the two lateral axes."""
    k_z_m: Positive
    """Radius of gyration about the body axis."""
    torque_max_xy_N_m: Positive
    """Largest control torque about each lateral axis."""
    torque_max_z_N_m: Positive
    """Largest control torque about the body axis."""
    legs: Annotated[int, Field(ge=3, le=8)]
    """Number of legs."""
    footprint_diameter_m: Positive
    """Diameter of the circle through the foot pads."""
    cg_height_m: Positive
    """Height of the centre of mass above the plane of the foot pads."""
    height_m: Positive
    """Height of the lander, legs deployed."""
    width_m: Positive
    """Width of the lander, legs deployed."""
    limits: TouchdownLimits
    """Touchdown limits by tier."""
    dispersion: Dispersion
    """Differences between units."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.cg_height_m >= self.height_m:
            raise ConfigError(
                f"cg_height_m = {self.cg_height_m:g} must be below height_m = {self.height_m:g}"
            )
        return self
