"""Same seed, same bytes: whatever the number of rows, the threads, the order, the copy."""

import copy
import pickle

import numpy as np
import pytest

from lunar_env import LunarLandingEnv, LunarLandingVectorEnv
from tests.envs.flying import NAMES, bumpy_actions, random_actions, single, throttle, vector

STEPS = 260  # every row ends at least once


def fly(rows, actions, *, threads=1, seed=11, name=NAMES[0], **kwargs):
    """Everything that a flight of `rows` shows, as bytes by row."""
    env = vector(name, rows, num_threads=threads, **kwargs)
    observation, info = env.reset(seed=seed)
    shown = [observation, info["episode_key"][:, None]]
    for step in actions[:, :rows]:
        observation, reward, terminated, truncated, info = env.step(step)
        terms = np.stack([info[name] for name in ("reward_shaping", "reward_impact")], axis=1)
        ends = np.stack([reward, terminated, truncated], axis=1)
        keys = info["episode_key"][:, None]
        shown += [observation, ends, terms, keys, env.privileged, env.final_privileged]
    assert (terminated | truncated).dtype == np.bool_
    return [b"".join(part[row].tobytes() for part in shown) for row in range(rows)]


@pytest.fixture(scope="module")
def actions():
    return bumpy_actions(STEPS, 256)


@pytest.fixture(scope="module")
def batch(actions):
    return fly(256, actions)


@pytest.mark.parametrize("rows", [1, 3, 64])
def test_the_number_of_rows_does_not_change_results(rows, actions, batch):
    assert fly(rows, actions) == batch[:rows]


@pytest.mark.parametrize("rows", [3, 64, 256])
def test_threads_do_not_change_results(rows, actions, batch):
    assert fly(rows, actions, threads=2) == batch[:rows]


@pytest.mark.parametrize("name", NAMES[1:])
def test_rows_and_threads_do_not_change_results_of_any_id(name):
    """Also through automatic resets: the clock ends every row twice."""
    kwargs = {"name": name, "time_limit_s": 5.0}
    actions = random_actions(vector(name, 64), 60)
    batch = fly(64, actions, **kwargs)
    assert fly(3, actions, **kwargs) == batch[:3]
    assert fly(64, actions, threads=2, **kwargs) == batch


def test_another_seed_changes_everything(actions, batch):
    other = fly(3, actions, seed=12)
    assert other[0] == fly(1, actions[:, 1:2] * 0 + actions[:, :1], seed=12)[0]
    assert all(row not in batch for row in other)


def test_the_global_generator_does_not_change_results(actions, batch):
    np.random.seed(1)  # noqa: NPY002
    assert fly(1, actions) == batch[:1]


@pytest.mark.parametrize("name", NAMES[1:])
def test_in_every_id_a_row_equals_the_single_environment_of_its_seed(name):
    together, alone = vector(name, 4), single(name)
    batch, one = together.reset(seed=50)[0], alone.reset(seed=52)[0]
    for step in random_actions(together, 40):
        assert np.array_equal(batch[2], one)
        assert np.array_equal(together.privileged[2], alone.privileged)
        batch, rewards, terminated, truncated, _ = together.step(step)
        one, reward, end, cut, _ = alone.step(step[2])
        assert (rewards[2], terminated[2], truncated[2]) == (reward, end, cut)
        if end or cut:
            break


@pytest.mark.parametrize("row", [0, 5])
def test_a_row_equals_the_single_environment_of_its_seed(row, actions):
    """Over several episodes: the single environment is reset without a seed after each end."""
    vector = LunarLandingVectorEnv(8, num_threads=1)
    single = LunarLandingEnv()
    together, info = vector.reset(seed=100)
    alone, own = single.reset(seed=100 + row)
    assert own["episode_key"] == info["episode_key"][row]
    ended, ends = False, 0
    for step in actions[:, :8]:
        assert np.array_equal(together[row], alone)
        together, rewards, terminated, truncated, info = vector.step(step)
        if ended:
            alone, own = single.reset()
            ended = False
            assert info["episode_key"][row] == own["episode_key"]
            continue
        alone, reward, end, cut, own = single.step(step[row])
        assert (rewards[row], terminated[row], truncated[row]) == (reward, end, cut)
        assert np.array_equal(vector.privileged[row], single.privileged)
        assert {name: info[name][row] for name in own} == own
        ended = end or cut
        ends += ended
    assert ends >= 1


def test_an_episode_key_repeats_the_episode(actions):
    """In the single environment and in any row, without its seed and whatever was flown before."""
    env = LunarLandingEnv()
    env.reset(seed=3)
    for _ in range(2):  # an episode that followed from another one
        first, info = env.reset()
    flight = [env.step(step[0])[0] for step in actions[:60]]

    again = LunarLandingEnv()
    repeated, _ = again.reset(options={"episode_key": info["episode_key"]})
    assert np.array_equal(repeated, first)
    assert all(
        np.array_equal(again.step(a[0])[0], b) for a, b in zip(actions, flight, strict=False)
    )

    vector = LunarLandingVectorEnv(3, num_threads=1)
    vector.reset(seed=9)
    vector.step(actions[0, :3])
    repeated, _ = vector.reset(options={"episode_key": [5, info["episode_key"], 6]})
    assert np.array_equal(repeated[1], first)
    for step, expected in zip(actions, flight, strict=False):
        assert np.array_equal(vector.step(np.repeat(step[:1], 3, axis=0))[0][1], expected)


def test_the_key_at_the_end_names_the_episode_that_ended():
    env = LunarLandingEnv(time_limit_s=1.0)
    _, begun = env.reset(seed=8)
    for _ in range(5):
        info = env.step(throttle(0.4))[4]
    assert info["episode_key"] == begun["episode_key"]


def test_reset_without_a_seed_continues_and_with_a_seed_restarts_the_sequence():
    env = LunarLandingEnv()
    first, second = env.reset(seed=4), env.reset()
    assert not np.array_equal(first[0], second[0])
    assert np.array_equal(env.reset(seed=4)[0], first[0])
    assert np.array_equal(env.reset()[0], second[0])


def test_unseeded_environments_differ():
    keys = {int(LunarLandingEnv().reset()[1]["episode_key"]) for _ in range(3)}
    assert len(keys) == 3


def test_a_list_of_seeds_applies_to_the_rows():
    env = LunarLandingVectorEnv(3, num_threads=1)
    listed, _ = env.reset(seed=[7, 5, None])
    for row, seed in ((0, 7), (1, 5)):
        assert np.array_equal(listed[row], LunarLandingEnv().reset(seed=seed)[0])


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda env: pickle.loads(pickle.dumps(env))])
def test_a_copy_continues_identically_and_independently(copied, actions):
    env = LunarLandingEnv(history=2)
    env.reset(seed=2)
    for step in actions[:20]:
        env.step(step[0])
    other = copied(env)
    for step in actions[20:60]:
        assert np.array_equal(env.step(step[0])[0], other.step(step[0])[0])
    other.step(throttle(1.0))
    before = env.privileged
    other.step(throttle(1.0))
    assert np.array_equal(env.privileged, before)
    vector = LunarLandingVectorEnv(2, num_threads=1)
    vector.reset(seed=2)
    assert np.array_equal(copied(vector).step(actions[0, :2])[0], vector.step(actions[0, :2])[0])
