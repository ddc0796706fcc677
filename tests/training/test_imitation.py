"""Imitation: what a student learns, who flies, what is kept, resuming, unfit teachers."""

import dataclasses
import json
import re

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from agents import load_policy, make_pilot, save_policy
from agents.tensors import read_tensors
from lunar_env import ConfigError
from training.algorithms import build_learner
from training.checkpoint import Checkpoint, load_checkpoint
from training.cli import main
from training.config import (
    ImitationConfig,
    NetworkConfig,
    PpoConfig,
    SelectionConfig,
    TaskConfig,
    TrainConfig,
)
from training.config_file import config_to_toml, load_config, load_preset
from training.imitation import Imitation, command_error
from training.learner_state import model_arrays, policy_arrays
from training.policy_card import policy_card
from training.resuming import check_fits
from training.supervisor import Supervisor
from training.train import resume, train
from training.worlds_env import WorldsEnv

pytestmark = [pytest.mark.train]

ROLLOUT = 16 * 16
TINY = TrainConfig(
    seed=5,
    teacher="hoverslam+kalman",
    total_steps=6 * ROLLOUT,
    checkpoint_every_steps=2 * ROLLOUT,
    torch_threads=1,
    task=TaskConfig(num_envs=16, scenario="everything", num_threads=1),
    ppo=PpoConfig(n_steps=16, batch_size=64),
    network=NetworkConfig(hidden=(16,), hidden_value=(16,)),
    imitation=ImitationConfig(buffer=3 * ROLLOUT, gradient_steps=8, batch_size=64),
    selection=SelectionConfig(every_steps=4 * ROLLOUT, landings=8, report_landings=8),
)


class StopError(Exception):
    """Stands for a killed process."""


class Commands:
    """The environment of a run, which also keeps the actions that it is given."""

    def __init__(self, config):
        self.env = WorldsEnv(config.task, config.seed, config.policy)
        self.flown = []
        step = self.env.step_async
        self.env.step_async = lambda actions: (self.flown.append(actions.copy()), step(actions))[1]


def learner(config, steps=0):
    """Return a learner that has flown so many steps, and the commands flown."""
    commands = Commands(config)
    model = build_learner(config, commands.env)
    if steps:
        model.learn(steps)
    return model, commands


def constant(folder, throttle):
    """Save a policy whose command is always the same, and return its path."""
    card = policy_card(dataclasses.replace(TINY, teacher=None), 0, {}, {})
    width = len(card.observation_fields)
    tensors = {
        "layer0.weight": np.zeros((16, width)),
        "layer0.bias": np.zeros(16),
        "output.weight": np.zeros((1, 16)),
        "output.bias": np.array([throttle]),
    }
    return str(save_policy(folder / "constant", tensors, card))


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "tiny"
    return folder, train(TINY, folder)


@pytest.fixture(scope="module")
def kept():
    """A learner after four rollouts, and its checkpoint."""
    model, commands = learner(TINY, 4 * ROLLOUT)
    world = {f"env.{name}": array for name, array in commands.env.state_arrays().items()}
    state = {"best": None, "chosen_at": 0, "spent_s": 1.0}
    return model, Checkpoint(4 * ROLLOUT, model_arrays(model) | world, state)


def test_a_student_learns_the_commands_of_its_teacher(tmp_path, monkeypatch):
    settings = ImitationConfig(gradient_steps=40, batch_size=256, learning_rate=5e-3)
    config = dataclasses.replace(TINY, teacher=constant(tmp_path, 0.4), imitation=settings)
    losses = []
    monkeypatch.setattr(
        Imitation,
        "_update_learning_rate",
        lambda model, _: losses.append(float(error(model).abs().mean())),
    )

    def error(model):
        seen = torch.from_numpy(model._lessons[-1].seen)
        with torch.no_grad():
            return command_error(model._mean(seen), torch.tensor(0.4))

    model, _ = learner(config, 4 * ROLLOUT)
    assert losses[0] > 0.2
    assert float(error(model).abs().mean()) < 0.05 * losses[0]


def test_errors_beyond_the_limits_of_a_command_do_not_count():
    mean = torch.tensor([1.5, 0.5, -1.5, 1.5, 0.7, -2.0])
    taught = torch.tensor([1.0, 1.0, -1.0, 0.5, 0.2, 1.0])
    expected = torch.tensor([0.0, -0.5, 0.0, 1.0, 0.5, -3.0])
    assert torch.allclose(command_error(mean, taught), expected)


