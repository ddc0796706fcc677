"""The scenario engine-out: engine 1 dies at its height, and the flight goes on."""

from functools import cache

import numpy as np
import pytest

from lunar_env import LunarLandingVectorEnv, list_missions, load_mission
from lunar_env.specs import load_scenario
from tests.envs.flying import TRUE, G, truth

SCENARIO = "engine-out"
(FAULT,) = load_scenario(SCENARIO).faults
ROWS = 16
THERE = {"position_east_m": 0.0, "position_north_m": 0.0}
SEVERAL = [name for name in list_missions() if len(load_mission(name).vehicle.engine_list) > 1]


def column(env, observation, name):
    """An observed number that is its own scale, of every row."""
    names = [field.name for field in env.observation_fields]
    return observation[:, names.index(name)]


def hold(env, speed):
    """Keep the fall speed, as one who knows everything; thrust upwards in any control."""
    state = env.privileged
    along = sum(e.spec.thrust_N * e.direction[2] for e in env.settings.mission.vehicle.engine_list)
    asked = state[:, TRUE["mass_kg"]] * (G - state[:, TRUE["v_z_m_s"]] - speed)
    action = np.zeros((env.num_envs, len(env.action_fields)))
    action[:, -1] = 2.0 * asked / along - 1.0
    return action


@cache
def descend(name, control, scenario, speed=2.5):
    """Fly down from 90 m; heights, shares of thrust of engines 1 and 2, and how it ended."""
    mission = load_mission(name).replace(phases={"terminal": THERE})
    env = LunarLandingVectorEnv(ROWS, mission, scenario, control, num_threads=1)
    start = {"height_m": 90.0, "v_vertical_m_s": -speed, "v_lateral_m_s": 0.0}
    start["nav_height_error_m"] = 0.0  # or a cut-off by height comes too early
    observation, _ = env.reset(seed=21, options={"start": start})
    seen, ended, outcomes = [], np.zeros(ROWS, np.bool_), {}
    while not ended.all():
        height = truth(env, "height_m")
        observation, _, terminated, truncated, info = env.step(hold(env, speed))
        shares = [column(env, observation, f"eng{e}_thrust_frac") for e in (1, 2)]
        for row in np.flatnonzero((terminated | truncated) & ~ended):
            outcomes[row] = info["outcome"][row]
        ended |= terminated | truncated
        seen.append(np.where(ended, np.nan, [height, *shares]))
    return np.array(seen), outcomes


def test_the_fault_is_that_of_the_scenario():
    assert (FAULT.engine, FAULT.health_frac, FAULT.below_height_m) == (1, 0.0, 50.0)
    assert {"slim", "chandrayaan-3", "blue-ghost-m1", "peregrine-1", "apex-1"} <= set(SEVERAL)


@pytest.mark.parametrize("control", ["throttle", "thrust_vector"])
@pytest.mark.parametrize("name", ["slim", "chandrayaan-3"])
def test_engine_1_fails_at_its_height_and_the_other_continues(name, control):
    seen, outcomes = descend(name, control, SCENARIO)
    assert len(outcomes) == ROWS
    assert "NUMERIC" not in outcomes.values()
    vehicle = load_mission(name).vehicle
    ring = vehicle.engines[0]
    heights, first, second = seen[:, 0], seen[:, 1], seen[:, 2]
    for row in range(ROWS):
        struck = np.flatnonzero(heights[:, row] < FAULT.below_height_m)[0]
        assert struck > 10
        assert (first[5:struck, row] > 0.2).all()
        # The step that begins below the height runs for its dead time and then decays.
        rest = np.exp(-(0.2 - ring.dead_time_s) / (ring.lag_down_s * 1.5))
        assert first[struck, row] < first[struck - 1, row] * (rest + 0.05)
        after = slice(struck + 8, min(struck + 25, len(first)))
        assert np.nanmax(first[after, row]) < 0.01
        assert np.nanmin(second[after, row]) > 0.5


# Upright on its slope SLIM falls down it, onto its nose; to land it, one has to lean.
@pytest.mark.parametrize(("name", "end"), [("slim", "TIPPED"), ("chandrayaan-3", "LANDED")])
def test_without_the_fault_both_engines_burn_until_landing(name, end):
    seen, outcomes = descend(name, "throttle", "noisy")
    assert list(outcomes.values()).count(end) > 0.6 * ROWS
    low = seen[:, 0] < FAULT.below_height_m
    first = seen[:, 1][low & (seen[:, 0] > 10.0)]
    assert len(first) > ROWS
    assert (first > 0.2).all()


@pytest.mark.parametrize("control", ["throttle", "thrust_vector"])
@pytest.mark.parametrize("name", SEVERAL)
def test_engine_out_ends_for_every_lander_with_several_engines(name, control):
    seen, outcomes = descend(name, control, SCENARIO)
    assert len(outcomes) == ROWS
    assert not {"NUMERIC", "TIME_LIMIT"} & set(outcomes.values())
    low = seen[:, 0] < FAULT.below_height_m - 10.0
    assert low.any()
    assert np.nanmax(seen[:, 1][low]) < 0.05


def moment_without_engine_1(vehicle, mass_kg):
    """Torque about the centre of mass [N m] while the engines that are left hold the weight."""
    left = [e for e in vehicle.engine_list[1:] if e.spec.kind != "on_off"]
    share = mass_kg * G / sum(engine.spec.thrust_N * engine.direction[2] for engine in left)
    above = np.array([0.0, 0.0, vehicle.com_z_dry_m])
    turns = [np.cross(e.place_m - above, e.direction) * e.spec.thrust_N * share for e in left]
    return float(np.linalg.norm(np.sum(turns, axis=0)))


@pytest.mark.parametrize("name", SEVERAL)
def test_a_lander_survives_engine_out_if_its_thrusters_balance_the_other_engines(name):
    """Vikram and APEX have engines far beside the axis and turn over."""
    mission = load_mission(name)
    vehicle = mission.vehicle
    mass = vehicle.mass_dry_kg + vehicle.payload_kg + mission.phases.terminal.propellant_kg
    holds = moment_without_engine_1(vehicle, mass) < vehicle.rcs.torque_max_xy_N_m
    crashes = list(descend(name, "throttle", SCENARIO)[1].values()).count("CRASHED")
    assert crashes == (0 if holds else ROWS)


def test_some_landers_keep_their_attitude_with_an_engine_out_and_some_do_not():
    """Else the test above would say little."""
    ends = {name: set(descend(name, "throttle", SCENARIO)[1].values()) for name in SEVERAL}
    assert {"CRASHED"} in ends.values()
    assert any("LANDED" in end and "CRASHED" not in end for end in ends.values())
