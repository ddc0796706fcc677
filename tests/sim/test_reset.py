"""Starts: drawn as the mission and the scenario say, each quantity by itself."""

import math

import numpy as np
import pytest
from scipy import stats

from lunar_env import LunarLandingVectorEnv
from lunar_env.physics.rows import (
    BAND_EAST,
    BAND_NORTH,
    BAND_TURN,
    BANDS,
    ENGINES,
    FRICTION,
    POINTS,
    TRIM,
    VEHICLE,
)
from lunar_env.physics.types import Engine
from lunar_env.sim.world import EPISODE
from lunar_env.specs import load_mission, load_scenario
from tests.envs.flying import TRUE, G, exact, level, seen, truth

ROWS = 4000
MISSION = load_mission("hakuto-r-m2")
TERMINAL = MISSION.phases.terminal
LEVEL = level()
ISP = 296.0


def make(scenario="late-acquisition", **kwargs):
    env = LunarLandingVectorEnv(ROWS, scenario=scenario, num_threads=1, **kwargs)
    observation, _ = env.reset(seed=10)
    return env, observation


@pytest.fixture(scope="module")
def drawn():
    return make()


def vehicle(env, name):
    return env._simulator.world.memory[:, getattr(VEHICLE, name)]


def engine(env, name):
    return env._simulator.world.memory[:, ENGINES + Engine._fields.index(name)]


def follows(sample, law):
    return stats.kstest(sample, law.cdf).pvalue > 1e-3


def test_the_true_height_is_the_estimate_minus_its_error(drawn):
    """The dead-reckoned height is near 3 km; the true one is dispersed by 300 m."""
    env, observation = drawn
    # Dead reckoning counts from the target, not from the ground under the start.
    above = truth(env, "altitude_m") - seen(observation, "com_height_m")
    believed = above + truth(env, "nav_height_error_m")
    np.testing.assert_allclose(seen(observation, "dr_height_m"), believed, atol=2e-3)
    over_flat = make(mission=LEVEL)[0]
    error = truth(over_flat, "nav_height_error_m")
    believed = truth(over_flat, "height_m") + error
    assert follows(believed, stats.uniform(2900.0, 200.0))
    assert follows(error, stats.norm(0.0, 300.0))
    assert abs(np.corrcoef(believed, error)[0, 1]) < 0.07


def test_the_start_speed_is_that_of_the_plan_at_the_estimated_height():
    env = make(scenario=load_scenario("ideal"), mission=LEVEL)[0]
    believed = truth(env, "height_m") + truth(env, "nav_height_error_m")
    expected = np.sqrt(0.6**2 + (106.0**2 - 0.6**2) / 3000.0 * believed)
    assert follows(-truth(env, "v_z_m_s") - expected, stats.norm(0.0, 1.0))


@pytest.mark.parametrize(
    ("field", "law"),
    [
        ("v_x_m_s", stats.norm(0.0, 0.5)),
        ("v_y_m_s", stats.norm(0.0, 0.5)),
        # The lander believes to be near its plan, and is off by the error of its position.
        ("r_x_m", stats.norm(0.0, math.hypot(200.0, 250.0))),
        ("r_y_m", stats.norm(0.0, math.hypot(500.0, 250.0))),
        ("signal_loss_dB", stats.uniform(0.0, 14.0)),
    ],
)
def test_drawn_quantities_follow_their_distributions(drawn, field, law):
    assert follows(truth(drawn[0], field), law)


def test_the_vehicle_is_dispersed(drawn):
    """The whole; each engine of a cluster by itself is in test_draw.py."""
    env, _ = drawn
    assert follows(vehicle(env, "thrust_max") / 1600.0 - 1.0, stats.norm(0.0, 0.01))
    assert follows(vehicle(env, "v_e") / (ISP * 9.80665) - 1.0, stats.norm(0.0, 0.005))
    assert follows(vehicle(env, "mass_dry") / 370.0 - 1.0, stats.norm(0.0, 0.003))
    assert follows(vehicle(env, "lag"), stats.uniform(0.15 * 0.6667, 0.15 * 1.3333))
    for name in ("thrust_max", "lag"):
        assert np.array_equal(vehicle(env, name), engine(env, name.replace("lag", "lag_up")))
    np.testing.assert_allclose(truth(env, "propellant_kg"), TERMINAL.propellant_kg)


