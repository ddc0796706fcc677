"""What a lander looks like: solids, struts and nozzles, for pictures only.

Nothing here acts on a flight, and none of it enters the digest of a vehicle.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from lunar_env.errors import ConfigError
from lunar_env.specs.base import Spec
from lunar_env.specs.quantity import AsList, NonNegative, Outline, Positive

__all__ = ["MATERIALS", "SHAPES", "LookSpec", "NozzleSpec", "PartSpec", "StrutSpec"]

Material = Literal["gold", "silver", "white", "grey", "dark", "cells", "engine"]
MATERIALS: tuple[Material, ...] = ("gold", "silver", "white", "grey", "dark", "cells", "engine")
SHAPES = {"triangle": 3, "square": 4, "hexagon": 6, "octagon": 8, "round": 14}
"""Cross sections of a solid, and how many sides each is drawn with."""
_MOST_PARTS = 40


class PartSpec(Spec):
    """A solid: an outline of half width and height, carried around an upright axis."""

    name: Annotated[str, Field(min_length=1, max_length=60)]
    """What it is."""
    material: Material
    """What it is covered with."""
    shape: Literal["triangle", "square", "hexagon", "octagon", "round"]
    """Its cross section."""
    outline_m: Outline
    """Half width across flats and height of the points of its outline, from the bottom to the
    top."""
    at_x_m: float = 0.0
    """Where its axis is, along the body's x axis."""
    at_y_m: float = 0.0
    """Where its axis is, along the body's y axis."""
    turn_deg: Annotated[float, Field(ge=-360.0, le=360.0)] = 0.0
    """Azimuth of its first side, from the body's x axis towards its y axis."""
    depth_frac: Annotated[float, Field(gt=0.0, le=10.0)] = 1.0
    """Its width across the direction of its first side over that along it."""

    @model_validator(mode="after")
    def _has_a_body(self) -> Self:
        heights = [height for _, height in self.outline_m]
        if any(width < 0.0 for width, _ in self.outline_m) or heights != sorted(heights):
            raise ConfigError(
                "outline_m: widths must not be negative, and heights must not fall from one point"
                " to the next"
            )
        return self


class StrutSpec(Spec):
    """The legs: each is a main strut from its pad to the body, and two braces."""

    top_radius_m: Positive
    """Distance of the upper end of a main strut from the axis."""
    top_height_m: Positive
    """Its height."""
    brace_radius_m: Positive
    """Distance of the inner ends of the braces from the axis."""
    brace_height_m: Positive
    """Their height."""
    spread_deg: Annotated[float, Field(ge=0.0, le=90.0)] = 20.0
    """Azimuth between a leg and the inner end of each of its braces."""
    thickness_m: Positive = 0.08
    """Thickness of a main strut."""
    pad_radius_m: Positive = 0.15
    """Radius of a pad."""


class NozzleSpec(Spec):
    """Nozzles of one ring of engines, where they differ from the engines that are modelled."""

    engine: Annotated[str, Field(min_length=1)]
    """The ring of engines whose thrust they show; of no effect where the lander has none of that
    name."""
    count: Annotated[int, Field(ge=1, le=12)] = 1
    """Number of nozzles, evenly spread."""
    ring_radius_m: NonNegative = 0.0
    """Distance of their axes from that of the body."""
    exit_radius_m: Positive
    """Radius of the exit."""
    exit_height_m: NonNegative
    """Height of the exit above the plane of the foot pads."""
    throat_height_m: Positive
    """Height of the throat."""

    @model_validator(mode="after")
    def _points_down(self) -> Self:
        if self.throat_height_m <= self.exit_height_m:
            raise ConfigError(
                f"throat_height_m = {self.throat_height_m:g} must be above"
                f" exit_height_m = {self.exit_height_m:g}"
            )
        return self


class LookSpec(Spec):
    """Solids, struts and nozzles of a lander."""

    struts: StrutSpec
    """The legs; their number and their footprint are the gear's."""
    parts: Annotated[tuple[PartSpec, ...], AsList, Field(min_length=1, max_length=_MOST_PARTS)]
    """The solids."""
    nozzles: Annotated[tuple[NozzleSpec, ...], AsList, Field(max_length=12)] = ()
    """The nozzles; for rings of engines without an entry, one for each engine, sized by its
    thrust."""
