"""Every id in every mission and scenario makes, resets, steps, and passes Gymnasium's checker."""

import itertools
import warnings

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from lunar_env import list_missions, list_scenarios, load_mission
from lunar_env.registration import IDS

ROWS = {row.name: row for row in IDS}
PAIRS = [
    (row.name, mission)
    for row in IDS
    for mission in list_missions()
    if row.phase in load_mission(mission).phases.offered
]
# A shifted scenario differs from its twin by its numbers: the default mission of each id has it.
DEFAULTS = {row.name: gym.spec(row.name).kwargs["mission"] for row in IDS}
EVERY = [
    (name, mission, scenario)
    for name, mission in PAIRS
    for scenario in list_scenarios(mission)
    if not scenario.endswith("-shifted") or mission == DEFAULTS[name]
]


def is_quick(name: str, mission: str, scenario: str) -> bool:
    """Whether a case belongs to the quick ones: each two of id, mission and scenario meet there."""
    names = [of for of, other in PAIRS if other == mission]
    turn = list_scenarios().index(scenario) if scenario in list_scenarios() else 0
    return scenario == "noisy" or mission == DEFAULTS[name] or names[turn % len(names)] == name


CASES = [pytest.param(*case, marks=() if is_quick(*case) else pytest.mark.slow) for case in EVERY]
STEPS = 3


def test_every_mission_has_every_phase() -> None:
    left_out = {(row.name, mission) for row in IDS for mission in list_missions()} - set(PAIRS)
    assert {mission for _, mission in left_out} == {"gaudet-altimeter-1km"}
    assert {scenario for _, _, scenario in EVERY} >= set(list_scenarios())


def test_each_two_of_id_mission_and_scenario_meet_in_a_quick_case() -> None:
    quick = [case for case in EVERY if is_quick(*case)]
    for one, other in itertools.combinations(range(3), 2):
        assert {(c[one], c[other]) for c in quick} == {(c[one], c[other]) for c in EVERY}
    assert len(quick) < len(EVERY) / 2


@pytest.mark.parametrize(("name", "mission", "scenario"), CASES)
def test_gymnasiums_checker_accepts_every_mission_phase_and_control(
    name: str, mission: str, scenario: str
) -> None:
    env = gym.make(name, mission=mission, scenario=scenario).unwrapped
    assert (env.settings.mission.name, env.settings.phase) == (mission, ROWS[name].phase)
    assert env.settings.scenario.name == scenario
    assert env.settings.control == ROWS[name].control
    observation, _ = env.reset(seed=1)
    env.action_space.seed(1)
    for _ in range(STEPS):
        assert env.observation_space.contains(observation)
        observation, reward, terminated, truncated, _ = env.step(env.action_space.sample())
        assert np.isfinite(reward)
        assert (terminated, truncated) == (False, False)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        check_env(
            env, skip_render_check=True
        )  # pictures are those of the id, checked by themselves
    assert [str(each.message) for each in said if issubclass(each.category, UserWarning)] == []


@pytest.mark.parametrize(("name", "mission"), PAIRS)
def test_a_batch_starts_like_its_single_environments(name: str, mission: str) -> None:
    row = ROWS[name]
    batch = gym.make_vec(
        name, num_envs=2, vectorization_mode="vector_entry_point", mission=mission, num_threads=1
    )
    many, _ = batch.reset(seed=5)
    assert batch.observation_space.contains(many)
    for at in range(2):
        one, _ = gym.make(name, mission=mission).reset(seed=5 + at)
        np.testing.assert_array_equal(many[at], one)
    actions = np.zeros(batch.action_space.shape, np.float32)
    observation, reward, *_ = batch.step(actions)
    assert batch.observation_space.contains(observation)
    assert np.isfinite(reward).all()
    assert batch.unwrapped.settings.phase == row.phase
