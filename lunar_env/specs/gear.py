"""Landing gear and hull: contact points and the loads that they withstand."""

from __future__ import annotations

import math
from typing import Annotated, Self

from pydantic import Field, model_validator

from lunar_env.errors import ConfigError
from lunar_env.specs.base import Spec
from lunar_env.specs.quantity import Angle, Interval, NonNegative, Positive

__all__ = ["GearSpec", "SidePads", "TouchdownLimits", "TouchdownTier"]


class SidePads(Spec):
    """A pair of rigid pads on one side of the body, for a lander that falls onto that side."""

    azimuth_deg: Annotated[float, Field(ge=-360.0, le=360.0)]
    """Direction of that side, from the body's x axis towards its y axis."""
    reach_m: Positive
    """Distance of their midpoint from the body axis."""
    height_m: Positive
    """Height above the foot pads."""
    apart_m: Positive
    """Distance between the two."""

    @property
    def farthest_m(self) -> float:
        """Distance of each of the two from the body's axis."""
        return math.hypot(self.reach_m, 0.5 * self.apart_m)


class GearSpec(Spec):
    """Legs on a circle with crushing absorbers, and the body as a cylinder around the axis.

    Heights are above the plane of the foot pads. The body may end in a cone, and have pads on one
    side.
    """

    legs: Annotated[int, Field(ge=3, le=8)]
    """Number of legs."""
    footprint_diameter_m: Positive
    """Diameter of the circle through the foot pads."""
    crush_force_N: Positive
    """Force at which the absorber of one leg gives way."""
    stroke_m: Positive
    """Largest crush of the absorber; beyond it the leg breaks."""
    side_load_N: Positive
    """Lateral force that breaks one leg."""
    hull_radius_m: Positive
    """Radius of the body."""
    hull_bottom_m: NonNegative
    """Height of its lower end."""
    hull_top_m: Positive
    """Height of its upper end."""
    hull_nose_m: Annotated[float | None, Field(gt=0.0)] = None
    """Height of the tip of a cone on top; without a cone if left out."""
    side_pads: SidePads | None = None
    """Pads to lie on; without them if left out."""
    rest_tilt_deg: Interval
    """Interval of the tilt to the ground in which the lander is intended to rest."""

    @property
    def nose_m(self) -> float:
        """Height of the highest point of the hull."""
        return self.hull_top_m if self.hull_nose_m is None else self.hull_nose_m

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.hull_bottom_m >= self.hull_top_m:
            raise ConfigError(
                f"hull_bottom_m = {self.hull_bottom_m:g} must be below"
                f" hull_top_m = {self.hull_top_m:g}"
            )
        low, high = self.rest_tilt_deg
        if low < 0.0 or high > 180.0:
            raise ConfigError(f"rest_tilt_deg = [{low:g}, {high:g}] must stay in [0, 180]")
        if self.nose_m < self.hull_top_m:
            raise ConfigError(
                f"hull_nose_m = {self.nose_m:g} must not be below hull_top_m = {self.hull_top_m:g}"
            )
        pads = self.side_pads
        if pads and not self.hull_bottom_m <= pads.height_m <= self.nose_m:
            raise ConfigError(
                f"side_pads.height_m = {pads.height_m:g} must lie between hull_bottom_m ="
                f" {self.hull_bottom_m:g} and the highest point of the hull, {self.nose_m:g}"
            )
        # `physics/clearance.py` looks for ground no farther from the centre of mass than `looked`.
        looked = 0.5 * self.footprint_diameter_m + self.nose_m
        if pads and math.hypot(pads.farthest_m, self.nose_m - self.hull_bottom_m) > looked:
            raise ConfigError(
                f"side_pads: {pads.farthest_m:g} m from the axis is too far for a lander of"
                f" footprint_diameter_m = {self.footprint_diameter_m:g} and a hull up to"
                f" {self.nose_m:g} m"
            )
        return self


class TouchdownTier(Spec):
    """Largest values at first contact within one tier."""

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
