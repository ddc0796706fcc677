"""What a long command says while it works: a bar on a terminal, a line now and then elsewhere.

All of it goes to stderr; stdout belongs to results.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

__all__ = ["EvaluationProgress", "TrainingProgress", "say", "stderr_console"]

LINE_EVERY_S = 10.0


def stderr_console() -> Console:
    """Return the console of everything that is not a result."""
    return Console(stderr=True, highlight=False)


def say(text: str) -> None:
    """Tell the user what happens, on stderr.

    Parameters
    ----------
    text : str
        One line, with rich markup.
    """
    stderr_console().print(text, soft_wrap=True)


class _Reporter:
    """A bar, or plain lines at intervals where there is no terminal."""

    def __init__(self, total: int, *columns: TextColumn | MofNCompleteColumn) -> None:
        self._console = stderr_console()
        self._total = total
        self._next_line_at = time.monotonic() + LINE_EVERY_S
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            TaskProgressColumn(),
            *columns,
            TimeElapsedColumn(),
            TimeRemainingColumn(compact=True),
            console=self._console,
            transient=False,
            disable=not self._console.is_terminal,
        )
        self._task = self._bar.add_task("", total=total, note="")

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def say(self, text: str) -> None:
        """Print a line above the bar."""
        (self._bar.console if self._console.is_terminal else self._console).print(
            text, soft_wrap=True
        )

    def _show(self, description: str, done: int, note: str) -> None:
        if self._console.is_terminal:
            self._bar.update(self._task, description=description, completed=done, note=note)
        elif time.monotonic() >= self._next_line_at:
            self._next_line_at = time.monotonic() + LINE_EVERY_S
            share = 100 * done / self._total
            self._console.print(f"  {description}: {share:.0f} %  {note}", soft_wrap=True)


class TrainingProgress(_Reporter):
    """Progress of a training run.

    Parameters
    ----------
    total_steps : int
        Environment steps to do.
    """

    def __init__(self, total_steps: int) -> None:
        super().__init__(total_steps, TextColumn("{task.fields[note]}"))

    def update(
        self, steps: int, success: float | None, steps_per_s: float, best: float | None
    ) -> None:
        """Show where the run stands.

        Parameters
        ----------
        steps : int
            Environment steps done.
        success : float or None
            Share of the latest training episodes that landed, exploring.
        steps_per_s : float
            Speed.
        best : float or None
            Best share of recoverable episodes landed in tuning.
        """
        note = f"{steps_per_s:,.0f} steps/s"
        if success is not None:
            note += f"  landing {100 * success:.0f} % while exploring"
        if best is not None:
            note += f"  best policy {100 * best:.1f} % of recoverable"
        self._show("training", steps, note)


class EvaluationProgress(_Reporter):
    """Progress of an evaluation.

    Parameters
    ----------
    total : int
        Landings to fly.
    """

    def __init__(self, total: int) -> None:
        super().__init__(total, MofNCompleteColumn(), TextColumn("{task.fields[note]}"))

    def update(self, done: int, note: str = "") -> None:
        """Show how many landings are flown.

        Parameters
        ----------
        done : int
            Landings flown.
        note : str, optional
            Who flies where.
        """
        self._show("flying", done, note)
