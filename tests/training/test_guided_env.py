"""Training of policies with a guide: environment, worlds of several kinds, resuming."""

import dataclasses
import re

import numpy as np
import pytest

pytest.importorskip("stable_baselines3")

from agents import load_policy
from agents.gains import shipped_gains
from agents.tensors import read_tensors
from lunar_env import ConfigError
from lunar_env.task import Task
from training.config import (
    ImitationConfig,
    NetworkConfig,
    PolicyConfig,
    PpoConfig,
    SelectionConfig,
    TaskConfig,
    TrainConfig,
    WorldConfig,
)
from training.guided_env import guided
from training.supervisor import Supervisor
from training.teacher import find_teachers
from training.train import resume, train
from training.worlds import check_worlds
from training.worlds_env import WorldsEnv

ROLLOUT = 16 * 16
BELIEF = PolicyConfig(inputs="belief")
RESIDUAL = PolicyConfig(inputs="belief", output="residual")
TINY = TrainConfig(
    total_steps=4 * ROLLOUT,
    checkpoint_every_steps=2 * ROLLOUT,
    torch_threads=1,
    task=TaskConfig(num_envs=16, scenario="everything", num_threads=1),
    policy=RESIDUAL,
    ppo=PpoConfig(n_steps=16, batch_size=64, n_epochs=2),
    network=NetworkConfig(hidden=(16,), hidden_value=(16,)),
    imitation=ImitationConfig(buffer=3 * ROLLOUT, gradient_steps=8, batch_size=64),
    selection=SelectionConfig(every_steps=4 * ROLLOUT, landings=8, report_landings=8),
)
STEERED = TaskConfig(
    num_envs=6,
    num_threads=1,
    control="thrust_vector",
    worlds=(
        WorldConfig(mission="slim", scenario="noisy", phase="approach"),
        WorldConfig(mission="hakuto-r-m2", scenario="everything", phase="terminal"),
        WorldConfig(mission="im-2", scenario="false-ranges", phase="approach"),
    ),
)


class StopError(Exception):
    """Stands for a killed process."""


def test_a_policy_that_says_nothing_flies_as_its_guide():
    env, raw = (WorldsEnv(TINY.task, 3, policy) for policy in (RESIDUAL, PolicyConfig()))
    shown, observation = env.reset(), raw.reset()
    pilot = guided(RESIDUAL, Task.of(TINY.task)).guide
    memory, starts = None, np.ones(16, dtype=np.bool_)
    for _ in range(300):
        command, memory = pilot.predict(observation, memory, starts)
        observation, rewards, starts, _ = raw.step(command)
        shown, same, dones, _ = env.step(np.zeros((16, 1), np.float32))
        np.testing.assert_array_equal(same, rewards)
        np.testing.assert_array_equal(dones, starts)
    assert shown.shape == (16, len(guided(RESIDUAL, Task.of(TINY.task)).names))
    assert starts.shape == (16,)


def test_the_last_observation_of_an_episode_is_seen_with_the_memory_of_that_episode():
    env = WorldsEnv(TINY.task, 3, RESIDUAL)
    env.reset()
    part = env.parts[""]
    names = part._eyes.names
    ended = 0
    for _ in range(700):
        fix_s = part._seen.view.course.fix_s.copy()
        _, _, dones, infos = env.step(np.zeros((16, 1), np.float32))
        for row in np.flatnonzero(dones):
            last = infos[row]["terminal_observation"]
            assert last.shape == (len(names),)
            # It has seen the ground; the next episode, which has begun, has not.
            assert last[names.index("unseen")] == 0.0
            assert fix_s[row] > 0.0
            ended += 1
    assert ended > 0


def test_landers_and_phases_are_mixed():
    check_worlds(STEERED, RESIDUAL)
    env = WorldsEnv(STEERED, 0, RESIDUAL)
    shown = env.reset()
    assert shown.shape[0] == 6
    assert env.action_space.shape == (3,)
    for _ in range(20):
        shown, _, _, _ = env.step(np.zeros((6, 3), np.float32))
    assert np.isfinite(shown).all()
    with pytest.raises(ConfigError, match=r"with policy\.inputs = 'belief' units do not matter"):
        check_worlds(STEERED, PolicyConfig())


def test_a_state_that_was_saved_flies_on_alike():
    env, other = (WorldsEnv(STEERED, seed, RESIDUAL) for seed in (0, 1))
    env.reset()
    rng = np.random.default_rng(0)
    said = rng.uniform(-1.0, 1.0, (40, 6, 3)).astype(np.float32)
    for k in range(20):
        env.step(said[k])
    kept = env.state_arrays()
    other.reset()
    other.check_state_arrays(kept)
    other.load_state_arrays(kept)
    for k in range(20, 40):
        for mine, its in zip(env.step(said[k])[:3], other.step(said[k])[:3], strict=True):
            np.testing.assert_array_equal(mine, its)


