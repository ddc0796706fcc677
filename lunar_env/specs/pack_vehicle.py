"""The nominal lander as rows of float64; see `pack.py`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from lunar_env.data.constants import G0
from lunar_env.physics.rows import HULL_POINTS, MAX_ENGINES, NOSE
from lunar_env.physics.types import Engine, Gear, Vehicle

if TYPE_CHECKING:
    from lunar_env.specs.engine import FittedEngine
    from lunar_env.specs.mission import MissionSpec
    from lunar_env.specs.vehicle import VehicleSpec

__all__ = ["pack_engines", "pack_gear", "pack_vehicle"]


def pack_vehicle(vehicle: VehicleSpec) -> Vehicle:
    """Masses, engines taken together, thrusters and autopilot."""
    rcs = vehicle.rcs
    return Vehicle(
        mass_dry=vehicle.mass_dry_kg + vehicle.payload_kg,
        engines=float(len(vehicle.engine_list)),
        thrust_max=vehicle.thrust_max_N,
        throttle_min=vehicle.throttle_min_frac,
        v_e=vehicle.isp_s * G0,
        lag=vehicle.engine_lag_s,
        com_x=0.0,
        com_y=0.0,
        com_z_dry=vehicle.com_z_dry_m,
        com_z_tank=vehicle.com_z_tank_m,
        k2_x=vehicle.k_x_m**2,
        k2_y=vehicle.k_y_m**2,
        k2_z=vehicle.k_z_m**2,
        k2_tank=vehicle.k_tank_m**2,
        torque_max_xy=rcs.torque_max_xy_N_m,
        torque_max_z=rcs.torque_max_z_N_m,
        impulse_bit=rcs.impulse_bit_N_m_s,
        rcs_flow=1.0 / (rcs.arm_m * rcs.isp_s * G0),
        rate_max=math.radians(vehicle.rate_max_deg_s),
        steering=float(vehicle.steering == "engines"),
        authority=_authority(vehicle),
    )


def _authority(vehicle: VehicleSpec) -> float:
    """Lateral torque available from thrusters, fast gimbals and steering engines.

    Half of the torque of the throttles counts: an engine at a limit can be shifted one way only.
    """
    torque = vehicle.rcs.torque_max_xy_N_m
    for engine in vehicle.engine_list:
        spec = engine.spec
        if 0.0 < spec.gimbal_max_deg <= spec.gimbal_rate_deg_s:
            arm = abs(vehicle.com_z_dry_m - engine.place_m[2])
            torque += spec.thrust_N * math.sin(math.radians(spec.gimbal_max_deg)) * arm
        if _steers(vehicle, engine):
            torque += 0.5 * spec.thrust_N * abs(engine.place_m[1])
    return torque


def pack_engines(mission: MissionSpec) -> np.ndarray:
    """Every engine, padded with zeros to the largest number of engines."""
    table = np.zeros((MAX_ENGINES, len(Engine._fields)))
    engines = mission.vehicle.engine_list
    steering = [e for e in engines if _steers(mission.vehicle, e)]
    about_x = sum(e.place_m[1] ** 2 for e in steering)
    about_y = sum(e.place_m[0] ** 2 for e in steering)
    for row, engine in zip(table, engines, strict=False):
        share = (0.0, 0.0)
        if engine in steering:
            # Least squares: the torque y F about x and -x F about y, without a change of the sum.
            share = (engine.place_m[1] / about_x, -engine.place_m[0] / about_y)
        row[:] = _engine(engine, mission, share)
    return table.ravel()


def _steers(vehicle: VehicleSpec, engine: FittedEngine) -> bool:
    off_axis = math.hypot(engine.place_m[0], engine.place_m[1]) > 0.0
    return vehicle.steering == "engines" and off_axis and engine.spec.kind != "on_off"


def _engine(engine: FittedEngine, mission: MissionSpec, share: tuple[float, float]) -> Engine:
    spec = engine.spec
    flow = 1.0 / (spec.isp_s * G0)
    floor = spec.floor_frac
    if spec.kind == "pulsed":  # the shortest pulse in a control period is its lowest duty
        floor = spec.min_on_s / mission.control_period_s
    return Engine(
        *engine.place_m,
        *engine.direction,
        thrust_max=spec.thrust_N,
        throttle_min=floor,
        gap_low=spec.gap_low_frac,
        gap_high=spec.gap_high_frac,
        restartable=float(spec.restartable),
        flow=flow,
        flow_rise=1.0 / (spec.isp_floor_s * G0) - flow,
        lag_up=spec.lag_up_s,
        lag_down=spec.lag_down_s,
        dead_ticks=float(round(spec.dead_time_s / mission.tick_s)),
        gimbal_max=math.radians(spec.gimbal_max_deg),
        gimbal_rate=math.radians(spec.gimbal_rate_deg_s),
        steer_x=share[0],
        steer_y=share[1],
        cut_below=spec.cut_below_frac,
        stick=float(spec.kind == "continuous"),  # others have no throttle valve
    )


def pack_gear(vehicle: VehicleSpec) -> Gear:
    """Legs and hull."""
    gear, pads = vehicle.gear, vehicle.gear.side_pads
    low, high = gear.rest_tilt_deg
    side = math.radians(pads.azimuth_deg if pads else 0.0)
    reach = pads.reach_m if pads else gear.hull_radius_m
    farthest = pads.farthest_m if pads else 0.0
    # With pads the nose is a contact point too: the centre of the upper end if there is no cone.
    points = HULL_POINTS if pads else NOSE + (gear.hull_nose_m is not None)
    return Gear(
        legs=float(gear.legs),
        pad_radius=0.5 * gear.footprint_diameter_m,
        crush_force=gear.crush_force_N,
        stroke=gear.stroke_m,
        side_load=gear.side_load_N,
        hull_radius=gear.hull_radius_m,
        hull_bottom=gear.hull_bottom_m,
        hull_top=gear.hull_top_m,
        hull_points=float(points),
        hull_nose=gear.nose_m,
        side_x=reach * math.cos(side),
        side_y=reach * math.sin(side),
        side_height=pads.height_m if pads else gear.hull_top_m,
        side_half=0.5 * pads.apart_m if pads else 0.0,
        hull_reach=max(gear.hull_radius_m, farthest),
        rest_tilt_min=math.radians(low),
        rest_tilt_max=math.radians(high),
    )
