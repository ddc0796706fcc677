"""Policy files: a round trip, the arithmetic, and every way a file can be wrong."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pytest

from agents import LearnedPilot, PolicyCard, load_policy, make_pilot, save_policy
from agents.network import ACTIVATIONS
from agents.registry import WEIGHTS
from lunar_env import OBSERVATION_FIELDS, LunarLandingEnv
from lunar_env.errors import ConfigError
from lunar_env.files import OutputExistsError


class NamedField(NamedTuple):
    name: str
    scale: float = 1.0


FIELDS = [NamedField(n) for n in ("height", "speed", "thrust")]
CARD = PolicyCard(
    hidden=(5, 4),
    activation="tanh",
    observation_fields=tuple(f.name for f in FIELDS),
    action_fields=("throttle",),
    history=1,
    mission="hakuto-r-m2",
    scenario="late-acquisition",
    env_id="LunarEnv/ThrottleLanding-v0",
    training={"command": "train", "commit": "0" * 40, "seed": 0, "steps": 10, "config": {}},
    scores={"ideal": {"success": 0.5, "low": 0.4, "high": 0.6}},
)


def tensors(seed=0, scale=1.0):
    rng = np.random.default_rng(seed)
    sizes = [3, *CARD.hidden, 1]
    names = [*(f"layer{i}" for i in range(len(CARD.hidden))), "output"]
    out = {"log_std": np.zeros(1, np.float32)}
    for name, n_in, n_out in zip(names, sizes[:-1], sizes[1:], strict=True):
        out[f"{name}.weight"] = (scale * rng.normal(size=(n_out, n_in))).astype(np.float32)
        out[f"{name}.bias"] = rng.normal(size=n_out).astype(np.float32)
    return out


@pytest.fixture
def saved(tmp_path):
    return save_policy(tmp_path / "policy", tensors(), CARD)


def test_a_policy_is_saved_and_loaded_equal(saved):
    pilot = load_policy(saved, FIELDS)
    digest = hashlib.sha256(saved.read_bytes()).hexdigest()
    assert pilot.card == replace(CARD, weights_sha256=digest)
    assert pilot.name == "policy"
    x = np.random.default_rng(1).normal(size=(7, 3)).astype(np.float32)
    t = tensors()
    hidden = np.tanh(x @ t["layer0.weight"].T + t["layer0.bias"])
    hidden = np.tanh(hidden @ t["layer1.weight"].T + t["layer1.bias"])
    wanted = np.clip(hidden @ t["output.weight"].T + t["output.bias"], -1.0, 1.0)
    action, state = pilot.predict(x)
    assert action.dtype == np.float32
    assert action.shape == (7, 1)
    assert state is None
    assert np.allclose(action, wanted, atol=1e-6)
    assert pilot.predict(x[0])[0].shape == (1,)
    assert sorted(p.name for p in saved.parent.iterdir()) == ["policy.json", "policy.safetensors"]


def test_actions_are_clipped(tmp_path):
    pilot = load_policy(save_policy(tmp_path / "p", tensors(scale=50.0), CARD), FIELDS)
    action, _ = pilot.predict(np.random.default_rng(0).normal(size=(50, 3)))
    assert np.abs(action).max() == 1.0


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_activations_agree_with_torch(name):
    torch = pytest.importorskip("torch")
    x = np.linspace(-30.0, 30.0, 601).astype(np.float32)
    reference = {"tanh": torch.tanh, "relu": torch.relu}.get(name) or getattr(
        torch.nn.functional, name
    )
    assert np.allclose(ACTIVATIONS[name](x), reference(torch.from_numpy(x)).numpy(), atol=1e-6)


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.5, 0.99])
def test_truncated_weights_are_rejected(saved, share):
    content = saved.read_bytes()
    saved.write_bytes(content[: int(share * len(content))])
    with pytest.raises(ConfigError, match="not a complete safetensors file"):
        load_policy(saved, FIELDS)


def test_files_that_are_not_weights_are_rejected(saved):
    saved.write_bytes(b"\x80\x04cos\nsystem\n(S'true'\ntR." * 20)
    with pytest.raises(ConfigError, match="not a complete safetensors file"):
        load_policy(saved, FIELDS)


def test_a_truncated_card_is_rejected(saved):
    card = saved.with_suffix(".json")
    card.write_text(card.read_text()[:100])
    with pytest.raises(ConfigError, match="cut short"):
        load_policy(saved, FIELDS)


@pytest.mark.parametrize(
    ("suffix", "problem"),
    [
        (".json", r"policy\.safetensors: its policy card, policy\.json, is missing"),
        (".safetensors", r"policy\.safetensors: cannot be read: No such file"),
    ],
)
def test_a_missing_file_is_an_error(saved, suffix, problem):
    saved.with_suffix(suffix).unlink()
    with pytest.raises(ConfigError, match=problem):
        load_policy(saved, FIELDS)


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        ({"format": "other/9"}, "other/9"),
        ({"history": "1"}, "history = '1': must be a whole number"),
        ({"history": True}, "history = True: must be a whole number"),
        ({"hystory": 1}, "did you mean 'history'"),
        ({"observation_fields": ["height", 3]}, r"observation_fields\.1 = 3: must be text"),
        ({"observation_scales": [1.0, 2.0]}, "holds 2 observation_scales, must hold 3"),
        (
            {"observation_scales": [1.0, "2", 3.0]},
            "must be a number",
        ),
        ({"observation_scales": [1, 10**400, 3]}, "more than 64 bits"),
        ({"history": 0}, "history = 0"),
        ({"training": []}, r"training = \[\]: must be a table"),
        ({"observation_scale": [1.0]}, "did you mean 'observation_scales'"),
        (
            {"architecture": {"hidden": [5, 4], "activation": "tanh"}},
            "output: is missing",
        ),
        (
            {"architecture": {"hidden": [5, 4], "activation": "tahn", "output": "clip"}},
            "did you mean 'tanh'",
        ),
        (
            {"architecture": {"hidden": [5, 5], "activation": "tanh", "output": "clip"}},
            "as in its card",
        ),
    ],
)
def test_an_invalid_card_is_rejected(saved, edit, message):
    card = saved.with_suffix(".json")
    card.write_text(json.dumps(json.loads(card.read_text()) | edit))
    with pytest.raises(ConfigError, match=message):
        load_policy(saved, FIELDS)


def observed(rows, fields, seed=3):
    return np.random.default_rng(seed).normal(size=(rows, len(fields))).astype(np.float32)


def test_observation_elements_are_found_by_name(saved):
    """In another order and among others it acts on the same numbers in the same way."""
    wider = [NamedField("a"), FIELDS[2], NamedField("b", 4.0), FIELDS[0], FIELDS[1]]
    x = observed(6, wider)
    expected, _ = load_policy(saved, FIELDS).predict(x[:, [3, 4, 1]])
    action, _ = load_policy(saved, wider).predict(x)
    assert np.array_equal(action, expected)
    assert np.array_equal(load_policy(saved, wider).predict(x[2])[0], expected[2])


def test_an_element_that_is_missing_is_named(saved):
    with pytest.raises(ConfigError, match="was trained on 'thrust', which the environment"):
        load_policy(saved, FIELDS[:2])
    with pytest.raises(ConfigError, match=r"'speed'.*did you mean 'speeds'"):
        load_policy(saved, [FIELDS[0], NamedField("speeds"), FIELDS[2]])


def test_an_element_on_another_scale_is_rejected(tmp_path):
    card = replace(CARD, observation_scales=(1.0, 10.0, 1.0))
    path = save_policy(tmp_path / "p", tensors(), card)
    assert load_policy(path).card.observation_scales == (1.0, 10.0, 1.0)
    same = [FIELDS[0], NamedField("speed", 10.0), FIELDS[2]]
    load_policy(path, same)
    with pytest.raises(ConfigError, match=r"'speed' over 10.*observes it over 1: .*phase"):
        load_policy(path, FIELDS)


def test_a_card_without_scales_matches_by_names_alone(saved):
    assert "observation_scales" not in json.loads(saved.with_suffix(".json").read_text())
    load_policy(saved, [field._replace(scale=7.0) for field in FIELDS])


def test_past_frames_are_found_behind_the_present_one(tmp_path):
    names = ("height", "speed", "height@-1", "speed@-1")
    card = replace(CARD, hidden=(), observation_fields=names, history=2)
    weights = {"output.weight": np.array([[0.1, 0.02, 0.003, 0.0004]]), "output.bias": np.zeros(1)}
    path = save_policy(tmp_path / "p", weights, card)
    wider = [NamedField("other"), NamedField("height"), NamedField("speed")]
    deeper = [*wider, *(NamedField(f"{f.name}@-{k}") for k in (1, 2) for f in wider)]
    x = np.array([[0, 1, 2, 0, 3, 4, 0, 9, 9]], np.float32)
    expected = 0.1 + 0.04 + 0.009 + 0.0016
    for fields, seen in ((deeper, x), (wider, x[:, :6]), (wider, x)):
        action, _ = load_policy(path, fields).predict(seen)
        assert action[0, 0] == pytest.approx(expected)
    with pytest.raises(ConfigError, match=r"whole frames of 3 elements \(history=2\), got 3"):
        load_policy(path, wider).predict(x[:, :3])


@pytest.mark.parametrize("width", [2, 4])
def test_an_observation_of_another_width_is_rejected(saved, width):
    with pytest.raises(ConfigError, match=f"whole frames of 3 elements .*got {width}"):
        load_policy(saved, FIELDS).predict(np.zeros((2, width)))


def test_other_actions_are_rejected(saved):
    vector = [*FIELDS, NamedField("prev_tilt_east_1"), NamedField("prev_throttle_1")]
    with pytest.raises(ConfigError, match=r"commands throttle, .*tilt_east, throttle: .*control"):
        load_policy(saved, vector)
    load_policy(saved, [*FIELDS, NamedField("prev_throttle_1"), NamedField("prev_throttle_2")])


def test_nothing_is_written_when_the_tensors_do_not_fit(tmp_path):
    broken = tensors()
    broken["output.bias"][0] = np.nan
    for card, weights in ((CARD, broken), (replace(CARD, hidden=(5,)), tensors())):
        with pytest.raises(ConfigError):
            save_policy(tmp_path / "p", weights, card)
    assert list(tmp_path.iterdir()) == []


def test_a_half_written_pair_is_completed_by_the_next_save(saved):
    card = saved.with_suffix(".json").read_bytes()
    with pytest.raises(OutputExistsError):
        save_policy(saved, tensors(), CARD, replace=False)
    saved.with_suffix(".json").unlink()
    with pytest.raises(OutputExistsError):  # these are another policy's
        save_policy(saved, tensors(scale=2.0), CARD, replace=False)
    save_policy(saved, tensors(), CARD, replace=False)
    assert saved.with_suffix(".json").read_bytes() == card


def test_a_policy_flies_from_its_path(tmp_path):
    env = LunarLandingEnv()
    card = replace(CARD, hidden=(), observation_fields=tuple(f.name for f in OBSERVATION_FIELDS))
    zero = {
        "output.weight": np.zeros((1, len(OBSERVATION_FIELDS))),
        "output.bias": np.array([0.25]),
    }
    pilot = make_pilot(save_policy(tmp_path / "flat", zero, card))
    observation, _ = env.reset(seed=0)
    action, _ = pilot.predict(observation[np.newaxis])
    assert action.tolist() == [[0.25]]
    env.step(action[0])


def test_a_policy_with_a_shorter_frame_gets_its_own_elements():
    """ppo-m2 knows 79 elements; today's frame has them all among more, on the same scales."""
    pilot = make_pilot("ppo-m2-late-acquisition")
    assert isinstance(pilot, LearnedPilot)
    names = [field.name for field in OBSERVATION_FIELDS]
    own = [names.index(name) for name in pilot.card.observation_fields]
    assert len(own) == 79 < len(names)
    x = observed(5, OBSERVATION_FIELDS)
    alone = load_policy(WEIGHTS / "ppo-m2-late-acquisition.json")
    assert np.array_equal(pilot.predict(x)[0], alone.predict(x[:, own])[0])
