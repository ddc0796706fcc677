"""Training runs: a smoke run, resuming to the same weights, damage, folders."""

import dataclasses
import json
import os
import signal

import numpy as np
import pytest

pytest.importorskip("torch")

from stable_baselines3.common.env_checker import check_env

from agents import load_policy, save_policy
from agents.tensors import read_tensors
from lunar_env import OBSERVATION_FIELDS, LunarLandingEnv
from lunar_env.errors import ConfigError, LunarEnvError
from lunar_env.files import OutputError
from lunar_env.flyer import Flyer
from lunar_env.pilots import resolve
from lunar_env.registration import IDS
from lunar_env.stopping import Stopped
from lunar_env.task import Task
from training import train as train_module
from training.checkpoint import CheckpointError, load_checkpoint
from training.config import NetworkConfig, PpoConfig, SelectionConfig, TaskConfig, TrainConfig
from training.config_file import load_config
from training.learner import Clock
from training.results import read_results
from training.supervisor import Supervisor
from training.train import resume, train

pytestmark = [pytest.mark.train]

TINY = TrainConfig(
    seed=5,
    total_steps=2048,
    checkpoint_every_steps=512,
    task=TaskConfig(num_envs=16),
    ppo=PpoConfig(n_steps=16, batch_size=64, n_epochs=2),
    network=NetworkConfig(hidden=(16,), hidden_value=(16,)),
    selection=SelectionConfig(every_steps=1024, landings=8, report_landings=8),
)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "tiny"
    return folder, train(TINY, folder)


def weights(folder):
    return read_tensors(folder / "policy.safetensors")


def last_state(folder):
    checkpoint = load_checkpoint(newest(folder))
    assert checkpoint.steps == 2048
    return checkpoint.arrays


def newest(folder):
    return max((folder / "checkpoints").iterdir())


def test_a_run_folder_is_complete(finished):
    folder, result = finished
    assert (result["steps"], load_config(folder / "config.toml")) == (2048, TINY)
    record = json.loads((folder / "run.json").read_text())
    assert record["seed"] == 5
    assert set(record) >= {"command", "commit", "versions", "mission", "scenario"}
    summary = json.loads((folder / "summary.json").read_text())
    assert summary == {"format": "lunar-env-run-summary/2", **json.loads(json.dumps(result))}
    landings, _ = read_results(folder / "landings.parquet")
    assert len(landings["landed"]) == 8
    assert landings["landed"].mean() == result["success"]
    curve = json.loads((folder / "curve.json").read_text())
    assert curve["rollouts"]["steps"][-1] == curve["choices"]["steps"][-1] == 2048
    page = (folder / "report.html").read_text()
    assert "environment steps [million]" in page
    assert "How tiny lands HAKUTO-R Mission 2" in page
    assert len(list((folder / "checkpoints").iterdir())) == TINY.keep_checkpoints


def test_the_exported_policy_flies_and_its_card_has_the_provenance(finished):
    folder, result = finished
    pilot = load_policy(folder / "policy.safetensors", OBSERVATION_FIELDS)
    assert pilot.card.training["seed"] == 5
    assert pilot.card.training["steps"] == result["best_steps"]
    assert pilot.card.training["config"]["network"]["hidden"] == [16]
    assert set(pilot.card.scores) == {"tune", "bench"}
    assert pilot.card.scores["bench"]["success"] == result["success"]
    action, _ = pilot.predict(np.zeros((3, len(OBSERVATION_FIELDS)), np.float32))
    assert action.shape == (3, 1)


def test_the_same_seed_gives_the_same_weights(finished, tmp_path):
    train(TINY, tmp_path / "again")
    for name, array in weights(finished[0]).items():
        np.testing.assert_array_equal(weights(tmp_path / "again")[name], array)


def assert_ends_alike(folder, expected):
    """Compare weights, moments, generators and every row of the environment at the end."""
    for name, array in weights(expected).items():
        np.testing.assert_array_equal(weights(folder)[name], array, err_msg=name)
    for name, array in last_state(expected).items():
        np.testing.assert_array_equal(last_state(folder)[name], array, err_msg=name)


class KilledError(Exception):
    """Stands for a killed process."""


def interrupt(monkeypatch, command, how, steps=5 * 256 + 64):
    """Run something that dies in its sixth of eight rollouts."""
    original = Supervisor._on_step

    def dies(self):
        if self.model.num_timesteps > steps:
            raise how
        return original(self)

    with monkeypatch.context() as patch:
        patch.setattr(Supervisor, "_on_step", dies)
        with pytest.raises(type(how)):
            command()


@pytest.fixture
def killed(tmp_path, monkeypatch):
    """A run that died after a checkpoint at 1024 steps."""
    interrupt(monkeypatch, lambda: train(TINY, tmp_path / "killed"), KilledError())
    return tmp_path / "killed"


