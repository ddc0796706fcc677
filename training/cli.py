"""Command line of ``python -m training``, run by `lunar_env.cli.program` as `lunar-env` is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lunar_env.cli import COMMANDS as SHOWN
from lunar_env.cli.program import Program
from training.config_file import load_preset
from training.options import COMMANDS, Train

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["PROGRAM", "main"]


def _begun(command: str, words: Sequence[str]) -> Train | None:
    """Return what the other options of ``train`` change: a preset, or a run to go on with."""
    if command != "train":
        return None
    if name := _option(words, "--preset"):
        return Train(preset=name, config=load_preset(name))
    if folder := _option(words, "--resume"):
        from training.run_folder import RunFolder  # late: it imports the environment

        return Train(config=RunFolder(Path(folder)).read_config())
    return None


def _option(words: Sequence[str], flag: str) -> str | None:
    """Return the value of a flag that must be known before the others are parsed."""
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
    moved={"bench": "python -m training bench-ppo"}
    | {name: f"lunar-env {name}" for name in SHOWN if name not in (*COMMANDS, "bench")},
    default=_begun,
)
main = PROGRAM.main
