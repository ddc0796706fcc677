"""The native vector environment against Gymnasium's SyncVectorEnv in every autoreset mode."""

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode, SyncVectorEnv

from lunar_env import ConfigError, LunarLandingEnv, LunarLandingVectorEnv, Outcome
from tests.envs.flying import NAMES, TRUE, bumpy_actions, random_actions, single, vector

ROWS, STEPS = 5, 220
# Short enough that each row is ended by the clock and by the ground.
KWARGS = {"scenario": "noisy", "time_limit_s": 16.0, "history": 2}
START = {"start": {"height_m": 900.0}}


def both(mode):
    native = LunarLandingVectorEnv(ROWS, num_threads=1, autoreset_mode=mode, **KWARGS)
    sync = SyncVectorEnv([lambda: LunarLandingEnv(**KWARGS)] * ROWS, autoreset_mode=mode)
    return native, sync


def same(ours, theirs, path="info"):
    """Keys, masks, types and values are those of Gymnasium's own collection of single infos."""
    assert set(ours) == set(theirs), path
    for key, value in theirs.items():
        where = f"{path}[{key!r}]"
        if isinstance(value, dict):
            same(ours[key], value, where)
            continue
        assert ours[key].dtype == value.dtype, where
        for a, b in zip(ours[key], value, strict=True):
            assert np.array_equal(a, b), where


@pytest.mark.parametrize("mode", [AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP])
def test_the_vector_environment_equals_gymnasiums_sync_vector_env(mode):
    native, sync = both(mode)
    actions = bumpy_actions(STEPS, ROWS, seed=3)
    ours, theirs = native.reset(seed=21, options=dict(START)), sync.reset(seed=21, options=START)
    assert np.array_equal(ours[0], theirs[0])
    same(ours[1], theirs[1])
    ends = np.zeros(2)
    for step in actions:
        ours = native.step(step)
        theirs = sync.step(np.clip(step, -1.0, 1.0))
        for a, b in zip(ours[:4], theirs[:4], strict=True):
            assert np.array_equal(a, b)
            assert a.dtype == b.dtype
        same(ours[4], theirs[4])
        ends += ours[2].sum(), ours[3].sum()
    assert (ends >= 3).all(), ends


@pytest.mark.parametrize("name", NAMES[1:])
@pytest.mark.parametrize("mode", [AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP])
def test_every_id_equals_gymnasiums_sync_vector_env(name, mode):
    kwargs = {"scenario": "noisy", "time_limit_s": 4.0}
    native = vector(name, ROWS, autoreset_mode=mode, **kwargs)
    sync = SyncVectorEnv([lambda: single(name, **kwargs)] * ROWS, autoreset_mode=mode)
    ours, theirs = native.reset(seed=21), sync.reset(seed=21)
    assert np.array_equal(ours[0], theirs[0])
    ends = 0
    for step in random_actions(native, 50):
        ours, theirs = native.step(step), sync.step(np.clip(step, -1.0, 1.0))
        for a, b in zip(ours[:4], theirs[:4], strict=True):
            assert np.array_equal(a, b)
            assert a.dtype == b.dtype
        same(ours[4], theirs[4])
        ends += int(ours[3].sum())
    assert ends >= 2 * ROWS


def test_the_vector_environment_equals_gymnasiums_sync_vector_env_without_autoreset():
    native, sync = both(AutoresetMode.DISABLED)
    actions = bumpy_actions(STEPS, ROWS, seed=4)
    native.reset(seed=33, options=dict(START))
    sync.reset(seed=33, options=dict(START))
    resets = 0
    for step in actions:
        ours, theirs = native.step(step), sync.step(np.clip(step, -1.0, 1.0))
        for a, b in zip(ours[:4], theirs[:4], strict=True):
            assert np.array_equal(a, b)
        same(ours[4], theirs[4])
        ended = ours[2] | ours[3]
        if ended.any():
            resets += 1
            a, info_a = native.reset(options={"reset_mask": ended.copy()})
            b, info_b = sync.reset(options={"reset_mask": ended.copy()})
            assert np.array_equal(a, b)
            same(info_a, info_b)
    assert resets >= 4


def drop(env):
    """Let row 1 of three hit the ground and end; the observation and info of that step."""
    env.reset(seed=0)
    mask = np.array([False, True, False])
    options = {"reset_mask": mask, "start": {"height_m": 5.0, "v_vertical_m_s": -20.0}}
    env.reset(seed=0, options=options)
    for _ in range(4):
        result = env.step(np.full((3, 1), -1.0, np.float32))
        if result[2].any():
            assert result[2].tolist() == [False, True, False]
            return result
    raise AssertionError


