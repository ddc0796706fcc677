"""The laser rangefinder as designed: optics, detection, acquisition and mounting."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from lunar_env.errors import ConfigError
from lunar_env.sensors.link import MAX_BEAMS
from lunar_env.specs.base import Spec
from lunar_env.specs.quantity import Angle, Name, NonNegative, Positive, Prose

__all__ = ["RangefinderSpec"]


class RangefinderSpec(Spec):
    """A pulsed, accumulating rangefinder without faults.

    The errors of one episode (signal loss, noise, latency, dropouts) belong to the scenario, see
    `lunar_env.specs.ScenarioSpec`.
    """

    name: Name
    """Name of the file, without its ending."""
    title: Prose
    """Name for people."""
    wavelength_nm: Positive
    """Laser wavelength."""
    pulse_energy_uJ: Positive
    """Energy of one pulse."""
    prf_Hz: Annotated[float, Field(ge=0.01, le=1e6)]
    """Pulse repetition frequency."""
    aperture_mm: Positive
    """Diameter of the receiver."""
    eta_optics: Annotated[float, Field(gt=0.0, le=1.0)]
    """Transmission of the optics."""
    eta_quantum: Annotated[float, Field(gt=0.0, le=1.0)]
    """Quantum efficiency of the detector."""
    excess_noise: Annotated[float, Field(ge=1.0)]
    """Excess noise factor of the detector."""
    background_e: NonNegative
    """Electrons of sunlight in the gate of one shot."""
    amplifier_noise_e: NonNegative
    """Noise of the amplifier."""
    pulse_ns: Positive
    """Full width at half maximum of the pulse as received."""
    threshold_snr: Positive
    """Threshold-to-noise ratio of the detection."""
    gate_min_m: NonNegative
    """Shortest range that is detected ..."""
    gate_max_m: Positive
    """... and the longest."""
    track_gate_m: Annotated[float | None, Field(gt=0.0)] = None
    """Half width of the gate around the predicted range while tracking; left out, or with several
    beams, the gate stays wide."""
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
    consistent_m: Positive
    """Largest difference of successive detections that agree, in addition to the closing speed."""
    lost_after: Annotated[int, Field(ge=1, le=1000)]
    """Consecutive misses after which the track is lost."""
    range_walk: bool
    """Whether closing speed smears the accumulated echo over range bins."""
    walk_loss_exponent: Annotated[float, Field(ge=0.5, le=1.0)]
    """The smear divides the signal-to-noise ratio by the number of bins to this power: 1 if each
    bin is looked at alone, 0.5 if moving sums are as long as the smear."""
    pick: Literal["first", "strongest", "last"]
    """Which of several echoes of one accumulation is reported."""
    bus_period_s: Annotated[float, Field(ge=0.0, le=10.0)]
    """Period at which results are read into the computer; 0 for at once."""
    beams: Annotated[int, Field(ge=1, le=MAX_BEAMS)] = 1
    """Number of beams; each accumulation uses the next one."""
    beam_cant_deg: Angle = 0.0
    """Angle of each of several beams to the boresight, spread evenly around it."""
    mount_offset_m: float
    """Distance of the sensor from the centre of mass towards the foot pads."""
    boresight_tilt_deg: Annotated[float, Field(ge=-89.0, le=89.0)]
    """Tilt of the boresight from the downward body axis, towards ..."""
    boresight_azimuth_deg: Annotated[float, Field(ge=-360.0, le=360.0)] = 0.0
    """... this direction from the body's x axis to its y axis."""

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
        if self.gate_min_m >= self.gate_max_m:
            raise ConfigError(
                f"gate_min_m = {self.gate_min_m:g} must be below gate_max_m = {self.gate_max_m:g}"
            )
        return self
