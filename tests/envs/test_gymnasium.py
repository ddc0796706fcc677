"""The contract with Gymnasium and its users: ids, spaces, checkers."""

import warnings

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from gymnasium.vector import AutoresetMode, SyncVectorEnv

from lunar_env import (
    ACTION_FIELDS,
    OBSERVATION_FIELDS,
    PRIVILEGED_FIELDS,
    LunarLandingEnv,
    LunarLandingVectorEnv,
)
from lunar_env.sim.fields import MAX_ACTIONS
from tests.envs.flying import FRAME, ID, NAMES, random_actions, single, throttle, vector

pytestmark = pytest.mark.filterwarnings("error")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("history", [1, 3])
def test_gymnasiums_checker_gives_no_warning(name, history, monkeypatch):
    """It opens a window of its own."""
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    env = gym.make(name, history=history).unwrapped
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        check_env(env)
    assert [str(w.message) for w in said if "lunar" in str(w.message).lower()] == []
    assert [str(w.message) for w in said if issubclass(w.category, UserWarning)] == []


@pytest.mark.parametrize("name", NAMES)
def test_the_passive_checker_of_make_gives_no_warning(name):
    env = gym.make(name)
    env.reset(seed=1)
    for _ in range(20):
        _, _, terminated, truncated, _ = env.step(env.action_space.sample())
        assert (terminated, truncated) == (False, False)
    env.close()


@pytest.mark.parametrize("name", NAMES)
def test_stable_baselines_checker_gives_no_warning(name):
    sb3 = pytest.importorskip("stable_baselines3.common.env_checker")
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        sb3.check_env(single(name))


@pytest.mark.parametrize("name", NAMES)
def test_ids_have_no_step_limit(name):
    spec = gym.spec(name)
    assert spec.max_episode_steps is None
    assert spec.nondeterministic is False


def test_make_passes_keywords():
    env = gym.make(ID, mission="hakuto-r-m2", scenario="latency", history=4, time_limit_s=30.0)
    assert env.observation_space.shape == (4 * FRAME,)
    settings = env.unwrapped.settings
    assert (settings.scenario.name, settings.time_limit_s) == ("latency", 30.0)
    assert env.reset(seed=0)[0].shape == (4 * FRAME,)


@pytest.mark.parametrize("name", NAMES)
def test_make_vec_returns_the_native_vector_environment(name):
    env = gym.make_vec(
        name, num_envs=5, vectorization_mode="vector_entry_point", scenario="noisy", num_threads=1
    )
    assert isinstance(env, LunarLandingVectorEnv)
    assert (env.num_envs, env.settings.scenario.name) == (5, "noisy")
    assert env.single_observation_space == single(name).observation_space
    assert env.single_action_space == single(name).action_space
    assert env.reset(seed=0)[0].shape == (5, len(env.observation_fields))
    assert env.metadata["autoreset_mode"] is AutoresetMode.NEXT_STEP


def test_make_vec_in_sync_mode_works_too():
    env = gym.make_vec(ID, num_envs=3, vectorization_mode="sync")
    assert isinstance(env, SyncVectorEnv)
    env.reset(seed=4)
    assert env.step(np.zeros((3, 1), np.float32))[1].shape == (3,)
    env.close()


@pytest.mark.parametrize("name", NAMES)
def test_spaces_are_those_of_the_fields(name):
    env = single(name)
    space = env.observation_space
    assert space.dtype == np.float32
    assert np.isfinite(space.low).all()
    assert np.isfinite(space.high).all()
    assert space.low.tolist() == [np.float32(f.low) for f in env.observation_fields]
    assert space.high.tolist() == [np.float32(f.high) for f in env.observation_fields]
    box = gym.spaces.Box(-1.0, 1.0, (len(env.action_fields),), np.float32)
    assert env.action_space == box


def test_the_module_tables_are_the_base_layout():
    env = LunarLandingEnv()
    assert env.action_space == gym.spaces.Box(-1.0, 1.0, (1,), np.float32)
    assert env.observation_fields == OBSERVATION_FIELDS
    assert env.action_fields == ACTION_FIELDS


@pytest.mark.parametrize("name", NAMES)
def test_all_fields_but_past_actions_have_the_same_index(name):
    fields = single(name).observation_fields
    past = next(k for k, field in enumerate(fields) if field.name.startswith("prev_"))
    assert [f.name for f in fields[:past]] == [f.name for f in OBSERVATION_FIELDS[:past]]
    assert all(f.name.startswith("prev_") for f in fields[past:])
    assert len(fields) - past == 4 * len(single(name).action_fields)


