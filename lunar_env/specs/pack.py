"""Convert specs to tables of float64 for the kernels: the only module that knows both layouts.

Units are converted here; kernels use SI and radians.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from lunar_env.kernel.draws import (
    CHOICE,
    CONSTANT,
    DISTRIBUTION,
    DRAW_WIDTH,
    EXPONENTIAL,
    NORMAL,
    UNIFORM,
)
from lunar_env.kernel.rng import STREAM_INERTIAL, STREAM_MISSION, STREAM_SCENARIO
from lunar_env.physics.types import Limits
from lunar_env.sim.fields import Control, action_fields, prestart_action
from lunar_env.sim.table import (
    ANY_ENGINE,
    AT_CONTACT,
    AT_IGNITION,
    AT_TIME,
    BELOW_HEIGHT,
    BELOW_START_FRAC,
    CAM_DESIGN,
    CUT_CONTACT,
    CUT_HEIGHT,
    CUT_NEVER,
    DVL_DESIGN,
    GAUGE_QUANTUM,
    HIGHS,
    LIMITS,
    LOWS,
    LRF_DESIGN,
    MAX_FAULTS,
    MISSION,
    MISSION_DRAWS,
    NOMINAL,
    NOMINAL_ENGINES,
    NOMINAL_GEAR,
    PRESTART_ACTION,
    RALT_DESIGN,
    REWARD_SCALES,
    SCALES,
    SCENARIO_DRAWS,
    SCENARIO_WIDTH,
    SCENARIOS,
    TASK,
    Fault,
    RewardScales,
    TaskScalars,
)
from lunar_env.specs.pack_rangefinder import beam_cant, pack_rangefinder
from lunar_env.specs.pack_sensors import inertial_laws, pack_camera, pack_radar, pack_velocimeter
from lunar_env.specs.pack_sheet import pack_sheet
from lunar_env.specs.pack_vehicle import pack_engines, pack_gear, pack_vehicle
from lunar_env.specs.quantity import Draw
from lunar_env.specs.terrain import make_ground

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lunar_env.sim.fields import Field
    from lunar_env.specs.gear import TouchdownTier
    from lunar_env.specs.mission import MissionSpec
    from lunar_env.specs.phase import PhaseSpec
    from lunar_env.specs.scenario import FaultSpec, ScenarioSpec
    from lunar_env.specs.vehicle import VehicleSpec

__all__ = ["actions_of", "pack", "pack_task", "pack_terrain"]

_KINDS = {
    "constant": CONSTANT,
    "uniform": UNIFORM,
    "normal": NORMAL,
    "exponential": EXPONENTIAL,
    "choice": CHOICE,
}


_NO_FAULT = Fault(engine=-1.0, health=0.0, trigger=0.0, low=0.0, high=0.0)
_CUT_OFF = {"none": CUT_NEVER, "contact": CUT_CONTACT, "height": CUT_HEIGHT}


def actions_of(vehicle: VehicleSpec, control: str) -> tuple[Field, ...]:
    """Fields of the action that a control has on a lander."""
    engines = vehicle.engine_list
    gimballed = tuple(k for k, e in enumerate(engines) if e.spec.gimbal_max_deg > 0.0)
    return action_fields(Control[control.upper()], len(engines), gimballed)


def pack(
    mission: MissionSpec,
    phase: str,
    control: str,
    scenarios: Sequence[ScenarioSpec],
    reward: Mapping[str, float],
    time_limit_s: float,
    frame: Sequence[Field],
) -> np.ndarray:
    """Table for a batch whose rows fly a phase of `mission` under any of `scenarios`.

    `frame` names the observed elements of one frame.
    """
    vehicle, limits = mission.vehicle, mission.vehicle.limits
    blocks = {
        TASK: _row(pack_task(mission, phase, control, time_limit_s)),
        NOMINAL: _row(pack_vehicle(vehicle)),
        NOMINAL_ENGINES: pack_engines(mission),
        NOMINAL_GEAR: _row(pack_gear(vehicle)),
        LIMITS: np.concatenate(
            [_tier(limits.nominal), _tier(limits.survivable), _tier(limits.hard)]
        ),
        LRF_DESIGN: _row(pack_rangefinder(mission)),
        int(DVL_DESIGN): _row(pack_velocimeter(mission.velocimeter)),
        int(RALT_DESIGN): _row(pack_radar(mission.radar)),
        int(CAM_DESIGN): _row(pack_camera(mission)),
        GAUGE_QUANTUM: np.array([vehicle.gauges.propellant_resolution_kg]),
        SCALES: np.array([1.0 / field.scale for field in frame]),
        LOWS: np.array([field.low for field in frame]),
        HIGHS: np.array([field.high for field in frame]),
        PRESTART_ACTION: np.array(prestart_action(actions_of(vehicle, control))),
        REWARD_SCALES: _row(
            RewardScales(**{name: float(reward[name]) for name in RewardScales._fields})
        ),
        MISSION: _mission_draws(mission, mission.phases.named(phase)),
        SCENARIOS: np.concatenate([_scenario(s, mission, phase) for s in scenarios]),
    }
    table = np.zeros(SCENARIOS + SCENARIO_WIDTH * len(scenarios))
    for start, block in blocks.items():
        table[start : start + block.size] = block
    return table


def pack_terrain(mission: MissionSpec) -> tuple[np.ndarray, np.ndarray]:
    """Tiles of the ground, and the header that says how they are to be read."""
    place = mission.latitude_deg, mission.longitude_deg
    return make_ground(mission.terrain, mission.features, *place)


def pack_task(mission: MissionSpec, name: str, control: str, time_limit_s: float) -> TaskScalars:
    """Scalars of mission, phase and control in SI."""
    phase, planet = mission.phases.named(name), mission.planet
    latitude, azimuth = (
        math.radians(angle) for angle in (mission.latitude_deg, phase.approach_azimuth_deg or 0.0)
    )
    return TaskScalars(
        tick=mission.tick_s,
        ticks=float(round(mission.control_period_s / mission.tick_s)),
        contact_tick=mission.contact_tick_s,
        time_limit=time_limit_s,
        mu=planet.mu,
        radius=planet.radius_m,
        j2=planet.j2_term,
        rate=planet.rotation_rad_s,
        pole_y=math.cos(latitude),
        pole_z=math.sin(latitude),
        albedo=mission.albedo,
        albedo_contrast=mission.albedo_contrast_frac,
        plan_deceleration=_plan_deceleration(phase, name),
        plan_touchdown_speed=phase.plan_touchdown_speed_m_s,
        on_plan=float(phase.v_vertical_m_s is None),
        heading_east=math.sin(azimuth),
        heading_north=math.cos(azimuth),
        burning_at_start=float(name != "powered"),
        along_path=float(name != "terminal"),
        propellant=phase.propellant_kg,
        reserve=mission.reserve_kg,
        isp=mission.vehicle.isp_s,
        box=phase.box_m,
        control=float(Control[control.upper()]),
        actions=float(len(actions_of(mission.vehicle, control))),
        tilt_max=math.radians(phase.tilt_max_deg),
        cut_off=float(_CUT_OFF[mission.cutoff]),
        cut_height=mission.cutoff_height_m,
        beam_cant=beam_cant(mission.rangefinder),
    )


def _plan_deceleration(phase: PhaseSpec, name: str) -> float:
    """Planned deceleration of the last kilometres, or of the whole path of a long phase."""
    if name == "terminal" or phase.v_vertical_m_s is None:
        return phase.plan_deceleration_m_s2
    speed = math.hypot(_middle(phase.v_forward_m_s), _middle(phase.v_vertical_m_s))
    way = math.hypot(_middle(phase.downrange_m), _middle(phase.height_m))
    return (speed**2 - phase.plan_touchdown_speed_m_s**2) / (2.0 * way)


def _middle(draw: Draw) -> float:
    if draw.kind in ("normal", "exponential"):
        return draw.parameters[0]
    return 0.5 * sum(draw.support)


def _row(values: tuple[float, ...]) -> np.ndarray:
    return np.array([float(value) for value in values])


def _tier(tier: TouchdownTier) -> Limits:
    return Limits(
        v_vertical=tier.v_vertical_m_s,
        v_lateral=tier.v_lateral_m_s,
        tilt=math.radians(tier.tilt_deg),
        rate=math.radians(tier.rate_deg_s),
    )


def _distribution(draw: Draw | None, stream: int) -> np.ndarray:
    row = np.zeros(DRAW_WIDTH)
    row[DISTRIBUTION.stream] = stream
    if draw is None:  # a constant zero, for a quantity that the phase does not use
        return row
    row[DISTRIBUTION.kind], row[DISTRIBUTION.number] = _KINDS[draw.kind], len(draw.parameters)
    row[DISTRIBUTION.first : DISTRIBUTION.first + len(draw.parameters)] = draw.parameters
    return row


def _mission_draws(mission: MissionSpec, phase: PhaseSpec) -> np.ndarray:
    tables = (phase, mission, mission.vehicle.dispersion, mission.vehicle.gauges)
    found = {n: getattr(t, n) for t in tables for n in MISSION_DRAWS if hasattr(t, n)}
    rows = [_distribution(found[n], STREAM_MISSION + k) for k, n in enumerate(MISSION_DRAWS)]
    return np.concatenate(rows)


def _scenario(scenario: ScenarioSpec, mission: MissionSpec, phase: str) -> np.ndarray:
    drawn = {name: getattr(scenario, name) for name in SCENARIO_DRAWS}
    left = mission.phases.named(phase).nav_position_frac
    drawn["nav_position_error_m"] = drawn["nav_position_error_m"].times(left)
    if mission.rangefinder is None:  # it is off, as a dead one
        drawn["unit_dead_frac"] = Draw("constant", (1.0,))
    rows = [_distribution(law, STREAM_SCENARIO + k) for k, law in enumerate(drawn.values())]
    faults = [*map(_fault, scenario.faults), *[_NO_FAULT] * MAX_FAULTS][:MAX_FAULTS]
    laws = inertial_laws(mission.inertial, scenario.inertial_frac)
    unit = [_distribution(law, STREAM_INERTIAL + k) for k, law in enumerate(laws)]
    return np.concatenate([*rows, *faults, *unit, pack_sheet(scenario, mission)])


def _fault(fault: FaultSpec) -> Fault:
    low, high = 0.0, 0.0
    if fault.at_time_s is not None:
        trigger, low, high = AT_TIME, fault.at_time_s, fault.at_time_s
    elif fault.below_height_m is not None:
        trigger, low, high = BELOW_HEIGHT, fault.below_height_m, fault.below_height_m
    elif fault.below_start_frac is not None:
        trigger, (low, high) = BELOW_START_FRAC, fault.below_start_frac.support
    else:
        trigger = AT_IGNITION if fault.event == "ignition" else AT_CONTACT
    engine = ANY_ENGINE if fault.engine is None else fault.engine - 1
    return Fault(float(engine), fault.health_frac, float(trigger), low, high)
