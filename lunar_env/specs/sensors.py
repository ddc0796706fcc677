"""The sensors other than the rangefinder as designed: velocimeter, radar altimeter, camera."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from lunar_env.errors import ConfigError
from lunar_env.specs.base import Spec
from lunar_env.specs.quantity import Angle, Fraction, Name, NonNegative, Positive, Prose

__all__ = ["MAX_IN_FLIGHT", "CameraSpec", "ChannelSpec", "RadarSpec", "VelocimeterSpec"]

MAX_IN_FLIGHT = 4
# An exponential delay exceeds five times its mean once in 150 samples.
_JITTER_MEANS = 5.0
_SPARE_S = 0.05  # samples are read at the end of a tick


class ChannelSpec(Spec):
    """A sensor with its own sampling clock and latency."""

    name: Name
    """Name of the file, without its ending."""
    title: Prose
    """Name for people."""
    rate_Hz: Annotated[float, Field(gt=0.0, le=20.0)]
    """Samples per second."""
    latency_s: Annotated[float, Field(ge=0.0, le=10.0)]
    """Time from the measurement until it reaches the computer, at least."""
    jitter_s: Annotated[float, Field(ge=0.0, le=10.0)]
    """Mean of an exponential delay on top of it, for each sample."""
    dropout_frac: Fraction
    """Probability that a sample is lost, for each sample."""
    max_age_s: Annotated[float, Field(gt=0.0, le=20.0)]
    """Age up to which the last sample is valid in the observation."""

    @model_validator(mode="after")
    def _has_room_in_flight(self) -> Self:
        longest = self.latency_s + _JITTER_MEANS * self.jitter_s + _SPARE_S
        if longest * self.rate_Hz > MAX_IN_FLIGHT:
            raise ConfigError(
                f"latency_s = {self.latency_s:g} and jitter_s = {self.jitter_s:g} keep more than"
                f" {MAX_IN_FLIGHT} samples in flight at rate_Hz = {self.rate_Hz:g}: latency_s +"
                f" {_JITTER_MEANS:g} jitter_s + {_SPARE_S:g} must be at most"
                f" {MAX_IN_FLIGHT / self.rate_Hz:g}"
            )
        return self


class VelocimeterSpec(ChannelSpec):
    """A Doppler velocimeter with three beams, evenly spread around the downward body axis."""

    noise_m_s: NonNegative
    """Standard deviation of the speed along a beam ..."""
    noise_frac: Fraction
    """... and its part that grows with that speed, as a fraction; the two add in squares."""
    range_min_m: NonNegative
    """Shortest range along a beam."""
    range_max_m: Positive
    """Longest range along a beam."""
    incidence_cut_deg: Angle
    """Incidence beyond which a beam returns nothing."""
    speed_max_m_s: Positive
    """Largest speed along a beam."""
    cant_deg: Annotated[float, Field(gt=0.0, lt=80.0)]
    """Angle of each beam to the downward body axis."""
    mount_offset_m: float
    """Distance of the sensor from the centre of mass towards the foot pads."""

    @model_validator(mode="after")
    def _range_is_a_range(self) -> Self:
        _in_order(self, "range_min_m", "range_max_m")
        return self


class RadarSpec(ChannelSpec):
    """A pulse radar with a wide beam along the downward body axis: range of the first echo."""

    noise_m: NonNegative
    """Standard deviation of each sample ..."""
    noise_frac: Fraction
    """... and its part that grows with the range, as a fraction; the two add in squares."""
    scale_sigma_frac: Fraction
    """Standard deviation of the unit's scale error, drawn once per episode."""
    range_min_m: NonNegative
    """Shortest range."""
    range_max_m: Positive
    """Longest range."""
    beam_half_width_deg: Annotated[float, Field(gt=0.0, lt=90.0)]
    """Half of the width of the beam."""
    mount_offset_m: float
    """Distance of the sensor from the centre of mass towards the foot pads."""

    @model_validator(mode="after")
    def _range_is_a_range(self) -> Self:
        _in_order(self, "range_min_m", "range_max_m")
        return self


class CameraSpec(ChannelSpec):
    """A camera for terrain-relative navigation with a crater map."""

    noise_horizontal_m: NonNegative
    """Standard deviation of a fix, for each horizontal axis."""
    noise_height_m: NonNegative
    """Standard deviation of the height of a fix."""
    height_min_m: NonNegative
    """Lowest height over the ground for a fix."""
    height_max_m: Positive
    """Greatest height over the ground for a fix."""
    tilt_max_deg: Annotated[float, Field(gt=0.0, le=180.0)]
    """Largest tilt of the lander for a fix."""
    sun_elevation_min_deg: Annotated[float, Field(ge=-90.0, le=90.0)]
    """Lowest elevation of the Sun for a fix: below it shadows hide the features of the map."""

    @model_validator(mode="after")
    def _height_is_a_range(self) -> Self:
        _in_order(self, "height_min_m", "height_max_m")
        return self


def _in_order(spec: Spec, low: str, high: str) -> None:
    if getattr(spec, low) >= getattr(spec, high):
        raise ConfigError(
            f"{low} = {getattr(spec, low):g} must be below {high} = {getattr(spec, high):g}"
        )
