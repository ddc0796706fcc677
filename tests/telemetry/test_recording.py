"""Recordings of single and vector environments: each quantity at its own rate, and to the bit."""

from __future__ import annotations

import sys

import gymnasium as gym
import numpy as np
import pandas as pd
import polars
import pyarrow.parquet as pq
import pytest

import lunar_env
from lunar_env import ConfigError, LunarEnvError, LunarLandingEnv, LunarLandingVectorEnv
from lunar_env.belief import Belief
from lunar_env.reflight import fly_again, open_flight
from lunar_env.telemetry import (
    Recorder,
    TelemetryRecorder,
    VectorTelemetryRecorder,
    load_recording,
    save_flight,
)

PERIOD = 0.2


def fly_some(env, episodes=2):
    """Fly random actions to the end of some episodes."""
    generator = np.random.default_rng(7)
    for seed in range(episodes):
        env.reset(seed=seed)
        over = False
        while not over:
            *_, terminated, truncated, _ = env.step(generator.uniform(-1.2, 1.2, 1))
            over = terminated or truncated


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("recordings") / "noisy"
    env = TelemetryRecorder(LunarLandingEnv(scenario="noisy", history=2), folder)
    fly_some(env)
    env.close()
    return folder


@pytest.fixture(scope="module")
def recording(folder):
    return load_recording(folder)


def test_every_quantity_has_its_own_rate(recording):
    assert recording.streams[:2] == ("every-0.2s", "every-1s")
    steps = recording.episode().steps
    fast, _ = recording.column("true.height_m")
    slow, _ = recording.column("true.friction")
    assert fast.tolist() == pytest.approx([PERIOD * k for k in range(steps + 1)])
    # Once a second, and at the end.
    every = [k for k in range(steps + 1) if k % 5 == 0 or k == steps]
    assert slow.tolist() == pytest.approx([PERIOD * k for k in every])


def test_a_recording_says_what_was_flown(recording):
    assert recording.finished
    assert [(e.row, e.number, e.seed) for e in recording.episodes] == [(0, 0, 0), (0, 1, 1)]
    assert {e.outcome for e in recording.episodes} == {"CRASHED"}
    assert recording.episode().touchdown["v_vertical_m_s"] > 10.0
    assert (recording.mission.name, recording.scenario.name) == ("hakuto-r-m2", "noisy")
    assert recording.units["true.height_m"] == recording.units["observed.dr_height_m"] == "m"
    assert recording.units["believed.v_vertical_m_s"] == "m/s"


def test_its_numbers_are_those_of_the_environment(recording):
    env = LunarLandingEnv(scenario="noisy", history=2)
    observation, _ = env.reset(seed=1)
    names = [field.name for field in env.observation_fields]
    generator = np.random.default_rng(7)
    generator.uniform(-1.2, 1.2, recording.episode().steps)  # of the first episode
    seen, true = [observation], [env.privileged]
    over = False
    while not over:
        observation, _, terminated, truncated, _ = env.step(generator.uniform(-1.2, 1.2, 1))
        seen.append(observation)
        true.append(env.privileged)
        over = terminated or truncated
    privileged = [field.name for field in lunar_env.PRIVILEGED_FIELDS]
    height = np.array(true)[:, privileged.index("height_m")]
    np.testing.assert_array_equal(recording.column("true.height_m", 0, 1)[1], height)
    k = names.index("dr_height_m")
    scale = np.float32(env.observation_fields[k].scale)
    reckoned = np.array(seen)[:, k] * scale
    np.testing.assert_array_equal(recording.column("observed.dr_height_m", 0, 1)[1], reckoned)


def test_samples_of_sensors_are_written_as_they_arrive(tmp_path):
    env = TelemetryRecorder(LunarLandingEnv(scenario="ideal"), tmp_path / "r")
    env.reset(seed=0)
    samples = []
    for _ in range(100):
        env.step(np.array([0.5]))
        events = env.unwrapped.events
        samples += events.samples[: events.number].tolist()
    env.close()
    table = load_recording(tmp_path / "r").table("samples")
    columns = ["sensor", "stamp_s", "arrived_s", "value_1", "value_2", "value_3", "quality"]
    written = table.select(columns).to_pandas().to_numpy()
    assert len(samples) > 20
    np.testing.assert_array_equal(written[-len(samples) :], samples)


def test_pandas_and_polars_read_it(folder, recording):
    path = folder / "every-0.2s.parquet"
    heights = recording.table("every-0.2s")["true.height_m"].to_pylist()
    assert pd.read_parquet(path)["true.height_m"].tolist() == heights
    assert polars.read_parquet(path)["true.height_m"].to_list() == heights
    field = pq.read_schema(path).field("true.height_m")
    assert field.metadata[b"unit"] == b"m"
    assert b"pads" in field.metadata[b"description"]
    assert b"lunar-env-telemetry/1" in pq.read_schema(path).metadata[b"lunar_env"]


