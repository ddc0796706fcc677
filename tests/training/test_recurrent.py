"""A student with a memory: NumPy equals torch, starts of episodes, sequences, resuming."""

import dataclasses
import re

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from agents import LearnedPilot, load_policy
from agents.tensors import read_tensors
from lunar_env import ConfigError
from training.algorithms import build_learner
from training.checkpoint import Checkpoint, load_checkpoint
from training.config import (
    ImitationConfig,
    NetworkConfig,
    PolicyConfig,
    PpoConfig,
    SelectionConfig,
    TaskConfig,
    TrainConfig,
)
from training.gru_policy import unrolled
from training.learner_state import model_arrays, policy_arrays
from training.policy_card import policy_card
from training.recurrent import RecurrentImitation
from training.resuming import check_fits
from training.supervisor import Supervisor
from training.train import resume, train
from training.worlds_env import WorldsEnv

pytestmark = [pytest.mark.train]

STEPS, LANDERS = 12, 16
ROLLOUT = STEPS * LANDERS
TINY = TrainConfig(
    seed=5,
    teacher="hoverslam+kalman",
    total_steps=6 * ROLLOUT,
    checkpoint_every_steps=2 * ROLLOUT,
    torch_threads=1,
    # Episodes end by the clock after 10 steps, within a rollout.
    task=TaskConfig(num_envs=LANDERS, scenario="everything", num_threads=1, time_limit_s=2.0),
    ppo=PpoConfig(n_steps=STEPS, batch_size=64),
    network=NetworkConfig(hidden=(16,), hidden_value=(16,), gru=8),
    imitation=ImitationConfig(buffer=3 * ROLLOUT, gradient_steps=4, batch_size=4 * STEPS),
    selection=SelectionConfig(every_steps=4 * ROLLOUT, landings=8, report_landings=8),
)
BELIEF = dataclasses.replace(
    TINY, policy=PolicyConfig(inputs="belief", output="residual", guide="velocity-profile+kalman")
)


class StopError(Exception):
    """Stands for a killed process."""


def learner(config, steps=0):
    model = build_learner(config, WorldsEnv(config.task, config.seed, config.policy))
    if steps:
        model.learn(steps)
    return model


def pilot_of(model, config):
    return LearnedPilot("own", policy_card(config, 0, {}, {}), policy_arrays(model))


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "tiny"
    return folder, train(TINY, folder)


@pytest.fixture(scope="module")
def kept():
    """A learner after four rollouts, and its checkpoint."""
    model = learner(TINY, 4 * ROLLOUT)
    world = {f"env.{name}": array for name, array in model.get_env().state_arrays().items()}
    state = {"best": None, "chosen_at": 0, "spent_s": 1.0}
    return model, Checkpoint(4 * ROLLOUT, model_arrays(model) | world, state)


def test_the_pilot_in_numpy_says_what_the_network_in_torch_says(kept):
    model, _ = kept
    width = model.observation_space.shape[0]
    random = np.random.default_rng(0)
    seen = random.normal(size=(40, 5, width)).astype(np.float32)
    starts = random.random((40, 5)) < 0.1
    starts[0] = True
    with torch.no_grad():
        inputs = torch.from_numpy(seen)
        memory = unrolled(model.policy.gru, inputs, torch.full((5, 8), 7.0), torch.tensor(starts))
        expected = model._mean(torch.cat((inputs, memory), dim=2)).clamp(-1, 1).numpy()
    pilot, state, mine = pilot_of(model, TINY), None, None
    for step in range(40):
        action, state = pilot.predict(seen[step], state, starts[step])
        np.testing.assert_allclose(action, expected[step], atol=1e-6)
        np.testing.assert_allclose(state[-1], memory[step].numpy(), atol=1e-6)
        alone, mine = pilot.predict(seen[step, 2], mine, starts[step, 2])
        assert np.array_equal(alone, action[2])  # to the bit, whatever else is in the batch


def test_sequences_are_unrolled_as_one_step_after_the_other():
    torch.manual_seed(1)
    gru = torch.nn.GRU(3, 4)
    seen, memory = torch.randn(9, 6, 3), torch.randn(6, 4)
    starts = torch.rand(9, 6) < 0.2
    after, now = unrolled(gru, seen, memory, starts), memory
    for step in range(9):
        now = unrolled(gru, seen[step : step + 1], now, starts[step : step + 1])[0]
        assert torch.allclose(after[step], now, atol=1e-6)


def test_the_memory_is_cleared_where_an_episode_begins(kept):
    model, _ = kept
    pilot = pilot_of(model, TINY)
    seen = np.random.default_rng(1).normal(size=(4, model.observation_space.shape[0]))
    first, state = pilot.predict(seen, None)
    later, _ = pilot.predict(seen, state, np.array([True, False, False, False]))
    assert np.array_equal(first[0], later[0])
    assert (first[1:] != later[1:]).all()


def test_lessons_begin_with_the_memory_that_the_student_had(kept):
    model, _ = kept
    assert len(model._courses) == len(model._lessons) == 3
    starts = np.concatenate([course.starts for course in model._courses])
    assert np.flatnonzero(starts.all(axis=1)).tolist() == [8, 18, 28]  # of steps 20, 30, 40
    assert not starts[np.setdiff1d(np.arange(36), [8, 18, 28])].any()
    assert all(course.before.any(axis=1).all() for course in model._courses)


