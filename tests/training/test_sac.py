"""SAC and TQC: what is learned from, resuming, the exported policy, checkpoints that do not fit."""

import dataclasses
import json
import re

import gymnasium as gym
import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from agents import load_policy
from lunar_env import ConfigError
from training.algorithms import build_learner
from training.checkpoint import Checkpoint, load_checkpoint
from training.config import (
    NetworkConfig,
    PpoConfig,
    SacConfig,
    SelectionConfig,
    TaskConfig,
    TrainConfig,
)
from training.config_file import config_to_toml, load_config
from training.learner_state import model_arrays, policy_arrays
from training.replay import Replay
from training.resuming import check_fits
from training.supervisor import Supervisor
from training.train import resume, train
from training.worlds_env import WorldsEnv

pytestmark = [pytest.mark.train]

ROLLOUT = 16 * 4
SAC = TrainConfig(
    seed=5,
    algorithm="sac",
    total_steps=12 * ROLLOUT,
    checkpoint_every_steps=4 * ROLLOUT,
    torch_threads=1,
    # Episodes that the clock ends, within the run.
    task=TaskConfig(num_envs=16, scenario="noisy", num_threads=1, time_limit_s=3.0),
    network=NetworkConfig(hidden=(16, 8), hidden_value=(16,)),
    sac=SacConfig(n_steps=4, gradient_steps=3, batch_size=32, buffer=5 * ROLLOUT),
    selection=SelectionConfig(every_steps=6 * ROLLOUT, landings=8, report_landings=8),
)
SAC = dataclasses.replace(SAC, sac=dataclasses.replace(SAC.sac, learning_starts=2 * ROLLOUT))
STILL = ("terminated", "ended")  # may be all zeros
TQC = dataclasses.replace(SAC, algorithm="tqc")


class StopError(Exception):
    """Stands for a killed process."""


def learner(config, steps=0):
    model = build_learner(config, WorldsEnv(config.task, config.seed, config.policy))
    if steps:
        model.learn(steps)
    return model


def learned(config):
    """Return a learner after eight rollouts, and its checkpoint."""
    model = learner(config, 8 * ROLLOUT)
    world = {f"env.{name}": array for name, array in model.get_env().state_arrays().items()}
    state = {"best": None, "chosen_at": 0, "spent_s": 1.0}
    return model, Checkpoint(8 * ROLLOUT, model_arrays(model) | world, state)


