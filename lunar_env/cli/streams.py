"""The standard streams as a command line needs them: always there, and able to show any text."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from typing import TYPE_CHECKING, Any, TextIO

from rich.console import Console
from rich.table import Table

from lunar_env.cli.tables import fitted

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "PatientLines",
    "TerminalConsole",
    "console",
    "discard_stdout",
    "named_stdout",
    "print_line",
    "silence",
    "usable_streams",
]

# Used if the width of the terminal is unknown: wide enough for the tables.
WIDTH = 120


class TerminalConsole(Console):
    """A console that leaves a closed pipe to the program."""

    def on_broken_pipe(self) -> None:
        """Raise what rich caught, instead of ending the process with status 1."""
        raise BrokenPipeError

    def print(self, *objects: Any, **options: Any) -> None:
        """Print; tables fit the page, and an error of stdout has its name."""
        shown = [fitted(each, self) if isinstance(each, Table) else each for each in objects]
        with named_stdout() if self.file is sys.stdout else contextlib.nullcontext():
            super().print(*shown, **options)


class PatientLines:
    """Lines printed during work that goes on where stdout fails; the error is raised after it.

    Parameters
    ----------
    out : Console
        Where people read.
    """

    def __init__(self, out: Console) -> None:
        self._out = out
        self._problem: OSError | None = None

    def print(self, line: Any) -> None:
        """Print a line, unless an earlier one failed."""
        if self._problem is None:
            try:
                self._out.print(line, soft_wrap=True)
            except OSError as problem:
                self._problem = problem

    def raise_error(self) -> None:
        """Raise the error of the line that failed, if one did."""
        if self._problem is not None:
            raise self._problem


@contextlib.contextmanager
def named_stdout() -> Iterator[None]:
    """Let errors of the operating system within the block name the standard output."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as problem:
        discard_stdout()  # what it still holds would fail once more at the end
        raise OSError(problem.errno, problem.strerror, "standard output") from problem


def console(file: TextIO) -> Console:
    """Return a console as wide as the terminal, as ``COLUMNS`` says, or else 120 columns.

    Parameters
    ----------
    file : text stream
        Where it prints.
    """
    # Without markup: it would take a unit in brackets, as in "speed [m/s]", for a style.
    made = TerminalConsole(file=file, highlight=False, markup=False)
    if not made.is_terminal and not os.environ.get("COLUMNS", "").isdigit():
        made.width = WIDTH
    return made


@contextlib.contextmanager
def usable_streams() -> Iterator[None]:
    """Give the process output streams that are open and never fail on a character.

    A stream that is missing (``None``) or closed is replaced by one that discards; what the
    encoding of a stream cannot express is shown as ``?``.
    """
    with contextlib.ExitStack() as stack:
        for name in ("stdout", "stderr"):
            stream = getattr(sys, name)
            if stream is None or stream.closed:
                sink = stack.enter_context(open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123
                setattr(sys, name, sink)
                stack.callback(setattr, sys, name, stream)
            elif isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
                stream.reconfigure(errors="replace")
        yield


@contextlib.contextmanager
def silence() -> Iterator[None]:
    """Discard all that is printed, errors raised excepted."""
    with (
        open(os.devnull, "w", encoding="utf-8") as sink,  # noqa: PTH123
        contextlib.redirect_stdout(sink),
        contextlib.redirect_stderr(sink),
    ):
        yield


def print_line(text: str) -> None:
    """Print one line on stderr; a reader that has gone away is no error."""
    with contextlib.suppress(BrokenPipeError):
        print(text, file=sys.stderr, flush=True)  # noqa: T201


def discard_stdout() -> None:
    """Let stdout lead nowhere, so that nothing fails when the interpreter flushes it at its end."""
    with contextlib.suppress(OSError, ValueError, io.UnsupportedOperation):
        sink = os.open(os.devnull, os.O_WRONLY)
        os.dup2(sink, sys.stdout.fileno())
        os.close(sink)
