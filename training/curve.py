"""The learning curve of a run: what was learned, and how well it flew, by environment steps.

``curve.json`` in the run folder holds columns. Those of ``rollouts`` say what the episodes that
ended in each rollout came to, exploring; those of ``choices`` how the policy flew on the seeds that
the best one is chosen on. A run that goes on from a checkpoint forgets what came after it.
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

FORMAT: Final = "lunar-env-curve/1"
ROLLOUTS: Final = ("steps", "episodes", "episode_return", "landed")
CHOICES: Final = ("steps", "landed", "landed_recoverable", "speed_p95_m_s")


_MAX_BYTES: Final = 64 * 1024**2  # some hundred thousand rollouts
_Column = list[int | float | None]


class _Written(BaseModel):
    """The columns in the file."""

    model_config = ConfigDict(strict=True)

    rollouts: dict[Literal[ROLLOUTS], _Column]  # type: ignore[valid-type]  # names in a tuple
    choices: dict[Literal[CHOICES], _Column]  # type: ignore[valid-type]
    seconds: list[float]


class Curve:
    """Points of a learning curve, kept in a file.

    Parameters
    ----------
    path : Path
        The file; points that it holds already are read.
    steps : int
        Steps at which the run goes on: later points are forgotten.
    """

    def __init__(self, path: Path, steps: int = 0) -> None:
        self._path = path
        self.rollouts: list[dict[str, Any]] = []
        self.choices: list[dict[str, Any]] = []
        self.seconds: list[float] = []
        """Time spent on the run at the end of each rollout [s]."""
        if steps > 0 and path.is_file():
            self._read(steps)

    def add_rollout(self, seconds: float, **point: Any) -> None:
        """Add a point of `ROLLOUTS`."""
        self.seconds.append(seconds)
        self.rollouts.append({name: point[name] for name in ROLLOUTS})

    def add_choice(self, **point: Any) -> None:
        """Add a point of `CHOICES`; one at the same steps is replaced."""
        self.choices = [each for each in self.choices if each["steps"] != point["steps"]]
        self.choices.append({name: point[name] for name in CHOICES})

    def write(self) -> None:
        """Write the file."""
        content = {
            "format": FORMAT,
            "rollouts": {name: [each[name] for each in self.rollouts] for name in ROLLOUTS},
            "choices": {name: [each[name] for each in self.choices] for name in CHOICES},
            "seconds": self.seconds,
        }
        write_file(self._path, json_text(content, indent=None) + "\n", replace=True)

    def _read(self, steps: int) -> None:
        table = read_json(self._path, _MAX_BYTES)
        check_format(table.get("format"), FORMAT, self._path)
        try:
            written = checked(_Written, table, str(self._path))
            self._take(written, steps)
        except ValueError as problem:  # of columns that are not as long as each other too
            raise ConfigError(
                f"{self._path}: is not a learning curve; remove it to resume the run without it"
                f" ({problem})"
            ) from None

    def _take(self, written: _Written, steps: int) -> None:
        for table, points, names in (
            (written.rollouts, self.rollouts, ROLLOUTS),
            (written.choices, self.choices, CHOICES),
        ):
            columns = [table[each] for each in names]
            rows = (dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True))
            points += [row for row in rows if (row["steps"] or 0) <= steps]
        self.seconds += written.seconds[: len(self.rollouts)]