def test_the_teacher_flies_first_then_the_student():
    imitation = dataclasses.replace(TINY.imitation, teacher_share=0.0)
    model, commands = learner(dataclasses.replace(TINY, imitation=imitation), 2 * ROLLOUT)
    flown = np.concatenate(commands.flown)
    first, second = model._lessons
    assert np.array_equal(flown[:ROLLOUT], first.taught)
    assert not np.any(np.all(flown[ROLLOUT:] == second.taught, axis=1) & (second.taught[:, 0] > -1))
    assert np.all(np.abs(flown) <= 1.0)


def test_the_lessons_are_what_the_teacher_says_on_the_way_of_the_student():
    model, _ = learner(TINY, 3 * ROLLOUT)
    pilot = make_pilot("hoverslam+kalman", model.get_env().parts[""].env.observation_fields)
    seen = np.concatenate([lesson.seen for lesson in model._lessons]).reshape(48, 16, -1)
    taught = np.concatenate([lesson.taught for lesson in model._lessons]).reshape(48, 16, 1)
    starts, memory = np.ones(16, bool), None
    for k in range(48):
        command, memory = pilot.predict(seen[k], memory, starts)
        assert np.array_equal(command, taught[k])
        starts = np.zeros(16, bool)  # no episode ends within 48 steps


def test_the_share_of_the_teacher_decreases_geometrically():
    model, _ = learner(TINY)
    shares = []
    for rollouts in range(4):
        model.num_timesteps = rollouts * ROLLOUT
        shares.append(model.teacher_share)
    assert shares == [1.0, 0.5, 0.25, 0.125]


def test_only_the_latest_lessons_are_kept(kept):
    model, _ = kept
    assert [len(lesson.seen) for lesson in model._lessons] == [ROLLOUT] * 3


def test_imitation_changes_the_policy_alone(kept):
    model, _ = kept
    new, _ = learner(TINY)
    assert not np.array_equal(policy_arrays(model)["output.weight"], new.policy.action_net.weight)
    for name, value in new.policy.state_dict().items():
        if "value" in name or name == "log_std":
            assert torch.equal(value, model.policy.state_dict()[name])


def test_inputs_that_do_not_vary_are_not_read(kept):
    model, _ = kept
    seen = np.concatenate([lesson.seen for lesson in model._lessons])
    constant = seen.std(axis=0, dtype=np.float64) < 9e-4
    names = [field.name for field in model.get_env().parts[""].env.observation_fields]
    assert {"lrf_stamp_sigma_s", "lrf_pointing_sigma_rad"} <= {
        name for name, same in zip(names, constant, strict=True) if same
    }
    weight = policy_arrays(model)["layer0.weight"]
    assert not weight[:, constant].any()
    assert weight[:, seen.std(axis=0, dtype=np.float64) > 2e-3].all()


def test_moving_constants_into_biases_changes_no_command():
    model, _ = learner(TINY, ROLLOUT)
    seen = torch.from_numpy(model._lessons[0].seen)
    with torch.no_grad():
        weights = model.policy.mlp_extractor.policy_net[0].weight
        weights[:, (weights == 0.0).all(dim=0)] = 0.7
        before = model._mean(seen)
        assert weights.all()
        model._fold_constants()
        assert not weights.all()
        assert torch.allclose(model._mean(seen), before, atol=2e-3)


def test_a_run_is_deterministic_and_its_card_names_the_teacher(finished, tmp_path):
    folder, result = finished
    train(TINY, tmp_path / "again")
    assert result["steps"] == 6 * ROLLOUT
    assert load_config(folder / "config.toml") == TINY
    for name in ("policy.safetensors", "curve.json"):
        one, other = ((run / name).read_bytes() for run in (folder, tmp_path / "again"))
        if name == "curve.json":
            times = {"seconds": 0, "choice_seconds": 0}
            one, other = ({**json.loads(text), **times} for text in (one, other))
        assert one == other
    card = load_policy(folder / "policy.json").card
    assert card.training["config"]["teacher"] == "hoverslam+kalman"
    assert set(card.scores) == {"tune", "bench"}


def test_a_resumed_run_ends_as_if_it_had_not_been_killed(finished, tmp_path, monkeypatch):
    original, run = Supervisor._on_step, tmp_path / "run"

    def dies(self):
        if self.model.num_timesteps > 5 * ROLLOUT + 64:
            raise StopError
        return original(self)

    with monkeypatch.context() as patch:
        patch.setattr(Supervisor, "_on_step", dies)
        with pytest.raises(StopError):
            train(TINY, run)
    assert max((run / "checkpoints").iterdir()).name == f"step-{4 * ROLLOUT:012d}.safetensors"
    resume(run)
    expected = read_tensors(finished[0] / "policy.safetensors")
    for name, array in read_tensors(run / "policy.safetensors").items():
        assert np.array_equal(array, expected[name])
    last = f"checkpoints/step-{6 * ROLLOUT:012d}.safetensors"
    before, after = (load_checkpoint(folder / last).arrays for folder in (finished[0], run))
    assert set(before) == set(after)
    for name, array in before.items():
        assert np.array_equal(array, after[name], equal_nan=name.startswith("env.")), name


