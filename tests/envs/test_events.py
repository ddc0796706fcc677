"""The stream of raw samples, and what no sensor can see."""

import numpy as np
import pytest

from lunar_env import LunarLandingEnv, LunarLandingVectorEnv
from lunar_env.sensors.events import EVENT_COLUMNS, SENSOR_NAMES
from lunar_env.specs import load_mission
from tests.envs.flying import exact, level, seen, throttle

SLIM = level("slim")
STAMP, ARRIVED, VALUE = (EVENT_COLUMNS.index(n) for n in ("stamp_s", "arrived_s", "value_1"))


def ranges(samples, name):
    return samples[samples[:, 0] == SENSOR_NAMES.index(name)]


def test_a_row_and_the_single_environment_have_the_same_events():
    one, many = LunarLandingEnv(SLIM), LunarLandingVectorEnv(3, SLIM, num_threads=1)
    low = {"start": {"height_m": 450.0, "v_vertical_m_s": -5.0}}  # its rangefinder reaches 500 m
    first, _ = one.reset(seed=7, options=low)
    many.reset(seed=5, options=low)
    assert one.events.samples.shape == many.events.samples.shape[1:]
    assert one.events.samples.shape[1] == len(EVENT_COLUMNS) == 7
    total = np.zeros(len(SENSOR_NAMES))
    for _ in range(60):
        observation = one.step(throttle(0.5))[0]
        many.step(np.full((3, 1), 0.0, np.float32))
        samples = one.events.samples[: one.events.number]
        np.testing.assert_array_equal(many.events.samples[2, : many.events.number[2]], samples)
        assert (samples[:, STAMP] <= samples[:, ARRIVED]).all()
        total += np.bincount(samples[:, 0].astype(int), minlength=len(total))
        found = ranges(samples, "radar")
        assert seen(observation, "ralt_new") == float(len(found) > 0)
        if len(found):
            assert seen(observation, "ralt_range_m") == pytest.approx(found[-1, VALUE], rel=1e-6)
        assert seen(observation, "lrf_arrivals") == len(ranges(samples, "rangefinder"))
    assert (total > 0).all()
    assert first.shape == observation.shape


def test_the_event_list_is_a_copy_and_is_cleared_at_reset():
    env = LunarLandingEnv(SLIM)
    env.reset(seed=1)
    before = env.events
    kept = before.samples.copy()
    for _ in range(5):
        env.step(throttle(0.5))
    np.testing.assert_array_equal(before.samples, kept)
    env.reset(seed=1)
    assert env.events.number == before.number
    np.testing.assert_array_equal(env.events.samples[: before.number], kept[: int(before.number)])


def test_the_event_list_has_room_for_late_samples_of_a_new_scenario():
    env = LunarLandingEnv(SLIM, scenario="ideal")
    env.reset(seed=1)
    room = env.events.samples.shape[0]
    env.reset(seed=1, options={"scenario": "latency"})
    assert env.events.samples.shape[0] > room
    for _ in range(20):
        env.step(throttle(0.5))
        assert env.events.number < env.events.samples.shape[0]


def test_without_measurements_the_true_state_does_not_change_the_observation():
    """The belief stays, the truth is 150 m lower: neither beam, radar, camera nor range tells."""
    dark = {**SLIM.to_table(), "sun_elevation_deg": -5.0}
    mission = type(SLIM).from_table(dark)
    mission = mission.replace(velocimeter={"range_max_m": 500.0}, radar={"range_max_m": 500.0})
    flights = []
    for error in (0.0, 150.0):
        env = LunarLandingEnv(mission, scenario=exact(signal_loss_dB=60.0))
        start = {"height_m": 2500.0 - error, "nav_height_error_m": error, "v_vertical_m_s": -40.0}
        frames = [env.reset(seed=4, options={"start": start})[0]]
        for _ in range(40):
            frames.append(env.step(throttle(0.6))[0])
            assert env.events.number == 0
        flights.append(np.array(frames))
    assert np.array_equal(flights[0][0], flights[1][0])
    # Gravity is weaker 150 m up by a part in ten thousand.
    assert np.abs(flights[0] - flights[1]).max() < 2e-3
    assert load_mission("slim").radar.range_max_m > 2500.0  # else it would be in sight
