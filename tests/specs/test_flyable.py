"""Every phase of every mission can be flown: thrust, propellant and room to stop.

A descent of constant throttle and linear-tangent steering over a spherical Moon must lead from the
start to the start of the vertical profile, and its propellant must last for the rest.
"""

import math
from typing import NamedTuple

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.optimize import least_squares

from lunar_env.data.constants import G0, G_MOON, GM_MOON, R_MOON
from lunar_env.specs import MissionSpec, PhaseSpec, VehicleSpec, list_missions, load_mission

EVERY = {name: load_mission(name) for name in list_missions()}
# Without studies, which begin close to the ground.
MISSIONS = {name: m for name, m in EVERY.items() if m.phases.powered is not None}
PHASES = [(name, phase) for name, m in MISSIONS.items() for phase in m.phases.offered]
# Apollo's P64 spends 100 s at low thrust on what is seen of the site: no such descent is like it.
SEEING = {("apollo-11", "approach")}
TRAVELLING = [one for one in PHASES if one[1] != "terminal" and one not in SEEING]
REACTION_S = 1.0


class Descent(NamedTuple):
    """How the plan's height and speed are reached, straight above the target."""

    throttle: float
    duration_s: float
    burned_kg: float
    lowest_m: float
    miss: float


def start_mass(mission: MissionSpec, phase: str) -> float:
    lander = mission.vehicle
    return lander.mass_dry_kg + lander.payload_kg + mission.phases.named(phase).propellant_kg


def upward_thrust(lander: VehicleSpec) -> float:
    """Full thrust along the body axis [N]; canted engines lose some across it."""
    return sum(one.spec.thrust_N * one.direction[2] for one in lander.engine_list)


def full_flow(lander: VehicleSpec, throttle: float) -> float:
    """Propellant per second at a common throttle [kg/s]."""
    return sum(
        one.spec.thrust_N
        * throttle
        * (throttle / one.spec.isp_s + (1.0 - throttle) / one.spec.isp_floor_s)
        / G0
        for one in lander.engine_list
    )


def middle(phase: PhaseSpec, name: str) -> float:
    """Middle of what a start draws."""
    draw = getattr(phase, name)
    if draw.kind == "uniform":
        return 0.5 * sum(draw.parameters)
    return float(draw.parameters[0])


def fly(mission: MissionSpec, phase: str, downrange: float, guess: tuple[float, float]) -> Descent:
    lander, start = mission.vehicle, mission.phases.named(phase)
    mass, thrust = start_mass(mission, phase), upward_thrust(lander)
    speed = middle(start, "v_forward_m_s")
    assert start.v_vertical_m_s is not None
    first = [0.0, middle(start, "height_m"), speed, -middle(start, "v_vertical_m_s")]
    scale = speed / (0.85 * thrust / mass)

    def path(x: np.ndarray) -> np.ndarray:
        tangent, change, duration, throttle = x[0], x[1], x[2] * scale, x[3]
        flow = full_flow(lander, throttle)

        def rates(t: float, y: np.ndarray) -> list[float]:
            radius, steep = R_MOON + y[1], tangent + change * t / duration
            push = throttle * thrust / (mass - flow * t) / math.hypot(1.0, steep)
            gravity = GM_MOON / radius**2
            fall = steep * push - gravity + y[2] ** 2 / radius
            return [y[2] * R_MOON / radius, y[3], -push - y[2] * y[3] / radius, fall]

        return solve_ivp(rates, (0.0, duration), first, "DOP853", rtol=1e-7, atol=1e-3).y

    def miss(x: np.ndarray) -> list[float]:
        across, height, forward, climb = path(x)[:, -1]
        end = start.plan_height_m, start.plan_speed_m_s
        reach = max(1000.0, 0.01 * downrange)
        return [
            *((across - downrange) / reach, (height - end[0]) / 1000.0),
            *(forward / 10.0, (climb + end[1]) / 10.0),
        ]

    bounds = ([-9.0, -20.0, 0.3, 0.2], [9.0, 20.0, 3.0, 1.3])
    x = least_squares(miss, [*guess, 1.0, 0.85], bounds=bounds, max_nfev=60).x
    duration = x[2] * scale
    burned = full_flow(lander, x[3]) * duration
    return Descent(x[3], duration, burned, min(path(x)[1]), float(np.abs(miss(x)).max()))


def best(mission: MissionSpec, phase: str, downrange: float) -> Descent:
    for guess in ((0.1, 0.4), (0.6, 0.0), (-0.3, 2.0), (1.2, -0.6)):
        found = fly(mission, phase, downrange, guess)
        if found.miss < 1e-3:
            return found
    raise AssertionError(f"no descent found from {downrange} m")


