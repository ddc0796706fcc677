"""The adapter against the vector environment itself, step by step and to the bit."""

import gymnasium as gym
import numpy as np
import pytest

from lunar_env import PRIVILEGED_FIELDS, LunarLandingVectorEnv
from lunar_env.errors import ConfigError
from lunar_env.info import TERM_KEYS

pytest.importorskip("rsl_rl")

import torch
from rsl_rl.env import VecEnv

from lunar_env.adapters.rsl_rl import RslRlVecEnv
from tests.envs.flying import level

pytestmark = pytest.mark.train

ROWS, SEED = 6, 7
# Some episodes crash, the clock ends the others.
SHORT = {"time_limit_s": 31.0, "num_threads": 1, "autoreset_mode": "SAME_STEP"}
CRASH = {"start": {"height_m": 1.0, "v_vertical_m_s": -20.0, "v_lateral_m_s": 0.0}}
LAND = {"start": {"height_m": 1.0, "v_vertical_m_s": -1.5, "v_lateral_m_s": 0.0}}
IDLE = torch.full((ROWS, 1), -1.0)


def native(**changes):
    return LunarLandingVectorEnv(ROWS, **{**SHORT, **changes})


def actions(steps):
    """Three quarters of them go beyond what an action can be."""
    return np.random.default_rng(3).normal(0.0, 3.0, (steps, ROWS, 1)).astype(np.float32)


def same_bits(tensor, array):
    return tensor.numpy().tobytes() == np.ascontiguousarray(array).tobytes()


def test_it_has_what_a_runner_asks_for():
    env = RslRlVecEnv(native(), seed=SEED)
    assert isinstance(env, VecEnv)
    assert (env.num_envs, env.num_actions, env.max_episode_length) == (ROWS, 1, 155)
    assert env.device == torch.device("cpu")
    assert env.cfg["mission"] == "hakuto-r-m2"
    assert env.cfg["scenario"] == "late-acquisition"
    assert env.cfg["time_limit_s"] == 31.0
    assert env.episode_length_buf.tolist() == [0] * ROWS
    assert env.episode_length_buf.dtype == torch.int64
    observations = env.get_observations()
    assert observations.batch_size == (ROWS,)
    assert observations["policy"].shape == (ROWS, *env.env.single_observation_space.shape)
    assert observations["privileged"].shape == (ROWS, len(PRIVILEGED_FIELDS))
    assert {group.dtype for group in observations.values()} == {torch.float32}


def test_a_flight_is_that_of_the_vector_environment():
    env, plain = RslRlVecEnv(native(), seed=SEED), native()
    observation, _ = plain.reset(seed=SEED)
    lengths = np.zeros(ROWS, np.int64)
    crashed = timed_out = 0
    for action in actions(320):
        before = env.get_observations()
        assert same_bits(before["policy"], observation)
        assert same_bits(before["privileged"], plain.privileged.astype(np.float32))
        observations, rewards, dones, extras = env.step(torch.from_numpy(action))
        observation, reward, terminated, truncated, _ = plain.step(np.clip(action, -1, 1))
        lengths = np.where(terminated | truncated, 0, lengths + 1)
        assert same_bits(rewards, reward.astype(np.float32))
        assert same_bits(dones, terminated | truncated)
        assert same_bits(extras["time_outs"], truncated)
        assert same_bits(env.episode_length_buf, lengths)
        assert observations is env.get_observations()
        crashed, timed_out = crashed + terminated.sum(), timed_out + truncated.sum()
    assert crashed > 0
    assert timed_out > 0


def test_the_clock_ends_an_episode_after_its_longest_length():
    limit = {"time_limit_s": 1.1, "max_episode_steps": 5}
    for changes, longest in [(limit, 5), ({"time_limit_s": 1.1}, 6), ({"time_limit_s": 1.2}, 6)]:
        env = RslRlVecEnv(native(**changes), seed=SEED)
        assert env.max_episode_length == longest
        ends = [env.step(IDLE)[3]["time_outs"].all().item() for _ in range(2 * longest)]
        assert ends == 2 * ([False] * (longest - 1) + [True])


def test_ended_episodes_are_logged_with_the_sums_of_their_reward_terms():
    env, plain = RslRlVecEnv(native(), seed=SEED), native()
    plain.reset(seed=SEED)
    sums, total = np.zeros((len(TERM_KEYS), ROWS)), np.zeros(ROWS)
    ends = 0
    for action in actions(320):
        *_, extras = env.step(torch.from_numpy(action))
        _, reward, terminated, truncated, info = plain.step(action)
        ended = terminated | truncated
        final = info.get("final_info", dict.fromkeys(TERM_KEYS, 0.0))
        sums += np.array([info[key] + final[key] for key in TERM_KEYS])
        total += reward
        assert ("log" in extras) == ended.any()
        if ended.any():
            log = extras["log"]
            assert log.keys() == {"Episode/success", *(f"Episode/{key}" for key in TERM_KEYS)}
            assert log["Episode/success"].tolist() == [0.0] * ended.sum()
            for key, values in zip(TERM_KEYS, sums[:, ended], strict=True):
                assert same_bits(log[f"Episode/{key}"], values.astype(np.float32))
            returns = sum(log[f"Episode/{key}"] for key in TERM_KEYS)
            np.testing.assert_allclose(returns, total[ended], rtol=1e-5)
        ends += ended.sum()
        sums[:, ended] = total[ended] = 0.0
    assert ends > ROWS


