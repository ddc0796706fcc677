"""From words to a command: what `lunar-env` and `python -m training` have in common.

A program has one dataclass of options per command. Exit statuses: 0 done, 1 error, 2 wrong usage,
130 and 143 stopped by a signal, 141 if the reader of the output went away. Usage is what the words
alone show: commands, options and the types of their values. Names and ranges depend on files and
on other options; they are errors. Every error is one line on stderr. With ``--json`` stdout carries
exactly one JSON object, and apart from it only errors are printed. Heavy libraries are imported
by the command that needs them.
"""

from __future__ import annotations

import atexit
import contextlib
import dataclasses
import gc
import importlib
import io
import re
import sys
import warnings
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, Protocol

import tyro
from rich.text import Text

from lunar_env.cli.fields import as_typed, flags_of, join_paragraphs
from lunar_env.cli.streams import (
    console,
    discard_stdout,
    named_stdout,
    print_line,
    silence,
    usable_streams,
)
from lunar_env.errors import LunarEnvError, nearest
from lunar_env.files import system_error
from lunar_env.formats import json_text
from lunar_env.stopping import Stopped, stoppable
from lunar_env.version import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

__all__ = ["Done", "Program"]

ERROR, USAGE, INTERRUPTED, CLOSED_PIPE = 1, 2, 130, 141
HELP = frozenset({"-h", "--help"})
_STYLE = tyro.conf.DisallowNone, tyro.conf.PositionalMetavarFromFieldName


class Done(NamedTuple):
    """What a command returns where more is to be said than its content: whether all is well."""

    content: Mapping[str, object]
    ok: bool = True


class UsageError(LunarEnvError):
    """Words that are no command line."""


class _Command(Protocol):
    def run(self, options: Any, out: Console) -> Done | Mapping[str, object]:
        """Do it; print for people on `out`, return what ``--json`` prints."""


