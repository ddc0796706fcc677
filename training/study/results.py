"""Results of a study: all runs that are complete, as JSON content, and their statistics."""

from __future__ import annotations

from statistics import fmean
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from training.json_record import read_record, write_record
from training.study.measures import Estimate, difference, mean_of_iqms

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from training.study.plan import StudySpec

__all__ = ["Row", "StudyResults", "read_results", "study_content", "write_study"]

_FORMAT: Final = "lunar-env-study/1"


def study_content(
    spec: StudySpec,
    runs: Iterable[Mapping[str, Any]],
    pilots: Iterable[Mapping[str, Any]],
    made_from: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the results of a study as JSON content.

    Parameters
    ----------
    spec : StudySpec
        The study.
    runs, pilots : iterable of mapping
        Records of `training.study.run`.
    made_from : mapping
        Provenance of the command.
    """
    return {
        "title": spec.title,
        "minutes": spec.minutes,
        "landings": spec.landings,
        "tasks": [{"name": task.name, **task.keys(), "seeds": task.seeds} for task in spec.tasks],
        "variants": [
            {"name": each.name, "inputs": each.inputs, "learning": each.learning}
            for each in spec.variants
        ],
        "contrasts": [list(pair) for pair in spec.contrasts],
        "runs": list(runs),
        "pilots": list(pilots),
        "made_from": dict(made_from),
    }


def write_study(path: Path, content: Mapping[str, Any]) -> None:
    """Write the results, in place of older ones."""
    write_record(path, _FORMAT, content, replace=True)


def read_results(path: Path) -> dict[str, Any]:
    """Read what `write_study` wrote.

    Raises
    ------
    ConfigError
        If the file cannot be read or has another format.
    """
    return read_record(path, _FORMAT)


class Row(NamedTuple):
    """A variant in the table of results."""

    variant: str
    inputs: str
    learning: str
    by_task: list[Estimate | None]  # None where no run is complete
    overall: Estimate | None  # over all tasks
    shares: list[float]  # landed, of each run
    steps: float  # environment steps of a run [million], mean


class StudyResults:
    """Statistics of the content of a study.

    Parameters
    ----------
    content : mapping
        As `study_content` returns it.
    """

    def __init__(self, content: Mapping[str, Any]) -> None:
        self.content = content
        self.tasks: list[str] = [task["name"] for task in content["tasks"]]
        self.variants: list[dict[str, str]] = content["variants"]

    def runs(self, variant: str, task: str | None = None) -> list[dict[str, Any]]:
        """Return the complete runs of a variant, on one task or on all."""
        return [
            run
            for run in self.content["runs"]
            if run["variant"] == variant and task in (None, run["task"])
        ]

    def scores(self, variant: str) -> list[list[float]]:
        """Return the share landed in each run of a variant, by task."""
        return [
            [run["landed"] / run["landings"] for run in self.runs(variant, task)]
            for task in self.tasks
        ]

    def rows(self) -> list[Row]:
        """Return the variants of which a run is complete."""
        return [self._row(variant) for variant in self.variants if self.runs(variant["name"])]

    def _row(self, variant: Mapping[str, str]) -> Row:
        scores, runs = self.scores(variant["name"]), self.runs(variant["name"])
        return Row(
            variant["name"],
            variant["inputs"],
            variant["learning"],
            [mean_of_iqms([task]) if task else None for task in scores],
            mean_of_iqms(scores) if all(scores) else None,
            [run["landed"] / run["landings"] for run in runs],
            fmean(sum(run["steps"]) / 1e6 for run in runs),
        )

    def contrasts(self) -> list[tuple[str, str, Estimate]]:
        """Return the differences that the study asks for, the first variant less the second."""
        found = []
        for first, second in self.content["contrasts"]:
            ours, theirs = self.scores(first), self.scores(second)
            if all(ours) and all(theirs):
                found.append((first, second, difference(ours, theirs)))
        return found

    def pilot_share(self, pilot: str, task: str) -> float:
        """Return the share that a pilot landed which was not trained here."""
        [share] = [
            each["landed"] / each["landings"]
            for each in self.content["pilots"]
            if each["pilot"] == pilot and each["task"] == task
        ]
        return float(share)

    @property
    def pilots(self) -> list[str]:
        """The pilots flown for comparison, without repeats."""
        return list(dict.fromkeys(each["pilot"] for each in self.content["pilots"]))
