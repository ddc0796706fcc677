"""Runs over several worlds: each flies as if it were alone, and a run resumes to the same bits."""

import dataclasses
import json
import shutil

import numpy as np
import pytest

pytest.importorskip("torch")

from stable_baselines3.common.monitor import Monitor

from agents import load_policy
from agents.tensors import read_tensors
from lunar_env.errors import ConfigError
from lunar_env.pilots import choose
from lunar_env.stopping import Stopped
from training.checkpoint import load_checkpoint
from training.config import (
    ImitationConfig,
    NetworkConfig,
    PpoConfig,
    SelectionConfig,
    TaskConfig,
    TrainConfig,
    WorldConfig,
)
from training.config_file import load_config
from training.supervisor import Supervisor
from training.teacher import Teachers, find_teachers
from training.train import resume, train
from training.worlds import check_worlds
from training.worlds_env import WorldsEnv

pytestmark = [pytest.mark.train]

M2, GHOST = WorldConfig(weight=2.0), WorldConfig("blue-ghost-m1", "noisy")
PRACTICE = WorldConfig(scenario="ideal", until_step=1024)
TINY = TrainConfig(
    seed=5,
    total_steps=2048,
    checkpoint_every_steps=512,
    task=TaskConfig(num_envs=16, num_threads=1, worlds=(M2, GHOST, PRACTICE)),
    ppo=PpoConfig(n_steps=16, batch_size=64, n_epochs=2),
    network=NetworkConfig(hidden=(16,), hidden_value=(16,)),
    selection=SelectionConfig(every_steps=1024, landings=6, report_landings=6),
)


def test_a_world_may_start_lower_by_a_mission_file(tmp_path):
    low = tmp_path / "low.toml"
    low.write_text(
        "base = 'hakuto-r-m2'\nname = 'm2-low'\ntitle = 'Low starts'\n"
        "[phases.terminal]\nheight_m.uniform = [50.0, 200.0]"
    )
    worlds = (WorldConfig(scenario="ideal"), WorldConfig(str(low), "ideal"))
    task = dataclasses.replace(TINY.task, worlds=worlds)
    check_worlds(task, TINY.policy)
    env = WorldsEnv(task, 0)
    env.reset()
    rows = np.arange(8)
    high, low_rows = (
        env.parts[prefix].env.glimpse(["episode.height"], rows) for prefix in ("0.", "1.")
    )
    env.close()
    assert high.min() > 2500.0
    assert 0.0 < low_rows.min() < low_rows.max() < 800.0  # with the error of navigation


@pytest.fixture
def worlds_env():
    env = WorldsEnv(TINY.task, 5)
    yield env
    env.close()


def test_each_world_flies_as_if_it_were_alone(worlds_env):
    alone = WorldsEnv(dataclasses.replace(TINY.task, num_envs=4, worlds=(GHOST,)), 5)
    counts = [part.num_envs for part in worlds_env.parts.values()]
    assert counts == [8, 4, 4]
    both, one = worlds_env.reset(), alone.reset()
    np.testing.assert_array_equal(both[8:12], one)
    generator = np.random.default_rng(0)
    ends = 0
    for _ in range(400):
        action = generator.uniform(-1, 1, (16, 1)).astype(np.float32)
        both, reward, done, infos = worlds_env.step(action)
        one, reward_1, done_1, infos_1 = alone.step(action[8:12])
        np.testing.assert_array_equal(both[8:12], one)
        np.testing.assert_array_equal(reward[8:12], reward_1)
        np.testing.assert_array_equal(done[8:12], done_1)
        assert len(infos) == 16
        for a, b in zip(infos[8:12], infos_1, strict=True):
            assert a.get("episode_key") == b.get("episode_key")
            assert a.get("outcome") == b.get("outcome")
        ends += int(done_1.sum())
    assert ends > 0
    alone.close()


def test_rows_of_all_worlds_are_reached(worlds_env):
    worlds_env.seed(7)
    first = worlds_env.reset()
    worlds_env.reset()
    worlds_env.seed(7)
    np.testing.assert_array_equal(worlds_env.reset(), first)
    assert len(worlds_env.reset_infos) == 16
    missions = [each.mission.name for each in worlds_env.get_attr("settings")]
    assert missions == ["hakuto-r-m2"] * 8 + ["blue-ghost-m1"] * 4 + ["hakuto-r-m2"] * 4
    assert len(worlds_env.get_attr("settings", [3, 9])) == 2
    worlds_env.set_attr("pilot", "mine")
    assert worlds_env.get_attr("pilot", 15) == ["mine"]
    with pytest.raises(ConfigError, match="all rows"):
        worlds_env.set_attr("pilot", "mine", 3)
    with pytest.warns(UserWarning, match="render_mode"):
        assert worlds_env.env_method("render", indices=[0, 15]) == [None, None]
    with pytest.warns(UserWarning, match="render_mode"):
        assert worlds_env.get_images() == [None] * 16
    assert worlds_env.env_is_wrapped(Monitor, [2]) == [True]


def test_worlds_begin_and_end_at_their_steps(worlds_env):
    worlds_env.reset()
    assert not worlds_env.enter(1023)
    assert worlds_env.enter(1024)
    assert [part.num_envs for part in worlds_env.parts.values()] == [11, 5]
    assert list(worlds_env.parts) == ["0.", "1."]
    assert worlds_env.reset().shape[0] == 16
    assert not worlds_env.enter(5000)
    assert worlds_env.enter(0)


