"""Starts that `reset` is asked for: ranges that follow from the phase, above the ground."""

import gymnasium as gym
import numpy as np
import pytest

from lunar_env import (
    ConfigError,
    LunarLandingEnv,
    LunarLandingVectorEnv,
    list_missions,
    load_mission,
)
from lunar_env.registration import IDS
from tests.envs.flying import NAMES, level, throttle, truth, vector

HUGE = pytest.param(10**400, id="huge")


def heights(name):
    """Lowest and highest start of the phase of an id."""
    row = next(row for row in IDS if row.name == name)
    return load_mission(row.mission).phases.named(row.phase).height_m.support


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", ["height_m", "v_vertical_m_s", "v_lateral_m_s"])
@pytest.mark.parametrize("end", [0, 1])
def test_limits_of_start_ranges_are_accepted_and_values_beyond_are_errors(name, value, end):
    top = heights(name)[1]
    ranges = {"height_m": (1.0, 3.0 * top)}
    limit = ranges.get(value, (-3e3, 3e3))[end]
    env = vector(name, 8, mission=level(next(r.mission for r in IDS if r.name == name)))
    observation, _ = env.reset(seed=1, options={"start": {value: limit}})
    assert env.observation_space.contains(observation)
    assert np.isfinite(env.privileged).all()
    assert (truth(env, "height_m") > 0.0).all()
    for _ in range(10):
        observation, reward, *_ = env.step(np.zeros((8, len(env.action_fields)), np.float32))
        assert env.observation_space.contains(observation)
        assert np.isfinite(reward).all()
    beyond = limit + (-0.1, 0.1)[end] * abs(limit)
    with pytest.raises(ConfigError, match=rf"start\['{value}'\] = .* must be between .* and "):
        env.reset(options={"start": {value: beyond}})


@pytest.mark.parametrize("name", NAMES)
def test_navigation_errors_do_not_start_the_lander_below_the_ground(name):
    """With the height drawn or given; 1e300 m ended in numbers that are not finite."""
    low, top = heights(name)
    mission = level(next(r.mission for r in IDS if r.name == name))
    env = vector(name, 16, mission=mission)
    for start, low_error, high_error in (
        ({}, -2.0 * top, low - 1.0),
        ({"height_m": 0.5 * top}, -0.5 * top, 2.5 * top),
    ):
        for error in (low_error, high_error):
            options = {"start": {**start, "nav_height_error_m": error}}
            observation, _ = env.reset(seed=2, options=options)
            assert env.observation_space.contains(observation)
            assert (truth(env, "height_m") > 0.0).all()
            assert truth(env, "nav_height_error_m") == pytest.approx(error, abs=0.5)
            *_, info = env.step(np.zeros((16, len(env.action_fields)), np.float32))
            assert np.isfinite(info["reward_shaping"]).all()
        for error in (low_error - 1.0, high_error + 1.0, 3e3 + 3.0 * top, 1e300, -1e300):
            with pytest.raises(ConfigError, match=r"nav_height_error_m.* must be between .* and "):
                env.reset(options={"start": {**start, "nav_height_error_m": error}})


@pytest.mark.parametrize("value", ["500", True, None, [500.0], np.nan, np.inf, 1j, HUGE])
@pytest.mark.parametrize("name", ["height_m", "nav_height_error_m", "v_lateral_m_s"])
def test_a_start_value_that_is_not_a_number_is_an_error(name, value):
    env = LunarLandingEnv()
    with pytest.raises(
        ConfigError,
        match=rf"start\['{name}'\] = .* (must be (a number|finite)|is too large for a float)",
    ):
        env.reset(options={"start": {name: value}})


def test_an_invalid_start_before_the_first_reset_leaves_the_environment_unreset():
    env = LunarLandingVectorEnv(2)
    with pytest.raises(ConfigError, match="height_m"):
        env.reset(options={"start": {"height_m": -5.0}})
    with pytest.raises(gym.error.ResetNeeded):
        env.step(throttle(np.zeros((2, 1))))


def least_gap(mission, phase, rows, seed):
    """Least height of drawn starts above the ground, as a share of the plan's lowest."""
    flown = {"mission": mission, "phase": phase, "num_threads": 1}
    env = LunarLandingVectorEnv(rows, scenario="noisy", control="thrust_vector", **flown)
    env.reset(seed=seed)
    lowest = load_mission(mission).phases.named(phase).height_m.support[0]
    return truth(env, "height_m").min() / lowest


@pytest.mark.parametrize("mission", ["chandrayaan-3", "im-1"])
def test_no_start_of_the_roughest_sites_lies_below_the_ground(mission):
    """12 and 10 of 20,000 did; the height is told over ground smoothed by half a metre or four."""
    assert least_gap(mission, "terminal", 10_000, 0) > 0.05
    assert least_gap(mission, "terminal", 10_000, 10_000) > 0.05


@pytest.mark.slow
@pytest.mark.parametrize("mission", list_missions())
def test_no_start_of_any_mission_lies_below_the_ground(mission):
    for phase in load_mission(mission).phases.offered:
        assert least_gap(mission, phase, 4096, 3) > 0.05
