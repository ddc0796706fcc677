"""The laser rangefinder as built: optics, detection, acquisition and where it sits."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from lunar_env.errors import ConfigError
from lunar_env.specs.base import Spec
from lunar_env.specs.quantity import Angle, Name, NonNegative, Positive

__all__ = ["RangefinderSpec"]


class RangefinderSpec(Spec):
    """A pulsed, accumulating rangefinder in full health.

    What ails one unit in one episode (loss of signal, noise, latency, dropouts) is a matter of
    the scenario, see `lunar_env.specs.ScenarioSpec`.
    """

    name: Name
    """Name of the file, without its ending."""
    title: str
    """Name for people."""
    wavelength_nm: Positive
    """Laser wavelength."""
    pulse_energy_uJ: Positive
    """Energy of one pulse."""
    prf_Hz: Positive
    """Pulse repetition frequency."""
    aperture_mm: Positive
    """Diameter of the receiver."""
    eta_optics: Annotated[float, Field(gt=0.0, le=1.0)]
    """Transmission of the optics."""
    eta_quantum: Annotated[float, Field(gt=0.0, le=1.0)]
    """Quantum efficiency of the detector."""
    excess_noise: Annotated[float, Field(ge=1.0)]
    """Excess noise factor of the detector."""
    amplifier_noise_e: NonNegative
    """Noise of the amplifier."""
    threshold_snr: Positive
    """Threshold-to-noise ratio of the detection."""
    gate_max_m: Positive
    """Longest range that the unit listens for."""
    lambert_k: NonNegative
    """Exponent of the cosine of incidence in the return."""
    divergence_mrad: Annotated[float, Field(gt=0.0, le=100.0)]
    """Full width of the beam; it sets the footprint on the ground."""
    incidence_cut_deg: Angle
    """Incidence beyond which nothing returns."""
    accumulated_shots: Annotated[int, Field(ge=1, le=1000)]
    """Number of pulses summed into one sample."""
    range_bin_m: Positive
    """Width of a range bin."""
    acquire_m: Annotated[int, Field(ge=1, le=64)]
    """Consistent detections needed for a fix ..."""
    acquire_n: Annotated[int, Field(ge=1, le=64)]
    """... out of this many samples."""
    lost_after: Annotated[int, Field(ge=1, le=1000)]
    """Consecutive misses after which the track is lost."""
    range_walk: bool
    """Whether closing speed smears the accumulated echo over range bins."""
    mount_offset_m: float
    """Distance of the sensor from the centre of mass towards the foot pads."""
    boresight_tilt_deg: Annotated[float, Field(ge=-89.0, le=89.0)]
    """Tilt of the boresight from the downward body axis, about the body's y axis."""

    @property
    def integration_s(self) -> float:
        """Time over which one sample is accumulated."""
        return self.accumulated_shots / self.prf_Hz

    @model_validator(mode="after")
    def _m_of_n(self) -> Self:
        if self.acquire_m > self.acquire_n:
            raise ConfigError(
                f"acquire_m = {self.acquire_m} must not exceed acquire_n = {self.acquire_n}"
            )
        return self