def test_arrays_of_other_worlds_are_rejected(worlds_env):
    worlds_env.reset()
    arrays = worlds_env.state_arrays()
    worlds_env.check_state_arrays(arrays)
    with pytest.raises(ConfigError, match=r"'3\.memory' is unknown here; did you mean"):
        worlds_env.check_state_arrays(arrays | {"3.memory": arrays["2.memory"]})
    with pytest.raises(ConfigError, match=r"task\.worlds\.1: .* is missing"):
        worlds_env.check_state_arrays({n: a for n, a in arrays.items() if n != "1.memory"})
    swapped = arrays | {"1.memory": arrays["2.memory"]}  # another lander's
    with pytest.raises(ConfigError, match=r"task\.worlds\.1: memory"):
        worlds_env.check_state_arrays(swapped)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "worlds"
    return folder, train(TINY, folder)


def test_a_run_over_worlds_reports_each_of_them(finished):
    folder, result = finished
    assert (result["steps"], result["landings"]) == (2048, 6)
    assert result["mission"] == "hakuto-r-m2, blue-ghost-m1"
    by_world = [(w["mission"], w["scenario"], w["landings"]) for w in result["worlds"]]
    assert by_world == [("hakuto-r-m2", "late-acquisition", 4), ("blue-ghost-m1", "noisy", 2)]
    card = load_policy(folder / "policy.json").card
    assert (card.mission, card.scenario) == ("hakuto-r-m2", "late-acquisition")
    listed = card.training["worlds"]
    assert [(w["mission"], w["scenario"], w["phase"], w["weight"]) for w in listed] == [
        ("hakuto-r-m2", "late-acquisition", "terminal", 2.0),
        ("blue-ghost-m1", "noisy", "terminal", 1.0),
        ("hakuto-r-m2", "ideal", "terminal", 1.0),
    ]
    assert [w["until_step"] for w in listed] == [None, None, 1024]
    for scores in card.scores.values():
        assert len(scores["worlds"]) == 2
    record = json.loads((folder / "run.json").read_text())
    assert [w["mission"]["name"] for w in record["worlds"]] == [w["mission"] for w in listed]
    page = (folder / "report.html").read_text()
    assert "blue-ghost-m1, noisy" in page
    assert load_config(folder / "config.toml") == TINY
    assert choose(str(folder))[1].scenario == "late-acquisition"


def stop_and_resume(config, run, steps, monkeypatch):
    original = Supervisor._on_step

    def dies(self):
        if self.model.num_timesteps > steps:
            raise Stopped(15)
        return original(self)

    with monkeypatch.context() as patch:
        patch.setattr(Supervisor, "_on_step", dies)
        with pytest.raises(Stopped):
            train(config, run)
    resume(run)


def assert_ends_alike(found, expected):
    for read, name in (
        (read_tensors, "policy.safetensors"),
        (lambda path: load_checkpoint(path).arrays, "checkpoints/step-000000002048.safetensors"),
    ):
        ours, theirs = read(found / name), read(expected / name)
        assert set(ours) == set(theirs)
        for key, array in theirs.items():
            np.testing.assert_array_equal(ours[key], array, err_msg=key)


@pytest.mark.parametrize("steps", [700, 1100, 1700])
def test_a_run_over_worlds_resumes_to_the_same_bits(finished, tmp_path, monkeypatch, steps):
    stop_and_resume(TINY, tmp_path / "run", steps, monkeypatch)
    assert_ends_alike(tmp_path / "run", finished[0])


def test_a_student_of_several_worlds_resumes_to_the_same_bits(tmp_path, monkeypatch):
    settings = ImitationConfig(buffer=768, gradient_steps=8, batch_size=64)
    config = dataclasses.replace(TINY, teacher="hoverslam+kalman", imitation=settings)
    train(config, tmp_path / "whole")
    stop_and_resume(config, tmp_path / "run", 1100, monkeypatch)
    assert_ends_alike(tmp_path / "run", tmp_path / "whole")


def test_each_world_has_its_teacher_with_its_memory(worlds_env):
    teachers = find_teachers("hoverslam+kalman", TINY.task)
    together = Teachers(teachers, worlds_env)
    observation, rows = worlds_env.reset(), slice(8, 12)
    state = memory = None
    starts = np.ones(16, np.bool_)
    for _ in range(30):
        command, state = together.commands(observation, state, starts)
        expected, memory = teachers[1].predict(observation[rows], memory, starts[rows])
        np.testing.assert_array_equal(command[rows], expected)
        observation, _, starts, _ = worlds_env.step(command)
    for ours, theirs in zip(state, memory, strict=True):
        np.testing.assert_array_equal(ours[rows], theirs)


def test_a_teacher_that_cannot_fly_a_world_is_rejected():
    task = dataclasses.replace(TINY.task, worlds=(GHOST, WorldConfig("slim", "ideal")))
    with pytest.raises(ConfigError, match=r"task\.worlds\.0: teacher = 'hoverslam\+oracle' is"):
        find_teachers("hoverslam+oracle", task)


def test_a_changed_world_is_not_resumed(finished, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(finished[0], run)
    (run / "summary.json").unlink()
    record = json.loads((run / "run.json").read_text())
    record["worlds"][1]["scenario"]["digest"] = "0" * 64
    (run / "run.json").write_text(json.dumps(record))
    with pytest.raises(ConfigError, match="the scenario has changed since the run began"):
        resume(run)
    record["worlds"].pop()
    (run / "run.json").write_text(json.dumps(record))
    with pytest.raises(ConfigError, match="the number of worlds has changed"):
        resume(run)
