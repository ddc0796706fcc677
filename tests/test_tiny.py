"""The whole product in a few seconds: import, make, reset, step, render, land."""

import gymnasium as gym
import numpy as np
import pytest

import lunar_env
from agents import make_pilot

ID = "LunarEnv/ThrottleLanding-v0"


def test_an_environment_can_be_made_reset_and_stepped():
    env = gym.make(ID, scenario="ideal")
    observation, info = env.reset(seed=1)
    assert env.observation_space.contains(observation)
    assert "episode_key" in info
    observation, reward, terminated, truncated, info = env.step(env.action_space.sample())
    assert env.observation_space.contains(observation)
    assert np.isfinite(reward)
    assert (terminated, truncated) == (False, False)
    assert {f"reward_{term}" for term in lunar_env.REWARD_TERMS} <= set(info)
    env.close()


def test_an_environment_renders_a_frame():
    pytest.importorskip("pygame")
    env = gym.make(ID, render_mode="rgb_array")
    env.reset(seed=1)
    frame = env.render()
    assert frame.dtype == np.uint8
    assert frame.shape[2] == 3
    assert len(np.unique(frame.reshape(-1, 3), axis=0)) > 20
    env.close()


def test_a_pilot_lands_in_the_quick_check():
    env = gym.make(ID, scenario="ideal")
    pilot = make_pilot("hoverslam+kalman")
    observation, _ = env.reset(seed=1)
    state, start, done = None, np.ones(1, bool), False
    while not done:
        action, state = pilot.predict(observation[None], state, start)
        observation, _, terminated, truncated, info = env.step(action[0])
        done, start = terminated or truncated, np.zeros(1, bool)
    assert info["outcome"] == "LANDED"
    assert info["v_vertical_m_s"] < 3.0


def test_a_vector_environment_can_be_stepped():
    env = lunar_env.LunarLandingVectorEnv(64, num_threads=1)
    observation, _ = env.reset(seed=1)
    observation, reward, *_ = env.step(np.zeros((64, 1), np.float32))
    assert observation.shape == (64, len(lunar_env.OBSERVATION_FIELDS))
    assert np.isfinite(reward).all()
