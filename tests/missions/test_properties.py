"""What no action may ever do, whatever it is, for every id; and what is refused at the border."""

from functools import cache

import gymnasium as gym
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lunar_env import ConfigError, Outcome, list_scenarios, load_mission
from lunar_env.sim.step import step_part
from tests.envs.flying import NAMES, TRUE, truth, vector

# So many steps of each id, with tanks as the mission fills them and again with nearly empty ones.
ROWS, STEPS, EXAMPLES = 64, 50, 4
assert ROWS * STEPS * EXAMPLES >= 10_000
DROP_KG = 0.5

in_box = st.floats(-1.0, 1.0, width=32)
styles = st.sampled_from(["any", "corners", "held", "beyond", "drawn"])
starts = st.sampled_from(
    [
        None,
        {"height_m": 1.0, "v_vertical_m_s": -1.5, "v_lateral_m_s": 0.5},
        {"height_m": 15.0, "v_vertical_m_s": -4.0, "v_lateral_m_s": 2.0},
        {"height_m": 60.0, "v_vertical_m_s": -40.0},
    ]
)


@cache
def environment(name, nearly_empty):
    keywords = gym.spec(name).kwargs
    mission = load_mission(keywords["mission"])
    if nearly_empty:
        mission = mission.replace(phases={keywords["phase"]: {"propellant_kg": DROP_KG}})
    return vector(name, ROWS, mission=mission)


def actions_of(style, drawn, width, seed):
    """Actions (STEPS, ROWS, width): one style for all rows of an example."""
    rng = np.random.default_rng(seed)
    shape = (STEPS, ROWS, width)
    if style == "corners":
        return rng.choice([-1.0, 1.0], shape)
    if style == "held":
        return np.broadcast_to(rng.uniform(-1.0, 1.0, (1, ROWS, width)), shape)
    if style == "beyond":
        return rng.choice([-1e300, -2.0, -1.0, 0.0, 1.0, 2.0, 1e300], shape)
    if style == "drawn":
        return np.broadcast_to(np.resize(drawn, width), shape)
    return rng.uniform(-1.0, 1.0, shape)


def check_numbers(env, observation, reward):
    assert env.observation_space.contains(observation)
    assert np.isfinite(reward).all()
    assert np.isfinite(env.privileged).all()
    assert np.isfinite(env.final_privileged).all()
    q = env.privileged[:, TRUE["q_w"] : TRUE["q_z"] + 1]
    np.testing.assert_allclose(np.linalg.norm(q, axis=1), 1.0, rtol=0.0, atol=1e-12)
    assert (truth(env, "propellant_kg") >= 0.0).all()
    assert not (truth(env, "outcome") == Outcome.NUMERIC).any()


def check_mass(env, before, begun):
    """It falls or stays, but in rows that began a new episode, and never below the dry mass."""
    after = env.privileged
    mass, propellant = after[:, TRUE["mass_kg"]], after[:, TRUE["propellant_kg"]]
    assert (mass <= before[:, TRUE["mass_kg"]])[~begun].all()
    dry = mass - propellant
    earlier = before[:, TRUE["mass_kg"]] - before[:, TRUE["propellant_kg"]]
    np.testing.assert_allclose(dry[~begun], earlier[~begun], rtol=0.0, atol=1e-9)
    vehicle = env.settings.mission.vehicle
    specified = vehicle.mass_dry_kg + vehicle.payload_kg
    np.testing.assert_allclose(dry, specified, rtol=0.03)


@pytest.mark.parametrize("nearly_empty", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_no_action_gives_non_finite_numbers(name, nearly_empty):
    env = environment(name, nearly_empty)
    dry, ended = 0, 0

    @settings(max_examples=EXAMPLES)
    @given(
        style=styles,
        drawn=st.lists(in_box, min_size=1, max_size=16),
        scenario=st.sampled_from(list_scenarios()),
        start=starts,
        seed=st.integers(0, 2**31),
    )
    def fly(style, drawn, scenario, start, seed):
        nonlocal dry, ended
        options = {"scenario": scenario} | ({"start": start} if start else {})
        observation, _ = env.reset(seed=seed, options=options)
        check_numbers(env, observation, 0.0)
        begun = np.zeros(ROWS, np.bool_)
        for action in actions_of(style, drawn, len(env.action_fields), seed):
            before = env.privileged
            observation, reward, terminated, truncated, _ = env.step(action.copy())
            check_numbers(env, observation, reward)
            check_mass(env, before, begun)
            begun = terminated | truncated
            dry += int((truth(env, "propellant_kg") == 0.0).sum())
            ended += int(begun.sum())

    fly()
    assert (dry > 0) == nearly_empty
    assert ended > 0


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=25)
@given(
    row=st.integers(0, ROWS - 1),
    element=st.integers(0, 15),
    bad=st.sampled_from([np.nan, np.inf, -np.inf]),
    dtype=st.sampled_from([np.float32, np.float64, np.float16]),
)
def test_non_finite_actions_are_rejected_with_their_row(name, row, element, bad, dtype):
    env = environment(name, False)
    env.reset(seed=1)
    before = env.privileged
    actions = np.zeros((ROWS, len(env.action_fields)), dtype)
    actions[row:, element % actions.shape[1]] = bad
    with pytest.raises(ConfigError, match=rf"action of row {row} = .* must be finite"):
        env.step(actions)
    assert np.array_equal(env.privileged, before)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=25)
@given(shape=st.lists(st.integers(0, ROWS + 1), max_size=3).map(tuple))
def test_actions_of_another_shape_are_rejected_with_the_right_one(name, shape):
    env = environment(name, False)
    env.reset(seed=1)
    before = env.privileged
    right = (ROWS, len(env.action_fields))
    for other in {shape, (ROWS, right[1] + 1), right[1:], (right[1], ROWS)} - {right}:
        with pytest.raises(ConfigError, match=rf"must be \({right[0]}, {right[1]}\)"):
            env.step(np.zeros(other))
    assert np.array_equal(env.privileged, before)
    env.step(np.zeros(right))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_read_only_array_does_not_recompile(dtype):
    """It is another type to Numba, and a compilation takes most of a minute."""
    env = environment(NAMES[0], False)
    env.reset(seed=1)
    actions = np.zeros((ROWS, 1), dtype)
    env.step(actions)
    known = len(step_part.signatures)
    actions.flags.writeable = False
    env.step(actions)
    assert len(step_part.signatures) == known
