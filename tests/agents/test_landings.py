"""Classical pilots in the environment itself: rates, filters under latency, batch semantics."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest

from agents import list_pilots, make_pilot
from agents.classical import ClassicalPilot
from lunar_env import (
    OBSERVATION_FIELDS,
    PRIVILEGED_FIELDS,
    ConfigError,
    LunarLandingEnv,
    LunarLandingVectorEnv,
)

TRUTH = {field.name: i for i, field in enumerate(PRIVILEGED_FIELDS)}
NAMES = [name for name in list_pilots() if "+" in name]
# The convex law solves 0.1 s for each second and row: a few landings are flown in a slow test.
CLASSICAL = [name for name in NAMES if not name.startswith("convex")]
# Every law and every filter, not each with each.
FLOWN = [name for name in CLASSICAL if name.endswith("+kalman") or name.startswith("hoverslam+")]


class Flown(NamedTuple):
    outcome: np.ndarray  # names
    lost: np.ndarray


def fly(
    pilot: Any,
    scenario: str,
    landings: int,
    seed: int,
    watch: Any = None,
    control: str = "throttle",
) -> Flown:
    """Fly one episode in each row."""
    env = LunarLandingVectorEnv(landings, scenario=scenario, control=control, num_threads=1)
    observation, _ = env.reset(seed=seed)
    lost = env.privileged[:, TRUTH["lost"]] > 0.0
    outcome = np.full(landings, "", dtype=object)
    start, state = np.ones(landings, bool), None
    while (outcome == "").any():
        if watch is not None and not watch(env, pilot, observation, state, start):
            break
        action, state = pilot.predict(observation, state, start)
        observation, _, terminated, truncated, info = env.step(action)
        ended = (terminated | truncated) & (outcome == "")
        if ended.any():
            outcome[ended] = info["outcome"][ended]
        start = np.zeros(landings, bool)
    env.close()
    return Flown(outcome, lost)


# Share of 200 landings in `ideal`. The naive filter takes a range half a second old for new.
FLOORS = {
    "velocity-profile+naive": 0.97,
    "velocity-profile-trusting+naive": 0.95,
    "hoverslam+naive": 0.95,
    "hoverslam-trusting+naive": 0.9,
}
USUAL_FLOOR = 0.99


@pytest.mark.parametrize("name", FLOWN)
def test_every_pilot_lands_in_ideal(name):
    flown = fly(make_pilot(name), "ideal", 200, seed=40_000)
    assert np.mean(flown.outcome == "LANDED") >= FLOORS.get(name, USUAL_FLOOR)


def test_careful_hoverslam_lands_all_but_lost_episodes():
    careful = fly(make_pilot("hoverslam+kalman"), "late-acquisition", 300, seed=41_000)
    saved = careful.outcome[~careful.lost] == "LANDED"
    assert saved.mean() >= 0.98
    trusting = fly(make_pilot("hoverslam-trusting+kalman"), "late-acquisition", 300, seed=41_000)
    assert np.mean(trusting.outcome == "LANDED") < np.mean(careful.outcome == "LANDED")


@pytest.mark.parametrize("law", ["velocity-profile", "hoverslam", "e-guidance", "apollo", "fp2dg"])
def test_resilience_could_have_landed(law):
    """Whatever the law: with the gains before, those with a plan landed fewer than half."""
    flown = fly(make_pilot(f"{law}+kalman"), "as-flown", 100, seed=43_000)
    assert np.mean(flown.outcome[~flown.lost] == "LANDED") >= 0.97


def test_the_kalman_height_error_is_below_a_tenth_of_the_naive_one_under_latency():
    """Mean absolute height error of both filters on the same flights, at 50 m/s and faster."""
    naive = make_pilot("hoverslam+naive")
    assert isinstance(naive, ClassicalPilot)
    memory: list[Any] = [None]
    errors: dict[str, list[np.ndarray]] = {"naive": [], "kalman": []}

    def watch(env, pilot, observation, state, start):
        truth = env.privileged
        fast = truth[:, TRUTH["v_z_m_s"]] <= -50.0
        aware = pilot.estimate(observation, state, start)
        other = naive.estimate(observation, memory[0], start)
        _, memory[0] = naive.predict(observation, memory[0], start)
        used = fast & aware.seen & other.seen
        height = truth[:, TRUTH["height_m"]]
        errors["kalman"].append(np.abs(aware.height_m - height)[used])
        errors["naive"].append(np.abs(other.height_m - height)[used])
        return bool(fast.any())

    fly(make_pilot("hoverslam+kalman"), "latency", 200, seed=42_000, watch=watch)
    mean = {name: np.concatenate(values).mean() for name, values in errors.items()}
    assert np.concatenate(errors["naive"]).size > 10_000
    assert mean["naive"] > 10.0 * mean["kalman"], mean
    assert mean["kalman"] < 2.0


@pytest.mark.parametrize("name", FLOWN)
def test_rows_are_independent(name):
    """Row i of a batch acts as it would alone, to the bit."""
    env = LunarLandingVectorEnv(6, num_threads=1)
    pilot = make_pilot(name)
    observation, _ = env.reset(seed=43_000)
    together: Any = None
    alone: list[Any] = [None] * 6
    start = np.ones(6, bool)
    for _ in range(150):
        action, together = pilot.predict(observation, together, start)
        for i in range(6):
            one, alone[i] = pilot.predict(observation[i : i + 1], alone[i], start[i : i + 1])
            assert one[0, 0] == action[i, 0]
        observation, _, terminated, truncated, _ = env.step(action)
        start = terminated | truncated


@pytest.mark.parametrize("name", ["hoverslam+kalman", "velocity-profile+naive"])
def test_episode_start_clears_the_memory(name):
    env = LunarLandingVectorEnv(4, num_threads=1)
    pilot = make_pilot(name)
    observation, _ = env.reset(seed=44_000)
    first = observation
    state, start = None, np.ones(4, bool)
    for _ in range(60):
        action, state = pilot.predict(observation, state, start)
        start = np.zeros(4, bool)
        observation, *_ = env.step(action)
    fresh, memory = pilot.predict(first)
    half = np.array([True, False, True, False])
    again, carried = pilot.predict(first, state, half)
    assert np.array_equal(again[half], fresh[half])
    assert memory is not None
    assert carried is not None
    for new, old in zip(memory, carried, strict=True):
        assert np.array_equal(new[half], old[half])


def test_memory_is_not_changed_in_place():
    env = LunarLandingVectorEnv(3, num_threads=1)
    pilot = make_pilot("hoverslam+kalman")
    observation, _ = env.reset(seed=45_000)
    _, state = pilot.predict(observation)
    assert state is not None
    kept = [array.copy() for array in state]
    first, _ = pilot.predict(observation, state)
    second, _ = pilot.predict(observation, state)
    assert np.array_equal(first, second)
    assert all(np.array_equal(a, b) for a, b in zip(state, kept, strict=True))


def test_single_observation_and_history_are_accepted():
    env = LunarLandingEnv(history=3)
    observation, _ = env.reset(seed=0)
    pilot = make_pilot("hoverslam+kalman", env.observation_fields)
    action, _ = pilot.predict(observation)
    assert action.shape == (1,)
    assert env.action_space.contains(action)
    base, _ = make_pilot("hoverslam+kalman").predict(observation)
    assert np.array_equal(base, action)


def test_another_control_is_rejected():
    env = LunarLandingEnv(control="actuators")
    with pytest.raises(ConfigError, match=r"commands a throttle or a thrust vector"):
        make_pilot("hoverslam+kalman", env.observation_fields)


@pytest.mark.parametrize("name", ["hoverslam+kalman", "e-guidance+kalman"])
def test_laws_land_by_the_thrust_vector(name):
    env = LunarLandingVectorEnv(30, scenario="ideal", control="thrust_vector", num_threads=1)
    observation, _ = env.reset(seed=46_000)
    pilot = make_pilot(name, env.observation_fields)
    outcome, believed = np.full(30, "", dtype=object), np.full((30, 2), np.nan)
    start, state = np.ones(30, bool), None
    while (outcome == "").any():
        action, state = pilot.predict(observation, state, start)
        believed[outcome == ""] = 1e3 * observation[outcome == "", :2]  # dr_x_m and dr_y_m
        observation, _, terminated, truncated, info = env.step(action)
        ended = (terminated | truncated) & (outcome == "")
        if ended.any():
            outcome[ended] = info["outcome"][ended]
        start = np.zeros(30, bool)
    assert np.mean(outcome == "LANDED") >= 0.95
    if name.startswith("e-guidance"):  # to the target, which the others know nothing of
        assert np.median(np.hypot(*believed.T)) < 5.0


@pytest.mark.slow
@pytest.mark.parametrize("control", ["throttle", "thrust_vector"])
def test_convex_guidance_lands(control):
    pytest.importorskip("cvxpy")
    env = LunarLandingEnv(control=control)
    pilot = make_pilot("convex+kalman", env.observation_fields)
    flown = fly(pilot, "ideal", 6, seed=47_000, control=control)
    assert np.mean(flown.outcome == "LANDED") >= 0.8


def test_wrong_shapes_are_rejected():
    pilot = make_pilot("hoverslam+kalman")
    with pytest.raises(ConfigError, match="observation has shape"):
        pilot.predict(np.zeros((2, 5)))
    two = np.zeros((2, len(OBSERVATION_FIELDS)))
    _, state = pilot.predict(two)
    with pytest.raises(ConfigError, match="episode_start has 3 rows"):
        pilot.predict(two, state, np.zeros(3, bool))


@pytest.mark.parametrize("name", FLOWN)
def test_any_observation_of_the_space_gives_an_action(name):
    env = LunarLandingVectorEnv(200, num_threads=1)
    env.observation_space.seed(0)
    pilot, state = make_pilot(name), None
    for observation in (
        np.zeros((200, len(OBSERVATION_FIELDS))),
        *(env.observation_space.sample() for _ in range(20)),
    ):
        action, state = pilot.predict(observation, state)
        assert np.isfinite(action).all()
        assert np.abs(action).max() <= 1.0


def test_pilot_names_are_listed_and_unknown_ones_rejected():
    filters = {"naive", "apollo", "kalman", "latched"}
    assert {name.partition("+")[2] for name in NAMES} == filters
    assert all(make_pilot(name).name == name for name in NAMES)
    with pytest.raises(ConfigError, match=r"did you mean 'hoverslam\+kalman'"):
        make_pilot("hoverslam+kalmann")
    with pytest.raises(ConfigError, match=r"nowhere/policy\.safetensors: cannot be read"):
        make_pilot("nowhere/policy.safetensors")