def test_a_resumed_run_ends_as_if_it_had_not_been_killed(finished, killed):
    folder, uninterrupted = finished
    assert newest(killed).name == "step-000000001024.safetensors"
    result = resume(killed)
    for key in ("steps", "best_steps", "success", "speed_max"):
        assert result[key] == uninterrupted[key]
    assert_ends_alike(killed, folder)


def test_a_damaged_checkpoint_falls_back_to_the_one_before(finished, killed):
    content = newest(killed).read_bytes()
    newest(killed).write_bytes(content[: len(content) // 2])
    with pytest.warns(UserWarning, match="is damaged"):
        resume(killed)
    for name, array in weights(finished[0]).items():
        np.testing.assert_array_equal(weights(killed)[name], array)


def test_a_run_without_a_checkpoint_restarts_at_step_0(finished, killed):
    for path in (killed / "checkpoints").iterdir():
        path.unlink()
    assert resume(killed)["best_steps"] == finished[1]["best_steps"]
    assert_ends_alike(killed, finished[0])


def test_a_resumed_run_restores_the_best_policy_of_its_checkpoint(killed, monkeypatch):
    before = [(killed / name).read_bytes() for name in ("policy.safetensors", "policy.json")]
    pilot = load_policy(killed / "policy.json")
    other = {name: array + 1.0 for name, array in weights(killed).items()}
    save_policy(killed / "policy.json", other, pilot.card)
    interrupt(monkeypatch, lambda: resume(killed), KilledError())
    after = [(killed / name).read_bytes() for name in ("policy.safetensors", "policy.json")]
    assert before == after


def test_a_stopped_run_keeps_its_finished_rollouts(finished, tmp_path, monkeypatch):
    run = tmp_path / "run"
    interrupt(monkeypatch, lambda: train(TINY, run), Stopped(signal.SIGTERM))
    assert newest(run).name == "step-000000001280.safetensors"
    interrupt(monkeypatch, lambda: resume(run), Stopped(signal.SIGINT), 1280 + 300)
    assert newest(run).name == "step-000000001536.safetensors"
    resume(run)
    assert_ends_alike(run, finished[0])
    names = [sorted(p.name for p in (r / "checkpoints").iterdir()) for r in (run, finished[0])]
    assert names[0] == names[1]


def test_an_interrupted_policy_evaluation_is_repeated(finished, tmp_path, monkeypatch):
    run, candidates = tmp_path / "run", []

    def stop(*arguments, **keywords):
        candidates.append(keywords["label"])
        raise Stopped(signal.SIGTERM)

    with monkeypatch.context() as patch:
        patch.setattr("training.pooled.evaluate", stop)
        with pytest.raises(Stopped):
            train(TINY, run)
    assert candidates == ["candidate"]
    assert newest(run).name == "step-000000001024.safetensors"
    resume(run)
    assert_ends_alike(run, finished[0])


def test_an_extended_run_equals_a_longer_one(tmp_path):
    constant = dataclasses.replace(TINY.ppo, learning_rate_end=TINY.ppo.learning_rate)
    long = dataclasses.replace(TINY, ppo=constant)
    short = dataclasses.replace(long, total_steps=1024)
    train(long, tmp_path / "long")
    before = train(short, tmp_path / "short")
    with pytest.raises(ConfigError, match="give --total-steps above 1024"):
        resume(tmp_path / "short")
    with pytest.raises(ConfigError, match="total_steps = 512 must be at least 1024"):
        resume(tmp_path / "short", total_steps=512)
    assert json.loads((tmp_path / "short" / "summary.json").read_text())["steps"] == 1024
    after = resume(tmp_path / "short", total_steps=2048)
    assert (before["steps"], after["steps"]) == (1024, 2048)
    assert_ends_alike(tmp_path / "short", tmp_path / "long")
    assert load_config(tmp_path / "short" / "config.toml") == long
    record = json.loads((tmp_path / "short" / "run.json").read_text())
    assert [entry["total_steps"] for entry in record["extended"]] == [2048]
    with pytest.raises(ConfigError, match="is complete"):
        resume(tmp_path / "short")


def test_a_run_out_of_time_ends_between_two_rollouts_and_is_extended(tmp_path, monkeypatch):
    constant = dataclasses.replace(TINY.ppo, learning_rate_end=TINY.ppo.learning_rate)
    long = dataclasses.replace(TINY, ppo=constant, max_minutes=60.0)
    train(long, tmp_path / "long")
    original = Supervisor._on_rollout_start

    def late(self):
        if self.model.num_timesteps == 1024:
            self.model.clock = Clock(1.0, 2.0)
        original(self)

    with monkeypatch.context() as patch:
        patch.setattr(Supervisor, "_on_rollout_start", late)
        assert train(long, tmp_path / "run")["steps"] == 1024
    resume(tmp_path / "run", max_minutes=120.0)
    assert_ends_alike(tmp_path / "run", tmp_path / "long")


def test_without_an_intact_checkpoint_the_run_is_unchanged(killed):
    for path in (killed / "checkpoints").iterdir():
        path.write_bytes(path.read_bytes()[:1000])
    before = {path: path.stat().st_mtime_ns for path in killed.rglob("*") if path.is_file()}
    with (
        pytest.warns(UserWarning, match="is damaged"),
        pytest.raises(CheckpointError, match="no intact checkpoint"),
    ):
        resume(killed)
    assert before == {p: p.stat().st_mtime_ns for p in killed.rglob("*") if p.is_file()}


def test_a_complete_run_is_not_resumed(finished):
    with pytest.raises(ConfigError, match="is complete"):
        resume(finished[0])


def test_a_folder_that_is_not_a_run_is_not_resumed(tmp_path):
    with pytest.raises(ConfigError, match="is not a run folder"):
        resume(tmp_path)


def test_an_existing_folder_is_an_error_before_any_work(tmp_path, monkeypatch):
    monkeypatch.setattr(train_module, "_run", lambda *_: pytest.fail("worked"))
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(LunarEnvError, match="exists"):
        train(TINY, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_an_unknown_mission_leaves_no_folder(tmp_path):
    config = TrainConfig(task=TaskConfig(mission="hakuto-r-m3"))
    with pytest.raises(ConfigError, match="did you mean 'hakuto-r-m2'"):
        train(config, tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("row", IDS, ids=lambda row: row.name)
def test_the_single_environment_passes_the_check_of_stable_baselines(row):
    task = Task(row.mission, "late-acquisition", control=row.control, phase=row.phase)
    assert task.env_id() == row.name
    check_env(LunarLandingEnv(**task.keywords()), warn=True)


def test_an_unknown_control_leaves_no_folder(tmp_path):
    config = TrainConfig(task=TaskConfig(control="thrust-vector"))
    with pytest.raises(ConfigError, match="did you mean 'thrust_vector'"):
        train(config, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_policy_of_another_control_and_phase_is_trained_and_flown(tmp_path):
    task = dataclasses.replace(
        TINY.task, mission="blue-ghost-m1", control="thrust_vector", phase="approach"
    )
    result = train(dataclasses.replace(TINY, total_steps=256, task=task), tmp_path / "run")
    card = load_policy(result["policy"]).card
    assert card.env_id == "LunarEnv/VectorLanding-v0"
    assert card.action_fields == ("tilt_east", "tilt_north", "throttle")
    frame = Task.of(task).settings().frame_fields
    assert card.observation_scales == tuple(field.scale for field in frame)
    entry = resolve(str(tmp_path / "run"), Task.of(task))
    assert Flyer(entry).fly(1).outcome != "FLYING"
    with pytest.raises(ConfigError, match="another control"):
        resolve(str(tmp_path / "run"), Task("blue-ghost-m1", "ideal"))
    elsewhere = Task("blue-ghost-m1", "ideal", control="thrust_vector", phase="powered")
    with pytest.raises(ConfigError, match="another phase"):
        resolve(str(tmp_path / "run"), elsewhere)


def test_a_policy_with_history_is_trained_and_flown(tmp_path):
    config = dataclasses.replace(
        TINY, total_steps=256, task=dataclasses.replace(TINY.task, history=3)
    )
    result = train(config, tmp_path / "run")
    pilot = load_policy(result["policy"], OBSERVATION_FIELDS)
    assert pilot.card.history == 3
    assert resolve(str(tmp_path / "run"), Task("hakuto-r-m2", "ideal")).task.history == 3


@pytest.mark.parametrize("name", ["latency-shifted", "everything-shifted"])
def test_training_on_a_test_only_scenario_is_rejected(name, tmp_path):
    config = dataclasses.replace(TINY, task=TaskConfig(num_envs=16, scenario=name))
    with pytest.raises(LunarEnvError, match=f"'{name}' is for tests only"):
        train(config, tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("number", [2, 4, 7])
def test_a_run_stopped_by_a_full_disk_can_be_resumed(finished, tmp_path, monkeypatch, number):
    write, left = os.write, [number]

    def full(descriptor, content):
        if not left[0]:
            raise OSError(28, os.strerror(28))
        left[0] -= 1
        return write(descriptor, content)

    run = tmp_path / "full"
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(OutputError, match="cannot be written: No space left on device"):
            train(TINY, run)
    for path in (run / "checkpoints").glob("*"):
        load_checkpoint(path)
    resume(run)
    assert (run / "policy.safetensors").read_bytes() == (
        finished[0] / "policy.safetensors"
    ).read_bytes()
    assert not list(run.rglob("*part*"))
