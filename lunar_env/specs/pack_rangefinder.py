"""The rangefinder from its spec to floats, and the room that its samples need on their way."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lunar_env.data.constants import C_LIGHT, H_PLANCK
from lunar_env.sensors.rangefinder import Rangefinder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lunar_env.specs.mission import MissionSpec
    from lunar_env.specs.quantity import Draw
    from lunar_env.specs.rangefinder import RangefinderSpec
    from lunar_env.specs.scenario import ScenarioSpec

__all__ = ["pack_rangefinder", "places_in_flight"]

# An exponential delay exceeds twelve times its mean once in 160,000 samples.
_JITTER_MEANS = 12.0
_SPARE_PLACES = 2


def pack_rangefinder(unit: RangefinderSpec) -> Rangefinder:
    """The rangefinder's design; its link budget becomes photo-electrons times range squared."""
    photons = unit.pulse_energy_uJ * 1e-6 * unit.wavelength_nm * 1e-9 / (H_PLANCK * C_LIGHT)
    # pi (D/2)^2 / (pi R^2): the receiver's share of a Lambertian half space.
    collected = (0.5e-3 * unit.aperture_mm) ** 2
    return Rangefinder(
        signal_m2=photons * unit.eta_optics * unit.eta_quantum * collected,
        excess_noise=unit.excess_noise,
        amplifier_noise=unit.amplifier_noise_e,
        threshold=unit.threshold_snr,
        shots=float(unit.accumulated_shots),
        integration=unit.accumulated_shots / unit.prf_Hz,
        range_bin=unit.range_bin_m,
        range_walk=float(unit.range_walk),
        gate_max=unit.gate_max_m,
        lambert_k=unit.lambert_k,
        cos_cut=math.cos(math.radians(unit.incidence_cut_deg)),
        acquire_m=float(unit.acquire_m),
        acquire_n=float(unit.acquire_n),
        lost_after=float(unit.lost_after),
        mount_offset=unit.mount_offset_m,
        boresight_x=math.sin(math.radians(unit.boresight_tilt_deg)),
        boresight_z=-math.cos(math.radians(unit.boresight_tilt_deg)),
        divergence=unit.divergence_mrad * 1e-3,
    )


def places_in_flight(mission: MissionSpec, scenarios: Sequence[ScenarioSpec]) -> int:
    """Places that a delay line needs so that no sample is lost for want of room."""
    integration = mission.rangefinder.accumulated_shots / mission.rangefinder.prf_Hz
    longest = max(
        _largest(s.processing_s)
        + _largest(s.extra_latency_s)
        + _JITTER_MEANS * _largest(s.jitter_s)
        for s in scenarios
    )
    # Samples are read at the end of a tick: those of one tick need places together.
    return math.ceil((longest + mission.tick_s) / integration) + _SPARE_PLACES


def _largest(draw: Draw) -> float:
    """Value that a draw exceeds at most once in 10,000 times."""
    if draw.kind == "normal":
        return draw.parameters[0] + 4.0 * draw.parameters[1]
    if draw.kind == "exponential":
        return 9.3 * draw.parameters[0]
    return max(draw.parameters)
