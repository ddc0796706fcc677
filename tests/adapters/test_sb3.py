"""The adapter against what Stable-Baselines3 expects of a VecEnv."""

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

from lunar_env import LunarLandingEnv, LunarLandingVectorEnv
from lunar_env.errors import ConfigError

pytest.importorskip("stable_baselines3")

from stable_baselines3 import PPO
from stable_baselines3.common.evaluation import evaluate_policy
from stable_baselines3.common.monitor import Monitor
from stable_baselines3.common.vec_env import DummyVecEnv, VecEnv

from lunar_env.adapters.sb3 import Sb3VecEnv

pytestmark = pytest.mark.train

ACTIONS = np.zeros((3, 1), dtype=np.float32)


@pytest.fixture
def env(scripted_env):
    """Rows of 2, 3 and 4 steps; the clock ends the second."""
    return Sb3VecEnv(scripted_env([2, 3, 4], [False, True, False]))


def test_it_is_a_vec_env_of_single_spaces(env):
    assert isinstance(env, VecEnv)
    assert env.num_envs == 3
    assert env.observation_space.shape == (3,)
    assert env.action_space.shape == (1,)
    assert env.render_mode is None


def test_another_autoreset_mode_is_rejected(scripted_env):
    with pytest.raises(ConfigError, match="SAME_STEP"):
        Sb3VecEnv(scripted_env([2], [False], AutoresetMode.NEXT_STEP))


def test_running_rows_have_empty_infos_of_their_own(env):
    env.reset()
    _, _, dones, infos = env.step(ACTIONS)
    assert not dones.any()
    assert infos == [{}, {}, {}]
    infos[0]["mine"] = 1
    assert infos[1] == {}
    assert env.step(ACTIONS)[3][1] == {}


def test_a_row_that_ended_tells_how(env):
    env.reset()
    env.step(ACTIONS)
    observation, rewards, dones, infos = env.step(ACTIONS)
    assert dones.tolist() == [True, False, False]
    assert rewards.dtype == np.float32
    # The observation is already of the next episode, the terminal one is in the info.
    assert observation[0].tolist() == [0, 1, 0]
    assert infos[0]["terminal_observation"].tolist() == [0, 0, 2]
    assert infos[0]["TimeLimit.truncated"] is False
    assert infos[0]["episode"]["r"] == pytest.approx(1 + 2)
    assert infos[0]["episode"]["l"] == 2
    assert infos[0]["is_success"] == 1
    assert infos[0]["v_vertical_m_s"] == 1.5
    assert infos[1:] == [{}, {}]


def test_the_clock_truncates_and_has_no_touchdown(env):
    env.reset()
    for _ in range(3):
        *_, dones, infos = env.step(ACTIONS)
    assert dones.tolist() == [False, True, False]
    assert infos[1]["TimeLimit.truncated"] is True
    assert infos[1]["is_success"] == 0


def test_sums_begin_again_with_each_episode(env):
    env.reset()
    returns = []
    for _ in range(8):
        *_, infos = env.step(ACTIONS)
        returns += [info["episode"]["r"] for info in infos if "episode" in info]
    assert returns == [3, 6, 3, 10, 3, 6, 3, 10]


def test_rewards_may_be_changed_by_the_caller(env):
    env.reset()
    _, rewards, _, _ = env.step(ACTIONS)
    rewards += 100  # as the learner does to bootstrap
    assert env.step(ACTIONS)[3][0]["episode"]["r"] == 3


def test_seeds_and_options_are_used_once(scripted_env):
    inner = scripted_env([2, 2], [False, False])
    env = Sb3VecEnv(inner, seeds=[11, 5])
    env.set_options({"scenario": "ideal"})
    env.reset()
    env.reset()
    assert env.seed(40) == [40, 41]
    env.reset()
    assert inner.reset_arguments == [
        ([11, 5], {"scenario": "ideal"}),
        (None, None),
        ([40, 41], None),
    ]
    assert env.reset_infos == [{"episode_key": 0}, {"episode_key": 1}]


def test_options_that_differ_between_rows_are_rejected(env):
    env.set_options([{"scenario": "ideal"}, {}, {}])
    with pytest.raises(ConfigError, match="differ between rows"):
        env.reset()


def test_attributes_and_methods_are_split_by_rows(env):
    assert env.get_attr("lengths") == [2, 3, 4]
    assert env.get_attr("scale", indices=[0, 2]) == [1.0, 1.0]
    # A tuple or list belongs to all rows, however long it is.
    env.env.names, env.env.notes = ("a", "b", "c"), [1, 2, 3]
    assert env.get_attr("names") == [("a", "b", "c")] * 3
    assert env.get_attr("notes", indices=1) == [[1, 2, 3]]
    assert env.get_attr("observation_space")[0].shape == (3, 3)
    assert env.env_method("double", indices=[2]) == [4]
    env.set_attr("scale", 2.0)
    env.reset()
    assert env.step(ACTIONS)[1].tolist() == [2, 2, 2]
    with pytest.raises(ConfigError, match="all rows"):
        env.set_attr("scale", 1.0, indices=[0])
    assert env.has_attr("scale")
    assert not env.has_attr("no_such_thing")


def test_episodes_are_counted_as_a_monitor_does(env):
    assert env.env_is_wrapped(Monitor) == [True] * 3

    class Still:
        def predict(self, observation, state=None, episode_start=None, deterministic=True):
            return np.zeros((len(observation), 1), np.float32), state

    returns, lengths = evaluate_policy(Still(), env, n_eval_episodes=6, return_episode_rewards=True)
    assert isinstance(returns, list)
    assert isinstance(lengths, list)
    assert set(zip(returns, lengths, strict=True)) == {(3.0, 2), (6.0, 3), (10.0, 4)}


def test_the_rate_of_success_is_recorded_with_and_without_the_adapter():
    """Of SB3's own environments by Monitor, of ours by the adapter: both log `success_rate`."""
    start = {"start": {"height_m": 1.0, "v_vertical_m_s": -20.0}}
    monitored = Monitor(gym.make("LunarEnv/ThrottleLanding-v0"), info_keywords=("is_success",))
    monitored.reset(seed=1, options=start)
    done = False
    while not done:
        *_, terminated, truncated, info = monitored.step(np.zeros(1, np.float32))
        done = terminated or truncated
    assert info["episode"]["is_success"] == info["is_success"] == 0
    native = LunarLandingVectorEnv(4, num_threads=1, autoreset_mode="SAME_STEP", time_limit_s=1.0)
    for env in (
        Sb3VecEnv(native),
        DummyVecEnv([lambda: Monitor(LunarLandingEnv(time_limit_s=1.0))]),
    ):
        model = PPO("MlpPolicy", env, n_steps=8, batch_size=8, n_epochs=1, device="cpu")
        model.learn(8)
        assert list(model.ep_success_buffer)[:1] == [0]


def test_the_learner_bootstraps_at_the_clock_only(scripted_env):
    """One rollout by hand: the reward of a truncated end gains gamma times the value there."""
    env = Sb3VecEnv(scripted_env([2, 2], [False, True]))
    model = PPO("MlpPolicy", env, n_steps=4, batch_size=8, n_epochs=1, gamma=0.5, device="cpu")
    model.learn(8)
    rewards = model.rollout_buffer.rewards
    assert rewards[:, 0].tolist() == [1, 2, 1, 2]
    assert rewards[0, 1] == 1
    bonus = rewards[1, 1] - 2
    assert bonus != 0
    assert rewards[3, 1] - 2 != 0