def plan_dv(phase: PhaseSpec) -> float:
    """Cost of the vertical profile: its deceleration, and gravity while it lasts."""
    net = phase.plan_deceleration_m_s2
    return (net + G_MOON) * (phase.plan_speed_m_s - phase.plan_touchdown_speed_m_s) / net


@pytest.mark.parametrize(("name", "phase"), PHASES)
def test_thrust_exceeds_weight(name: str, phase: str) -> None:
    mission = MISSIONS[name]
    assert upward_thrust(mission.vehicle) > 1.1 * G_MOON * start_mass(mission, phase)


@pytest.mark.parametrize("name", MISSIONS)
def test_terminal_starts_can_be_stopped(name: str) -> None:
    # From the lowest start at the fastest of it, after a second of reaction and the engines' lag,
    # at the mass of the start: full thrust stops the lander above the ground.
    mission = MISSIONS[name]
    terminal = mission.phases.named("terminal")
    lowest = terminal.height_m.support[0]
    plan = terminal.plan_touchdown_speed_m_s**2 + 2.0 * terminal.plan_deceleration_m_s2 * lowest
    speed = math.sqrt(plan) + 3.0 * terminal.v_vertical_scatter_m_s.parameters[1]
    net = upward_thrust(mission.vehicle) / start_mass(mission, "terminal") - G_MOON
    delay = REACTION_S + mission.vehicle.engine_lag_s
    speed_then = speed + G_MOON * delay
    assert speed * delay + 0.5 * G_MOON * delay**2 + speed_then**2 / (2.0 * net) < lowest


@pytest.mark.parametrize("name", MISSIONS)
def test_the_plan_is_within_the_engines(name: str) -> None:
    mission = MISSIONS[name]
    terminal, mass = mission.phases.named("terminal"), start_mass(mission, "terminal")
    needed = mass * (terminal.plan_deceleration_m_s2 + G_MOON)
    assert needed < 0.95 * upward_thrust(mission.vehicle)
    assert needed > mission.vehicle.throttle_min_frac * mission.vehicle.thrust_max_N


@pytest.mark.parametrize("name", MISSIONS)
def test_propellant_lasts_for_the_terminal_phase(name: str) -> None:
    # At least a tenth of it stays, for what a pilot does beside the plan.
    mission = MISSIONS[name]
    terminal, lander = mission.phases.named("terminal"), mission.vehicle
    exhaust = upward_thrust(lander) / full_flow(lander, 1.0)
    burned = start_mass(mission, "terminal") * (1.0 - math.exp(-plan_dv(terminal) / exhaust))
    assert burned < 0.9 * terminal.propellant_kg


@pytest.mark.parametrize(("name", "phase"), TRAVELLING)
def test_the_target_can_be_reached(name: str, phase: str) -> None:
    mission = MISSIONS[name]
    start, lander = mission.phases.named(phase), mission.vehicle
    down = best(mission, phase, middle(start, "downrange_m"))
    assert lander.throttle_min_frac < down.throttle < 0.97
    assert down.lowest_m > 0.99 * start.plan_height_m
    limit = start.time_limit_s or mission.time_limit_s
    fall = start.plan_height_m / (0.5 * start.plan_speed_m_s)
    assert down.duration_s + fall < 0.9 * limit
    # Of the propellant of the whole descent some 2 % stay at least.
    exhaust = upward_thrust(lander) / full_flow(lander, 1.0)
    mass = start_mass(mission, phase) - down.burned_kg
    burned = down.burned_kg + mass * (1.0 - math.exp(-plan_dv(start) / exhaust))
    assert start.propellant_kg - burned > 0.02 * mission.phases.named("powered").propellant_kg


@pytest.mark.parametrize("name", [name for name, phase in TRAVELLING if phase == "approach"])
def test_the_farthest_and_nearest_approaches_can_be_flown(name: str) -> None:
    mission = MISSIONS[name]
    for downrange in mission.phases.named("approach").downrange_m.support:
        assert best(mission, "approach", downrange).throttle < 1.0


def test_chandrayaan_brakes_at_the_throttle_that_its_figures_need() -> None:
    # 713 km in 690 s to 7.42 km need 90 to 93 %; the published start of the approach follows.
    mission = MISSIONS["chandrayaan-3"]
    powered, approach = (mission.phases.named(name) for name in ("powered", "approach"))
    assert middle(powered, "downrange_m") - middle(approach, "downrange_m") == pytest.approx(
        713.5e3 + 345.0 * 10.0, abs=3e3
    )
    full = upward_thrust(mission.vehicle)
    mean = (powered.propellant_kg - approach.propellant_kg) * mission.vehicle.isp_s * G0 / 700.0
    assert 0.90 < mean / full < 0.93
