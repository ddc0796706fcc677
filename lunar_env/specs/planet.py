"""The body that is landed on: its gravity, its size and how it turns."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from lunar_env.errors import ConfigError
from lunar_env.specs.base import Spec
from lunar_env.specs.quantity import Name, Prose

__all__ = ["PlanetSpec"]


class PlanetSpec(Spec):
    """A planet or moon as an oblate sphere that turns evenly.

    The strength of its gravity is stated once: as the gravitational parameter, or as the
    acceleration at the radius.
    """

    name: Name
    """Name of the file, without its ending."""
    title: Prose
    """Name for people."""
    radius_m: Annotated[float, Field(gt=1e4, le=1e12)]
    """Distance of the target from the centre. Gravity varies by twice the height over it."""
    gm_m3_s2: Annotated[float | None, Field(gt=0.0)] = None
    """Gravitational parameter ..."""
    gravity_m_s2: Annotated[float | None, Field(gt=0.0, le=100.0)] = None
    """... or the acceleration at the radius; one of the two."""
    j2: Annotated[float, Field(ge=0.0, le=0.1)] = 0.0
    """Oblateness, unnormalised."""
    j2_radius_m: Annotated[float | None, Field(gt=0.0)] = None
    """Radius that the oblateness refers to; the radius above where it is left out."""
    rotation_rad_s: Annotated[float, Field(ge=0.0, le=1e-3)] = 0.0
    """Rate of rotation about the pole, eastwards."""

    @model_validator(mode="after")
    def _states_gravity_once(self) -> Self:
        if (self.gm_m3_s2 is None) == (self.gravity_m_s2 is None):
            found = "neither" if self.gm_m3_s2 is None else "both"
            raise ConfigError(f"must have one of gm_m3_s2 and gravity_m_s2, has {found}")
        return self

    @property
    def mu(self) -> float:
        """Gravitational parameter [m^3/s^2]."""
        if self.gm_m3_s2 is not None:
            return self.gm_m3_s2
        return self.surface_gravity_m_s2 * self.radius_m**2

    @property
    def surface_gravity_m_s2(self) -> float:
        """Acceleration at the radius, without oblateness and rotation."""
        if self.gravity_m_s2 is not None:
            return self.gravity_m_s2
        return self.mu / self.radius_m**2

    @property
    def j2_term(self) -> float:
        """What the kernels multiply by: 3/2 J2 mu R^2 [m^5/s^2]."""
        reference = self.radius_m if self.j2_radius_m is None else self.j2_radius_m
        return 1.5 * self.j2 * self.mu * reference**2
