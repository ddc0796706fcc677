"""Engines: rings of equal engines, their positions, throttling, start and shutdown."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from lunar_env.errors import ConfigError
from lunar_env.specs.base import Spec
from lunar_env.specs.quantity import NonNegative, Positive

__all__ = ["MAX_ENGINES", "EngineSpec", "FittedEngine", "RcsSpec"]

MAX_ENGINES = 8
Impulse = Annotated[float, Field(gt=0.0, le=1000.0)]
Lag = Annotated[float, Field(ge=0.0, le=10.0)]
Share = Annotated[float, Field(ge=0.0, lt=1.0)]


class EngineSpec(Spec):
    """A ring of equal engines around the body axis, or a single engine.

    Heights are above the plane of the foot pads. A ring's engines are evenly spread from the
    azimuth of the first, counted from the body's x axis towards its y axis.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    """Name of the engine."""
    count: Annotated[int, Field(ge=1, le=MAX_ENGINES)] = 1
    """Number of engines in the ring."""
    kind: Literal["continuous", "pulsed", "on_off"]
    """Throttled; pulsed within a control period, so that the mean thrust acts; or on or off."""
    thrust_N: Positive
    """Full thrust of one engine, in vacuum."""
    throttle_min_frac: Share = 0.0
    """Floor of the throttle of a continuous engine."""
    min_on_s: Lag = 0.0
    """Shortest pulse of a pulsed engine."""
    gap_low_frac: Annotated[float, Field(gt=0.0, le=1.0)] = 1.0
    """Between this throttle ..."""
    gap_high_frac: Annotated[float, Field(gt=0.0, le=1.0)] = 1.0
    """... and this one the engine must not run; both are 1 if there is no such band."""
    cut_below_frac: Share = 0.0
    """Share of the installed thrust of all engines below which this engine is shut down."""
    restartable: bool
    """Whether it can be restarted after a shutdown."""
    isp_s: Impulse
    """Specific impulse in vacuum at full thrust."""
    isp_floor_s: Impulse = Field(default_factory=lambda data: data.get("isp_s", 0.0))
    """Specific impulse in the limit of zero thrust; its inverse is linear in the thrust."""
    dead_time_s: Lag
    """Time from a command until the thrust begins to follow."""
    lag_up_s: Lag
    """First-order time constant of rising thrust."""
    lag_down_s: Lag
    """First-order time constant of falling thrust."""
    radius_m: NonNegative
    """Distance from the body axis."""
    azimuth_deg: Annotated[float, Field(ge=-360.0, le=360.0)] = 0.0
    """Azimuth of the first engine."""
    z_m: Annotated[float, Field(ge=-10.0, le=100.0)]
    """Height at which the thrust acts: that of the gimbal, or of the nozzle of a fixed engine."""
    cant_deg: Annotated[float, Field(ge=-60.0, le=60.0)] = 0.0
    """Angle by which the nozzle points away from the axis: the thrust points inwards, and above the
    engine its line approaches the axis."""
    gimbal_max_deg: Annotated[float, Field(ge=0.0, le=45.0)] = 0.0
    """Largest gimbal angle about each lateral axis; 0 for a fixed engine."""
    gimbal_rate_deg_s: NonNegative = 0.0
    """Largest rate of the gimbal."""

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        name = f"engine {self.name!r}"
        if self.kind != "continuous" and (self.throttle_min_frac > 0.0 or self.gap_low_frac < 1.0):
            raise ConfigError(
                f"{name} is {self.kind}: it must have neither throttle_min_frac nor gaps"
            )
        if (self.kind == "pulsed") != (self.min_on_s > 0.0):
            raise ConfigError(
                f"{name} is {self.kind}, with min_on_s = {self.min_on_s:g}: a pulsed engine has a"
                " shortest pulse above 0, no other has one"
            )
        return self

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        low, high, floor = self.gap_low_frac, self.gap_high_frac, self.throttle_min_frac
        if (low, high) != (1.0, 1.0) and not floor <= low < high:
            raise ConfigError(
                f"gap_low_frac = {low:g} must be below gap_high_frac = {high:g}"
                f" and not below throttle_min_frac = {floor:g}"
            )
        if (self.gimbal_max_deg > 0.0) != (self.gimbal_rate_deg_s > 0.0):
            raise ConfigError(
                f"gimbal_rate_deg_s = {self.gimbal_rate_deg_s:g} must be > 0 exactly where"
                f" gimbal_max_deg = {self.gimbal_max_deg:g} is"
            )
        if self.count > 1 and self.radius_m == 0.0:
            raise ConfigError(
                f"count = {self.count}: engines at radius_m = 0 have the same position"
            )
        return self

    @property
    def floor_frac(self) -> float:
        """Lowest thrust as a fraction of the full one: 1 for on or off, 0 for a pulsed engine."""
        return 1.0 if self.kind == "on_off" else self.throttle_min_frac

    @property
    def fitted(self) -> tuple[FittedEngine, ...]:
        """The single engines of the ring."""
        cant = math.radians(self.cant_deg)
        engines = []
        for k in range(self.count):
            azimuth = math.radians(self.azimuth_deg) + 2.0 * math.pi * k / self.count
            x, y = math.cos(azimuth), math.sin(azimuth)
            engines.append(
                FittedEngine(
                    name=self.name if self.count == 1 else f"{self.name}-{k + 1}",
                    spec=self,
                    place_m=(self.radius_m * x, self.radius_m * y, self.z_m),
                    direction=(-math.sin(cant) * x, -math.sin(cant) * y, math.cos(cant)),
                )
            )
        return tuple(engines)


@dataclass(frozen=True, slots=True)
class FittedEngine:
    """One engine at its position.

    Parameters
    ----------
    name : str
        Name of the ring, with the engine's number in it where there are several.
    spec : EngineSpec
        The ring that it belongs to.
    place_m : tuple of float
        Where the thrust acts, from the centre of the foot-pad plane, in body axes.
    direction : tuple of float
        Unit vector of its thrust, not gimballed.
    """

    name: str
    spec: EngineSpec
    place_m: tuple[float, float, float]
    direction: tuple[float, float, float]

    def miss_distance_m(self, com_z_m: float) -> float:
        """Return how far the thrust line passes from a centre of mass on the axis."""
        (x, y, z), (i, j, k) = self.place_m, self.direction
        z -= com_z_m
        return math.hypot(y * k - z * j, z * i - x * k, x * j - y * i)


class RcsSpec(Spec):
    """The attitude thrusters, all together."""

    torque_max_xy_N_m: Positive
    """Largest control torque about each lateral axis."""
    torque_max_z_N_m: Positive
    """Largest control torque about the body axis."""
    impulse_bit_N_m_s: NonNegative
    """Smallest angular impulse."""
    arm_m: Positive
    """Mean lever arm: torque divided by it is the thrust that consumes propellant."""
    isp_s: Impulse
    """Specific impulse in pulses."""
