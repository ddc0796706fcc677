"""What an action does: throttle to thrust, clipping, and refusals that harm nothing."""

import numpy as np
import pytest

from lunar_env import ConfigError, LunarLandingEnv, LunarLandingVectorEnv
from lunar_env.specs import load_mission
from tests.envs.flying import NAMES, random_actions, seen, single, throttle, truth, vector


@pytest.fixture
def env():
    env = LunarLandingEnv(scenario="ideal")
    env.reset(seed=1)
    return env


@pytest.mark.parametrize("fraction", [0.0, 0.25, 0.5, 1.0])
def test_the_action_is_the_fraction_of_installed_thrust(env, fraction):
    for _ in range(15):
        observation = env.step(throttle(fraction))[0]
    assert seen(observation, "thrust_frac") == pytest.approx(fraction, abs=1e-3)
    assert truth(env, "thrust_N") == pytest.approx(1600.0 * fraction, rel=0.05, abs=1.0)
    assert seen(observation, "engine_on") == float(fraction > 0.0)
    assert seen(observation, "prev_throttle_1") == pytest.approx(2.0 * fraction - 1.0)


def test_full_thrust_brakes_by_what_the_observation_says(env):
    """Acceleration over a step is the mean specific force less gravity."""
    for _ in range(10):
        env.step(throttle(1.0))
    before = truth(env, "v_z_m_s")
    observation = env.step(throttle(1.0))[0]
    gained = (truth(env, "v_z_m_s") - before) / 0.2
    assert gained == pytest.approx(seen(observation, "f_z_m_s2") - 1.62, abs=0.02)
    assert gained > 2.0


@pytest.mark.parametrize(("given", "flown"), [(1.7, 1.0), (-5.0, -1.0), (1e30, 1.0)])
def test_an_action_outside_the_box_is_clipped(given, flown):
    one, other = LunarLandingEnv(), LunarLandingEnv()
    one.reset(seed=1)
    other.reset(seed=1)
    for _ in range(3):
        a = one.step(np.array([given], np.float32))
        b = other.step(np.array([flown], np.float32))
        assert np.array_equal(a[0], b[0])
        assert a[1] == b[1]
    assert seen(a[0], "prev_throttle_1") == flown


def test_past_actions_are_the_last_four_latest_first(env):
    given = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
    for fraction in given:
        observation = env.step(throttle(fraction))[0]
    past = [float(seen(observation, f"prev_throttle_{k}")) for k in range(1, 5)]
    assert past == pytest.approx([2.0 * f - 1.0 for f in reversed(given[2:])], abs=1e-6)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_non_finite_action_is_an_error_and_leaves_the_state_unchanged(env, bad):
    other = LunarLandingEnv(scenario="ideal")
    other.reset(seed=1)
    with pytest.raises(ConfigError, match="finite"):
        env.step(np.array([bad], np.float32))
    assert np.array_equal(env.step(throttle(0.7))[0], other.step(throttle(0.7))[0])


@pytest.mark.parametrize("shape", [(), (2,), (1, 1), (0,)])
def test_an_action_of_another_shape_is_an_error(env, shape):
    before = env.privileged
    with pytest.raises(ConfigError, match=r"shape.*must be \(1,\)"):
        env.step(np.zeros(shape, np.float32))
    assert np.array_equal(env.privileged, before)


def test_lists_and_other_types_are_accepted_as_actions(env):
    other = LunarLandingEnv(scenario="ideal")
    other.reset(seed=1)
    expected = other.step(np.array([0.5], np.float32))[0]
    assert np.array_equal(env.step([0.5])[0], expected)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_non_finite_action_is_reported_with_its_row(name, bad):
    env = vector(name, 5)
    env.reset(seed=0)
    before, width = env.privileged, len(env.action_fields)
    for k in range(width):
        actions = np.zeros((5, width), np.float32)
        actions[3, k] = bad
        with pytest.raises(ConfigError, match=r"row 3 = .*must be finite"):
            env.step(actions)
    assert np.array_equal(env.privileged, before)