@pytest.mark.parametrize("episode", [0, 1])
def test_an_episode_flown_again_is_identical(recording, episode):
    flight, difference = fly_again(recording, 0, episode)
    assert difference is None
    assert flight.steps == recording.episode(0, episode).steps
    assert flight.outcome == "CRASHED"


def test_a_changed_number_is_named(folder, tmp_path):
    recording = load_recording(folder)
    table = recording.table("every-0.2s")
    values = table["true.v_z_m_s"].to_numpy().copy()
    values[7] += 1e-12
    place = table.column_names.index("true.v_z_m_s")
    recording._tables["every-0.2s"] = table.set_column(place, table.schema.field(place), [values])
    difference = fly_again(recording).difference
    assert (difference.step, difference.what) == (7, "true.v_z_m_s")
    assert difference.time_s == pytest.approx(1.4)


@pytest.mark.parametrize("mode", ["NextStep", "SameStep", "Disabled"])
def test_rows_of_a_vector_environment_are_single_flights(tmp_path, mode):
    """Each recorded row, flown alone, has the same bits; automatic resets begin a new episode."""
    made = LunarLandingVectorEnv(6, scenario="noisy", autoreset_mode=mode)
    env = VectorTelemetryRecorder(made, tmp_path / "r", rows=[1, 4])
    generator = np.random.default_rng(0)
    env.reset(seed=3)
    for _ in range(330):
        *_, terminated, truncated, _ = env.step(generator.uniform(-1.0, 1.0, (6, 1)))
        if mode == "Disabled" and (terminated | truncated).any():
            env.reset(options={"reset_mask": terminated | truncated})
    env.close()
    recording = load_recording(tmp_path / "r")
    assert {episode.row for episode in recording.episodes} == {1, 4}
    assert {episode.seed for episode in recording.episodes} == {4, 7, None}
    assert [e.outcome for e in recording.episodes].count("CRASHED") >= 4
    for episode in recording.episodes:
        assert fly_again(recording, episode.row, episode.number).difference is None, episode


def test_a_partial_reset_begins_episodes_in_its_rows_only(tmp_path):
    env = VectorTelemetryRecorder(LunarLandingVectorEnv(3, scenario="ideal"), tmp_path / "r")
    env.reset(seed=0)
    env.step(np.zeros((3, 1)))
    mask = np.array([False, True, False])
    env.reset(options={"reset_mask": mask, "scenario": "noisy", "start": {"height_m": 2000.0}})
    env.step(np.zeros((3, 1)))
    env.close()
    recording = load_recording(tmp_path / "r")
    steps = {(e.row, e.number): (e.steps, e.scenario.name) for e in recording.episodes}
    assert steps == {
        (0, 0): (2, "ideal"),
        (1, 0): (1, "ideal"),
        (1, 1): (1, "noisy"),
        (2, 0): (2, "ideal"),
    }
    assert recording.column("true.height_m", 1, 1)[1][0] == pytest.approx(2000.0, abs=50.0)
    assert fly_again(recording, 1, 1).difference is None


def test_beliefs_are_kept(tmp_path):
    env = TelemetryRecorder(LunarLandingEnv(), tmp_path / "r")
    env.reset(seed=0)
    env.believe(Belief(1.0, 2.0, 3.0, 4.0))
    env.step(np.zeros(1))
    assert env.unwrapped.belief is None or env.unwrapped.belief.height_m == 1.0
    env.step(np.zeros(1))
    env.believe(Belief(5.0, 6.0, 7.0, 8.0))
    env.close()
    flight = open_flight(tmp_path / "r")
    nothing = [np.nan] * 4
    np.testing.assert_array_equal(flight.beliefs, [[1, 2, 3, 4], nothing, [5, 6, 7, 8]])
    time_s, height_m = load_recording(tmp_path / "r").column("believed.height_m")
    np.testing.assert_allclose(time_s, [0.0, 0.4])
    assert height_m.tolist() == [1.0, 5.0]


def test_beliefs_of_a_vector_environment_are_kept(tmp_path):
    env = VectorTelemetryRecorder(LunarLandingVectorEnv(3), tmp_path / "r", rows=[2])
    env.reset(seed=0)
    env.believe([np.arange(3) + 10.0 * k for k in range(4)])
    env.close()
    assert open_flight(tmp_path / "r", row=2).beliefs.tolist() == [[2.0, 12.0, 22.0, 32.0]]


