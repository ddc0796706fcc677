"""Data sheet of a lander's instruments and site: standard deviations as in its computer."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from lunar_env.sim.sheet import SHEET_FIELDS
from lunar_env.specs.pack_sensors import inertial_laws

if TYPE_CHECKING:
    from lunar_env.specs.mission import MissionSpec
    from lunar_env.specs.quantity import Draw
    from lunar_env.specs.scenario import ScenarioSpec

__all__ = ["pack_sheet"]

_RELIEF_BASELINE_M = 100.0
_UNIFORM = math.sqrt(12.0)  # width of a uniform distribution over its standard deviation


def pack_sheet(scenario: ScenarioSpec, mission: MissionSpec) -> np.ndarray:
    """Observed elements of `lunar_env.sim.sheet`: scaled and clipped."""
    laser = _rangefinder(scenario)
    if mission.rangefinder is None:
        laser = dict.fromkeys(laser, 0.0)
    told = laser | _sensors(scenario, mission) | _site(mission)
    return np.array(
        [min(max(told[f.name] / f.scale, f.low), f.high) for f in SHEET_FIELDS], np.float64
    )


def _rangefinder(scenario: ScenarioSpec) -> dict[str, float]:
    """Of the rangefinder, whose errors are drawn by the scenario."""
    noise = scenario.range_noise_told_m
    if noise < 0.0:
        noise = _size(scenario.range_noise_m)
    pointing = math.radians(_deviation(scenario.misalignment_deg))
    return {
        "lrf_noise_sigma_m": math.hypot(noise, _size(scenario.range_quantum_m) / _UNIFORM),
        # Half of the range walk at the threshold is in the middle of its values.
        "lrf_bias_sigma_m": math.hypot(
            _deviation(scenario.range_bias_m), 0.5 * _size(scenario.range_walk_m)
        ),
        # A beam that is off by small angles a, b is longer by (a^2 + b^2)/2: RMS sqrt(2) sigma^2.
        "lrf_scale_sigma_frac": math.hypot(
            _deviation(scenario.range_scale), math.sqrt(2.0) * pointing * pointing
        ),
        "lrf_stamp_sigma_s": _deviation(scenario.stamp_bias_s),
        "lrf_stamp_jitter_s": _size(scenario.stamp_jitter_s),
        "lrf_pointing_sigma_rad": pointing,
    }


def _sensors(scenario: ScenarioSpec, mission: MissionSpec) -> dict[str, float]:
    """Of the other sensors: their designs; biases of the camera are drawn by the scenario."""
    radar, dvl, camera = mission.radar, mission.velocimeter, mission.camera
    cam_place = _deviation(scenario.camera_place_bias_m) if camera else 0.0
    cam_height = _deviation(scenario.camera_height_bias_m) if camera else 0.0
    bias, scale, _, _, alignment, *_ = (
        _deviation(law) for law in inertial_laws(mission.inertial, scenario.inertial_frac)
    )
    return {
        "ralt_noise_sigma_m": _of(radar, "noise_m"),
        "ralt_noise_sigma_frac": _of(radar, "noise_frac"),
        "ralt_scale_sigma_frac": _of(radar, "scale_sigma_frac"),
        "ralt_half_width_rad": math.radians(_of(radar, "beam_half_width_deg")),
        "ralt_mount_offset_m": _of(radar, "mount_offset_m"),
        "dvl_noise_sigma_m_s": _of(dvl, "noise_m_s"),
        "dvl_noise_sigma_frac": _of(dvl, "noise_frac"),
        "dvl_cant_rad": math.radians(_of(dvl, "cant_deg")),
        "cam_noise_sigma_m": _of(camera, "noise_horizontal_m"),
        "cam_noise_height_sigma_m": _of(camera, "noise_height_m"),
        "cam_bias_sigma_m": cam_place,
        "cam_bias_height_sigma_m": cam_height,
        "imu_bias_sigma_m_s2": math.hypot(bias, _deviation(scenario.accel_bias_m_s2)),
        "imu_scale_sigma_frac": math.hypot(scale, alignment),
    }


def _site(mission: MissionSpec) -> dict[str, float]:
    """Of the ground: its relief and the hillside of the target, as known from orbit."""
    relief = mission.terrain.relief
    rms_rise = relief.baseline_m * math.tan(math.radians(relief.rms_slope_deg))
    east, north, reach = _hillside(mission)
    return {
        "ground_relief_m": rms_rise * (_RELIEF_BASELINE_M / relief.baseline_m) ** relief.hurst,
        "ground_hurst": relief.hurst,
        "ground_slope_east_frac": east,
        "ground_slope_north_frac": north,
        "ground_slope_reach_m": reach,
    }


def _hillside(mission: MissionSpec) -> tuple[float, float, float]:
    """Slopes [-] to the east and north, and reach [m], of the hillside at the target.

    Landforms elsewhere are not on the lander's map: neither craters nor the plateau near the
    target of IM-2, which that lander hit because it did not know of it.
    """
    for feature in mission.features:
        if feature.kind == "hillside" and feature.east_m == 0.0 and feature.north_m == 0.0:
            rise = math.tan(math.radians(feature.slope_deg or 0.0))
            azimuth = math.radians(feature.azimuth_deg or 0.0)
            reach = feature.half_length_m or 0.0
            return rise * math.sin(azimuth), rise * math.cos(azimuth), reach
    return 0.0, 0.0, 0.0


def _of(sensor: Any, name: str) -> float:
    """A figure of a sensor's design; 0 where none is fitted."""
    return 0.0 if sensor is None else float(getattr(sensor, name))


def _size(draw: Draw) -> float:
    """Root mean square of a quantity that is not negative."""
    return math.hypot(_mean(draw), _deviation(draw))


def _mean(draw: Draw) -> float:
    first, *rest = draw.parameters
    if draw.kind == "uniform":
        return 0.5 * (first + rest[0])
    return float(np.mean(draw.parameters)) if draw.kind == "choice" else first


def _deviation(draw: Draw) -> float:
    """Standard deviation of a distribution."""
    first, *rest = draw.parameters
    if draw.kind == "uniform":
        return (rest[0] - first) / _UNIFORM
    if draw.kind == "normal":
        return rest[0]
    if draw.kind == "choice":
        return float(np.std(draw.parameters))
    return first if draw.kind == "exponential" else 0.0
