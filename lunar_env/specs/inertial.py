"""The inertial unit and the star tracker that aligns it: how well they were built."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from lunar_env.specs.base import Spec
from lunar_env.specs.quantity import Name, Prose

__all__ = ["InertialSpec"]

# Far beyond the worst unit that anybody would fly; what is larger is a slip of the unit.
_Parts = Annotated[float, Field(ge=0.0, le=1e5)]
_Arcseconds = Annotated[float, Field(ge=0.0, le=36000.0)]


class InertialSpec(Spec):
    """A strapdown unit of three gyroscopes and three accelerometers, by the one-sigma values.

    The errors of each axis are drawn once per episode; the random walks are continuous.
    A scenario's `inertial_frac` multiplies them all.
    """

    name: Name
    """Name of the file, without its ending."""
    title: Prose
    """Name for people."""
    gyro_bias_deg_h: Annotated[float, Field(ge=0.0, le=1e4)]
    """Bias of a gyroscope, from one switching-on to the next."""
    angle_walk_deg_sqrt_h: Annotated[float, Field(ge=0.0, le=100.0)]
    """Angular random walk of a gyroscope."""
    gyro_scale_ppm: _Parts
    """Error of a gyroscope's scale."""
    accel_bias_ug: Annotated[float, Field(ge=0.0, le=1e6)]
    """Bias of an accelerometer, from one switching-on to the next."""
    velocity_walk_ug_sqrt_Hz: Annotated[float, Field(ge=0.0, le=1e5)]
    """Noise density of an accelerometer, whose integral is the velocity random walk."""
    accel_scale_ppm: _Parts
    """Error of an accelerometer's scale."""
    misalignment_deg: Annotated[float, Field(ge=0.0, le=1.0)]
    """Turn of the unit against the lander's axes, about each of them."""
    star_tracker_across_arcsec: _Arcseconds
    """Error of the last star tracker update before the burn, about body y and z."""
    star_tracker_along_arcsec: _Arcseconds
    """The same about the tracker's own axis, which lies along body x."""