def test_either_record_opens_as_a_flight(folder, tmp_path):
    recorder = Recorder(LunarLandingEnv(scenario="noisy", history=2))
    fly_some(recorder, 1)
    save_flight(recorder.flight, tmp_path / "flight.npz")
    one, other = open_flight(tmp_path / "flight.npz"), open_flight(folder)
    np.testing.assert_array_equal(one.privileged, other.privileged)
    np.testing.assert_array_equal(one.rewards, other.rewards)
    assert (one.touchdown, one.seed, one.events) == (other.touchdown, other.seed, other.events)


def test_a_period_can_be_chosen(tmp_path):
    periods = {"true.slant_range_m": PERIOD, "observed.dr_x_m": 3.0}
    env = TelemetryRecorder(LunarLandingEnv(), tmp_path / "r", periods_s=periods)
    fly_some(env, 1)
    env.close()
    recording = load_recording(tmp_path / "r")
    steps = recording.episode().steps
    assert len(recording.column("true.slant_range_m")[0]) == steps + 1
    assert recording.column("observed.dr_x_m")[0][1] == pytest.approx(3.0)
    assert fly_again(recording).difference is None


@pytest.mark.parametrize(
    ("periods", "message"),
    [
        ({"true.heigth_m": 1.0}, "did you mean 'true.height_m'"),
        ({"true.height_m": 0.1}, "at least the control period"),
        ({"action.throttle": 1.0}, "for replays"),
        ({"true.height_m": float("nan")}, "at least the control period"),
    ],
)
def test_wrong_periods_are_rejected_before_anything_is_written(tmp_path, periods, message):
    with pytest.raises(ConfigError, match=message):
        TelemetryRecorder(LunarLandingEnv(), tmp_path / "r", periods_s=periods)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("rows", [[], [3], [-1], [True], ["0"], [0.5]])
def test_wrong_rows_are_rejected(tmp_path, rows):
    with pytest.raises(ConfigError, match="rows"):
        VectorTelemetryRecorder(LunarLandingVectorEnv(3), tmp_path / "r", rows=rows)
    assert list(tmp_path.iterdir()) == []


def test_other_environments_are_rejected(tmp_path):
    with pytest.raises(ConfigError, match="single environments"):
        TelemetryRecorder(gym.make("CartPole-v1"), tmp_path / "r")
    with pytest.raises(ConfigError, match="single environments"):
        TelemetryRecorder(LunarLandingVectorEnv(2), tmp_path / "r")
    with pytest.raises(ConfigError, match="vector environments"):
        VectorTelemetryRecorder(gym.make_vec("CartPole-v1", 2), tmp_path / "r")


def test_nothing_is_overwritten(folder):
    with pytest.raises(LunarEnvError, match=r"noisy.* (exists|not empty|holds)"):
        TelemetryRecorder(LunarLandingEnv(), folder)


def test_what_passes_is_unchanged(tmp_path):
    plain = LunarLandingEnv(scenario="noisy")
    recorded = TelemetryRecorder(LunarLandingEnv(scenario="noisy"), tmp_path / "r")
    first, _ = plain.reset(seed=5)
    np.testing.assert_array_equal(first, recorded.reset(seed=5)[0])
    action = np.array([0.3], np.float32)
    for _ in range(20):
        one, other = plain.step(action), recorded.step(action)
        np.testing.assert_array_equal(one[0], other[0])
        assert one[1:] == other[1:]
        action[0] -= 0.01  # the array is the caller's
    recorded.close()
    written = load_recording(tmp_path / "r").actions()[:, 0]
    np.testing.assert_allclose(written, 0.3 - 0.01 * np.arange(20), atol=1e-6)


def test_without_pyarrow_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    for name in [m for m in sys.modules if m.startswith("lunar_env.telemetry.")]:
        if name.rpartition(".")[2] in ("telemetry_recorder", "streams", "blocks", "recording"):
            monkeypatch.delitem(sys.modules, name)
    with pytest.raises(lunar_env.MissingExtra, match=r"pip install 'lunar-env\[telemetry\]'"):
        lunar_env.telemetry.TelemetryRecorder  # noqa: B018


def test_a_full_disk_is_an_error_of_the_next_step(tmp_path, monkeypatch):
    env = TelemetryRecorder(LunarLandingEnv(), tmp_path / "r")
    env.reset(seed=0)

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("lunar_env.files.os.write", fail)
    env._streams._wake.set()
    env._streams._thread.join(10.0)
    with pytest.raises(LunarEnvError, match="cannot be written: No space left"):
        env.step(np.zeros(1))
    with pytest.raises(LunarEnvError, match="cannot be written: No space left"):
        env.close()
    monkeypatch.undo()
    assert not load_recording(tmp_path / "r").finished
