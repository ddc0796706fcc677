"""From specs to rows of float64: the only place that knows both the names and their order.

Degrees, millimetres and specific impulse end here; kernels see SI and radians.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from lunar_env.data.constants import C_LIGHT, G0, GM_MOON, H_PLANCK, OMEGA_MOON, R_MOON
from lunar_env.kernel.draws import CHOICE, CONSTANT, DRAW_WIDTH, EXPONENTIAL, NORMAL, UNIFORM
from lunar_env.kernel.rng import STREAM_MISSION, STREAM_SCENARIO
from lunar_env.physics.types import Vehicle
from lunar_env.sensors.rangefinder import Rangefinder
from lunar_env.sim.fields import OBSERVATION_FIELDS, REWARD_TERMS
from lunar_env.sim.world import (
    DESIGN,
    HIGHS,
    LIMITS,
    LOWS,
    MISSION,
    MISSION_DRAWS,
    NOMINAL,
    SCALES,
    SCENARIO_DRAWS,
    SCENARIO_WIDTH,
    SCENARIOS,
    TASK,
    WORTH,
    Task,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lunar_env.specs.mission import MissionSpec, TerminalPhase
    from lunar_env.specs.quantity import Draw
    from lunar_env.specs.rangefinder import RangefinderSpec
    from lunar_env.specs.scenario import ScenarioSpec
    from lunar_env.specs.vehicle import TouchdownTier, VehicleSpec

__all__ = ["pack", "places_in_flight"]

_KINDS = {
    "constant": CONSTANT,
    "uniform": UNIFORM,
    "normal": NORMAL,
    "exponential": EXPONENTIAL,
    "choice": CHOICE,
}
# An exponential delay exceeds twelve times its mean once in 160,000 samples.
_JITTER_MEANS = 12.0
_SPARE_PLACES = 2


def pack(
    mission: MissionSpec,
    phase: TerminalPhase,
    scenarios: Sequence[ScenarioSpec],
    reward: Mapping[str, float],
    time_limit_s: float,
) -> np.ndarray:
    """Table for a batch whose rows fly `mission` under any of `scenarios`."""
    limits = mission.vehicle.limits
    blocks = {
        TASK: _row(pack_task(mission, phase, time_limit_s)),
        NOMINAL: _row(pack_vehicle(mission.vehicle)),
        LIMITS: np.concatenate(
            [_tier(limits.nominal), _tier(limits.survivable), _tier(limits.hard)]
        ),
        DESIGN: _row(pack_rangefinder(mission.rangefinder)),
        SCALES: np.array([1.0 / field.scale for field in OBSERVATION_FIELDS]),
        LOWS: np.array([field.low for field in OBSERVATION_FIELDS]),
        HIGHS: np.array([field.high for field in OBSERVATION_FIELDS]),
        WORTH: np.array([float(reward[name]) for name in (*REWARD_TERMS, "gamma")]),
        MISSION: _mission_draws(mission, phase),
        SCENARIOS: np.concatenate([_scenario_draws(s) for s in scenarios]),
    }
    table = np.zeros(SCENARIOS + SCENARIO_WIDTH * len(scenarios))
    for start, block in blocks.items():
        table[start : start + block.size] = block
    return table


def pack_task(mission: MissionSpec, phase: TerminalPhase, time_limit_s: float) -> Task:
    """Scalars of mission and phase in SI."""
    latitude = math.radians(mission.latitude_deg)
    return Task(
        tick=mission.tick_s,
        ticks=float(round(mission.control_period_s / mission.tick_s)),
        time_limit=time_limit_s,
        mu=GM_MOON,
        radius=R_MOON,
        omega_y=OMEGA_MOON * math.cos(latitude),
        omega_z=OMEGA_MOON * math.sin(latitude),
        albedo=mission.albedo,
        plan_deceleration=phase.plan_deceleration_m_s2,
        plan_touchdown_speed=phase.plan_touchdown_speed_m_s,
        propellant=phase.propellant_kg,
        isp=mission.vehicle.isp_s,
        box=phase.box_m,
    )


def pack_vehicle(vehicle: VehicleSpec) -> Vehicle:
    """The vehicle as its designers know it, in SI."""
    return Vehicle(
        mass_dry=vehicle.mass_dry_kg + vehicle.payload_kg,
        thrust_max=vehicle.thrust_max_N,
        throttle_min=vehicle.throttle_min_frac,
        restartable=float(vehicle.restartable),
        v_e=vehicle.isp_s * G0,
        lag=vehicle.engine_lag_s,
        direction_x=0.0,
        direction_y=0.0,
        direction_z=1.0,
        arm=vehicle.engine_arm_m,
        k2_xy=vehicle.k_xy_m**2,
        k2_z=vehicle.k_z_m**2,
        torque_max_xy=vehicle.torque_max_xy_N_m,
        torque_max_z=vehicle.torque_max_z_N_m,
        legs=float(vehicle.legs),
        pad_radius=0.5 * vehicle.footprint_diameter_m,
        cg_height=vehicle.cg_height_m,
    )


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


def _row(values: tuple[float, ...]) -> np.ndarray:
    return np.array([float(value) for value in values])


def _tier(tier: TouchdownTier) -> list[float]:
    angles = math.radians(tier.tilt_deg), math.radians(tier.rate_deg_s)
    return [tier.v_vertical_m_s, tier.v_lateral_m_s, *angles]


def _distribution(draw: Draw, stream: int) -> np.ndarray:
    row = np.zeros(DRAW_WIDTH)
    row[:3] = stream, _KINDS[draw.kind], len(draw.parameters)
    row[3 : 3 + len(draw.parameters)] = draw.parameters
    return row


def _mission_draws(mission: MissionSpec, phase: TerminalPhase) -> np.ndarray:
    tables = (phase, mission, mission.vehicle.dispersion)
    found = {n: getattr(t, n) for t in tables for n in MISSION_DRAWS if hasattr(t, n)}
    rows = [_distribution(found[n], STREAM_MISSION + k) for k, n in enumerate(MISSION_DRAWS)]
    return np.concatenate(rows)


def _scenario_draws(scenario: ScenarioSpec) -> np.ndarray:
    rows = [
        _distribution(getattr(scenario, name), STREAM_SCENARIO + k)
        for k, name in enumerate(SCENARIO_DRAWS)
    ]
    return np.concatenate(rows)


def _largest(draw: Draw) -> float:
    """Value that a draw exceeds at most once in 10,000 times."""
    if draw.kind == "normal":
        return draw.parameters[0] + 4.0 * draw.parameters[1]
    if draw.kind == "exponential":
        return 9.3 * draw.parameters[0]
    return max(draw.parameters)
