"""The published study of landing by altimeter alone: it starts, weighs and sees as published."""

import numpy as np
import pytest

from agents import make_pilot
from agents.observation import ObservationReader
from lunar_env import LunarLandingVectorEnv
from lunar_env.data.constants import G0
from lunar_env.pilots import resolve
from lunar_env.task import Task
from tests.envs.flying import TRUE, exact, truth
from training.evaluate import evaluate

NAME = "gaudet-altimeter-1km"
G_STUDY = 3.7114
ROWS = 400


def make(scenario="gaudet", control="thrust_vector", rows=ROWS):
    keywords = {"scenario": scenario, "control": control, "phase": "approach", "num_threads": 1}
    return LunarLandingVectorEnv(rows, NAME, **keywords)


def action(env, share):
    held = np.zeros((env.num_envs, 3), np.float32)
    held[:, 2] = 2.0 * share - 1.0
    return held


def observed(env, observation, name):
    names = [field.name for field in env.observation_fields]
    at = names.index(name)
    return observation[:, at] * env.observation_fields[at].scale


def within(values, low, high):
    """All of them inside, and reaching to both ends."""
    assert low <= values.min() < low + 0.05 * (high - low)
    assert high - 0.05 * (high - low) < values.max() <= high


def test_starts_are_in_the_published_box():
    """North is downrange: the lander comes from the south, the target is the origin."""
    env = make(exact("gaudet"))
    env.reset(seed=1)
    within(-truth(env, "r_y_m"), 0.0, 1000.0)
    within(truth(env, "r_x_m"), -500.0, 500.0)
    within(truth(env, "v_y_m_s"), 10.0, 30.0)
    within(truth(env, "v_x_m_s"), -30.0, 30.0)
    within(truth(env, "v_z_m_s"), -50.0, -40.0)
    within(truth(env, "mass_kg"), 1800.0, 2200.0)
    assert truth(env, "height_m") == pytest.approx(1000.0, abs=1e-5)


def test_start_errors_are_in_height_and_descent_speed():
    env = make()
    observation, _ = env.reset(seed=1)
    now = ObservationReader(env.observation_fields).read(observation)
    assert np.std(now.height_m - truth(env, "height_m")) == pytest.approx(50.0, rel=0.15)
    assert np.std(now.v_z_m_s - truth(env, "v_z_m_s")) == pytest.approx(2.9, rel=0.15)
    assert now.x_m == pytest.approx(truth(env, "r_x_m"), abs=0.01)
    assert now.v_x_m_s == pytest.approx(truth(env, "v_x_m_s"), abs=1e-4)


def test_acceleration_has_the_published_gravity_and_thrust():
    """Weight less thrust over the mass, 210 s, and a floor of 2 kN above which it burns."""
    env = make(exact("gaudet"))
    env.reset(seed=3)
    for _ in range(10):  # by then it stands upright
        env.step(action(env, 0.0))
    before = env.privileged
    for _ in range(5):
        env.step(action(env, 0.5))
    after = env.privileged
    mean = 0.5 * (before[:, TRUE["mass_kg"]] + after[:, TRUE["mass_kg"]])
    gained = after[:, TRUE["v_z_m_s"]] - before[:, TRUE["v_z_m_s"]]
    assert gained == pytest.approx(7500.0 / mean - G_STUDY, rel=0.02, abs=0.05)
    used = before[:, TRUE["mass_kg"]] - after[:, TRUE["mass_kg"]]
    assert used == pytest.approx(7500.0 / (210.0 * G0), rel=0.01)
    env.step(action(env, 0.13))
    assert truth(env, "thrust_N") == pytest.approx(2000.0, rel=1e-6)


def test_free_fall_is_the_same_everywhere():
    env = make(exact("gaudet"), control="actuators")
    env.reset(seed=3)
    off = np.zeros((ROWS, len(env.action_fields)), np.float32)
    off[:, 0] = -1.0
    for _ in range(3):
        env.step(off)
    before = env.privileged
    env.step(off)
    change = env.privileged - before
    assert truth(env, "thrust_N").max() < 1e-6
    assert change[:, TRUE["v_z_m_s"]] / 0.2 == pytest.approx(-G_STUDY, rel=1e-6)


