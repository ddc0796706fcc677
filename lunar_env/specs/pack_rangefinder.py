"""The rangefinder as a row of floats, and the size of the delay line of its samples."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lunar_env.data.constants import C_LIGHT, H_PLANCK
from lunar_env.errors import ConfigError
from lunar_env.sensors.link import MAX_BEAMS, Rangefinder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lunar_env.specs.mission import MissionSpec
    from lunar_env.specs.quantity import Draw
    from lunar_env.specs.rangefinder import RangefinderSpec
    from lunar_env.specs.scenario import ScenarioSpec

__all__ = ["beam_cant", "pack_rangefinder", "places_in_flight"]

# An exponential delay exceeds twelve times its mean once in 160,000 samples.
_JITTER_MEANS = 12.0
_SPARE_PLACES = 2
# A held sample waits one and a half accumulations more, a repeated one half of one.
_LATE_WINDOWS = 2.0
# Each place takes 100 bytes per lander, and every sample searches all places.
_MAX_PLACES = 1024
_FWHM_SIGMAS = 2.0 * math.sqrt(2.0 * math.log(2.0))
_PICKS = ("first", "strongest", "last")


def pack_rangefinder(mission: MissionSpec) -> Rangefinder:
    """Row of the rangefinder; its link budget is given as photo-electrons times range squared.

    Without one all is zero but for what is divided by or has a logarithm, and for the mounting:
    that of the radar, from which the height is measured instead.
    """
    unit = mission.rangefinder
    if unit is None:
        mount = 0.0 if mission.radar is None else mission.radar.mount_offset_m
        none = Rangefinder(*[0.0] * len(Rangefinder._fields))
        return none._replace(shots=1.0, threshold=1.0, mount_offset=mount)
    photons = unit.pulse_energy_uJ * 1e-6 * unit.wavelength_nm * 1e-9 / (H_PLANCK * C_LIGHT)
    # pi (D/2)^2 / (pi R^2): the receiver's share of a Lambertian half space.
    collected = (0.5e-3 * unit.aperture_mm) ** 2
    return Rangefinder(
        signal_m2=photons * unit.eta_optics * unit.eta_quantum * collected,
        excess_noise=unit.excess_noise,
        background=unit.background_e,
        amplifier_noise=unit.amplifier_noise_e,
        threshold=unit.threshold_snr,
        shots=float(unit.accumulated_shots),
        integration=unit.accumulated_shots / unit.prf_Hz,
        range_bin=unit.range_bin_m,
        range_walk=float(unit.range_walk),
        walk_loss=unit.walk_loss_exponent,
        alarms=_alarms_per_metre(unit),
        gate_min=unit.gate_min_m,
        gate_max=unit.gate_max_m,
        gate_track=_track_gate(unit),
        pulse=0.5 * C_LIGHT * unit.pulse_ns * 1e-9 / _FWHM_SIGMAS,
        lambert_k=unit.lambert_k,
        cos_cut=math.cos(math.radians(unit.incidence_cut_deg)),
        acquire_m=float(unit.acquire_m),
        acquire_n=float(unit.acquire_n),
        consistent=unit.consistent_m,
        lost_after=float(unit.lost_after),
        pick=float(_PICKS.index(unit.pick)),
        bus=unit.bus_period_s,
        mount_offset=unit.mount_offset_m,
        divergence=unit.divergence_mrad * 1e-3,
        beams=float(unit.beams),
        **_beams(unit),
    )


def beam_cant(unit: RangefinderSpec | None) -> float:
    """Angle [rad] of several beams to their axis; 0 for a single beam, or none."""
    return math.radians(unit.beam_cant_deg) if unit is not None and unit.beams > 1 else 0.0


def _track_gate(unit: RangefinderSpec) -> float:
    """Half width of the tracking gate; several beams see different ranges, so they have none."""
    return unit.track_gate_m if unit.track_gate_m is not None and unit.beams == 1 else math.inf


def _alarms_per_metre(unit: RangefinderSpec) -> float:
    """Rice's rate of crossings of the threshold by noise, per metre of gate.

    ``tau_gate/(2 sqrt(3) tau_pulse) exp(-TNR^2/2)``, with a gate of 2/c seconds a metre.
    """
    rate = 2.0 / C_LIGHT / (2.0 * math.sqrt(3.0) * unit.pulse_ns * 1e-9)
    return rate * math.exp(-0.5 * unit.threshold_snr**2)


def _beams(unit: RangefinderSpec) -> dict[str, float]:
    """Unit vectors [B] of all beams by their names in the row; absent beams equal the first."""
    tilt, azimuth = math.radians(unit.boresight_tilt_deg), math.radians(unit.boresight_azimuth_deg)
    cant = beam_cant(unit)
    named: dict[str, float] = {}
    for k in range(MAX_BEAMS):
        around = 2.0 * math.pi * (k % unit.beams) / unit.beams
        x, y, z = (
            math.sin(cant) * math.cos(around),
            math.sin(cant) * math.sin(around),
            -math.cos(cant),
        )
        x, z = x * math.cos(tilt) - z * math.sin(tilt), x * math.sin(tilt) + z * math.cos(tilt)
        turned = (
            x * math.cos(azimuth) - y * math.sin(azimuth),
            x * math.sin(azimuth) + y * math.cos(azimuth),
            z,
        )
        named |= {f"beam_{axis}{k + 1}": v for axis, v in zip("xyz", turned, strict=True)}
    return named


def places_in_flight(mission: MissionSpec, scenarios: Sequence[ScenarioSpec]) -> int:
    """Places that a delay line needs so that no sample is lost; one without a rangefinder.

    Raises
    ------
    ConfigError
        If that is more than the largest delay line.
    """
    unit = mission.rangefinder
    if unit is None:
        return 1
    longest = max(
        _largest(s.processing_s)
        + _largest(s.extra_latency_s)
        + _JITTER_MEANS * _largest(s.jitter_s)
        for s in scenarios
    )
    # Samples are read at the end of a tick: those of one tick need places together.
    longest += unit.bus_period_s + mission.tick_s
    places = math.ceil(longest / unit.integration_s + _LATE_WINDOWS) + _SPARE_PLACES
    doubled = any(_largest(s.repeated_frac) > 0.0 for s in scenarios)
    places *= 2 if doubled else 1
    if places > _MAX_PLACES:
        raise ConfigError(
            f"{mission.name} in {', '.join(s.name for s in scenarios)}: {places} ranges can be on"
            f" their way at once ({longest:g} s at one each {unit.integration_s:g} s), at most"
            f" {_MAX_PLACES}: lower rangefinder.prf_Hz, or processing_s, extra_latency_s or"
            " jitter_s of the scenario"
        )
    return places


def _largest(draw: Draw) -> float:
    """Value that a draw exceeds at most once in 10,000 times."""
    if draw.kind == "normal":
        return draw.parameters[0] + 4.0 * draw.parameters[1]
    if draw.kind == "exponential":
        return 9.3 * draw.parameters[0]
    return max(draw.parameters)
