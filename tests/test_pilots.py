"""Pilots by name: those of the clone, and policies from elsewhere."""

from __future__ import annotations

import sys
import textwrap

import numpy as np
import pytest

from agents import PolicyCard, make_pilot, save_policy
from lunar_env import OBSERVATION_FIELDS, PRIVILEGED_FIELDS
from lunar_env.cli import main
from lunar_env.errors import ConfigError, LunarEnvError
from lunar_env.flyer import Flyer
from lunar_env.pilots import choose, list_names, resolve
from lunar_env.task import Task

TASK = Task("hakuto-r-m2", "ideal")


@pytest.fixture
def module(tmp_path, monkeypatch):
    """Write a module into the present folder; return the name of what it defines."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [path for path in sys.path if path])

    def module(text, name):
        (tmp_path / "mine.py").write_text(textwrap.dedent(text))
        monkeypatch.delitem(sys.modules, "mine", raising=False)
        return f"mine:{name}"

    yield module
    sys.modules.pop("mine", None)


POLICY = """
    import numpy as np
    import agents

    class Policy:
        def __init__(self, value=1.0):
            self.value = value
        def predict(self, observation, state=None, episode_start=None, deterministic=False):
            return np.full((len(observation), 1), self.value, np.float32), state

    constant = Policy(-1.0)
    def make():
        return Policy(0.5)
    def informed(observation_fields):
        return agents.make_pilot("hoverslam+kalman", observation_fields)
    number = 3
    def nothing():
        return 3
    class Wide(Policy):
        def predict(self, observation, state=None, episode_start=None, deterministic=False):
            return np.zeros((len(observation), 2)), state
    class Other(Policy):
        class observation_space:
            shape = (7,)
    class Past(Policy):
        class observation_space:
            shape = (FRAMES,)
    class Elsewhere(Policy):
        class action_space:
            shape = (3,)
""".replace("FRAMES", str(3 * len(OBSERVATION_FIELDS)))


@pytest.mark.parametrize(("name", "throttle"), [("constant", -1.0), ("make", 0.5), ("Policy", 1.0)])
def test_anything_that_predicts_is_a_pilot(name, throttle, module):
    entry = resolve(module(POLICY, name), TASK)
    assert entry.label == f"mine:{name}"
    action, _ = entry.pilot.predict(np.zeros((4, len(OBSERVATION_FIELDS)), np.float32))
    np.testing.assert_array_equal(action, np.full((4, 1), throttle))


def test_a_factory_gets_the_fields_and_returns_a_pilot(module):
    entry = resolve(module(POLICY, "informed"), TASK)
    theirs, ours = Flyer(entry).fly(3), Flyer(resolve("hoverslam+kalman", TASK)).fly(3)
    assert theirs.pilot == "mine:informed"
    np.testing.assert_array_equal(theirs.privileged, ours.privileged)
    np.testing.assert_array_equal(theirs.beliefs, ours.beliefs)


def test_the_history_of_a_model_follows_from_its_observation_size(module):
    entry = resolve(module(POLICY, "Past"), TASK)
    assert entry.task.history == 3
    assert Flyer(entry).fly(0).outcome != "FLYING"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("make_it", "has no 'make_it'; did you mean 'make'"),
        ("number", "is of type int; a pilot needs a method 'predict'"),
        ("nothing", "is of type int; a pilot needs a method 'predict'"),
        ("Other", "observes shape (7,), which is not a multiple of"),
        ("Elsewhere", "has actions of shape (3,); control 'throttle' takes (1,)"),
    ],
)
def test_an_object_that_is_not_a_pilot_is_a_one_line_error(name, message, module):
    with pytest.raises(ConfigError) as error:
        resolve(module(POLICY, name), TASK)
    assert message in str(error.value)


def test_wrong_actions_are_named(module):
    entry = resolve(module(POLICY, "Wide"), TASK)
    with pytest.raises(ConfigError, match=r"shape \(1, 2\), expected \(1, 1\)"):
        Flyer(entry).fly(0)


FAILING = """
    class Pilot:
        def __init__(self, answer):
            self.answer = answer
        def predict(self, observation, state=None, episode_start=None, deterministic=False):
            return self.answer() if callable(self.answer) else self.answer
    def fail():
        raise KeyError("thrust\\nand more")
    def needs(path, observation_fields):
        return Pilot(None)
    def alone():
        return Pilot(3.0)
    def words():
        return Pilot(("full thrust", None))
    def raises():
        return Pilot(fail)