@pytest.fixture(scope="module", params=[SAC, TQC], ids=["sac", "tqc"])
def finished(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "tiny"
    return request.param, folder, train(request.param, folder)


@pytest.fixture(scope="module")
def kept():
    return learned(SAC)


def test_transitions_follow_one_another_and_tell_ends_by_the_clock_apart(kept):
    model, _ = kept
    kept_arrays = model.replay_buffer.arrays()
    seen, after = kept_arrays["observation"], kept_arrays["next_observation"]
    assert seen.shape[:2] == (6 * 4, 16)  # one rollout more than is learned from
    oldest = 8 * 4 % 24  # the line that the next rollout begins with
    order = (np.arange(24) + oldest) % 24
    seen, after = seen[order], after[order]
    goes_on = np.all(seen[1:] == after[:-1], axis=2)
    assert not np.all(seen == after, axis=2).any()
    # All episodes end by the clock, after 15 steps; then the next observation is another's.
    ended = np.flatnonzero(~goes_on.all(axis=1))
    assert np.diff(ended).tolist() == [15]
    assert not goes_on[ended].any()
    assert not kept_arrays["terminated"].any()  # by the clock, not by the ground


def test_only_the_latest_whole_rollouts_are_drawn(kept):
    model, _ = kept
    latest = model.replay_buffer._arrays["observation"].copy()
    rewards = model.replay_buffer._arrays["reward"]
    before = rewards.copy()
    rewards[8 * 4 % 24 : 8 * 4 % 24 + 4] = np.nan  # what the next rollout overwrites
    drawn = model.replay_buffer.sample(4096)
    rewards[...] = before
    assert not torch.isnan(drawn.rewards).any()
    rows = latest.reshape(-1, latest.shape[2])
    assert len({row.tobytes() for row in drawn.observations.numpy()}) > 0.9 * len(rows) * 5 / 6


def test_rewards_are_added_up_until_the_episode_or_the_rollout_ends():
    space = gym.spaces.Box(-1.0, 1.0, (1,), np.float32)
    replay = Replay(1000, space, space, "cpu", 1, n_steps=4, horizon=3, gamma=0.5)
    for step in range(8):  # an episode ends by the clock with step 5
        seen, after, said = np.array([[step]]), np.array([[step + 0.5]]), np.zeros((1, 1))
        info = {"TimeLimit.truncated": True}
        replay.add(seen, after, said, np.array([1.0 + step]), np.array([step == 5]), [info])
    drawn = replay.sample(500)
    found = {
        float(seen): (float(after), float(reward), float(discount), float(terminated))
        for seen, after, reward, discount, terminated in zip(
            drawn.observations,
            drawn.next_observations,
            drawn.rewards,
            drawn.discounts,
            drawn.dones,
            strict=True,
        )
    }
    assert found == {
        0.0: (2.5, 1 + 2 / 2 + 3 / 4, 0.125, 0.0),
        1.0: (3.5, 2 + 3 / 2 + 4 / 4, 0.125, 0.0),
        2.0: (3.5, 3 + 4 / 2, 0.25, 0.0),
        3.0: (3.5, 4, 0.5, 0.0),
        4.0: (5.5, 5 + 6 / 2, 0.25, 0.0),
        5.0: (5.5, 6, 0.5, 0.0),
        6.0: (7.5, 7 + 8 / 2, 0.25, 0.0),
        7.0: (7.5, 8, 0.5, 0.0),
    }


def test_what_is_saved_does_not_change_within_the_next_rollout():
    model = learner(SAC, 8 * ROLLOUT)
    arrays = model.own_arrays()
    before = {name: array.copy() for name, array in arrays.items()}
    model.gradient_steps = 0
    model.learn(ROLLOUT, reset_num_timesteps=False)
    after = (np.arange(20) + 8 * 4 - 20) % 24
    assert np.array_equal(before.pop("log_ent_coef"), arrays["log_ent_coef"])
    for name, array in before.items():
        assert np.array_equal(array[after], arrays[name][after])
        assert not np.array_equal(array, arrays[name]) or name in (
            "replay.terminated",
            "replay.ended",
        )


def test_a_run_writes_the_folder_that_every_run_writes(finished):
    config, folder, result = finished
    assert result["steps"] == config.total_steps
    assert load_config(folder / "config.toml") == config
    names = {path.name for path in folder.iterdir()}
    assert names >= {"curve.json", "landings.parquet", "report.html", "run.json", "summary.json"}
    curve = json.loads((folder / "curve.json").read_text())
    assert curve["rollouts"]["steps"] == [ROLLOUT * k for k in range(1, 13)]
    assert curve["choices"]["steps"] == [6 * ROLLOUT, 12 * ROLLOUT]


def test_the_exported_policy_says_what_the_actor_does(finished):
    config, folder, _ = finished
    model = learner(config, 4 * ROLLOUT)
    pilot = load_policy(folder / "policy.json")
    assert pilot.card.output == "tanh"
    assert pilot.card.to_dict()["architecture"]["output"] == "tanh"
    seen = np.random.default_rng(0).normal(size=(64, len(pilot.card.observation_fields)))
    seen = seen.astype(np.float32)
    own = type(pilot)("own", pilot.card, policy_arrays(model))
    expected, _ = model.predict(seen, deterministic=True)
    np.testing.assert_allclose(own.predict(seen)[0], expected, atol=1e-6)
    assert np.abs(pilot.predict(seen * 100.0)[0]).max() <= 1.0


def test_a_resumed_run_ends_as_if_it_had_not_been_killed(finished, tmp_path, monkeypatch):
    config, folder, _ = finished
    original, run = Supervisor._on_step, tmp_path / "run"

    def dies(self):
        if self.model.num_timesteps > 10 * ROLLOUT + 32:
            raise StopError
        return original(self)

    with monkeypatch.context() as patch:
        patch.setattr(Supervisor, "_on_step", dies)
        with pytest.raises(StopError):
            train(config, run)
    assert max((run / "checkpoints").iterdir()).name == f"step-{8 * ROLLOUT:012d}.safetensors"
    resume(run)
    last = f"checkpoints/step-{12 * ROLLOUT:012d}.safetensors"
    before, after = (load_checkpoint(path / last).arrays for path in (folder, run))
    assert set(before) == set(after)
    assert {"replay.observation", "log_ent_coef", "critic_optimizer.0.exp_avg"} <= set(before)
    for name, array in before.items():
        assert np.array_equal(array, after[name], equal_nan=name.startswith("env.")), name


def test_a_stopped_run_goes_on_from_its_last_rollout(finished, tmp_path, monkeypatch):
    config, folder, _ = finished
    original, run = Supervisor._on_step, tmp_path / "run"

    def stops(self):
        if self.model.num_timesteps > 9 * ROLLOUT + 32:
            raise KeyboardInterrupt
        return original(self)

    with monkeypatch.context() as patch:
        patch.setattr(Supervisor, "_on_step", stops)
        with pytest.raises(KeyboardInterrupt):
            train(config, run)
    assert max((run / "checkpoints").iterdir()).name == f"step-{9 * ROLLOUT:012d}.safetensors"
    resume(run)
    expected = load_policy(folder / "policy.json").card.weights_sha256
    assert load_policy(run / "policy.json").card.weights_sha256 == expected


def test_a_residual_policy_begins_as_its_guide():
    policy = dataclasses.replace(SAC.policy, inputs="belief", output="residual")
    task = dataclasses.replace(SAC.task, time_limit_s=None)
    arrays = policy_arrays(learner(dataclasses.replace(SAC, policy=policy, task=task)))
    assert not arrays["output.weight"].any()
    assert not arrays["output.bias"].any()


@pytest.mark.parametrize("weight", [None, 0.02])
def test_the_weight_of_the_entropy_is_adapted_if_it_is_not_given(weight):
    config = dataclasses.replace(SAC, sac=dataclasses.replace(SAC.sac, ent_coef=weight))
    model = learner(config, 4 * ROLLOUT)
    assert ("log_ent_coef" in model_arrays(model)) is (weight is None)
    assert set(model.optimizers()) == {"actor_optimizer", "critic_optimizer"} | (
        {"entropy_optimizer"} if weight is None else set()
    )


def test_a_checkpoint_of_the_run_fits(kept):
    model = learner(SAC)
    check_fits(kept[1], model.get_env(), model)


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("replay.action", lambda array: array[:-1], "'replay.action' is float32"),
        ("replay.reward", lambda array: array * np.nan, "'replay.reward' has values that are not"),
        ("log_ent_coef", None, "'log_ent_coef' is missing"),
        ("entropy_optimizer.0.step", lambda array: array - 99.0, "negative"),
        ("critic_optimizer.0.exp_avg", None, "'critic_optimizer.0.exp_avg' is missing"),
    ],
)
def test_a_checkpoint_that_does_not_fit_is_refused(kept, name, change, message):
    arrays = dict(kept[1].arrays)
    array = arrays.pop(name)
    if change is not None:
        arrays[name] = change(array)
    model = learner(SAC)
    with pytest.raises(ConfigError, match=re.escape(message)):
        check_fits(kept[1]._replace(arrays=arrays), model.get_env(), model)