@dataclasses.dataclass(frozen=True)
class Program:
    """A command line.

    Parameters
    ----------
    name : str
        As it is called.
    commands : mapping of str to dataclass
        The options of each command, named in the order of the help.
    package : str
        Holds a module for each command, ``-`` in the name replaced by ``_``, with a function
        ``run(options, out)``.
    moved : mapping of str to str, optional
        What is called in place of a command that is not here, or not any more.
    default : callable, optional
        Gives, for a command and its words, the options that those words change.
    """

    name: str
    commands: Mapping[str, type]
    package: str
    moved: Mapping[str, str] = dataclasses.field(default_factory=dict)
    default: Callable[[str, list[str]], Any] = lambda *_: None

    def main(self, arguments: Sequence[str] | None = None) -> int:
        """Run a command.

        Parameters
        ----------
        arguments : sequence of str, optional
            Without the program's name; those of the process if not given.

        Returns
        -------
        int
            Exit status.
        """
        words = list(sys.argv[1:] if arguments is None else arguments)
        with usable_streams(), warnings.catch_warnings():
            warnings.showwarning = _show_warning  # type: ignore[assignment]
            try:
                with stoppable(words, self.name):
                    return self._guarded(words)
            except BrokenPipeError:
                discard_stdout()
                return CLOSED_PIPE

    def _guarded(self, words: list[str]) -> int:
        """Dispatch; errors become a line and a status."""
        try:
            status = self._dispatch(words)
            with named_stdout():
                sys.stdout.flush()
        except BrokenPipeError:
            raise
        except LunarEnvError as problem:
            print_line(f"error: {as_typed(str(problem), words)}")
            return USAGE if isinstance(problem, UsageError) else ERROR
        except OSError as problem:
            print_line(f"error: {system_error(problem)}")
            return ERROR
        except Stopped as stop:
            # Python would look for garbage at its end: for seconds, after a compilation.
            atexit.register(gc.freeze)
            print_line(str(stop))
            return stop.code
        except KeyboardInterrupt:
            print_line("interrupted")
            return INTERRUPTED
        return status

    def _dispatch(self, words: list[str]) -> int:
        if not words or words[0] in HELP:
            self._print_commands()
            return 0 if words else USAGE
        if words[0] == "--version":
            print(f"{self.name} {__version__}")  # noqa: T201
            return 0
        name, *rest = words
        self._check_command(name)
        if HELP.intersection(rest):
            self._print_help(name, rest)
            return 0
        options = self._parse(name, rest)
        module = f"{self.package}.{name.replace('-', '_')}"
        if not options.json:
            command: _Command = importlib.import_module(module)
            return 0 if _done(command.run(options, console(sys.stdout))).ok else ERROR
        with silence():
            command = importlib.import_module(module)
            done = _done(command.run(options, console(sys.stdout)))
        with named_stdout():
            print(json_text(done.content), flush=True)  # noqa: T201
        return 0 if done.ok else ERROR

    def _check_command(self, name: str) -> None:
        if name in self.commands:
            return
        if name in self.moved:
            raise UsageError(f"{self.name} has no command {name!r}: use {self.moved[name]}")
        hint = nearest(name, (*self.commands, *self.moved))
        for other, called in self.moved.items():
            if hint.endswith(f"{other!r}?"):
                hint = f"{hint.removesuffix('?')}, which is {called}?"
        known = ", ".join(self.commands)
        raise UsageError(f"{self.name} has no command {name!r}{hint} (available: {known})")

    def _parse(self, name: str, rest: list[str]) -> Any:
        """Options of a command; tyro's errors of many lines become one line."""
        flags = list(flags_of(self.commands[name]))
        for word in rest:
            flag = word.partition("=")[0].replace("_", "-")
            positive = flag.replace("--no-", "--", 1).replace(".no-", ".", 1)
            if flag.startswith("--") and positive not in flags:
                # Half the letters alike, as in a long name, is a guess between short options.
                raise UsageError(f"{name} has no option {word!r}{nearest(flag, flags, 0.7)}")
        complaint = io.StringIO()
        try:
            with contextlib.redirect_stderr(complaint):
                return self._read(name, rest)
        except SystemExit:
            self._complain(name, complaint.getvalue())

    def _read(self, name: str, words: list[str]) -> Any:
        return tyro.cli(
            self.commands[name],
            prog=f"{self.name} {name}",
            args=words,
            default=self.default(name, words),
            config=_STYLE,
        )

    def _complain(self, name: str, box: str) -> NoReturn:
        raise UsageError(f"{_message(box)} (see: {self.name} {name} --help)")

    def _print_help(self, name: str, rest: list[str]) -> None:
        # The default may depend on the other words, as a preset does.
        words = [word for word in rest if word not in HELP]
        join_paragraphs(self.commands[name])
        with contextlib.suppress(SystemExit):
            tyro.cli(
                self.commands[name],
                prog=f"{self.name} {name}",
                args=["--help"],
                default=self.default(name, words),
                config=_STYLE,
            )

    def _print_commands(self) -> None:
        out = console(sys.stdout)
        out.print(Text.assemble((self.name, "bold"), " COMMAND [OPTIONS]\n"))
        width = max(map(len, self.commands))
        for name, options in self.commands.items():
            summary = (options.__doc__ or "").partition("\n")[0]
            out.print(Text.assemble("  ", (f"{name:<{width}}", "bold"), f"  {summary}"))
        out.print(
            "\nCOMMAND --help explains the options of a command; --version prints the version."
        )


def _message(box: str) -> str:
    """Return what tyro says in its box: below the title, up to the next rule."""
    lines = [text for line in box.splitlines() if (text := line.strip("│╭╮╰╯ "))]
    said: list[str] = []
    for text in lines[1:]:
        if set(text) <= set("─-"):
            if said:
                break
        else:
            said.append(text)
    message = " ".join(said) or "wrong usage"
    if missing := re.match(r"Missing from .+?: (.+)", message):
        return _missing(missing[1])
    for pattern, plain in _PLAIN.items():
        message = re.sub(pattern, plain, message)
    return message


def _missing(options: str) -> str:
    """Name what tyro lists as missing, each with its help, as in ``FILE and --out are missing``."""
    names = [option.split()[0] for option in options.split("(required)") if option.strip()]
    *most, last = names
    return f"{', '.join(most)} and {last} are missing" if most else f"{last} is missing"


# Python's own words for a value of the wrong type, in ours.
_PLAIN = {
    r"Error parsing (\S+): no type matching (\S+) could be instantiated from \[(.*?)\]\..*": (
        r"\1 takes \2, not \3"
    ),
    r"Error parsing (\S+): invalid literal for int\(\) with base 10: ": r"\1 takes INT, not ",
    r"Error parsing (\S+): could not convert string to float: ": r"\1 takes FLOAT, not ",
    r"Missing value for argument '(\S+)'\. .*": r"\1 needs a value",
    r"Unrecognized options: (.*)": r"unexpected argument: \1",
}


def _done(result: Done | Mapping[str, object]) -> Done:
    return result if isinstance(result, Done) else Done(result)


def _show_warning(message: Warning | str, *_: object) -> None:
    print_line(f"warning: {message}")
