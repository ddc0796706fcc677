"""The learning curve of a training run, by environment steps.

``curve.json`` in the run folder has two tables of columns. ``rollouts`` has the results of the
episodes that ended in each rollout, with exploration noise or partly flown by a teacher.
``choices`` has the results of the policy without noise on the seeds used to select the best one.
The training times of both are apart from them: they alone differ between machines. A run that
resumes from a checkpoint discards the points after it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

from pydantic import BaseModel, ConfigDict

from lunar_env.errors import ConfigError
from lunar_env.files import write_file
from lunar_env.formats import check_format, json_text
from lunar_env.reading import read_json
from lunar_env.specs.problems import checked

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["CHOICES", "ROLLOUTS", "Curve"]

FORMAT: Final = "lunar-env-curve/3"
ROLLOUTS: Final = ("steps", "episodes", "episode_return", "landed")
CHOICES: Final = ("steps", "landed", "landed_not_lost", "speed_p95_m_s")


_MAX_BYTES: Final = 64 * 1024**2  # several hundred thousand rollouts
_Column = list[int | float | None]


class _Written(BaseModel):
    """Content of the file."""

    model_config = ConfigDict(strict=True)

    rollouts: dict[Literal[ROLLOUTS], _Column]  # type: ignore[valid-type]  # names in a tuple
    choices: dict[Literal[CHOICES], _Column]  # type: ignore[valid-type]
    seconds: list[float]
    choice_seconds: list[float]


class Curve:
    """Points of a learning curve, stored in a file.

    Parameters
    ----------
    path : Path
        The file; if it exists and `steps` is not 0, its points are read.
    steps : int
        Steps at which the run resumes: later points are discarded.
    """

    def __init__(self, path: Path, steps: int = 0) -> None:
        self._path = path
        self.rollouts: list[dict[str, Any]] = []
        self.choices: list[dict[str, Any]] = []
        self.seconds: list[float] = []
        """Training time at the end of each rollout [s]."""
        self.choice_seconds: list[float] = []
        """Training time of the policy of each choice [s]."""
        if steps > 0 and path.is_file():
            self._read(steps)

    def add_rollout(self, seconds: float, **point: Any) -> None:
        """Add a point with the columns `ROLLOUTS`; `seconds` is the training time so far [s]."""
        self.seconds.append(seconds)
        self.rollouts.append({name: point[name] for name in ROLLOUTS})

    def add_choice(self, seconds: float, **point: Any) -> None:
        """Add a point with the columns `CHOICES`, in place of one at the same steps."""
        if self.choices and self.choices[-1]["steps"] == point["steps"]:
            del self.choices[-1], self.choice_seconds[-1]
        self.choice_seconds.append(seconds)
        self.choices.append({name: point[name] for name in CHOICES})

    def write(self) -> None:
        """Write the file."""
        content = {
            "format": FORMAT,
            "rollouts": {name: [each[name] for each in self.rollouts] for name in ROLLOUTS},
            "choices": {name: [each[name] for each in self.choices] for name in CHOICES},
            "seconds": self.seconds,
            "choice_seconds": self.choice_seconds,
        }
        write_file(self._path, json_text(content, indent=None) + "\n", replace=True)

    def _read(self, steps: int) -> None:
        table = read_json(self._path, _MAX_BYTES)
        check_format(table.get("format"), FORMAT, self._path)
        try:
            written = checked(_Written, table, str(self._path))
            self._add_points(written, steps)
        except ValueError as problem:  # also for columns of unequal length
            raise ConfigError(
                f"{self._path}: is not a learning curve; remove it to resume the run without it"
                f" ({problem})"
            ) from None

    def _add_points(self, written: _Written, steps: int) -> None:
        for table, points, names in (
            (written.rollouts, self.rollouts, ROLLOUTS),
            (written.choices, self.choices, CHOICES),
        ):
            columns = [table[each] for each in names]
            rows = (dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True))
            points += [row for row in rows if (row["steps"] or 0) <= steps]
        self.seconds += written.seconds[: len(self.rollouts)]
        self.choice_seconds += written.choice_seconds[: len(self.choices)]