"""


@pytest.mark.parametrize(
    ("name", "message", "cause"),
    [
        ("fail", "pilot 'mine:fail' failed: KeyError: 'thrust\\nand more'", KeyError),
        ("Pilot", "only observation_fields is passed to it, but missing a required", TypeError),
        ("needs", "but missing a required argument: 'path'", TypeError),
        ("alone", "predict returned 3.0, expected a pair of actions and state", None),
        ("words", "pilot 'mine:words' failed: ValueError: could not convert", ValueError),
        ("raises", "pilot 'mine:raises' failed: KeyError: ", KeyError),
    ],
)
def test_a_failing_pilot_is_a_one_line_error_that_names_it(name, message, cause, module):
    with pytest.raises(LunarEnvError) as error:
        Flyer(resolve(module(FAILING, name), TASK)).fly(0)
    assert message in str(error.value)
    assert f"pilot 'mine:{name}'" in str(error.value)
    assert type(error.value.__cause__) is (cause or type(None))


def test_a_failing_module_is_a_one_line_error_that_names_the_pilot(module):
    with pytest.raises(LunarEnvError, match="pilot 'mine:make' failed: ZeroDivisionError"):
        resolve(module("1 / 0", "make"), TASK)


def test_a_missing_module_is_a_one_line_error():
    with pytest.raises(ConfigError, match="cannot import 'no_such_module'"):
        resolve("no_such_module:make", TASK)


def test_both_command_lines_accept_a_module_pilot(module, tmp_path):
    pytest.importorskip("pyarrow")
    from training.cli import main as training

    name = module(POLICY, "make")
    assert main(["fly", "--pilot", name, "--landings", "2"]) == 0
    out = tmp_path / "r.parquet"
    words = ["--scenario", "ideal", "--landings", "2"]
    assert training(["evaluate", "--pilot", name, *words, "--out", str(out)]) == 0
    assert out.is_file()


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A model of Stable-Baselines3, trained on nothing."""
    sb3 = pytest.importorskip("stable_baselines3")
    from lunar_env import LunarLandingEnv

    path = tmp_path_factory.mktemp("models") / "theirs.zip"
    env = LunarLandingEnv(history=2, **{k: v for k, v in TASK.keywords().items() if k != "history"})
    made = sb3.PPO("MlpPolicy", env, n_steps=8, batch_size=8, device="cpu", seed=1)
    made.save(path)
    observation, _ = env.reset(seed=3)
    return path, observation, made.predict(observation, deterministic=True)[0]


@pytest.mark.train
def test_a_model_is_loaded_only_where_its_code_is_trusted(model, monkeypatch):
    path, observation, action = model
    with pytest.raises(ConfigError, match="add --trust-code if you trust"):
        resolve(str(path), TASK)
    entry = resolve(str(path), TASK, trust_code=True)
    assert (entry.label, entry.task.history) == ("theirs", 2)
    np.testing.assert_array_equal(entry.pilot.predict(observation[np.newaxis])[0][0], action)
    assert main(["fly", "--pilot", str(path)]) == 1
    assert main(["fly", "--pilot", str(path), "--trust-code", "--scenario", "ideal"]) == 0
    monkeypatch.setitem(sys.modules, "stable_baselines3", None)
    with pytest.raises(LunarEnvError, match="train"):
        resolve(str(path), TASK, trust_code=True)


