"""Configurations: presets are valid, files round-trip, mistakes are named."""

import dataclasses

import pytest

from lunar_env.errors import ConfigError
from training.config import NetworkConfig, PpoConfig, TaskConfig, TrainConfig
from training.config_file import config_to_toml, list_presets, load_config, load_preset


@pytest.mark.parametrize("name", ["demo", "m2-late-acquisition"])
def test_presets_load_and_round_trip(name, tmp_path):
    assert name in list_presets()
    config = load_preset(name)
    assert config.task.scenario == "late-acquisition"
    path = tmp_path / "config.toml"
    path.write_text(config_to_toml(config))
    assert load_config(path) == config


def test_every_kind_of_value_round_trips(tmp_path):
    config = TrainConfig(
        seed=3,
        max_minutes=2.5,
        task=TaskConfig(reward={"landed": 2.0}, time_limit_s=150.0, num_threads=1),
        ppo=PpoConfig(target_kl=0.02, ortho_init=False),
        network=NetworkConfig(hidden=(32, 16), activation="relu"),
    )
    path = tmp_path / "config.toml"
    path.write_text(config_to_toml(config))
    assert load_config(path) == config


def test_presets_stay_within_documented_limits():
    assert 0 < (load_preset("demo-ppo").max_minutes or 0) < 2
    assert 0 < (load_preset("m2-late-acquisition").max_minutes or 0) <= 30


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "[ppo]\nlearning_rte = 1e-3",
            "unknown key 'learning_rte'; did you mean 'learning_rate'",
        ),
        ("[pppo]\n", "unknown key 'pppo'; did you mean 'ppo'"),
        ("seed = true", "seed = True: must be a whole number"),
        ("total_steps = 1.5", "total_steps = 1.5: must be a whole number"),
        ("ppo = 3", "ppo = 3: must be a table"),
        ("[network]\nhidden = [64, 'x']", "network.hidden.1 = 'x': must be a whole number"),
        (
            "[network]\nactivation = 'tahn'",
            "network.activation = 'tahn': must be one of tanh, relu, elu",
        ),
        ("[ppo]\ngamma = 1.5", "ppo.gamma = 1.5 must be between 0 and 1"),
        ("[ppo]\ngamma = nan", "ppo.gamma = nan: must be finite"),
        ("[ppo]\nn_steps = 0", "ppo.n_steps = 0 must be between"),
        ("seed = -1", "seed = -1 must be between 0 and 2**63 - 1"),
        ("total_steps = 0", "total_steps = 0 must be between 1 and 1000000000000"),
        (
            "[task]\nnum_envs = 4\n[ppo]\nbatch_size = 4096",
            "must not exceed one rollout, task.num_envs x ppo.n_steps =",
        ),
        (
            "[task]\nnum_envs = 1_000_000_000",
            "task.num_envs = 1000000000 must be between 1 and 1000000",
        ),
        ("[network]\nhidden = [1_000_000]", "network.hidden = 1000000 must be between 1 and 65536"),
        ("[network]\nhidden = 64", "network.hidden = 64: must be a list"),
        ("[task]\nreward = {landed = true}", "task.reward.landed = True: must be a number"),
        ("[task]\nmission = 1979-05-27", "task.mission = ['1979-05-27']: must be text"),
        ("task = []", "task = []: must be a table"),
        ("a = ", "is not valid TOML"),
    ],
)
def test_errors_in_configurations_are_named(text, message, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=r"mine\.toml") as caught:
        load_config(path)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value).strip()


def test_an_unknown_preset_suggests_the_nearest():
    with pytest.raises(ConfigError, match="did you mean 'demo'"):
        load_preset("demmo")


def test_configurations_are_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        TrainConfig().seed = 1  # type: ignore[misc]
