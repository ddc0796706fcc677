"""Random steps by the thousand stay in the space, and hardly anything is clipped."""

import numpy as np
import pytest

from lunar_env import LunarLandingVectorEnv, list_scenarios
from lunar_env.sim.sheet import SHEET_FIELDS
from lunar_env.sim.table import HIGHS, LOWS
from tests.envs.flying import ID, NAMES, vector


def clipped_elements(name, rows, steps, **keywords):
    """Fly random actions; how often each element of the observation was clipped, by name."""
    env, free = vector(name, rows, **keywords), vector(name, rows, **keywords)
    frame = len(env.observation_fields)
    # The same flight without bounds shows what was clipped.
    free._simulator.shared.table[LOWS : LOWS + frame] = -np.inf
    free._simulator.shared.table[HIGHS : HIGHS + frame] = np.inf
    low, high = env.single_observation_space.low, env.single_observation_space.high
    rng = np.random.default_rng(0)
    observation, unbound = env.reset(seed=7)[0], free.reset(seed=7)[0]
    clipped = np.zeros(frame)
    for _ in range(steps):
        assert np.isfinite(unbound).all()
        assert ((low <= observation) & (observation <= high)).all()
        assert np.array_equal(observation, np.clip(unbound, low, high))
        clipped += ((unbound < low) | (unbound > high)).sum(axis=0)
        actions = rng.uniform(-1.0, 1.0, (rows, len(env.action_fields))).astype(np.float32)
        observation, unbound = env.step(actions)[0], free.step(actions)[0]
    assert env.observation_space.contains(observation)
    names = [field.name for field in env.observation_fields]
    return dict(zip(names, clipped / (rows * steps), strict=True))


@pytest.mark.parametrize("scenario", ["late-acquisition", "ideal"])
def test_a_hundred_thousand_random_steps_hardly_clip_an_element(scenario):
    share = clipped_elements(ID, 250, 400, scenario=scenario)
    assert np.mean(list(share.values())) < 1e-3
    # Nor is any one element often at its bound.
    assert max(share.values()) < 0.02, share


@pytest.mark.parametrize("name", NAMES[1:])
def test_a_hundred_thousand_random_steps_of_every_id_hardly_clip_an_element(name):
    share = clipped_elements(name, 100, 1000)
    assert np.mean(list(share.values())) < 1e-3, share
    assert max(share.values()) < 0.02, share


@pytest.mark.parametrize("name", NAMES[1:])
@pytest.mark.parametrize("action", [-1.0, 0.0, 1.0])
def test_held_actions_stay_in_the_space(name, action):
    env = vector(name, 8)
    observation, _ = env.reset(seed=1)
    held = np.full((8, len(env.action_fields)), action, np.float32)
    for _ in range(300):
        assert env.observation_space.contains(observation)
        observation, reward, *_ = env.step(held)
        assert np.isfinite(reward).all()


@pytest.mark.parametrize("scenario", list_scenarios())
@pytest.mark.parametrize("action", [-1.0, 1.0])
def test_extreme_throttle_stays_in_the_space(scenario, action):
    env = LunarLandingVectorEnv(32, scenario=scenario, history=2, num_threads=1)
    observation, _ = env.reset(seed=1)
    for _ in range(400):
        assert env.observation_space.contains(observation)
        observation, reward, *_ = env.step(np.full((32, 1), action, np.float32))
        assert np.isfinite(reward).all()


def test_every_element_except_flags_and_constants_varies():
    """Over a batch of descents every element that a fitted sensor fills takes many values."""
    env = LunarLandingVectorEnv(200, scenario="late-acquisition", num_threads=1)
    frames = [env.reset(seed=3)[0]]
    rng = np.random.default_rng(1)
    for _ in range(160):
        actions = rng.uniform(-1.0, 0.8, (200, 1)).astype(np.float32)
        frames.append(env.step(actions)[0])
    values = np.concatenate(frames)
    names = [field.name for field in env.observation_fields]
    still = {n for n, column in zip(names, values.T, strict=True) if np.ptp(column) == 0.0}
    unfitted = {n for n in names if n.startswith(("dvl_", "ralt_", "cam_"))} | {"contact"}
    design = {"throttle_min_frac", "isp_s", "engine_lag_s", "lrf_mount_offset_m", "com_height_m"}
    design |= {"lrf_beams", "lrf_cant_rad", "gravity_m_s2"}
    design |= {
        "lrf_smear_s",
        "lrf_shot_s",
        "lrf_threshold_log",
        *(field.name for field in SHEET_FIELDS),
    }
    # Seldom or never in this scenario: nothing turns the lander about its axis, tracking holds.
    rare = {"attitude_sigma_rad", "lrf_off", "lrf_warmup", "lrf_lost", "omega_z_rad_s"}
    parts = ("range_m", "age_s", "valid", "quality")
    slots = {f"lrf{k}_{part}" for k in (2, 3, 4) for part in parts}
    unfitted |= {f"eng{e}_thrust_frac" for e in range(2, 9)}
    assert unfitted - {"contact"} <= still
    assert still <= unfitted | design | rare | slots
