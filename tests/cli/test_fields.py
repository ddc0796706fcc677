"""The flags and the help that the fields of options give."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import Annotated

import pytest
import tyro

from lunar_env.cli import PROGRAM, main
from lunar_env.cli.fields import flags_of, join_paragraphs
from training.cli import PROGRAM as TRAINING
from training.cli import main as train

COMMANDS = [*PROGRAM.commands.values(), *TRAINING.commands.values()]


@dataclass(frozen=True)
class Inner:
    """Nested."""

    size: int = 1
    """How large."""


@dataclass(frozen=True)
class Outer:
    """Every kind of field."""

    place: tyro.conf.Positional[str]
    """Where."""
    plain_word: int = 0
    """A line
    and another,
    (and a third)."""
    start: Annotated[str, tyro.conf.arg(name="from", aliases=("-f", "--begin"))] = ""
    """Whence."""
    inner: Inner = field(default_factory=Inner)
    """What."""
    bare: Annotated[Inner, tyro.conf.arg(name="")] = field(default_factory=Inner)
    """What else."""


def test_flags_have_the_names_aliases_and_prefixes_that_tyro_gives_them():
    wanted = ["--plain-word", "--from", "-f", "--begin", "--inner.size", "--size"]
    assert list(flags_of(Outer)) == wanted


@pytest.mark.parametrize("options", COMMANDS, ids=lambda each: f"{each.__module__}.{each.__name__}")
def test_the_flags_are_those_that_tyro_accepts(options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        parser = tyro.extras.get_parser(options)
    accepted = {flag for action in parser._actions for flag in action.option_strings}
    ours = set(flags_of(options))
    assert ours <= accepted
    left = {flag.replace("no-", "", 1) for flag in accepted - ours} - {"-h", "--help"}
    assert left <= ours  # the other half of a switch


def test_a_renamed_option_is_accepted(capsys):
    words = ["train", "--from", "no-such-policy", "--total-steps", "x"]
    assert train(words) == 2
    assert "--total-steps takes INT, not 'x'" in capsys.readouterr().err
    assert train(["train", "--start", "run"]) == 2
    assert "no option '--start'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("typed", "option"),
    [
        (["--task.num-envs", "0"], "--task.num-envs 0: must be between 1 and 1000000"),
        (["--task.num_envs=0"], "--task.num-envs 0: must be between 1 and 1000000"),
        (["--ppo.gamma", "7"], "--ppo.gamma 7.0: must be between 0 and 1"),
        (["--task.history", "0"], "--task.history 0: must be a whole number from 1 to 64"),
    ],
)
def test_an_error_names_the_option_that_was_typed(typed, option, tmp_path, capsys):
    out = tmp_path / "run"
    assert train(["train", *typed, "--out", str(out)]) == 1
    assert capsys.readouterr().err == f"error: {option}\n"
    assert not out.exists()


def test_the_help_of_a_field_is_one_paragraph(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    join_paragraphs(Outer)
    with pytest.raises(SystemExit):
        tyro.cli(Outer, args=["--help"])
    assert "A line and another, (and a third)." in capsys.readouterr().out


@pytest.mark.parametrize(("run", "words"), [(main, ["fly"]), (train, ["train"]), (train, ["tune"])])
def test_help_breaks_lines_only_where_the_page_ends(run, words, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    assert run([*words, "--help"]) == 0
    lines = [line.strip("│ ") for line in capsys.readouterr().out.splitlines()]
    box = [line for line in lines if line and line[0] not in "╭╰"]
    starts = range(box.index(next(line for line in box if line.startswith("-h"))), len(box) - 1)
    short = [
        box[i]
        for i in starts
        if len(box[i]) + len(box[i + 1].split()[0]) < 40 and not box[i].endswith((")", "."))
        if not box[i].startswith("-")
    ]
    assert short == []


@pytest.mark.parametrize(
    ("run", "words", "name"),
    [
        (main, ["describe"], "NAME"),
        (main, ["list"], "KIND"),
        (main, ["replay"], "FILE"),
        (train, ["report"], "RESULTS"),
        (train, ["export"], "RUN"),
    ],
)
def test_a_positional_argument_has_the_name_of_its_field(run, words, name, capsys):
    assert run([*words, "--help"]) == 0
    usage, _, _ = capsys.readouterr().out.partition("\n")
    assert name in usage.split()
