"""Several worlds in one run: weights, seeds, presets, and errors before any work."""

import dataclasses

import numpy as np
import pytest

from lunar_env.errors import ConfigError
from lunar_env.pilots import list_names
from lunar_env.registration import IDS
from training.cli import main
from training.config import TaskConfig, TrainConfig, WorldConfig
from training.config_file import config_to_toml, list_presets, load_config, load_preset
from training.seeds import Domain, episode_seeds
from training.worlds import check_worlds, divided, judged, world_seeds, worlds_of

M2, GHOST = WorldConfig(weight=2.0), WorldConfig("blue-ghost-m1", "noisy")
PRACTICE = WorldConfig(scenario="ideal", until_step=1024)
TINY = TrainConfig(task=TaskConfig(num_envs=256, worlds=(M2, GHOST, PRACTICE)))


@pytest.mark.parametrize(
    ("total", "weights", "expected"),
    [
        (10, (3.0, 1.0, 1.0), [6, 2, 2]),
        (4, (100.0, 1.0, 1.0), [2, 1, 1]),
        (3, (1e6, 1e-6, 1.0), [1, 1, 1]),
        (256, (1.0,) * 4, [64] * 4),
        (7, (5.0,), [7]),
    ],
)
def test_landers_are_divided_by_weight(total, weights, expected):
    assert divided(total, weights) == expected


def test_a_division_is_complete_and_near_the_weights():
    generator = np.random.default_rng(0)
    for _ in range(200):
        weights = generator.exponential(size=generator.integers(1, 9)) + 1e-3
        total = int(len(weights) + generator.integers(0, 300))
        counts = divided(total, weights.tolist())
        assert (sum(counts), len(counts)) == (total, len(weights))
        assert min(counts) >= 1
        exact = total * weights / weights.sum()
        if exact.min() >= 1.0:
            assert np.abs(counts - exact).max() <= 1.0


def test_the_seeds_of_a_world_do_not_depend_on_the_others():
    alone = worlds_of(dataclasses.replace(TINY.task, worlds=(GHOST,)))[0]
    m2, ghost, practice = worlds_of(TINY.task)
    assert world_seeds(5, ghost, 4) == world_seeds(5, alone, 9)[:4]
    lists = [
        *(world_seeds(5, world, 50) for world in (m2, ghost, practice)),
        world_seeds(6, ghost, 50),
        world_seeds(5, ghost, 50, step=1024),
        *(episode_seeds(5, domain, 50) for domain in Domain),
    ]
    assert len({seed for some in lists for seed in some}) == 50 * len(lists)


def test_a_task_without_worlds_has_the_seeds_that_it_always_had():
    (world,) = worlds_of(TaskConfig())
    assert world_seeds(3, world, 8) == episode_seeds(3, Domain.TRAIN, 8)
    assert judged(TaskConfig()) == (world,)