def test_a_checkpoint_within_a_rollout_is_refused(kept):
    model = learner(SAC)
    with pytest.raises(ConfigError, match="must be a multiple of 64, one rollout"):
        check_fits(kept[1]._replace(steps=8 * ROLLOUT - 16), model.get_env(), model)


def test_policies_whose_outputs_differ_do_not_start_one_another(finished, tmp_path):
    config, folder, _ = finished
    ppo = dataclasses.replace(
        config, algorithm="ppo", ppo=PpoConfig(batch_size=64), start=str(folder)
    )
    with pytest.raises(ConfigError, match="has output = tanh, this run clip"):
        train(ppo, tmp_path / "run")
    train(dataclasses.replace(config, start=str(folder), total_steps=ROLLOUT), tmp_path / "run")


def test_an_algorithm_has_no_teacher():
    with pytest.raises(ConfigError, match="algorithm = 'sac' has no effect with a teacher"):
        dataclasses.replace(SAC, teacher="hoverslam+kalman")


@pytest.mark.parametrize("value", [{"dropped_quantiles": 25}, {"tau": 0.0}, {"buffer": 0}])
def test_settings_out_of_range_are_refused(value):
    with pytest.raises(ConfigError, match=f"sac.{next(iter(value))} = "):
        TrainConfig(sac=SacConfig(**value))


def test_the_settings_round_trip(tmp_path):
    (tmp_path / "config.toml").write_text(config_to_toml(TQC))
    assert load_config(tmp_path / "config.toml") == TQC
