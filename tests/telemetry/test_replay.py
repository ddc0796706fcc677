"""A flight flown again is the same flight, or the first difference is named."""

from __future__ import annotations

from dataclasses import replace

import gymnasium as gym
import numpy as np
import pytest

from lunar_env import ConfigError, LunarLandingEnv
from lunar_env.registration import IDS
from lunar_env.telemetry import Recorder, Replay, load_flight, save_flight


def again(flight):
    return Replay(flight, LunarLandingEnv(**flight.keywords()))


def test_a_loaded_flight_is_replayed_bit_for_bit(flight, tmp_path):
    save_flight(flight, tmp_path / "flight.npz")
    replay = again(load_flight(tmp_path / "flight.npz"))
    assert replay.run() is None
    assert replay.flown == flight.steps


def test_a_replay_has_the_history_reward_limit_and_start_of_the_flight(fly):
    env = LunarLandingEnv(
        scenario="noisy", history=3, reward={"landed": 3.0, "gamma": 0.99}, time_limit_s=4.0
    )
    options = {"scenario": "latency", "start": {"height_m": 900.0, "v_lateral_m_s": 2.0}}
    flight = fly(Recorder(env), seed=2, options=options)
    assert flight.outcome == "TIME_LIMIT"
    assert flight.scenario.name == "latency"
    assert again(flight).run() is None


def test_a_replay_has_the_user_mission_of_the_flight(fly, flight):
    mission = flight.mission.replace(vehicle={"payload_kg": 10.0})
    assert again(fly(Recorder(LunarLandingEnv(mission)), seed=2, most=40)).run() is None


@pytest.mark.parametrize("row", IDS[1:], ids=lambda row: row.name)
def test_any_control_and_phase_is_replayed(row, fly, tmp_path):
    env = gym.make(row.name, scenario="noisy", time_limit_s=8.0).unwrapped
    flown = fly(Recorder(env), seed=3, most=20)
    assert (flown.control, flown.phase) == (row.control, row.phase)
    assert [c.name for c in flown.columns["actions"]] == [f.name for f in env.action_fields]
    save_flight(flown, tmp_path / "flight.npz")
    loaded = load_flight(tmp_path / "flight.npz")
    assert loaded.actions.shape == (20, len(env.action_fields))
    replay = again(loaded)
    assert replay.run() is None
    assert replay.flown == 20


def test_an_unfinished_flight_is_replayed(fly):
    assert again(fly(Recorder(LunarLandingEnv()), seed=9, most=12)).run() is None


def test_the_first_difference_is_named(flight):
    actions = flight.actions.copy()
    actions[40] = -1.0
    difference = again(replace(flight, actions=actions)).run()
    assert difference is not None
    assert difference.step == 41
    assert difference.time_s == pytest.approx(8.2)
    assert "step 41 (8.2 s): observed" in str(difference)
    assert difference.recorded != difference.flown


def test_a_replay_that_differs_by_one_bit_is_detected(flight):
    truth = flight.privileged.copy()
    truth[5, 2] = np.nextafter(truth[5, 2], np.inf)
    difference = again(replace(flight, privileged=truth)).run()
    assert difference is not None
    assert (difference.step, difference.what) == (5, "true r_z_m")


def test_a_replay_with_another_reward_or_end_is_detected(flight):
    rewards = flight.rewards.copy()
    rewards[0] += 1.0
    difference = again(replace(flight, rewards=rewards)).run()
    assert difference is not None
    assert (difference.step, difference.what) == (1, "the reward")
    difference = again(replace(flight, outcome="LANDED")).run()
    assert difference is not None
    assert (difference.recorded, difference.flown) == ("LANDED", "CRASHED")


def test_flights_with_other_layouts_cannot_be_compared(flight):
    with pytest.raises(ConfigError, match="another observation layout"):
        Replay(flight, LunarLandingEnv(history=2))