@pytest.mark.parametrize(("options", "landed"), [(LAND, 1.0), (CRASH, 0.0)])
def test_success_is_a_landing(options, landed):
    # The height of a start counts from the target: on level ground it is that above the ground.
    env = RslRlVecEnv(native(time_limit_s=60.0, mission=level()), seed=SEED)
    env.reset(SEED, options)
    for _ in range(300):
        *_, extras = env.step(IDLE)
        if "log" in extras:
            break
    assert extras["log"]["Episode/success"].unique().tolist() == [landed]
    assert not extras["time_outs"].any()


def test_episodes_end_early_where_a_runner_sets_their_length():
    env, plain = RslRlVecEnv(native(), seed=SEED), native()
    options = {"scenario": "ideal", "start": {"height_m": 2000.0}}
    env.reset(SEED, options)
    plain.reset(seed=SEED, options=options)
    env.episode_length_buf = torch.tensor([0, 153, 0, 0, 154, 0])
    *_, dones, extras = env.step(IDLE)
    plain.step(IDLE.numpy())
    assert dones.nonzero().flatten().tolist() == [4]
    assert extras["time_outs"].nonzero().flatten().tolist() == [4]
    assert "log" not in extras
    assert env.episode_length_buf.tolist() == [1, 154, 1, 1, 0, 1]
    observations, *_ = env.step(IDLE)
    assert env.episode_length_buf.tolist() == [2, 0, 2, 2, 1, 2]
    # The next episodes are those of an automatic reset, in the same scenario from the same start.
    plain.reset(options=options | {"reset_mask": np.arange(ROWS) == 4})
    plain.step(IDLE.numpy())
    expected, _ = plain.reset(options=options | {"reset_mask": np.arange(ROWS) == 1})
    assert same_bits(observations["policy"], expected)
    assert same_bits(observations["privileged"], plain.privileged.astype(np.float32))


def test_a_reset_begins_anew_with_the_seed():
    env, plain = RslRlVecEnv(native(), seed=list(range(ROWS))), native()
    assert same_bits(env.get_observations()["policy"], plain.reset(seed=0)[0])
    env.step(IDLE)
    observations, info = env.reset(seed=SEED)
    observation, expected = plain.reset(seed=SEED)
    assert same_bits(observations["policy"], observation)
    assert info["episode_key"].tolist() == expected["episode_key"].tolist()
    assert env.episode_length_buf.tolist() == [0] * ROWS
    assert observations is env.get_observations()


def test_the_true_state_can_be_left_out():
    env = RslRlVecEnv(native(), seed=SEED, privileged=False)
    assert list(env.get_observations().keys()) == ["policy"]


def test_whatever_is_returned_is_on_the_device():
    """PyTorch's device without memory stands for a graphics card."""
    env = RslRlVecEnv(native(max_episode_steps=1), seed=SEED, device="meta")
    observations, rewards, dones, extras = env.step(IDLE)
    tensors = [*observations.values(), rewards, dones, extras["time_outs"], env.episode_length_buf]
    tensors += extras["log"].values()
    assert {tensor.device.type for tensor in tensors} == {"meta"}
    assert observations.device == env.device == torch.device("meta")


def test_it_closes_the_environment():
    inner = native()
    RslRlVecEnv(inner).close()
    assert inner.closed


def test_what_does_not_fit_is_an_error():
    for mode in ("NEXT_STEP", "DISABLED"):
        with pytest.raises(ConfigError, match="rsl_rl needs SAME_STEP"):
            RslRlVecEnv(native(autoreset_mode=mode))
    with pytest.raises(ConfigError, match="SyncVectorEnv is not a LunarLandingVectorEnv"):
        RslRlVecEnv(gym.make_vec("CartPole-v1", 2, vectorization_mode="sync"))
    env = RslRlVecEnv(native())
    with pytest.raises(ConfigError, match="reset_mask"):
        env.reset(options={"reset_mask": np.ones(ROWS, np.bool_)})
    with pytest.raises(ConfigError, match=r"must be \(6, 1\)"):
        env.step(torch.zeros(ROWS))
    with pytest.raises(ConfigError, match="row 2 = nan must be finite"):
        env.step(torch.tensor([0.0, 0.0, float("nan"), 0.0, 0.0, 0.0]).unsqueeze(1))
