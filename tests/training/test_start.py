"""Runs that start from a policy: it flies as before the first update, or is refused."""

import dataclasses
import json

import numpy as np
import pytest

pytest.importorskip("torch")

from agents import load_policy, save_policy
from agents.registry import WEIGHTS
from agents.tensors import read_tensors
from lunar_env.adapters.sb3 import Sb3VecEnv
from lunar_env.errors import ConfigError
from lunar_env.task import Task
from training.config import NetworkConfig, PpoConfig, SelectionConfig, TaskConfig, TrainConfig
from training.config_file import load_config
from training.learner_state import load_policy_arrays, policy_arrays
from training.ppo import build_ppo
from training.start import find_start
from training.train import resume, train
from training.vector_env import training_env

pytestmark = [pytest.mark.train]

SHIPPED = "ppo-m2-late-acquisition"
TINY = TrainConfig(
    seed=5,
    total_steps=256,
    task=TaskConfig(num_envs=16),
    ppo=PpoConfig(n_steps=16, batch_size=64, n_epochs=2),
    network=NetworkConfig(hidden=(8,), hidden_value=(8,)),
    selection=SelectionConfig(every_steps=1024, landings=4, report_landings=4),
)
AS_SHIPPED = dataclasses.replace(TINY, network=NetworkConfig(hidden=(64, 64), hidden_value=(8,)))


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "first"
    train(TINY, folder)
    return folder


def test_initial_weights_give_the_same_actions_with_a_larger_observation():
    task = dataclasses.replace(AS_SHIPPED.task, history=2)
    config = dataclasses.replace(AS_SHIPPED, task=task)
    start = find_start(SHIPPED, config)
    env = training_env(task)
    model = build_ppo(config, Sb3VecEnv(env, range(16)))
    load_policy_arrays(model, start.arrays)
    for name, array in policy_arrays(model).items():
        np.testing.assert_array_equal(array, start.arrays[name])
    observation, _ = env.reset(seed=3)
    fields = Task.of(task).settings().frame_fields
    pilot = load_policy(WEIGHTS / f"{SHIPPED}.safetensors", fields)
    expected, _ = pilot.predict(observation)
    action, _ = model.predict(observation, deterministic=True)
    np.testing.assert_allclose(action, expected, atol=1e-6)
    env.close()


def test_a_run_starts_from_another_policy_and_records_it(first, tmp_path):
    config = dataclasses.replace(TINY, start=str(first), seed=6)
    run = tmp_path / "second"
    train(config, run)
    assert load_config(run / "config.toml") == config
    for name, array in read_tensors(first / "policy.safetensors").items():
        np.testing.assert_array_equal(read_tensors(run / "start.safetensors")[name], array)
    record = json.loads((run / "run.json").read_text())["start"]
    assert record["policy"] == str(first)
    assert record["steps"] == 256
    assert load_policy(run / "policy.json").card.training["start"] == record
    scratch = tmp_path / "scratch"
    train(dataclasses.replace(config, start=None), scratch)
    weights = [read_tensors(folder / "policy.safetensors") for folder in (run, scratch, first)]
    far = [np.abs(w["layer0.weight"] - weights[2]["layer0.weight"]).max() for w in weights[:2]]
    assert 0.0 < far[0] < 0.1 < far[1]


def test_a_restarted_run_uses_its_own_copy_of_the_initial_weights(first, tmp_path):
    source = tmp_path / "source.safetensors"
    tensors, card = read_tensors(first / "policy.safetensors"), load_policy(first / "policy").card
    save_policy(source, tensors, card)
    config = dataclasses.replace(TINY, start=str(source))
    train(config, tmp_path / "a")
    train(config, tmp_path / "b")
    source.unlink()
    for path in ("summary.json", "landings.parquet", "policy.json", "policy.safetensors"):
        (tmp_path / "b" / path).unlink()
    for path in (tmp_path / "b" / "checkpoints").iterdir():
        path.unlink()
    resume(tmp_path / "b")
    for name in ("policy.safetensors", "policy.json"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"start": SHIPPED}, r"network.hidden = \[64, 64\], this run \[8\]"),
        ({"start": "ppo-m2-late-aquisition"}, "did you mean 'ppo-m2-late-acquisition'"),
        ({"start": "none.safetensors"}, "none"),
        ({"start": "."}, "holds no policy.safetensors"),
        (
            {"network": NetworkConfig(activation="elu")},
            "network.activation = tanh",
        ),
        (
            {"task": TaskConfig(num_envs=16, mission="blue-ghost-m1", control="thrust_vector")},
            "another task.control",
        ),
    ],
)
def test_an_initial_policy_that_does_not_fit_is_rejected_before_the_run(tmp_path, change, message):
    config = dataclasses.replace(AS_SHIPPED, start=SHIPPED)
    if "network.hidden" in message:
        config = TINY
    with pytest.raises(ConfigError, match=message):
        train(dataclasses.replace(config, **change), tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


def test_a_history_shorter_than_that_of_the_initial_policy_is_rejected(first, tmp_path):
    long = dataclasses.replace(TINY, task=dataclasses.replace(TINY.task, history=3))
    train(long, tmp_path / "long")
    with pytest.raises(ConfigError, match=r"task.history = 1 must be at least 3"):
        find_start(str(tmp_path / "long"), TINY)
