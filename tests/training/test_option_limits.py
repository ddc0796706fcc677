"""Every option that is a whole number has a least value, checked before the command works."""

from __future__ import annotations

import dataclasses
import types
import typing

import pytest

pytest.importorskip("optuna")
pytest.importorskip("pyarrow")
pytest.importorskip("stable_baselines3")

from lunar_env.cli import main as lunar_env
from lunar_env.cli.options import COMMANDS as INSTALLED
from training.cli import main as training
from training.options import COMMANDS

# What a command needs besides; those that are not named have no such option.
NEEDED = {
    "evaluate": ("--pilot", "hoverslam+kalman", "--out", "r.parquet"),
    "explain": ("--pilot", "hoverslam+kalman", "--out", "e"),
    "missions": (),
    "accidents": ("--out", "a"),
    "benchmark": ("--pilots", "hoverslam+naive", "--out", "b"),
    "suite": ("--pilots", "hoverslam+naive", "--out", "s", "--tasks", "m2-healthy"),
    "study": ("--out", "study"),
    "tune": ("--pilot", "hoverslam+kalman", "--out", "t.toml"),
    "demo": ("--out", "d"),
    "bench-ppo": (),
    "train": ("--out", "run"),
    "fly": (),
    "play": (),
    "replay": ("flight.npz",),
    "bench": (),
}
# Keys are signed.
SIGNED = ("episode_key",)
# Checked as what they set in the configuration of a run.
NAMES = {
    ("demo", "steps"): "total_steps",
    ("bench-ppo", "num_envs"): "task.num_envs",
    ("bench-ppo", "epochs"): "ppo.n_epochs",
    ("bench-ppo", "batch_size"): "ppo.batch_size",
}


def whole_numbers(options, prefix=""):
    """Names of the options of type int, those of nested configurations with their prefix."""
    hints = typing.get_type_hints(options)
    for field in dataclasses.fields(options):
        kind = hints[field.name]
        if dataclasses.is_dataclass(kind):
            inner = "" if field.name == "config" else f"{prefix}{field.name}."
            yield from whole_numbers(kind, inner)
            continue
        optional = isinstance(kind, types.UnionType) or typing.get_origin(kind) is tuple
        if kind is int or (optional and int in typing.get_args(kind)):
            yield prefix + field.name


CASES = [
    (main, command, name)
    for main, commands in ((training, COMMANDS), (lunar_env, INSTALLED))
    for command, options in commands.items()
    for name in whole_numbers(options)
    if name not in SIGNED
]


@pytest.mark.parametrize(("main", "command", "name"), CASES)
def test_a_negative_number_is_rejected(monkeypatch, tmp_path, capsys, main, command, name):
    monkeypatch.chdir(tmp_path)
    flag = f"--{name.replace('_', '-')}"
    assert main([command, *NEEDED[command], flag, "-1"]) == 1
    line = capsys.readouterr().err
    shown = NAMES.get((command, name))
    assert line.startswith(f"error: {shown} = -1 must" if shown else f"error: {flag} -1: must")
    assert line.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_the_table_covers_both_programs():
    assert {("evaluate", "traces"), ("bench-ppo", "epochs"), ("train", "ppo.n_steps")} <= {
        (command, name) for _, command, name in CASES
    }
    assert len(CASES) > 50


@pytest.mark.parametrize("words", [("--repeats", "0"), ("--iterations", "0"), ("--threads", "0")])
def test_a_measurement_of_nothing_is_rejected(capsys, words):
    assert training(["bench-ppo", *words]) == 1
    assert f"{words[0]} 0: must be" in capsys.readouterr().err