@pytest.mark.parametrize("content", [b"", b"PK", b"no zip at all"])
def test_a_file_that_is_not_a_model_is_a_one_line_error(content, tmp_path):
    path = tmp_path / "model.zip"
    with pytest.raises(ConfigError, match="no such file"):
        resolve(str(path), TASK, trust_code=True)
    path.write_bytes(content)
    with pytest.raises(ConfigError, match="is not a model saved by Stable-Baselines3"):
        resolve(str(path), TASK, trust_code=True)


def test_an_upper_bound_pilot_gets_the_true_state():
    entry = resolve("hoverslam+oracle", TASK)
    assert entry.pilot.needs_truth
    seen = np.zeros((1, len(OBSERVATION_FIELDS) + len(PRIVILEGED_FIELDS)), np.float32)
    assert entry.pilot.predict(seen)[0].shape == (1, 1)


def test_an_unrelated_package_of_the_same_name_is_ignored(tmp_path, monkeypatch):
    """`agents` is a common name: what is found under it may not be ours."""
    (tmp_path / "agents").mkdir()
    (tmp_path / "agents" / "__init__.py").write_text("")
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    monkeypatch.setattr("lunar_env.pilots._sources", {})
    for name in [name for name in sys.modules if name.partition(".")[0] in ("agents", "training")]:
        monkeypatch.delitem(sys.modules, name)
    assert list(list_names("pilots")) == ["random"]
    with pytest.raises(LunarEnvError, match="needs the package 'agents' of a clone"):
        resolve("hoverslam+kalman", TASK)


def test_pilots_made_by_name_and_directly_are_equal():
    entry = resolve("hoverslam+kalman", TASK)
    assert entry.pilot.name == make_pilot("hoverslam+kalman").name


@pytest.fixture
def run_folder(tmp_path):
    """The folder of a run that was trained elsewhere than on what is usual."""
    task = Task("blue-ghost-m1", "noisy", history=2, control="thrust_vector", phase="approach")
    settings = task.settings()
    seen, acts = settings.observation_fields, settings.action_fields
    trained = {"mission": "blue-ghost-m1", "scenario": "latency"}
    trained |= {"control": task.control, "phase": task.phase}
    card = PolicyCard(
        hidden=(),
        activation="tanh",
        observation_fields=tuple(field.name for field in seen),
        observation_scales=tuple(field.scale for field in seen),
        action_fields=tuple(field.name for field in acts),
        history=2,
        mission="blue-ghost-m1",
        scenario="noisy",
        env_id=task.env_id(),
        training={"steps": 0, "config": {"task": trained}},
    )
    tensors = {
        "output.weight": np.zeros((len(acts), len(seen))),
        "output.bias": np.zeros(len(acts)),
    }
    save_policy(tmp_path / "mine" / "policy", tensors, card)
    return tmp_path / "mine"


def test_a_run_flies_its_training_task_by_default(run_folder):
    name, task = choose(str(run_folder))
    assert task[:2] == ("blue-ghost-m1", "latency")
    assert (task.control, task.phase) == ("thrust_vector", "approach")
    entry = resolve(name, task)
    assert (entry.label, entry.task.history) == ("mine", 2)
    _, told = choose(str(run_folder), scenario="dust", phase="terminal")
    assert (told.mission, told.scenario, told.phase) == ("blue-ghost-m1", "dust", "terminal")


def test_evaluate_uses_the_training_task_of_a_run(run_folder, tmp_path):
    pytest.importorskip("pyarrow")
    from training.cli import main as training
    from training.results import read_results

    out = tmp_path / "r.parquet"
    words = ["evaluate", "--pilot", str(run_folder), "--landings", "2", "--out", str(out)]
    assert training(words) == 0
    landings, metadata = read_results(out)
    assert list(landings["mission"]) == ["blue-ghost-m1"] * 2
    assert list(landings["scenario"]) == ["latency"] * 2
    assert (metadata["controls"], metadata["phases"]) == (["thrust_vector"], ["approach"])


def test_a_folder_that_is_no_run_is_a_one_line_error(tmp_path):
    with pytest.raises(ConfigError, match=r"holds no policy\.safetensors: it is not a run folder"):
        choose(str(tmp_path))