def test_worlds_round_trip_and_take_what_they_omit_from_the_task(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text(config_to_toml(TINY))
    assert load_config(path) == TINY
    tasks = [world.task for world in worlds_of(TINY.task)]
    assert [(task.mission, task.scenario) for task in tasks] == [
        ("hakuto-r-m2", "late-acquisition"),
        ("blue-ghost-m1", "noisy"),
        ("hakuto-r-m2", "ideal"),
    ]
    assert {task.phase for task in tasks} == {"terminal"}


WORLDS = "[[task.worlds]]\nscenario = 'noisy'\n[[task.worlds]]\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (WORLDS + "wieght = 2.0", "unknown key 'wieght'; did you mean 'weight'"),
        (WORLDS + "control = 'throttle'", "task.worlds.1: unknown key 'control'"),
        (WORLDS + "weight = 'x'", "task.worlds.1.weight = 'x': must be a number"),
        (WORLDS + "weight = 0.0", "task.worlds.1.weight = 0.0 must be between 1e-06 and 1000000"),
        (WORLDS + "weight = -1.0", "task.worlds.1.weight = -1.0 must be between"),
        (WORLDS + "from_step = -1", "task.worlds.1.from_step = -1 must be between 0"),
        (WORLDS + "from_step = 9\nuntil_step = 9", "until_step = 9 must be above its from_step, 9"),
        (
            "[[task.worlds]]\nuntil_step = 9",
            "task.worlds: none is flown from step 9",
        ),
        (
            "[[task.worlds]]\nfrom_step = 9",
            "task.worlds: none is flown from step 0",
        ),
        ("[task]\nnum_envs = 1\n" + WORLDS, "task.num_envs = 1 must be between 2 and 1000000"),
        ("[selection]\nlandings = 1\n" + WORLDS, "selection.landings = 1 must be between 2"),
        (
            "[task]\nscenario = 'ideal'\n[[task.worlds]]\nscenario = 'noisy'",
            "task.scenario = 'ideal' has no effect: each of task.worlds has its scenario",
        ),
        ("[task]\nworlds = 3", "task.worlds = 3: must be a list"),
    ],
)
def test_errors_in_worlds_are_named(text, message, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=r"mine\.toml") as caught:
        load_config(path)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"worlds": (M2, WorldConfig("hakuto-r-m3"))},
            r"task\.worlds\.1: unknown mission 'hakuto-r-m3'; did you mean 'hakuto-r-m2'",
        ),
        (
            {"worlds": (M2, WorldConfig(scenario="late-aquisition"))},
            r"task\.worlds\.1: .*did you mean 'late-acquisition'",
        ),
        (
            {"worlds": (M2, WorldConfig(scenario="latency-shifted"))},
            r"task\.worlds\.1: scenario = 'latency-shifted' is for tests only",
        ),
        (
            {"worlds": (M2, GHOST, WorldConfig(weight=3.0))},
            r"task\.worlds\.2: hakuto-r-m2, late-acquisition, terminal is task\.worlds\.0 too",
        ),
        (
            {"worlds": (M2, WorldConfig(phase="approach")), "control": "thrust_vector"},
            r"task\.worlds\.1: its policy observes \w+ in units of \S+ \S+, that of"
            r" task\.worlds\.0 \w+ in units of",
        ),
        (
            {"worlds": (WorldConfig("slim"), GHOST), "control": "actuators"},
            r"task\.worlds\.1: its policy commands .*, that of task\.worlds\.0",
        ),
    ],
)
def test_worlds_that_one_policy_cannot_fly_are_rejected(change, message):
    with pytest.raises(ConfigError, match=message) as caught:
        check_worlds(dataclasses.replace(TINY.task, **change), TINY.policy)
    assert "\n" not in str(caught.value)


def test_a_file_is_a_preset_and_a_wrong_world_leaves_no_folder(tmp_path, capsys):
    mine, run = tmp_path / "mine.toml", tmp_path / "run"
    mine.write_text("[[task.worlds]]\nmission = 'slim'\n[[task.worlds]]\nmission = 'slum'\n")
    assert main(["train", "--preset", str(mine), "--out", str(run)]) == 1
    line = capsys.readouterr().err
    assert "task.worlds.1: unknown mission 'slum'; did you mean 'slim'" in line
    assert line.count("\n") == 1
    assert not run.exists()
    assert main(["train", "--preset", str(tmp_path / "no.toml")]) == 1
    assert "cannot be read" in capsys.readouterr().err
    assert main(["train", "--task.worlds", "2"]) == 2
    assert "train has no option '--task.worlds'" in capsys.readouterr().err


@pytest.mark.parametrize("row", IDS, ids=lambda row: row.name)
def test_there_is_a_preset_for_every_id(row):
    name = row.name.removeprefix("LunarEnv/").removesuffix("-v0")
    name = "".join(f"-{c.lower()}" if c.isupper() else c for c in name).lstrip("-")
    (world,) = worlds_of(load_preset(name).task)
    assert world.task.env_id() == row.name
    assert (world.task.mission, world.task.phase) == (row.mission, row.phase)


@pytest.mark.parametrize("name", list_presets())
def test_every_preset_can_be_trained(name):
    check_worlds(load_preset(name).task, load_preset(name).policy)


def test_the_list_of_presets_counts_worlds():
    line = list_names("presets")["throttle-m2"]
    assert line == "hakuto-r-m2, noisy and 6 more: 4,000,000 steps"