def test_every_control_has_its_action_space():
    vector_names = ["tilt_east", "tilt_north", "throttle"]
    for name in NAMES[1:3]:
        assert [f.name for f in single(name).action_fields] == vector_names
    env = single(NAMES[3])
    names = [field.name for field in env.action_fields]
    engines = len(env.settings.mission.vehicle.engine_list)
    assert names[:engines] == [f"throttle{e}" for e in range(1, engines + 1)]
    assert names[-3:] == ["torque_x", "torque_y", "torque_z"]
    assert len(names) <= MAX_ACTIONS


def test_gimbal_actions_come_after_throttles():
    fields = LunarLandingEnv("apollo-11", control="actuators").action_fields
    assert [f.name for f in fields] == [
        *("throttle1", "gimbal_x1", "gimbal_y1", "torque_x", "torque_y", "torque_z")
    ]


def test_fields_of_past_frames_have_unique_names():
    fields = LunarLandingEnv(history=3).observation_fields
    assert len({field.name for field in fields}) == len(fields) == 3 * FRAME
    assert fields[:FRAME] == OBSERVATION_FIELDS
    assert fields[2 * FRAME].name == f"{OBSERVATION_FIELDS[0].name}@-2"
    assert fields[2 * FRAME].scale == OBSERVATION_FIELDS[0].scale


def test_names_of_fields_are_unique_and_carry_units():
    of_ids = [fields for n in NAMES for fields in (single(n).observation_fields,)]
    for fields in (*of_ids, PRIVILEGED_FIELDS, ACTION_FIELDS):
        assert len({field.name for field in fields}) == len(fields)
    endings = {"m": "_m", "m/s": "_m_s", "kg": "_kg", "rad": "_rad", "N": "_N", "s": "_s"}
    for field in OBSERVATION_FIELDS + PRIVILEGED_FIELDS:
        if field.unit in endings:
            assert field.name.endswith(endings[field.unit]), field.name


def test_the_first_privileged_fields_are_the_documented_ones():
    promised = [
        *("r_x_m", "r_y_m", "r_z_m", "v_x_m_s", "v_y_m_s", "v_z_m_s", "q_w", "q_x", "q_y", "q_z"),
        *("omega_x_rad_s", "omega_y_rad_s", "omega_z_rad_s", "mass_kg", "height_m", "thrust_N"),
    ]
    assert [field.name for field in PRIVILEGED_FIELDS[:16]] == promised


def test_stepping_before_reset_is_an_error():
    for env in (LunarLandingEnv(), LunarLandingVectorEnv(1)):
        action = throttle(0.5) if isinstance(env, LunarLandingEnv) else throttle(0.5)[None]
        with pytest.raises(gym.error.ResetNeeded):
            env.step(action)


def test_info_is_a_fresh_dictionary_each_step():
    env = LunarLandingEnv()
    env.reset(seed=0)
    first = env.step(throttle(0.5))[4]
    first["mine"] = 1
    second = env.step(throttle(0.5))[4]
    assert "mine" not in second


def test_a_snapshot_has_the_trail_of_its_episode_only():
    env = LunarLandingEnv()
    env.reset(seed=0)
    for _ in range(3):
        env.step(throttle(0.4))
        shot = env.snapshot()
        assert env.snapshot() == shot  # asked twice, nothing moves
    assert len(shot.trail) == 3
    env.reset(seed=0)
    assert len(env.snapshot().trail) == 1


@pytest.mark.parametrize("name", NAMES)
def test_returned_arrays_belong_to_the_caller(name):
    """Neither a later step changes an old observation, nor a changed one the environment."""
    env = vector(name, 2)
    first, second = random_actions(env, 2)
    observation, _ = env.reset(seed=0)
    kept = observation.copy()
    truth = env.privileged
    after, reward, *_ = env.step(first)
    assert np.array_equal(observation, kept)
    after[:], reward[:], truth[:] = np.nan, np.nan, np.nan
    again, reward_again, *_ = env.step(second)
    assert np.isfinite(again).all()
    assert np.isfinite(reward_again).all()
    assert np.isfinite(env.privileged).all()
