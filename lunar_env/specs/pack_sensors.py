"""Specs of the sensors other than the rangefinder as rows of floats in SI; zeros if not fitted."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lunar_env.data.constants import G0
from lunar_env.sensors.acquisition import EARLY_WINDOWS
from lunar_env.sensors.camera import Camera
from lunar_env.sensors.channel import Channel
from lunar_env.sensors.radar import Radar
from lunar_env.sensors.rows import QUEUE_LENGTH
from lunar_env.sensors.velocimeter import Velocimeter
from lunar_env.sim.table import INERTIAL_DRAWS
from lunar_env.specs.quantity import Draw

if TYPE_CHECKING:
    from lunar_env.specs.inertial import InertialSpec
    from lunar_env.specs.mission import MissionSpec
    from lunar_env.specs.sensors import ChannelSpec, RadarSpec, VelocimeterSpec

__all__ = ["arrivals_in_a_step", "inertial_laws", "pack_camera", "pack_radar", "pack_velocimeter"]

_HOUR = 3600.0
_ARCSEC = math.radians(1.0 / 3600.0)
# Standard deviations of continuous noise; the other errors are drawn once per episode.
_WALKS = ("velocity_walk", "angle_walk")


def _channel(spec: ChannelSpec) -> Channel:
    return Channel(
        period=1.0 / spec.rate_Hz,
        latency=spec.latency_s,
        jitter=spec.jitter_s,
        dropout=spec.dropout_frac,
        max_age=spec.max_age_s,
    )


def pack_velocimeter(spec: VelocimeterSpec | None) -> Velocimeter:
    """Row of the velocimeter."""
    if spec is None:
        return Velocimeter(*[0.0] * len(Velocimeter._fields))
    return Velocimeter(
        *_channel(spec),
        noise=spec.noise_m_s,
        noise_frac=spec.noise_frac,
        range_min=spec.range_min_m,
        range_max=spec.range_max_m,
        cos_cut=math.cos(math.radians(spec.incidence_cut_deg)),
        speed_max=spec.speed_max_m_s,
        cant_sin=math.sin(math.radians(spec.cant_deg)),
        cant_cos=math.cos(math.radians(spec.cant_deg)),
        mount_offset=spec.mount_offset_m,
    )


def pack_radar(spec: RadarSpec | None) -> Radar:
    """Row of the radar."""
    if spec is None:
        return Radar(*[0.0] * len(Radar._fields))
    return Radar(
        *_channel(spec),
        noise=spec.noise_m,
        noise_frac=spec.noise_frac,
        scale_sigma=spec.scale_sigma_frac,
        range_min=spec.range_min_m,
        range_max=spec.range_max_m,
        half_sin=math.sin(math.radians(spec.beam_half_width_deg)),
        half_cos=math.cos(math.radians(spec.beam_half_width_deg)),
        mount_offset=spec.mount_offset_m,
    )


def pack_camera(mission: MissionSpec) -> Camera:
    """Row of the camera, with whether the Sun is high enough for it."""
    spec, sun = mission.camera, mission.sun_elevation_deg
    if spec is None or sun is None:
        return Camera(*[0.0] * len(Camera._fields))
    return Camera(
        *_channel(spec),
        noise_place=spec.noise_horizontal_m,
        noise_height=spec.noise_height_m,
        height_min=spec.height_min_m,
        height_max=spec.height_max_m,
        cos_tilt=math.cos(math.radians(spec.tilt_max_deg)),
        sunlit=float(sun >= spec.sun_elevation_min_deg),
    )


def arrivals_in_a_step(mission: MissionSpec) -> int:
    """Samples that can be read in one step, besides those in the rangefinder's delay line.

    At the start, the ranges of all windows before it may have arrived.
    """
    step, lrf = mission.control_period_s, mission.rangefinder
    ranges = 0
    if lrf is not None:  # of a step, or at the start of those before it
        before = lrf.acquire_n + EARLY_WINDOWS - lrf.acquire_m + 1
        ranges = max(math.ceil(step / lrf.integration_s) + 1, before)
    fitted = [s for s in (mission.velocimeter, mission.radar, mission.camera) if s is not None]
    sampled = [math.ceil(step * spec.rate_Hz) + 1 + QUEUE_LENGTH for spec in fitted]
    return ranges + sum(sampled)


def inertial_laws(unit: InertialSpec, factor: float) -> tuple[Draw, ...]:
    """Error distributions of an inertial unit, ordered as `INERTIAL_DRAWS`, times `factor`."""
    one_sigma = {
        "accel_bias": unit.accel_bias_ug * 1e-6 * G0,
        "accel_scale": unit.accel_scale_ppm * 1e-6,
        "gyro_bias": math.radians(unit.gyro_bias_deg_h) / _HOUR,
        "gyro_scale": unit.gyro_scale_ppm * 1e-6,
        "misalignment": math.radians(unit.misalignment_deg),
        "star_tracker_across": unit.star_tracker_across_arcsec * _ARCSEC,
        "star_tracker_along": unit.star_tracker_along_arcsec * _ARCSEC,
        "velocity_walk": unit.velocity_walk_ug_sqrt_Hz * 1e-6 * G0,
        "angle_walk": math.radians(unit.angle_walk_deg_sqrt_h) / math.sqrt(_HOUR),
    }
    return tuple(_law(name, factor * one_sigma[name]) for name in INERTIAL_DRAWS)


def _law(name: str, size: float) -> Draw:
    if size == 0.0 or name in _WALKS:
        return Draw("constant", (size,))
    return Draw("normal", (0.0, size))
