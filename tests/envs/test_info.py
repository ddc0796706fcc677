"""`info`: flat, finite, the same keys and types at every reset, step and end."""

import json
import math

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

from lunar_env import ConfigError, LunarLandingEnv, LunarLandingVectorEnv, Outcome
from lunar_env.info import INFO, TOUCHDOWN_KEYS, signed, touchdown_of, unsigned
from tests.envs.flying import ID, NAMES, TRUE, crash, exact, level, single, throttle, vector

KINDS = {key.name: key.kind for key in INFO}
LEVEL = level()
SOFT = {"height_m": 1.0, "v_vertical_m_s": -1.5, "v_lateral_m_s": 0.0}
HARD = {"height_m": 5.0, "v_vertical_m_s": -20.0}
UP = {"height_m": 100.0, "v_vertical_m_s": 30.0}
MODES = list(AutoresetMode)


def flight(start, **keywords):
    """The infos of a flight from a start to its end, that of the reset first."""
    env = LunarLandingEnv(LEVEL, exact(), **keywords)
    infos = [env.reset(seed=1, options={"start": start})[1]]
    over = False
    while not over:
        _, _, terminated, truncated, info = env.step(throttle(0.3))
        infos.append(info)
        over = terminated or truncated
    return infos


@pytest.mark.parametrize(
    ("start", "keywords"), [(SOFT, {}), (HARD, {}), (UP, {}), (SOFT, {"time_limit_s": 0.4})]
)
def test_every_info_has_the_same_finite_numbers(start, keywords):
    infos = flight(start, info="numeric", **keywords)
    for info in infos:
        assert {name: type(value) for name, value in info.items()} == KINDS
        assert all(math.isfinite(value) for value in info.values())
        assert json.loads(json.dumps(info)) == info
    assert list(infos[0]) == list(infos[-1]) == list(KINDS)


@pytest.mark.parametrize(
    ("start", "outcome", "success"),
    [(SOFT, "LANDED", 1), (HARD, "CRASHED", 0), (UP, "OUT_OF_BOUNDS", 0)],
)
def test_the_end_is_reported_as_code_name_and_success(start, outcome, success):
    *before, last = flight(start)
    assert (last["outcome"], last["outcome_code"]) == (outcome, Outcome[outcome])
    assert last["is_success"] == success
    for info in before:
        assert "outcome" not in info
        assert (info["outcome_code"], info["is_success"], info["touched"]) == (0, 0, 0)
        assert all(info[name] == 0 for name in TOUCHDOWN_KEYS)
        assert touchdown_of(info) is None
    touchdown = touchdown_of(last)
    assert (touchdown is not None) == bool(last["touched"]) == (outcome != "OUT_OF_BOUNDS")
    if touchdown is not None:
        assert tuple(touchdown) == TOUCHDOWN_KEYS
        assert touchdown["v_vertical_m_s"] > 1.0


@pytest.mark.parametrize("kind", [LunarLandingEnv, LunarLandingVectorEnv])
def test_an_unknown_kind_of_info_is_an_error(kind):
    with pytest.raises(ConfigError, match=r"unknown info 'numerc'.*did you mean 'numeric'"):
        kind(info="numerc")
    with pytest.raises(ConfigError, match="unknown info None"):
        kind(info=None)


def test_infos_stack_into_one_table():
    """As buffers and writers of data sets do: arrays by key, of one type over several episodes."""
    env = LunarLandingEnv(time_limit_s=20.0, info="numeric")
    infos = [env.reset(seed=2)[1]]
    for _ in range(130):
        _, _, terminated, truncated, info = env.step(throttle(0.1))
        infos.append(info)
        if terminated or truncated:
            infos.append(env.reset()[1])
    assert sum(info["outcome_code"] > 0 for info in infos) >= 1
    table = {name: np.stack([info[name] for info in infos]) for name in KINDS}
    for name, column in table.items():
        assert column.dtype == (np.int64 if KINDS[name] is int else np.float64), name
        assert np.isfinite(column).all()


def structure(info):
    """What a pytree of arrays is made of."""
    return {
        key: structure(value) if isinstance(value, dict) else (value.dtype, value.shape)
        for key, value in info.items()
    }


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("mode", MODES)
def test_vector_infos_have_one_structure(name, mode):
    env = vector(name, 3, autoreset_mode=mode, time_limit_s=2.0, info="numeric")
    begun = structure(env.reset(seed=3)[1])
    assert set(begun) == {*KINDS, *(f"_{key}" for key in KINDS)}
    ends = 0
    for _ in range(25):
        *_, truncated, info = env.step(np.zeros((3, len(env.action_fields)), np.float32))
        final = {key: info.pop(key) for key in list(info) if "final_" in key}
        assert structure(info) == begun
        assert all(np.isfinite(column).all() for column in info.values())
        if mode == AutoresetMode.SAME_STEP and truncated.any():
            assert structure(final["final_info"]) == begun
            assert np.stack(list(final["final_obs"])).shape == env.observation_space.shape
        else:
            assert final == {}
        ends += int(truncated.sum())
        if mode == AutoresetMode.DISABLED and truncated.any():
            again = env.reset(options={"reset_mask": truncated})[1]
            assert structure(again) == begun
    assert ends >= 6