def test_states_that_do_not_fit_are_refused():
    env = WorldsEnv(TINY.task, 0, RESIDUAL)
    env.reset()
    kept = env.state_arrays()
    with pytest.raises(ConfigError, match="not finite"):
        env.check_state_arrays({**kept, "guide.observation": kept["guide.observation"] * np.nan})
    del kept["guide.3"]
    with pytest.raises(ConfigError, match=r"guide\.3"):
        env.check_state_arrays(kept)


@pytest.mark.parametrize("teacher", [None, "hoverslam+kalman"], ids=["reward", "teacher"])
@pytest.mark.parametrize("policy", [BELIEF, RESIDUAL], ids=["command", "residual"])
def test_a_run_ends_alike_if_it_was_killed(tmp_path, monkeypatch, policy, teacher):
    config = dataclasses.replace(TINY, policy=policy, teacher=teacher)
    result = train(config, tmp_path / "whole")
    original = Supervisor._on_step

    def dies(self):
        if self.model.num_timesteps > 3 * ROLLOUT:
            raise StopError
        return original(self)

    with monkeypatch.context() as patch:
        patch.setattr(Supervisor, "_on_step", dies)
        with pytest.raises(StopError):
            train(config, tmp_path / "killed")
    resume(tmp_path / "killed")
    whole, killed = (
        read_tensors(tmp_path / name / "policy.safetensors") for name in ("whole", "killed")
    )
    for name, array in whole.items():
        np.testing.assert_array_equal(killed[name], array)
    card = load_policy(
        tmp_path / "whole" / "policy.json", Task.of(TINY.task).settings().frame_fields
    ).card
    assert card.guidance.pilot == "velocity-profile+kalman"
    assert (card.guidance.residual is None) == (policy is BELIEF)
    assert result["steps"] == 4 * ROLLOUT


def test_a_new_policy_with_residuals_begins_as_its_guide(tmp_path):
    config = dataclasses.replace(
        TINY,
        total_steps=ROLLOUT,
        ppo=dataclasses.replace(TINY.ppo, learning_rate=0.0, learning_rate_end=0.0),
    )
    train(config, tmp_path / "run")
    weights = read_tensors(tmp_path / "run" / "policy.safetensors")
    assert not weights["output.weight"].any()
    assert not weights["output.bias"].any()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"policy": PolicyConfig(inputs="belief", guide="velocity-profile+kalmann")},
         "unknown classical pilot 'velocity-profile+kalmann'; did you mean"),
        ({"policy": PolicyConfig(inputs="belief", guide="hoverslam+oracle")},
         "policy.guide = 'hoverslam+oracle' is given what no lander can observe"),
        ({"task": dataclasses.replace(TINY.task, history=3)},
         "task.history = 3 must be 1 with policy.inputs = 'belief'"),
        ({"task": dataclasses.replace(STEERED, worlds=STEERED.worlds[:1]), "policy": BELIEF},
         "in thrust_vector control it corrects the command of its guide"),
    ],
)  # fmt: skip
def test_wrong_policies_are_named_before_anything_is_written(tmp_path, change, message):
    with pytest.raises(ConfigError, match=re.escape(message)):
        train(dataclasses.replace(TINY, **change), tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


def worlds_with(gains):
    """Two worlds, in the first of which the teacher flies with gains of its own."""
    first = WorldConfig(scenario="overconfident-and-late", teacher_gains=gains)
    return dataclasses.replace(
        TINY.task, scenario="late-acquisition", worlds=(first, WorldConfig(scenario="low-and-late"))
    )


def test_a_teacher_may_know_in_which_world_it_flies():
    task = worlds_with({"blind": {"sigmas": 9.0}})
    knows, usual = find_teachers("velocity-profile+kalman", task)
    shipped = shipped_gains("velocity-profile+kalman", "throttle", "hakuto-r-m2")
    assert (knows.blind.sigmas, usual.blind.sigmas) == (9.0, shipped["blind"]["sigmas"])
    assert knows.blind.fastest_m_s == usual.blind.fastest_m_s
    assert knows.law == usual.law


@pytest.mark.parametrize(
    ("gains", "message"),
    [
        ({"blind": {"sigma": 9.0}}, "task.worlds.0: velocity-profile+kalman: blind has no gain"),
        ({"blnd": {"sigmas": 9.0}}, "task.worlds.0: velocity-profile+kalman: unknown group of"),
        ({"blind": {"sigmas": -1.0}}, "blind: sigmas = -1.0 must be between"),
    ],
)
def test_wrong_gains_of_a_teacher_are_named(tmp_path, gains, message):
    config = dataclasses.replace(TINY, teacher="velocity-profile+kalman", task=worlds_with(gains))
    with pytest.raises(ConfigError, match=re.escape(message)):
        train(config, tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


def test_gains_without_a_teacher_are_refused():
    with pytest.raises(ConfigError, match=r"task\.worlds\.0\.teacher_gains have no effect"):
        dataclasses.replace(TINY, task=worlds_with({"blind": {"sigmas": 9.0}}))


def test_a_residual_needs_a_guide():
    with pytest.raises(ConfigError, match=r"policy\.output = 'residual' needs policy\.inputs"):
        TrainConfig(policy=PolicyConfig(output="residual"))