def test_the_observation_has_gravity_mass_and_beams():
    env = make()
    observation, _ = env.reset(seed=1)
    now = ObservationReader(env.observation_fields).read(observation)
    assert now.gravity_m_s2 == pytest.approx(G_STUDY, rel=1e-6)
    assert now.thrust_to_weight == pytest.approx(15000.0 / (2000.0 * G_STUDY), rel=1e-6)
    assert observed(env, observation, "lrf_cant_rad") == pytest.approx(np.pi / 8.0, rel=1e-6)
    assert (observed(env, observation, "lrf_beams") == 4.0).all()


def test_four_beams_measure_height_in_steps_of_a_metre():
    """All four in every step, sharp to the step once the lander no longer turns."""
    env = make()
    env.reset(seed=5)
    reader = ObservationReader(env.observation_fields)
    for _ in range(15):
        observation = env.step(action(env, 0.4))[0]
        now = reader.read(observation)
        assert now.ranges.valid.all()
    v_z = truth(env, "v_z_m_s")[:, np.newaxis]
    height = now.ranges.range_m * now.cos_tilt[:, np.newaxis] - now.sensor_height_m[:, None]
    then = truth(env, "height_m")[:, np.newaxis] - v_z * now.ranges.age_s
    assert np.abs(height - then).max() < 0.7
    assert np.ptp(height - then) > 0.7
    assert (observed(env, observation, "dvl_valid") == 1.0).all()
    seen = observed(env, observation, "dvl_v_x_m_s")
    assert seen == pytest.approx(truth(env, "v_x_m_s"), abs=1.0)


# Of 10,000 landings in the study: GRU over 20 steps.
STUDY_MEAN_M_S, STUDY_MAX_M_S = 1.61, 47.0


def test_a_classical_pilot_lands_softer_than_the_study():
    """The worst of 100 is below the study's mean, and all reach its goal: 2 m/s within 5 m."""
    env = make(rows=100)
    pilot = make_pilot("e-guidance+kalman", env.observation_fields)
    observation, _ = env.reset(seed=11)
    state, starts = None, np.ones(100, bool)
    speed, miss = np.full(100, np.nan), np.full(100, np.nan)
    while np.isnan(speed).any():
        command, state = pilot.predict(observation, state, starts)
        observation, _, terminated, truncated, info = env.step(command)
        starts = np.zeros(100, bool)
        ended = (terminated | truncated) & np.isnan(speed)
        if ended.any():
            total = np.hypot(info["v_vertical_m_s"], info["v_lateral_m_s"])
            speed[ended], miss[ended] = total[ended], info["miss_m"][ended]
            assert (total[ended] > 0.0).all()
    env.close()
    assert np.mean(speed) < STUDY_MEAN_M_S < STUDY_MAX_M_S
    assert np.max(speed) < 2.0
    assert np.max(miss) < 5.0


def flown(pilot):
    task = Task(NAME, "gaudet-lateral", control="thrust_vector", phase="approach")
    entry = resolve(pilot, task)
    return evaluate(entry.pilot, entry.task, 10_000, 0, label=pilot)


@pytest.mark.slow
def test_every_touchdown_is_soft_and_cheap_with_an_unknown_lateral_velocity():
    """Of 10,000 with 5 m/s of it: all below 1.2 m/s with at most 190 kg."""
    landings = flown("velocity-profile+kalman")
    assert landings["landed"].all()
    assert landings["speed_m_s"].max() < 1.12 + 0.01
    assert landings["propellant_used_kg"].max() < 187.0 + 1.0


@pytest.mark.slow
def test_every_touchdown_at_the_target_is_soft():
    """With 177 kg in the mean; 190 kg cannot be enough for all, as docs/results.md says."""
    landings = flown("e-guidance+kalman")
    assert landings["landed"].all()
    assert landings["speed_m_s"].max() < 1.01 + 0.01
    assert landings["propellant_used_kg"].mean() == pytest.approx(177.1, abs=1.0)
    assert landings["miss_m"].max() < 6.0
