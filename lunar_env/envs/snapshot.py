"""One instant of row 0 for the renderer: the truth, and what the lander believes of it."""

from __future__ import annotations

import math

from lunar_env.envs.simulator import Simulator
from lunar_env.physics.rows import GROUND
from lunar_env.rendering.snapshot import Snapshot
from lunar_env.sim.fields import OBSERVATION_FIELDS, PRIVILEGED_FIELDS, Outcome
from lunar_env.sim.world import START_PROPELLANT

__all__ = ["take_snapshot"]

_BEAM_STATES = ("lrf_off", "lrf_warmup", "lrf_search", "lrf_track", "lrf_lost")


def take_snapshot(
    simulator: Simulator, trail: tuple[tuple[float, float], ...], pilot: str
) -> Snapshot:
    """Snapshot of row 0 in the vertical plane through east."""
    frame = simulator.world.observation[0]
    seen = {f.name: float(v) * f.scale for f, v in zip(OBSERVATION_FIELDS, frame, strict=False)}
    row = simulator.reveal()[0].tolist()
    true = {f.name: v for f, v in zip(PRIVILEGED_FIELDS, row, strict=True)}
    memory = simulator.world.memory[0]
    vehicle = simulator.settings.mission.vehicle
    w, x, y, z = true["q_w"], true["q_x"], true["q_y"], true["q_z"]
    tilt = math.atan2(2.0 * (x * z + w * y), 1.0 - 2.0 * (x * x + y * y))
    boresight = math.radians(simulator.settings.mission.rangefinder.boresight_tilt_deg)
    has_range = seen["lrf_seen"] > 0.5
    return Snapshot(
        time_s=true["time_s"],
        height_m=true["height_m"],
        x_m=true["r_x_m"],
        y_m=true["r_y_m"],
        downrange_m=math.hypot(true["r_x_m"], true["r_y_m"]),
        v_vertical_m_s=true["v_z_m_s"],
        v_lateral_m_s=math.hypot(true["v_x_m_s"], true["v_y_m_s"]),
        tilt_rad=tilt,
        throttle_frac=seen["thrust_frac"],
        propellant_kg=true["propellant_kg"],
        propellant_start_kg=float(memory[START_PROPELLANT]),
        believed_height_m=seen["est_height_m"],
        believed_sigma_m=0.0 if has_range else seen["dr_height_sigma_m"],
        believed_v_vertical_m_s=seen["dr_v_z_m_s"],
        slant_range_m=true["slant_range_m"] if true["slant_range_m"] >= 0.0 else math.inf,
        beam_state=next((s for s in _BEAM_STATES if seen[s] > 0.5), "lrf_off")[4:].upper(),
        beam_angle_rad=boresight - tilt,
        last_range_m=seen["lrf_last_range_m"] if has_range else math.nan,
        last_range_age_s=seen["lrf_last_age_s"] if has_range else math.nan,
        first_fix_alt_m=true["first_fix_alt_m"] if true["first_fix_alt_m"] >= 0.0 else math.nan,
        stop_height_m=true["stop_height_m"] if true["stop_height_m"] < 1e6 else math.nan,
        ground_slope_rad=math.atan2(-float(memory[GROUND]), float(memory[GROUND + 2])),
        outcome=Outcome(int(true["outcome"])).name,
        mission=simulator.settings.mission.title,
        scenario=simulator.scenario_of(0).name,
        pilot=pilot,
        vehicle_height_m=vehicle.height_m,
        vehicle_width_m=vehicle.width_m,
        trail=trail,
        believed_v_lateral_m_s=math.hypot(seen["dr_v_x_m_s"], seen["dr_v_y_m_s"]),
    )
