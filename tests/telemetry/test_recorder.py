"""What passes through the recorder, and what it remembers."""

from __future__ import annotations

import math

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from lunar_env import (
    OBSERVATION_FIELDS,
    PRIVILEGED_FIELDS,
    REWARD_TERMS,
    ConfigError,
    LunarEnvError,
    LunarLandingEnv,
)
from lunar_env.telemetry import Recorder
from lunar_env.telemetry.events import find_events

ID = "LunarEnv/ThrottleLanding-v0"


def test_every_step_is_recorded():
    recorder, plain = Recorder(gym.make(ID)), LunarLandingEnv()
    seen, rewards, terms = [recorder.reset(seed=5)[0]], [], []
    plain.reset(seed=5)
    truth = [plain.privileged]
    for k in range(30):
        action = np.array([0.1 * (k % 10)], np.float32)
        observation, reward, *_, info = recorder.step(action)
        same, *_ = plain.step(action)
        assert same.tobytes() == observation.tobytes()
        seen.append(observation)
        truth.append(plain.privileged)
        rewards.append(reward)
        terms.append([info[f"reward_{name}"] for name in REWARD_TERMS])
    flight = recorder.flight
    assert flight.steps == 30
    assert flight.observations.tobytes() == np.array(seen).tobytes()
    assert flight.privileged.tobytes() == np.array(truth).tobytes()
    assert flight.rewards.tolist() == rewards
    assert flight.reward_terms.tolist() == terms
    assert flight.actions[9, 0] == np.float64(np.float32(0.9))
    assert flight.outcome == "FLYING"
    assert flight.touchdown is None


def test_the_end_is_recorded(flight):
    assert flight.outcome == "CRASHED"
    assert flight.touchdown["v_vertical_m_s"] > 10.0
    assert flight.events[-1].name == "CRASHED"
    assert flight.quantity("privileged", "height_m")[-1] < 1.0
    assert flight.quantity("actions", "throttle").min() < -1.0  # as given, not as clipped


def test_columns_have_names_and_units(flight):
    names = [column.name for column in flight.columns["observations"]]
    assert names == [field.name for field in OBSERVATION_FIELDS]
    assert [c.unit for c in flight.columns["privileged"]] == [f.unit for f in PRIVILEGED_FIELDS]
    believed = flight.quantity("observations", "dr_height_m")
    assert believed == pytest.approx(1000.0 * flight.observations[:, names.index("dr_height_m")])
    with pytest.raises(ConfigError, match="no column 'height'"):
        flight.quantity("privileged", "height")


def test_events_describe_the_flight(fly):
    flight = fly(Recorder(LunarLandingEnv()), seed=32)
    names = [event.name for event in flight.events]
    assert names[0] == "beam search"
    assert names.index("beam track") < names.index("first valid range")
    times = [event.time_s for event in flight.events]
    assert times == sorted(times)
    fix = next(event for event in flight.events if event.name == "first valid range")
    recorded = flight.quantity("privileged", "first_fix_height_m")[-1]
    assert fix.height_m == pytest.approx(recorded, abs=25.0)


def test_a_range_from_before_the_start_is_not_the_first_fix(flight):
    names = [event.name for event in flight.events]
    assert flight.quantity("observations", "lrf_seen")[0] == 1.0
    assert "ranging since before the start" in names
    assert "first valid range" not in names


def test_events_need_only_time_and_height():
    true = {"time_s": np.array([0.0, 0.2, 0.4]), "height_m": np.array([9.0, 5.0, 1.0])}
    assert [event.name for event in find_events({}, true, "FLYING")] == []
    true["propellant_kg"] = np.array([1.0, 0.0, 0.0])
    seen = {"engine_on": np.array([1.0, 1.0, 0.0])}
    events = find_events(seen, true, "FUEL_OUT")
    assert [(event.time_s, event.name) for event in events] == [
        *((0.0, "engine on"), (0.2, "propellant exhausted")),
        *((0.4, "engine off"), (0.4, "FUEL_OUT")),
    ]


def test_reset_starts_a_new_record(fly):
    recorder = Recorder(LunarLandingEnv())
    first = fly(recorder, seed=1, most=5)
    options = {"scenario": "ideal", "start": {"height_m": 500, "v_vertical_m_s": -20.0}}
    second = fly(recorder, options=options, most=3)
    assert (first.steps, second.steps) == (5, 3)
    assert (first.seed, second.seed) == (1, None)
    assert (first.scenario.name, second.scenario.name) == ("late-acquisition", "ideal")
    assert second.start == {"height_m": 500.0, "v_vertical_m_s": -20.0}
    assert first.episode_key != second.episode_key
    third = fly(recorder, seed=4, options={"episode_key": first.episode_key}, most=1)
    assert (third.seed, third.episode_key) == (None, first.episode_key)


def test_a_flight_may_have_no_steps():
    recorder = Recorder(LunarLandingEnv())
    with pytest.raises(LunarEnvError, match="nothing is recorded"):
        _ = recorder.flight
    recorder.reset(seed=0)
    flight = recorder.flight
    assert flight.steps == 0
    assert flight.actions.shape == (0, 1)
    assert flight.reward_terms.shape == (0, len(REWARD_TERMS))
    assert math.isfinite(flight.quantity("privileged", "height_m")[0])


def test_other_environments_are_rejected():
    with pytest.raises(ConfigError, match="only single environments of lunar_env"):
        Recorder(gym.make("CartPole-v1"))
    clipped = gym.wrappers.RescaleAction(LunarLandingEnv(), np.float32(0.0), np.float32(1.0))
    with pytest.raises(ConfigError, match="changes its spaces"):
        Recorder(clipped)


def test_the_recorder_passes_gymnasiums_checker():
    with pytest.warns(UserWarning, match="different from the unwrapped"):
        check_env(Recorder(LunarLandingEnv()), skip_render_check=True)
