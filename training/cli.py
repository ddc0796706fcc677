"""Command line of ``python -m training``: one dataclass of options per command.

With ``--json`` stdout carries exactly one JSON object; everything else, in every case, goes to
stderr. Errors are one line and a nonzero exit. Heavy libraries are imported by the command that
needs them.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TextIO

import tyro
from rich.console import Console

from lunar_env.errors import ConfigError, LunarEnvError, nearest
from lunar_env.files import system_error
from lunar_env.formats import json_text
from training.config_file import load_preset
from training.options import COMMANDS, Train
from training.stopping import Stopped, stoppable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["main"]

WIDTH = 120


class _Handler(Protocol):
    def __call__(self, options: Any, out: Console) -> Mapping[str, object]:
        """Do the command; print for people on `out`, return what ``--json`` prints."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Parameters
    ----------
    arguments : sequence of str, optional
        Without the program's name; those of the process if not given.

    Returns
    -------
    int
        Exit status: 0 done, 1 refused or failed, 2 wrong usage, 130 or 143 stopped by a signal.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    warnings.showwarning = _show_warning  # type: ignore[assignment]
    try:
        with stoppable(words):
            return _dispatch(words)
    except LunarEnvError as problem:
        print(f"error: {problem}", file=sys.stderr)  # noqa: T201
        return 1
    except OSError as problem:
        print(f"error: {system_error(problem)}", file=sys.stderr)  # noqa: T201
        return 1
    except Stopped as stop:
        print(stop, file=sys.stderr)  # noqa: T201
        return stop.code


def _dispatch(words: list[str]) -> int:
    if not words or words[0] in {"-h", "--help"}:
        _print_commands()
        return 0 if words else 2
    name, *rest = words
    if name not in COMMANDS:
        known = ", ".join(COMMANDS)
        raise ConfigError(f"no command {name!r} among {known}{nearest(name, COMMANDS)}")
    options = _parse(name, rest)
    handler: _Handler = importlib.import_module(f"training.commands.{name}").run
    if not options.json:
        handler(options, _console(sys.stdout))
        return 0
    # Whatever a library prints must not mix with the object.
    with contextlib.redirect_stdout(sys.stderr):
        result = handler(options, _console(sys.stderr))
    print(json_text(result))  # noqa: T201
    return 0


def _console(file: TextIO) -> Console:
    console = Console(file=file, highlight=False)
    # Without a terminal rich assumes 80 columns and would cut the tables.
    return console if console.is_terminal else Console(file=file, highlight=False, width=WIDTH)


def _parse(name: str, rest: list[str]) -> Any:
    default = None
    if name == "train":
        preset = _option(rest, "--preset")
        resumed = _option(rest, "--resume")
        if preset:
            default = Train(preset=preset, config=load_preset(preset))
        elif resumed:
            from training.run_folder import RunFolder  # late: it imports the environment

            default = Train(config=RunFolder(Path(resumed)).read_config())
    return tyro.cli(
        COMMANDS[name],
        prog=f"python -m training {name}",
        args=rest,
        default=default,
        console_outputs=True,
    )


def _option(words: list[str], flag: str) -> str | None:
    """Return the value of a flag that must be known before the others are parsed."""
    for index, word in enumerate(words):
        if word == flag and index + 1 < len(words):
            return words[index + 1]
        if word.startswith(f"{flag}="):
            return word.partition("=")[2]
    return None


def _print_commands() -> None:
    console = Console(highlight=False)
    console.print("[bold]python -m training[/] COMMAND [OPTIONS]\n")
    width = max(map(len, COMMANDS))
    for name, options in COMMANDS.items():
        summary = (options.__doc__ or "").partition("\n")[0]
        console.print(f"  [bold]{name:<{width}}[/]  {summary}", soft_wrap=True)
    console.print("\nEach command explains its options with --help.")


def _show_warning(message: Warning | str, *_: object) -> None:
    print(f"warning: {message}", file=sys.stderr)  # noqa: T201
