"""Command line of ``python -m training``, built on `lunar_env.cli.program`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lunar_env.cli import COMMANDS as INSTALLED_COMMANDS
from lunar_env.cli.program import Program
from training.config_file import load_preset
from training.options import COMMANDS, Train

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["PROGRAM", "main"]


def _default_options(command: str, words: Sequence[str]) -> Train | None:
    """Return the options of ``train`` before flags: those of a preset or of a resumed run."""
    if command != "train":
        return None
    if name := _option(words, "--preset"):
        return Train(preset=name, config=load_preset(name))
    if folder := _option(words, "--resume"):
        from training.run_folder import RunFolder  # late import: it loads the environment

        return Train(config=RunFolder(Path(folder)).read_config())
    return None


def _option(words: Sequence[str], flag: str) -> str | None:
    """Return the value of a flag that has to be read before the others are parsed."""
    for index, word in enumerate(words):
        if word == flag and index + 1 < len(words):
            return words[index + 1]
        if word.startswith(f"{flag}="):
            return word.partition("=")[2]
    return None


PROGRAM = Program(
    "python -m training",
    COMMANDS,
    "training.commands",
    moved={"bench": "python -m training bench-ppo", "watch": "lunar-env fly"}
    | {
        name: f"lunar-env {name}" for name in INSTALLED_COMMANDS if name not in (*COMMANDS, "bench")
    },
    default=_default_options,
)
main = PROGRAM.main