def test_design_values_do_not_include_the_dispersions(drawn):
    """T_max/(m g), Isp and lag in the observation are the nominal ones."""
    _, observation = drawn
    # At the nominal mass with the gauged propellant.
    nominal = 1600.0 / ((370.0 + seen(observation, "propellant_kg")) * 1.6242)
    np.testing.assert_allclose(seen(observation, "thrust_to_weight"), nominal, rtol=1e-4)
    np.testing.assert_allclose(seen(observation, "isp_s"), ISP, rtol=1e-6)
    np.testing.assert_allclose(seen(observation, "engine_lag_s"), 0.15, rtol=1e-6)


def test_dead_reckoning_errors_follow_their_distributions(drawn):
    env, observation = drawn
    for name, true, law in (
        ("dr_v_z_m_s", "v_z_m_s", stats.norm(0.0, 0.3)),
        ("dr_v_x_m_s", "v_x_m_s", stats.norm(0.0, 0.1)),
        ("dr_x_m", "r_x_m", stats.norm(0.0, 250.0)),
    ):
        assert follows(seen(observation, name) - truth(env, true), law)


def test_the_ground_is_placed_anew_in_every_episode(drawn):
    """Each band is shifted by any fraction of its tile, and rotated or mirrored in eight ways."""
    memory = drawn[0]._simulator.world.memory
    shifts = [memory[:, k + band] for k in (BAND_EAST, BAND_NORTH) for band in range(BANDS)]
    for shift in shifts:
        assert follows(shift, stats.uniform(shift.min(), np.ptp(shift)))
        assert np.unique(shift).size > 0.99 * ROWS
    assert np.abs(np.corrcoef(shifts) - np.eye(2 * BANDS)).max() < 0.07
    for band in range(BANDS):
        turns, counts = np.unique(memory[:, BAND_TURN + band], return_counts=True)
        assert turns.tolist() == list(range(8))
        assert stats.chisquare(counts).pvalue > 1e-3
    assert follows(memory[:, FRICTION], stats.uniform(0.4, 0.4))
    assert (truth(drawn[0], "friction") == memory[:, FRICTION]).all()


def test_the_lander_starts_against_its_velocity_within_a_small_tilt():
    env = make(scenario=exact())[0]
    assert (env.privileged[:, TRUE["omega_x_rad_s"] : TRUE["omega_z_rad_s"] + 1] == 0.0).all()
    tilt = np.degrees(truth(env, "tilt_rad"))
    drift = np.degrees(
        np.arctan2(np.hypot(truth(env, "v_x_m_s"), truth(env, "v_y_m_s")), -truth(env, "v_z_m_s"))
    )
    assert (tilt < drift + 3.0).all()
    assert np.median(tilt) == pytest.approx(0.5 * math.sqrt(2.0 * math.log(2.0)), abs=0.15)


def test_engines_start_at_the_planned_throttle(drawn):
    env, _ = drawn
    deceleration = TERMINAL.plan_deceleration_m_s2
    weight = truth(env, "mass_kg") * (G + deceleration)
    np.testing.assert_allclose(truth(env, "thrust_N"), weight, rtol=1e-3)


def test_one_more_draw_in_the_scenario_changes_no_other():
    """Streams are by purpose: noise of the range leaves start, vehicle and ground alone."""
    quiet = load_scenario("ideal")
    loud = quiet.replace(
        range_bias_m={"normal": [0.0, 0.3]}, signal_loss_dB={"uniform": [0.0, 9.0]}
    )
    a, b = make(quiet)[0], make(loud)[0]
    rows_a, rows_b = (env._simulator.world.memory for env in (a, b))
    assert np.array_equal(rows_a[:, : TRIM.x], rows_b[:, : TRIM.x])
    assert np.array_equal(rows_a[:, ENGINES:POINTS], rows_b[:, ENGINES:POINTS])
    assert np.array_equal(rows_a[:, EPISODE.start_height], rows_b[:, EPISODE.start_height])
    assert not np.array_equal(a.privileged, b.privileged)


def test_the_first_accumulations_began_before_the_start():
    """A rangefinder without faults at 1 km starts in TRACK: it has searched for seconds."""
    env = LunarLandingVectorEnv(200, scenario=exact(), num_threads=1)
    observation, _ = env.reset(seed=0, options={"start": {"height_m": 1000.0}})
    assert (seen(observation, "lrf_seen") == 1.0).all()
    age = seen(observation, "lrf_last_age_s")
    assert follows(age, stats.uniform(0.25, 0.5))  # the phase of the windows is drawn
    far, _ = env.reset(seed=0, options={"start": {"height_m": 9000.0, "v_vertical_m_s": -50.0}})
    assert (seen(far, "lrf_seen") == 0.0).all()