def test_the_end_of_a_row_equals_that_of_its_single_environment():
    """The touchdown, the margins and the key, under SAME_STEP in `final_info`."""
    env = LunarLandingVectorEnv(3, LEVEL, exact(), num_threads=1, autoreset_mode="SAME_STEP")
    env.reset(seed=1, options={"start": SOFT})
    alone = LunarLandingEnv(LEVEL, exact())
    alone.reset(seed=2, options={"start": SOFT})
    _, own = crash(alone, 0.3)
    while True:
        *_, info = env.step(np.full((3, 1), -0.4, np.float32))
        if "final_info" in info and info["_final_info"][1]:
            break
    final = info["final_info"]
    assert {name: final[name][1] for name in own} == pytest.approx(own, abs=1e-6)
    assert own["outcome"] == "LANDED"
    # Beside it, the row reports the beginning of its next episode.
    assert (info["outcome_code"][1], info["touched"][1], info["reward_landed"][1]) == (0, 0, 0.0)
    assert info["episode_key"][1] != final["episode_key"][1]
    assert "outcome" not in info


def test_missing_entries_are_zero_in_a_vector_info():
    env = LunarLandingVectorEnv(2, num_threads=1, autoreset_mode="DISABLED")
    env.reset(seed=0)
    mask = np.array([False, True])
    _, info = env.reset(seed=9, options={"reset_mask": mask})
    assert (info["_episode_key"] == mask).all()
    assert info["episode_key"][0] == 0
    mask[:] = True  # the caller's
    assert info["_episode_key"].tolist() == [False, True]


@pytest.mark.parametrize("seed", [0, 1, 2, 3])
def test_signed_and_unsigned_episode_keys_are_accepted(seed):
    """Among a few seeds both signs occur; either reading of the 64 bits flies the same episode."""
    env = LunarLandingEnv()
    first, info = env.reset(seed=seed)
    key = info["episode_key"]
    assert -(2**63) <= key < 2**63
    assert signed(unsigned(key)) == key
    readings = (key, unsigned(key), np.int64(key), np.uint64(unsigned(key)))
    for reading in readings:
        again, told = env.reset(options={"episode_key": reading})
        assert np.array_equal(again, first)
        assert told["episode_key"] == key
    batch = LunarLandingVectorEnv(2, num_threads=1)
    keys = np.array([key, key], np.int64)
    for given in (keys, keys.view(np.uint64), [key, unsigned(key)]):
        assert np.array_equal(batch.reset(options={"episode_key": given})[0][1], first)


def test_episode_keys_of_both_signs_occur():
    keys = LunarLandingVectorEnv(64, num_threads=1).reset(seed=0)[1]["episode_key"]
    assert keys.dtype == np.int64
    assert (keys < 0).any()
    assert (keys > 0).any()


def test_info_includes_the_name_of_the_outcome_by_default():
    env = gym.make(ID, time_limit_s=0.4)
    env.reset(seed=0)
    env.step(throttle(0.4))
    info = env.step(throttle(0.4))[4]
    assert set(info) == {*KINDS, "outcome"}
    assert info["outcome"] == "TIME_LIMIT"


def test_a_numeric_end_reports_finite_numbers():
    """Also where the lander has touched the ground before, and where the first number breaks."""
    for steps in (0, 2, 4, 8):
        env = single(NAMES[0], mission=LEVEL, scenario=exact(), info="numeric")
        env.reset(seed=1, options={"start": {**SOFT, "height_m": 2.0}})
        for _ in range(steps):
            env.step(throttle(0.3))
        env.world.memory[0, TRUE["omega_x_rad_s"]] = np.nan
        env.world.memory[0, TRUE["mass_kg"]] = np.nan
        _, reward, terminated, _, info = env.step(throttle(0.3))
        assert terminated
        assert info["outcome_code"] == Outcome.NUMERIC
        assert math.isfinite(reward)
        assert all(math.isfinite(value) for value in info.values())
        assert reward == sum(info[f"reward_{term}"] for term in ("impact", "propellant", "shaping"))
        assert info["reward_impact"] == -10.0
