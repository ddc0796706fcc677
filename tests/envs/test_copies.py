"""Copies and pickles, before and after a picture was drawn, and after close."""

import copy
import pickle

import gymnasium as gym
import numpy as np
import pytest

from lunar_env import ConfigError, LunarLandingEnv, LunarLandingVectorEnv
from lunar_env.errors import MissingExtra, UnknownKeyword
from tests.envs.flying import ID, throttle

pytest.importorskip("pygame")

COPIES = [copy.deepcopy, lambda env: pickle.loads(pickle.dumps(env))]


def undrawn(_env):
    """Nothing has been drawn."""


def drawn(env):
    env.render()


def closed(env):
    env.render()
    env.close()


@pytest.mark.parametrize("copied", COPIES)
@pytest.mark.parametrize("before", [undrawn, drawn, closed])
@pytest.mark.parametrize("mode", ["rgb_array", "human"])
def test_a_copy_flies_and_renders_the_same(copied, before, mode, monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.setitem(LunarLandingEnv.metadata, "render_fps", 0)
    env = LunarLandingEnv(render_mode=mode)
    env.reset(seed=4)
    env.step(throttle(0.4))
    before(env)
    other = copied(env)
    for _ in range(3):
        ours, theirs = env.step(throttle(0.6)), other.step(throttle(0.6))
        assert np.array_equal(ours[0], theirs[0])
        assert ours[1:] == theirs[1:]
        assert np.array_equal(env.render(), other.render())
    other.close()
    env.step(throttle(0.6))
    assert not env.window_closed
    env.close()


def test_wrapped_environments_can_be_copied():
    env = gym.make(ID, render_mode="rgb_array")
    env.reset(seed=4)
    env.render()
    assert np.array_equal(copy.deepcopy(env).render(), env.render())


@pytest.mark.parametrize("copied", COPIES)
@pytest.mark.parametrize("before", [undrawn, drawn, closed])
def test_a_copy_of_a_vector_environment_flies_and_renders_the_same(copied, before):
    env = LunarLandingVectorEnv(3, num_threads=1, render_mode="rgb_array")
    env.reset(seed=4)
    before(env)
    other = copied(env)
    action = np.zeros((3, 1), np.float32)
    ours, theirs = env.step(action), other.step(action)
    assert np.array_equal(ours[0], theirs[0])
    assert ours[4].keys() == theirs[4].keys()
    assert all(np.array_equal(*pair) for pair in zip(env.render(), other.render(), strict=True))


def test_errors_can_be_passed_between_processes():
    for error in (ConfigError("a = 1"), UnknownKeyword("f() got an"), MissingExtra("render", "it")):
        again = pickle.loads(pickle.dumps(error))
        assert (type(again), str(again)) == (type(error), str(error))
