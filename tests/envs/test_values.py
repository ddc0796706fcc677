"""Numbers that users pass: NumPy's count like Python's, bools and strings do not."""

import gymnasium as gym
import numpy as np
import pytest

from lunar_env import ConfigError, LunarLandingEnv, LunarLandingVectorEnv
from lunar_env.errors import UnknownKeyword
from tests.envs.flying import ID, throttle

HUGE = pytest.param(-(10**5000), id="huge")
BOTH = [LunarLandingEnv, LunarLandingVectorEnv]


def test_numpy_scalars_are_accepted():
    env = LunarLandingVectorEnv(
        np.int64(3), history=np.int16(2), num_threads=np.uint8(1), time_limit_s=np.float32(6.0)
    )
    assert (type(env.num_envs), env.num_envs) == (int, 3)
    assert (type(env.settings.history), env.settings.history) == (int, 2)
    assert (type(env.settings.time_limit_s), env.settings.time_limit_s) == (float, 6.0)
    observation, _ = env.reset(seed=np.int32(4))
    assert np.array_equal(observation, env.reset(seed=4)[0])
    assert np.array_equal(observation, env.reset(seed=np.arange(4, 7))[0])
    alone = LunarLandingEnv(history=np.int64(2), time_limit_s=np.int64(6))
    assert np.array_equal(alone.reset(seed=np.uint16(5))[0], observation[1])
    start = {"height_m": np.float32(900.0), "v_vertical_m_s": np.int64(-20)}
    alone.reset(seed=1, options={"start": start})
    assert alone.privileged[5] == pytest.approx(-20.0, abs=1e-3)


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"history": True}, "history = True must be a whole number from 1 to 64"),
        ({"history": "2"}, "history = '2' must be a whole number"),
        ({"history": np.float64(2.0)}, "history = .*2.0.* must be a whole number"),
        ({"history": 65}, "history = 65 must be a whole number from 1 to 64"),
        ({"time_limit_s": "5"}, "time_limit_s = '5' must be a number"),
        ({"time_limit_s": True}, "time_limit_s = True must be a number"),
        ({"time_limit_s": 1j}, "time_limit_s = 1j must be a number"),
        ({"time_limit_s": 10**400}, "time_limit_s = a whole number of 1329 bits is too large"),
        ({"reward": {"landed": "10"}}, r"reward\['landed'\] = '10' must be a number"),
        ({"reward": {"landed": True}}, r"reward\['landed'\] = True must be a number"),
        ({"max_episode_steps": 0}, "max_episode_steps = 0 must be a whole number of at least 1"),
        ({"max_episode_steps": 5.0}, "max_episode_steps = 5.0 must be a whole number"),
        ({"max_episode_steps": True}, "max_episode_steps = True must be a whole number"),
    ],
)
@pytest.mark.parametrize("kind", BOTH)
def test_a_value_that_is_not_a_number_is_an_error(kind, keywords, message):
    with pytest.raises(ConfigError, match=message):
        kind(**keywords)


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"num_envs": True}, "num_envs = True must be a whole number of at least 1"),
        ({"num_envs": "4"}, "num_envs = '4' must be a whole number"),
        ({"num_envs": np.float32(4.0)}, "num_envs = .*4.0.* must be a whole number"),
        ({"num_threads": True}, "num_threads = True must be a whole number from 1 to"),
        ({"autoreset_mode": ["SAME_STEP"]}, "unknown autoreset_mode"),
    ],
)
def test_a_vector_environment_value_that_is_not_a_number_is_an_error(keywords, message):
    with pytest.raises(ConfigError, match=message):
        LunarLandingVectorEnv(**keywords)


@pytest.mark.parametrize("seed", [-1, 1.5, True, "7", np.float64(3.0), np.int64(-2), HUGE])
def test_an_invalid_seed_is_the_same_error_in_both(seed):
    expected = r"seed = .* must be a whole number of at least 0"
    for kind in BOTH:
        env = kind()
        env.reset(seed=1)
        before = env.privileged
        with pytest.raises(ConfigError, match=expected):
            env.reset(seed=seed)
        assert np.array_equal(env.privileged, before)


@pytest.mark.parametrize("seeds", [[-1, 2], [1, 1.5], [True, 2], ["1", 2], np.array([0.5, 1.0])])
def test_an_invalid_seed_among_several_is_the_same_error(seeds):
    with pytest.raises(ConfigError, match=r"seed = .* must be a whole number of at least 0"):
        LunarLandingVectorEnv(2).reset(seed=seeds)


@pytest.mark.parametrize(
    "action", [["a"], "a", None, [None], [True], np.array([True]), [1j], [{}], [[0.0], [1.0, 2.0]]]
)
def test_a_non_numeric_action_is_an_error(action):
    env = LunarLandingEnv()
    env.reset(seed=1)
    before = env.privileged
    with pytest.raises(ConfigError, match="action must be an array of numbers, not"):
        env.step(action)
    assert np.array_equal(env.privileged, before)


