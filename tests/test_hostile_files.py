"""Files of every kind with bytes flipped, ends cut off and values changed: read, or one line."""

from __future__ import annotations

import io
import json
import tomllib
import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pytest
import tomli_w
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytest.importorskip("safetensors")
pytest.importorskip("pyarrow")

from agents import load_policy, make_pilot, save_policy
from agents.card import PolicyCard
from agents.gains import read_gains
from lunar_env import LunarEnvError, LunarLandingEnv
from lunar_env.specs import load_mission, load_scenario, load_terrain
from lunar_env.telemetry import Recorder, load_flight
from tests.training.conftest import landings_table
from training.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from training.config import TrainConfig
from training.config_file import config_to_toml, load_config
from training.results import read_results, write_results
from training.summary import groups

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# Anything that a number, a text or a table of a file may have been replaced by.
STRANGE = st.one_of(
    *(st.none(), st.booleans(), st.text(max_size=20), st.just("x" * 5000)),
    st.sampled_from([0, -1, 2**63, 2**64, 0.0, -0.0, 1e300, -1e300, 5e-324, 0.5]),
    st.sampled_from([float("nan"), float("inf"), [], {}, [[]], [{}], {"value": 1}, {"": ""}]),
    st.recursive(st.integers(), lambda inner: st.lists(inner, max_size=3), max_leaves=5),
)


class Kind(NamedTuple):
    """A kind of file."""

    path: Path  # of a good one
    read: Callable[[Path], object]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("kinds")


def write_texts(folder: Path) -> None:
    (folder / "mission.toml").write_text(load_mission("slim").to_toml())
    (folder / "scenario.toml").write_text(load_scenario("everything").to_toml())
    (folder / "terrain.toml").write_text(load_terrain("highland").to_toml())
    (folder / "gains.toml").write_text("[law]\nuse_frac = 0.8\n[blind]\nbrake_frac = 0.6\n")
    (folder / "config.toml").write_text(config_to_toml(TrainConfig(max_minutes=1.0)))


def write_policy(folder: Path) -> None:
    card = PolicyCard(
        hidden=(3,),
        activation="tanh",
        observation_fields=("height", "speed"),
        action_fields=("throttle",),
        history=1,
        mission="slim",
        scenario="ideal",
        env_id="LunarEnv/ThrottleLanding-v0",
    )
    layers = {"layer0.weight": (3, 2), "layer0.bias": 3, "output.weight": (1, 3), "output.bias": 1}
    save_policy(folder / "policy", {n: np.ones(s) for n, s in layers.items()}, card)


def write_flight(path: Path) -> None:
    recorder = Recorder(LunarLandingEnv())
    recorder.reset(seed=0)
    for _ in range(3):
        recorder.step(np.zeros(1, np.float32))
    recorder.save(path)


@pytest.fixture(scope="module")
def kinds(folder) -> dict[str, Kind]:
    write_texts(folder)
    write_policy(folder)
    write_flight(folder / "flight.npz")
    kept = Checkpoint(7, {"a": np.arange(9.0)}, {"best": None, "chosen_at": 0, "spent_s": 1.0})
    flown = landings_table("mine", "noisy", [1, 0, 1], traces=2)
    write_results(folder / "results.parquet", flown, {"seed": 0})
    return {
        "mission": Kind(folder / "mission.toml", load_mission),
        "scenario": Kind(folder / "scenario.toml", load_scenario),
        "terrain": Kind(folder / "terrain.toml", load_terrain),
        "gains": Kind(folder / "gains.toml", fly_with),
        "config": Kind(folder / "config.toml", load_config),
        "card": Kind(folder / "policy.json", load_policy),
        "weights": Kind(folder / "policy.safetensors", load_policy),
        "checkpoint": Kind(save_checkpoint(folder, kept), load_checkpoint),
        "flight": Kind(folder / "flight.npz", load_flight),
        "results": Kind(folder / "results.parquet", summed),
    }


def fly_with(path: Path) -> object:
    return make_pilot("hoverslam+kalman", gains=read_gains(path))


def summed(path: Path) -> object:
    return groups(read_results(path)[0])


NAMES = (
    *("mission", "scenario", "terrain", "gains", "config", "card"),
    *("weights", "checkpoint", "flight", "results"),
)