def test_a_student_with_a_memory_learns_what_one_frame_does_not_say():
    torch.manual_seed(0)
    config = dataclasses.replace(
        TINY,
        imitation=ImitationConfig(
            gradient_steps=300,
            batch_size=16 * STEPS,
            learning_rate=1e-2,
            learning_rate_end=1e-2,
        ),
    )
    model = learner(config, ROLLOUT)
    lesson, course = model._lessons[0], model._courses[0]
    random = np.random.default_rng(0)
    seen = np.zeros((STEPS, LANDERS, lesson.seen.shape[1]), np.float32)
    seen[:, :, 0] = random.normal(size=(STEPS, LANDERS))
    before = np.roll(seen[:, :, :1], 1, axis=0)  # what was seen one step ago
    before[course.starts] = 0.0
    before[0] = 0.0
    taught = 0.5 * np.tanh(before)
    model._lessons = (
        lesson._replace(
            seen=seen.reshape(ROLLOUT, -1),
            taught=taught.reshape(ROLLOUT, 1),
            square=np.square(seen.reshape(ROLLOUT, -1)).mean(axis=0),
            mean=seen.reshape(ROLLOUT, -1).mean(axis=0),
        ),
    )
    model.train()
    error = next(iter(model._errors())).detach().abs().mean()
    assert float(error) < 0.2 * np.abs(taught).mean()


def test_a_run_exports_a_policy_with_a_memory(finished):
    folder, result = finished
    pilot = load_policy(folder / "policy.json")
    assert pilot.card.gru == 8
    assert pilot.card.to_dict()["architecture"]["gru"] == 8
    assert read_tensors(folder / "policy.safetensors")["gru.weight_hh"].shape == (24, 8)
    assert result["steps"] == 6 * ROLLOUT


def test_a_policy_with_a_guide_and_a_memory_flies(tmp_path):
    train(dataclasses.replace(BELIEF, total_steps=2 * ROLLOUT), tmp_path / "run")
    assert load_policy_of(tmp_path / "run").card.gru == 8


def load_policy_of(folder):
    from agents.learned import read_policy
    from training.policy_card import pilot_of
    from training.worlds import judged

    card, tensors = read_policy(folder / "policy.json")
    world = judged(BELIEF.task)[0]
    pilot = pilot_of("own", card, tensors, world)
    observation = np.zeros((2, len(world.task.settings().observation_fields)), np.float32)
    _, state = pilot.predict(observation)
    assert state[-1].shape == (2, 8)
    _, again = pilot.predict(observation, state)
    assert len(state) == len(again)
    assert pilot.belief(observation, state) is not None
    return pilot


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
    resume(run)
    last = f"checkpoints/step-{6 * ROLLOUT:012d}.safetensors"
    before, after = (load_checkpoint(folder / last).arrays for folder in (finished[0], run))
    assert set(before) == set(after)
    for name, array in before.items():
        assert np.array_equal(array, after[name], equal_nan=name.startswith("env.")), name


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("starts.1", lambda array: array[:-1], "'starts.1' is bool"),
        ("memory_before.0", lambda array: array * np.nan, "'memory_before.0' has values that"),
        ("memory", None, "'memory' is missing"),
    ],
)
def test_a_checkpoint_that_does_not_fit_is_refused(kept, name, change, message):
    arrays = dict(kept[1].arrays)
    array = arrays.pop(name)
    if change is not None:
        arrays[name] = change(array) if change(array).any() else array + np.nan
    model = learner(TINY)
    check_fits(kept[1], model.get_env(), model)
    with pytest.raises(ConfigError, match=re.escape(message)):
        check_fits(kept[1]._replace(arrays=arrays), model.get_env(), model)


def test_a_run_starts_from_a_policy_with_a_memory(finished, tmp_path):
    longer = dataclasses.replace(TINY.task, history=2)
    config = dataclasses.replace(
        TINY, start=str(finished[0]), task=longer, total_steps=ROLLOUT, max_minutes=None
    )
    train(config, tmp_path / "run")
    started = read_tensors(tmp_path / "run" / "start.safetensors")
    own = read_tensors(finished[0] / "policy.safetensors")
    assert np.array_equal(started["layer0.weight"][:, -8:], own["layer0.weight"][:, -8:])
    other = dataclasses.replace(config, network=dataclasses.replace(config.network, gru=0))
    with pytest.raises(ConfigError, match=r"has network\.gru = 8, this run 0"):
        train(other, tmp_path / "other")


def test_a_memory_needs_a_teacher():
    with pytest.raises(ConfigError, match=r"network\.gru = 8 needs a teacher"):
        dataclasses.replace(TINY, teacher=None)


def test_constant_inputs_are_read_by_neither_layer(kept):
    model, _ = kept
    assert isinstance(model, RecurrentImitation)
    weights = policy_arrays(model)
    width = model.observation_space.shape[0]
    gru, first = weights["gru.weight_ih"], weights["layer0.weight"][:, :width]
    unread = ~gru.any(axis=0)
    assert unread.any()
    assert np.array_equal(unread, ~first.any(axis=0))