def test_actions_of_every_numeric_type_are_accepted():
    flown = []
    for action in ([0], [0.0], np.zeros(1, np.float16), np.zeros(1, np.int8), (np.float64(0.0),)):
        env = LunarLandingEnv()
        env.reset(seed=1)
        flown.append(env.step(action)[0])
    assert all(np.array_equal(one, flown[0]) for one in flown)


@pytest.mark.parametrize(
    ("actions", "message"),
    [
        ([[0.0], ["a"], [0.0]], r"action of row 1 must be an array of numbers, not \['a'\]"),
        ([[0.0], [0.0], None], "action of row 2 must be an array of numbers, not None"),
        ([[0.0], [0.0, 1.0], [0.0]], r"action of row 1 has shape \(2,\), must be \(1,\)"),
        ([[0.0], 0.5, [0.0]], r"action of row 1 has shape \(\), must be \(1,\)"),
        (np.zeros((3, 1), object), "action of row 0 must be an array of numbers"),
        (np.zeros((3, 1), bool), "action of row 0 must be an array of numbers"),
        ("abc", "actions must be an array of numbers, not 'abc'"),
        (np.zeros((3, 2)), r"actions have shape \(3, 2\), must be \(3, 1\)"),
        (np.zeros((2, 1)), r"actions have shape \(2, 1\), must be \(3, 1\)"),
    ],
)
def test_invalid_actions_name_the_row(actions, message):
    env = LunarLandingVectorEnv(3, num_threads=1)
    env.reset(seed=1)
    before = env.privileged
    with pytest.raises(ConfigError, match=message):
        env.step(actions)
    assert np.array_equal(env.privileged, before)


@pytest.mark.parametrize("kind", BOTH)
def test_an_unknown_keyword_is_also_pythons_own_error(kind):
    """Wrappers try a keyword of theirs and drop it on these words."""
    words = r"LunarLanding\w*Env.__init__\(\) got an unexpected keyword argument 'frameskip'"
    with pytest.raises(TypeError, match=words) as raised:
        kind(frameskip=1)
    assert isinstance(raised.value, ConfigError)
    with pytest.raises(TypeError, match="unexpected keyword argument 'scenaro'; did you mean 'sc"):
        kind(scenaro="ideal")


def test_gymnasium_shows_the_error_of_an_unknown_keyword():
    for make in (gym.make, lambda *a, **k: gym.make_vec(*a, num_envs=2, **k)):
        with pytest.raises(UnknownKeyword, match="got an unexpected keyword argument 'frameskip'"):
            make(ID, frameskip=1)


def test_options_that_are_not_a_mapping_are_an_error():
    for kind in BOTH:
        with pytest.raises(ConfigError, match="options = 5 must be a mapping"):
            kind().reset(options=5)


@pytest.mark.parametrize("steps", [1, 7, 30])
def test_a_limit_of_steps_truncates(steps):
    """Natively, in both environments; the outcome is that of the clock."""
    made = gym.make_vec(ID, num_envs=2, vectorization_mode="vector_entry_point",
                        max_episode_steps=steps, num_threads=1)  # fmt: skip
    made.reset(seed=0)
    env = LunarLandingEnv(max_episode_steps=np.int64(steps))
    env.reset(seed=0)
    for k in range(1, steps + 1):
        assert env.step(throttle(0.4))[2:4] == (False, k == steps)
        *_, terminated, truncated, info = made.step(np.full((2, 1), -0.2, np.float32))
        assert not terminated.any()
        assert truncated.tolist() == [k == steps] * 2
    assert info["outcome"].tolist() == ["TIME_LIMIT"] * 2


def test_the_earlier_of_two_limits_counts():
    assert LunarLandingEnv(time_limit_s=5.0, max_episode_steps=10).settings.time_limit_s == 2.0
    assert LunarLandingEnv(time_limit_s=5.0, max_episode_steps=50).settings.time_limit_s == 5.0
    env = gym.make(ID, max_episode_steps=3)
    env.reset(seed=0)
    assert [env.step(throttle(0.4))[3] for _ in range(3)] == [False, False, True]


@pytest.mark.parametrize("end", ["clock", "crash"])
def test_stepping_an_ended_episode_needs_a_reset(end):
    """As in the batch; what it ended with is not paid twice."""
    env = LunarLandingEnv(time_limit_s=0.4) if end == "clock" else LunarLandingEnv()
    start = {"height_m": 5.0, "v_vertical_m_s": -20.0} if end == "crash" else {}
    env.reset(seed=0, options={"start": start})
    over = False
    while not over:
        _, _, terminated, truncated, _ = env.step(throttle(0.0))
        over = terminated or truncated
    before = env.privileged
    for _ in range(2):
        with pytest.raises(gym.error.ResetNeeded, match="the episode has ended: call reset"):
            env.step(throttle(0.0))
    assert np.array_equal(env.privileged, before)
    env.reset()
    env.step(throttle(0.0))