def holds(kind: Kind, content: bytes) -> None:
    """Read a file of that content, in place of the good one: it goes, or it is one line."""
    good = kind.path.read_bytes()
    kind.path.write_bytes(content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            kind.read(kind.path)
    except LunarEnvError as error:
        text = str(error)
        assert text.isprintable()
        assert len(text) < 2100
        assert "pydantic" not in text
        assert "Traceback" not in text
    finally:
        kind.path.write_bytes(good)


def bounded(examples: int):
    return settings(
        max_examples=examples,
        derandomize=True,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )


@pytest.mark.parametrize("name", NAMES)
@bounded(60)
@given(st.data())
def test_changed_bytes_give_a_value_or_a_clear_error(kinds, name, data):
    content = bytearray(kinds[name].path.read_bytes())
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=4)):
        content[place] = data.draw(st.integers(0, 255))
    holds(kinds[name], bytes(content))


@pytest.mark.parametrize("name", NAMES)
@bounded(25)
@given(st.data())
def test_truncated_or_lengthened_files_give_a_clear_error(kinds, name, data):
    content = kinds[name].path.read_bytes()
    cut = data.draw(st.integers(0, len(content)))
    holds(kinds[name], content[:cut] + data.draw(st.binary(max_size=40)))


def places(tree: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the way to every value in a tree, the tree itself first."""
    found = [way]
    inner = dict(enumerate(tree)) if isinstance(tree, list) else tree
    for key, value in inner.items() if isinstance(inner, dict) else ():
        found += places(value, (*way, key))
    return found


def put(tree: Any, way: tuple[Any, ...], value: Any) -> Any:
    """Return the tree with another value at a place."""
    if not way:
        return value
    copy = dict(tree) if isinstance(tree, dict) else list(tree)
    copy[way[0]] = put(copy[way[0]], way[1:], value)
    return copy


def as_toml(tree: Any) -> bytes:
    """Write what TOML can hold, and of the rest its words: it is to be no valid file then."""
    try:
        return tomli_w.dumps(tree).encode("utf-8", "surrogatepass")
    except (TypeError, AttributeError):
        return str(tree).encode("utf-8", "surrogatepass")


@pytest.mark.parametrize("name", ["mission", "scenario", "terrain", "gains", "config"])
@bounded(150)
@given(st.data())
def test_toml_values_of_a_wrong_type_give_a_clear_error(kinds, name, data):
    tree = tomllib.loads(kinds[name].path.read_text())
    way = data.draw(st.sampled_from(places(tree)))
    strange = data.draw(STRANGE)
    holds(kinds[name], as_toml(put(tree, way, strange)))


@pytest.mark.parametrize("name", ["card", "flight"])
@bounded(150)
@given(st.data())
def test_json_values_of_a_wrong_type_give_a_clear_error(kinds, name, data):
    strange = data.draw(STRANGE)
    if name == "card":
        tree = json.loads(kinds[name].path.read_text())
        way = data.draw(st.sampled_from(places(tree)))
        holds(kinds[name], json.dumps(put(tree, way, strange)).encode())
        return
    with np.load(kinds[name].path) as archive:
        members = dict(archive)
    tree = json.loads(members["header"].tobytes())
    way = data.draw(st.sampled_from(places(tree)))
    changed = json.dumps(put(tree, way, strange)).encode()
    members["header"] = np.frombuffer(changed, np.uint8)
    content = io.BytesIO()
    np.savez(content, **members)
    holds(kinds[name], content.getvalue())


@pytest.mark.parametrize("name", ["actions", "observations", "privileged", "rewards"])
@bounded(25)
@given(st.data())
def test_flight_arrays_of_a_wrong_type_give_a_clear_error(kinds, name, data):
    with np.load(kinds["flight"].path) as archive:
        members = dict(archive)
    shape = data.draw(st.lists(st.integers(0, 3), max_size=3))
    kind = data.draw(st.sampled_from(["f8", "f4", "i8", "?", "c16", "U3", "M8[s]", "V3", ">f8"]))
    members[name] = np.zeros(shape, kind)
    content = io.BytesIO()
    np.savez(content, **members)
    holds(kinds["flight"], content.getvalue())
