"""The file of gains from a study: what `agents.make_pilot` reads, with a record of the study."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import tomli_w

from lunar_env.files import write_file
from training.objective import Score, total
from training.tune import Study, TuningResult, study_settings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["write_gains"]


def write_gains(path: Path, study: Study, result: TuningResult) -> None:
    """Write gains to a file for `make_pilot`, with a record of the study.

    Parameters
    ----------
    path : Path
        A TOML file, replaced if it exists.
    study : Study
        The study.
    result : TuningResult
        The result of the study.
    """
    content = {**result.gains, "study": _record(study, result)}
    write_file(path, tomli_w.dumps(content), replace=True)


def _record(study: Study, result: TuningResult) -> dict[str, Any]:
    return study_settings(study) | {
        "trials": result.trials,
        "trials_asked": study.trials,
        "score": total(result.best),
        "default_score": total(result.default),
        "best": _scores(result.best),
        "default": _scores(result.default),
    }


def _scores(scores: tuple[Score, ...]) -> dict[str, Mapping[str, float]]:
    return {
        entry.scenario: {
            name: value for name, value in entry._asdict().items() if name != "scenario"
        }
        for entry in scores
    }
