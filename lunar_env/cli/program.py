"""From words to a command: one dataclass of options per command, one line per error.

With ``--json`` stdout carries exactly one JSON object; everything else, in every case, goes to
stderr. Heavy libraries are imported by the command that needs them.
"""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import io
import sys
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, Protocol, TextIO

import tyro
from rich.console import Console

from lunar_env.cli.options import COMMANDS
from lunar_env.errors import LunarEnvError, nearest
from lunar_env.files import system_error
from lunar_env.formats import json_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Done", "main"]

WIDTH = 120
USAGE = 2


class Done(NamedTuple):
    """What a command returns: the JSON content, and whether all is well."""

    content: Mapping[str, object]
    ok: bool = True


class _Command(Protocol):
    def run(self, options: Any, out: Console) -> Done:
        """Do it; print for people on `out`."""


class _UsageError(LunarEnvError):
    """Words that are no command line."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Parameters
    ----------
    arguments : sequence of str, optional
        Without the program's name; those of the process if not given.

    Returns
    -------
    int
        Exit status: 0 done, 1 refused or failed, 2 wrong usage, 130 interrupted.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        return _dispatch(words)
    except LunarEnvError as problem:
        print(f"error: {problem}", file=sys.stderr)  # noqa: T201
        return USAGE if isinstance(problem, _UsageError) else 1
    except OSError as problem:
        print(f"error: {system_error(problem)}", file=sys.stderr)  # noqa: T201
        return 1
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)  # noqa: T201
        return 130


def _dispatch(words: list[str]) -> int:
    if not words or words[0] in {"-h", "--help"}:
        _print_commands()
        return 0 if words else USAGE
    name, *rest = words
    if name not in COMMANDS:
        known = ", ".join(COMMANDS)
        raise _UsageError(f"no command {name!r} among {known}{nearest(name, COMMANDS)}")
    if {"-h", "--help"}.intersection(rest):
        with contextlib.suppress(SystemExit):
            tyro.cli(COMMANDS[name], prog=f"lunar-env {name}", args=["--help"])
        return 0
    options = _parse(name, rest)
    command: _Command = importlib.import_module(f"lunar_env.cli.commands.{name}")
    if not options.json:
        return 0 if command.run(options, _console(sys.stdout)).ok else 1
    # Whatever a library prints must not mix with the object.
    with contextlib.redirect_stdout(sys.stderr):
        done = command.run(options, _console(sys.stderr))
    print(json_text(done.content))  # noqa: T201
    return 0 if done.ok else 1


def _console(file: TextIO) -> Console:
    console = Console(file=file, highlight=False)
    # Without a terminal rich assumes 80 columns and would cut the tables.
    return console if console.is_terminal else Console(file=file, highlight=False, width=WIDTH)


def _parse(name: str, rest: list[str]) -> Any:
    """Options of a command; tyro's many-line complaints become one line."""
    flags = [f"--{field.name.replace('_', '-')}" for field in dataclasses.fields(COMMANDS[name])]
    for word in rest:
        flag = word.partition("=")[0].replace("_", "-")
        if flag.startswith("--") and flag.replace("--no-", "--", 1) not in flags:
            raise _UsageError(f"{name} has no option {word!r}{nearest(flag, flags)}")
    complaint = io.StringIO()
    try:
        with contextlib.redirect_stderr(complaint):
            return tyro.cli(COMMANDS[name], prog=f"lunar-env {name}", args=rest)
    except SystemExit:
        _complain(name, complaint.getvalue())


def _complain(name: str, box: str) -> NoReturn:
    """Take the message out of tyro's box: the lines above its first inner rule."""
    said: list[str] = []
    for line in box.splitlines():
        text = line.strip("│╭╮╰╯ ").strip()
        if said and text.startswith("──"):
            break
        if text and not text.startswith("─"):
            said.append(text)
    raise _UsageError(f"{' '.join(said) or 'wrong usage'} (see: lunar-env {name} --help)")


def _print_commands() -> None:
    console = Console(highlight=False)
    console.print("[bold]lunar-env[/] COMMAND [OPTIONS]\n", markup=True)
    width = max(map(len, COMMANDS))
    for name, options in COMMANDS.items():
        summary = (options.__doc__ or "").partition("\n")[0]
        console.print(f"  [bold]{name:<{width}}[/]  {summary}", soft_wrap=True)
    console.print("\nEach command explains its options with --help.")