def test_next_step_mode_resets_instead_of_stepping():
    env = LunarLandingVectorEnv(3, num_threads=1, autoreset_mode="NEXT_STEP")
    last, _, _, _, info = drop(env)
    assert info["_outcome"].tolist() == [False, True, False]
    assert info["outcome"][1] == "CRASHED"
    assert "final_obs" not in info
    full = np.full((3, 1), 1.0, np.float32)
    observation, reward, terminated, truncated, info = env.step(full)
    assert (reward[1], terminated[1], truncated[1]) == (0.0, False, False)
    assert not np.array_equal(observation[1], last[1])
    fresh, _ = LunarLandingEnv().reset(options={"episode_key": info["episode_key"][1]})
    assert np.array_equal(observation[1], fresh)  # the action was not flown


def test_same_step_mode_returns_both_observations():
    native = LunarLandingVectorEnv(3, num_threads=1, autoreset_mode="SAME_STEP")
    other = LunarLandingVectorEnv(3, num_threads=1, autoreset_mode="NEXT_STEP")
    last = drop(other)[0][1]
    observation, _, _, _, info = drop(native)
    assert info["_final_obs"].tolist() == info["_final_info"].tolist() == [False, True, False]
    assert info["final_obs"][0] is None
    assert np.array_equal(info["final_obs"][1], last)
    final = info["final_info"]
    assert final["outcome"][1] == "CRASHED"
    assert final["episode_key"][1] != info["episode_key"][1]
    fresh, _ = LunarLandingEnv().reset(options={"episode_key": info["episode_key"][1]})
    assert np.array_equal(observation[1], fresh)


def test_disabled_mode_waits_for_a_reset_of_ended_rows():
    env = LunarLandingVectorEnv(3, num_threads=1, autoreset_mode="DISABLED")
    drop(env)
    action = np.zeros((3, 1), np.float32)
    before = env.privileged
    with pytest.raises(gym.error.ResetNeeded, match=r"\[1\]"):
        env.step(action)
    assert np.array_equal(env.privileged, before)
    env.reset(options={"reset_mask": np.array([True, False, False])})
    with pytest.raises(gym.error.ResetNeeded, match=r"\[1\]"):
        env.step(action)
    env.reset(options={"reset_mask": np.array([False, True, False])})
    env.step(action)


def test_a_masked_reset_does_not_change_other_rows():
    env = LunarLandingVectorEnv(3, num_threads=1, autoreset_mode="DISABLED")
    env.reset(seed=5)
    env.step(np.zeros((3, 1), np.float32))
    before = env.privileged
    _, info = env.reset(seed=77, options={"reset_mask": np.array([False, True, False])})
    changed = (env.privileged != before).any(axis=1)
    assert changed.tolist() == [False, True, False]
    assert info["_episode_key"].tolist() == [False, True, False]
    assert info["episode_key"][1] == LunarLandingEnv().reset(seed=78)[1]["episode_key"]


@pytest.mark.parametrize(
    "mask", [[True, False, False], np.array([True, False]), np.zeros(3, bool), np.ones(3, int)]
)
def test_an_invalid_mask_is_rejected(mask):
    env = LunarLandingVectorEnv(3, num_threads=1)
    env.reset(seed=0)
    with pytest.raises(ConfigError, match="reset_mask"):
        env.reset(options={"reset_mask": mask})


@pytest.mark.parametrize("mode", list(AutoresetMode))
def test_an_autoreset_mode_is_accepted_as_name_value_or_member(mode):
    for given in (mode, mode.name, mode.value):
        env = LunarLandingVectorEnv(2, autoreset_mode=given)
        assert env.metadata["autoreset_mode"] is mode


def test_an_unknown_mode_is_rejected():
    with pytest.raises(ConfigError, match="NEXT_STEP"):
        LunarLandingVectorEnv(2, autoreset_mode="never")


def test_final_privileged_is_the_true_state_at_the_end():
    """Also under SAME_STEP, where `privileged` is already that of the next episode."""
    env = LunarLandingVectorEnv(3, num_threads=1, autoreset_mode="SAME_STEP")
    single = LunarLandingEnv()
    single.reset(seed=1, options={"start": {"height_m": 5.0, "v_vertical_m_s": -20.0}})
    done = False
    while not done:
        _, _, done, _, _ = single.step(np.array([-1.0], np.float32))
    drop(env)
    assert np.array_equal(env.final_privileged[1], single.privileged)
    assert np.array_equal(env.final_privileged[1], single.final_privileged)
    assert env.privileged[1, TRUE["height_m"]] > 1000.0
    assert env.privileged[1, TRUE["outcome"]] == Outcome.FLYING
    assert env.final_privileged[1, TRUE["outcome"]] == Outcome.CRASHED
