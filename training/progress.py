"""Progress of long commands: a bar on a terminal, otherwise a line every few seconds.

Everything is printed on stderr; stdout is for results.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Column
from rich.text import Text

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from rich.progress import Task as ProgressTask

__all__ = ["EvaluationProgress", "TrainingProgress", "TrainingStatus", "say", "stderr_console"]

LINE_EVERY_S = 10.0


class _StderrConsole(Console):
    """A console that stops printing once its pipe is closed, so that the work is not lost."""

    def on_broken_pipe(self) -> None:
        """Print nothing more, instead of ending the process with status 1."""
        self.quiet = True


def stderr_console() -> Console:
    """Return the console for everything that is not a result."""
    # In a notebook too it is stderr, not a picture for each line.
    return _StderrConsole(stderr=True, highlight=False, force_jupyter=False)


def say(text: str) -> None:
    """Print a line for the user on stderr.

    Parameters
    ----------
    text : str
        One line, with rich markup.
    """
    stderr_console().print(text, soft_wrap=True)


def clock_text(seconds: float) -> str:
    """Return a time as minutes and seconds, with hours if needed.

    Examples
    --------
    >>> clock_text(61.0), clock_text(3723.0)
    ('1:01', '1:02:03')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


class _TimeLeft(ProgressColumn):
    """The remaining time, as computed by the reporter."""

    def get_table_column(self) -> Column:
        """Return a column that is neither cropped nor wrapped."""
        return Column(no_wrap=True)

    def render(self, task: ProgressTask) -> Text:
        """Return the remaining time; empty while it is unknown."""
        left_s = task.fields["left_s"]
        text = "" if left_s is None else f"{clock_text(left_s)} left"
        return Text(text, style="progress.remaining")


class _Reporter:
    """A progress bar, or plain lines at intervals if stderr is not a terminal."""

    def __init__(
        self,
        total: int,
        *columns: TextColumn | MofNCompleteColumn,
        left: ProgressColumn | None = None,
    ) -> None:
        self._console = stderr_console()
        self._total = total
        self._next_line_at = time.monotonic() + LINE_EVERY_S
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            TaskProgressColumn(),
            *columns,
            TimeElapsedColumn(),
            left or TimeRemainingColumn(compact=True),
            console=self._console,
            transient=False,
            disable=not self._console.is_terminal,
        )
        self._task = self._bar.add_task("", total=total, note="", left_s=None)

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

    def _show(self, description: str, done: int, note: str, left_s: float | None = None) -> None:
        if self._console.is_terminal:
            self._bar.update(
                self._task, description=description, completed=done, note=note, left_s=left_s
            )
        elif time.monotonic() >= self._next_line_at:
            self._next_line_at = time.monotonic() + LINE_EVERY_S
            share = 100 * done / self._total
            left = "" if left_s is None else f"  {clock_text(left_s)} left"
            self._console.print(f"  {description}: {share:.0f} %  {note}{left}", soft_wrap=True)


class TrainingStatus(NamedTuple):
    """Status of a training run after a rollout."""

    steps: int
    clock_fraction: float  # of the time limit; 0 without one
    clock_left_s: float | None
    steps_per_s: float
    episode_return: float | None  # mean over the rollout's episodes, with exploration
    landed: float | None  # share of these episodes
    best: float | None  # success of the best policy among the tune seeds that are not lost


class TrainingProgress(_Reporter):
    """Progress of a training run.

    Parameters
    ----------
    total_steps : int
        Environment steps of the run.
    """

    def __init__(self, total_steps: int) -> None:
        super().__init__(total_steps, TextColumn("{task.fields[note]}"), left=_TimeLeft())

    def update(self, now: TrainingStatus) -> None:
        """Show the progress in steps or time, whichever ends the run first.

        Parameters
        ----------
        now : TrainingStatus
            The present status.
        """
        # The last rollout may exceed the configured number of steps.
        left_s = max(0, self._total - now.steps) / max(now.steps_per_s, 1e-9)
        if now.clock_left_s is not None:
            left_s = min(left_s, now.clock_left_s)
        done = min(self._total, max(now.steps, int(now.clock_fraction * self._total)))
        note = f"{now.steps_per_s / 1000:.0f}k/s"
        if now.episode_return is not None:
            note += f" return {now.episode_return:.1f}"
        if now.landed is not None:
            note += f" lands {100 * now.landed:.0f} %"
        if now.best is not None:
            note += f" best {100 * now.best:.0f} %"
        self._show("train", done, note, left_s)


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
        """Show the number of landings flown.

        Parameters
        ----------
        done : int
            Landings flown.
        note : str, optional
            Pilot and scenario.
        """
        self._show("flying", done, note)