def test_a_checkpoint_of_the_run_fits(kept):
    model, commands = learner(TINY)
    check_fits(kept[1], commands.env, model)


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("seen.1", lambda array: array[:-1], "'seen.1' is float32"),
        ("taught.2", lambda array: array.astype(np.float64), "'taught.2' is float64"),
        ("taught.0", lambda array: array * np.nan, "'taught.0' has values that are not finite"),
        ("teacher.0", lambda array: array[:3], "'teacher.0' is"),
        ("seen.2", None, "'seen.2' is missing"),
        ("optimizer.1.step", lambda array: array - 99.0, "negative"),
    ],
)
def test_a_checkpoint_that_does_not_fit_is_refused(kept, name, change, message):
    arrays = dict(kept[1].arrays)
    array = arrays.pop(name)
    if change is not None:
        arrays[name] = change(array)
    model, commands = learner(TINY)
    with pytest.raises(ConfigError, match=message):
        check_fits(kept[1]._replace(arrays=arrays), commands.env, model)


def test_a_checkpoint_within_a_rollout_is_refused(kept):
    model, commands = learner(TINY)
    with pytest.raises(ConfigError, match="must be a multiple of 256, one rollout"):
        check_fits(kept[1]._replace(steps=4 * ROLLOUT - 16), commands.env, model)


@pytest.mark.parametrize(
    ("teacher", "task", "message"),
    [
        ("hoverslam+oracle", {}, "'hoverslam+oracle' is given what no lander can observe"),
        ("e-guidance+informed", {}, "is given what no lander can observe"),
        ("hoverslam+kalmn", {}, "did you mean 'hoverslam+kalman'"),
        ("hoverslam+kalman", {"control": "actuators"}, "use control 'throttle' or 'thrust_vector'"),
        (
            "ppo-m2-late-acquisition",
            {"control": "thrust_vector", "phase": "approach"},
            "another control",
        ),
        ("random", {}, "'random' is not a pilot of this package"),
    ],
)
def test_a_teacher_that_cannot_teach_is_refused(tmp_path, teacher, task, message):
    config = dataclasses.replace(TINY, teacher=teacher, task=dataclasses.replace(TINY.task, **task))
    with pytest.raises(ConfigError, match=re.escape(message)):
        train(config, tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


def test_a_teacher_with_more_history_than_the_student_is_refused(tmp_path):
    longer = dataclasses.replace(TINY, task=dataclasses.replace(TINY.task, history=2))
    model, _ = learner(longer)
    teacher = save_policy(tmp_path / "long", policy_arrays(model), policy_card(longer, 0, {}, {}))
    with pytest.raises(ConfigError, match=r"task\.history = 1 must be at least 2"):
        train(dataclasses.replace(TINY, teacher=str(teacher)), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_the_command_line_trains_from_a_teacher(tmp_path, capsys):
    words = ["train", "--preset", "m2-throttle-imitation", "--total-steps", "64"]
    sizes = ["--task.num-envs", "4", "--ppo.n-steps", "16", "--imitation.gradient-steps", "2"]
    few = ["--selection.landings", "2", "--selection.report-landings", "2"]
    run = str(tmp_path / "run")
    assert main([*words, *sizes, *few, "--teacher", "hoverslam+naive", "--out", run]) == 0
    assert load_config(tmp_path / "run" / "config.toml").teacher == "hoverslam+naive"
    capsys.readouterr()
    assert main([*words, "--teacher", "hoverslam+oracle", "--out", f"{run}2"]) == 1
    assert capsys.readouterr().err.startswith("error: --teacher 'hoverslam+oracle': is given")


def test_the_preset_is_valid_and_the_same_on_every_machine(tmp_path):
    preset = load_preset("m2-throttle-imitation")
    assert preset.teacher == "hoverslam+kalman"
    assert preset.max_minutes is None  # schedules would follow the clock
    (tmp_path / "config.toml").write_text(config_to_toml(preset))
    assert load_config(tmp_path / "config.toml") == preset


@pytest.mark.parametrize(
    ("name", "value"),
    [("teacher_share", 1.5), ("buffer", 0), ("gradient_steps", 0), ("learning_rate", -1.0)],
)
def test_settings_out_of_range_are_refused(name, value):
    with pytest.raises(ConfigError, match=f"imitation.{name} = "):
        TrainConfig(imitation=ImitationConfig(**{name: value}))
