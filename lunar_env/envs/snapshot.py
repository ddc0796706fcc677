"""One instant of row 0 for the renderer: the truth, and what the lander believes of it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lunar_env.physics.rows import GROUND
from lunar_env.rendering.snapshot import Snapshot
from lunar_env.sensors.rows import MODE
from lunar_env.sim.fields import OBSERVATION_FIELDS, PRIVILEGED_FIELDS, Outcome
from lunar_env.sim.world import START_PROPELLANT

if TYPE_CHECKING:
    from lunar_env.envs.simulator import Simulator

__all__ = ["take_snapshot"]

_BEAM_STATES = ("OFF", "WARMUP", "SEARCH", "TRACK", "LOST")
_SCALES = [field.scale for field in OBSERVATION_FIELDS]
_SEEN = {field.name: k for k, field in enumerate(OBSERVATION_FIELDS)}
_TRUE = {field.name: k for k, field in enumerate(PRIVILEGED_FIELDS)}


def take_snapshot(simulator: Simulator, trail: list[tuple[float, float]], pilot: str) -> Snapshot:
    """Snapshot of row 0 in the vertical plane through east; `trail` grows by this instant."""
    seen = _Named(_SEEN, simulator.world.observation[0].tolist(), _SCALES)
    true = _Named(_TRUE, simulator.reveal()[0].tolist(), None)
    memory = simulator.world.memory[0]
    trail.append((true["r_x_m"], true["height_m"]))
    mission = simulator.settings.mission
    tilt = _tilt(true["q_w"], true["q_x"], true["q_y"], true["q_z"])
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
        beam_state=_BEAM_STATES[int(memory[MODE])],
        beam_angle_rad=math.radians(mission.rangefinder.boresight_tilt_deg) - tilt,
        last_range_m=_only(has_range, seen["lrf_last_range_m"]),
        last_range_age_s=_only(has_range, seen["lrf_last_age_s"]),
        first_fix_alt_m=_only(true["first_fix_alt_m"] >= 0.0, true["first_fix_alt_m"]),
        stop_height_m=_only(true["stop_height_m"] < 1e6, true["stop_height_m"]),
        ground_slope_rad=math.atan2(-float(memory[GROUND]), float(memory[GROUND + 2])),
        outcome=Outcome(int(true["outcome"])).name,
        mission=mission.title,
        scenario=simulator.scenario_of(0).name,
        pilot=pilot,
        vehicle_height_m=mission.vehicle.height_m,
        vehicle_width_m=mission.vehicle.width_m,
        trail=tuple(trail),
        believed_v_lateral_m_s=math.hypot(seen["dr_v_x_m_s"], seen["dr_v_y_m_s"]),
    )


def _tilt(w: float, x: float, y: float, z: float) -> float:
    """Lean of the body axis towards east."""
    return math.atan2(2.0 * (x * z + w * y), 1.0 - 2.0 * (x * x + y * y))


def _only(known: bool, value: float) -> float:
    """Return the value where it is known, else nan."""
    return value if known else math.nan


class _Named:
    """Values by name, in SI; decodes only what is asked for."""

    def __init__(
        self, index: dict[str, int], values: list[float], scales: list[float] | None
    ) -> None:
        self._index, self._values, self._scales = index, values, scales

    def __getitem__(self, name: str) -> float:
        k = self._index[name]
        return self._values[k] if self._scales is None else self._values[k] * self._scales[k]