@pytest.mark.parametrize("name", NAMES[1:])
def test_the_shape_of_wider_actions_is_checked(name):
    env = single(name)
    env.reset(seed=0)
    width = len(env.action_fields)
    for shape in ((1,), (width - 1,), (1, width), ()):
        with pytest.raises(ConfigError, match=rf"shape.*must be \({width},\)"):
            env.step(np.zeros(shape, np.float32))
    action = np.zeros(width, np.float32)
    action[-1] = np.nan
    with pytest.raises(ConfigError, match=r"nan\] must be finite"):
        env.step(action)


@pytest.mark.parametrize("name", NAMES)
def test_past_actions_are_observed_after_clipping(name):
    env = single(name)
    observation, _ = env.reset(seed=0)
    fields = env.observation_fields
    names = [action.name for action in env.action_fields]

    def past(k):
        index = {field.name: i for i, field in enumerate(fields)}
        return [float(observation[index[f"prev_{n}_{k}"]]) for n in names]

    idle = [-1.0 if n.startswith("throttle") else 0.0 for n in names]
    assert past(1) == past(4) == idle
    given = random_actions(env, 3)[:, 0]
    for action in given:
        observation = env.step(action)[0]
    for k in (1, 2, 3):
        assert past(k) == np.clip(given[-k], -1.0, 1.0).tolist()
    assert past(4) == idle


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("threads", [1, None])
def test_the_vector_environment_names_the_row(bad, threads):
    env = LunarLandingVectorEnv(100, num_threads=threads)
    env.reset(seed=0)
    before = env.privileged
    actions = np.zeros((100, 1), np.float32)
    actions[[73, 90]] = bad
    with pytest.raises(ConfigError, match="row 73"):
        env.step(actions)
    assert np.array_equal(env.privileged, before)
    env.step(np.zeros((100, 1), np.float32))


@pytest.mark.parametrize("shape", [(4,), (3, 1), (4, 2), (4, 1, 1)])
def test_the_vector_environment_names_the_shape(shape):
    env = LunarLandingVectorEnv(4, num_threads=1)
    env.reset(seed=0)
    with pytest.raises(ConfigError, match=r"must be \(4, 1\)"):
        env.step(np.zeros(shape, np.float32))


def test_the_array_of_the_caller_is_not_modified():
    env = LunarLandingVectorEnv(3, num_threads=1)
    env.reset(seed=0)
    for dtype in (np.float32, np.float64):
        actions = np.array([[2.0], [-3.0], [0.5]], dtype)
        env.step(actions)
        assert actions.tolist() == [[2.0], [-3.0], [0.5]]
        env.step(np.asfortranarray(actions)[::-1])


def mission(**engine):
    """M2 with a number of its one lumped engine changed."""
    flown = load_mission("hakuto-r-m2")
    (ring,) = flown.vehicle.engines
    return flown.replace(vehicle={"engines": [{**ring.to_table(), **engine}]})


def test_commands_below_the_throttle_floor_give_off_or_the_floor():
    env = LunarLandingEnv(mission=mission(throttle_min_frac=0.4), scenario="ideal")
    for fraction, expected in ((0.1, 0.0), (0.3, 0.4), (0.6, 0.6)):
        observation, _ = env.reset(seed=1)
        assert seen(observation, "throttle_min_frac") == pytest.approx(0.4)
        for _ in range(12):
            observation = env.step(throttle(fraction))[0]
        assert seen(observation, "thrust_frac") == pytest.approx(expected, abs=1e-2)


def test_an_engine_that_cannot_restart_stays_off():
    env = LunarLandingEnv(mission=mission(restartable=False), scenario="ideal")
    env.reset(seed=1)
    for fraction in (0.5, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0):
        observation = env.step(throttle(fraction))[0]
    assert seen(observation, "thrust_frac") < 0.01
    env.reset(seed=1)  # a new episode, a running engine
    for _ in range(10):
        observation = env.step(throttle(1.0))[0]
    assert seen(observation, "thrust_frac") > 0.99
