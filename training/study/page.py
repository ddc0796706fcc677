"""The page of a study: computed tables, each between two marks, in a text that people write."""

from __future__ import annotations

import re
from statistics import fmean
from typing import TYPE_CHECKING, Final

from lunar_env.errors import ConfigError
from lunar_env.files import write_file
from lunar_env.reading import read_text
from training.study.results import StudyResults

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path
    from typing import Any

    from training.study.measures import Estimate

__all__ = ["PARTS", "filled", "parts", "update_page"]

PARTS: Final = ("conditions", "landed", "differences", "effort")
"""Names of the computed parts; a page holds ``<!-- NAME -->`` and ``<!-- /NAME -->`` for each."""

_MOST_BYTES: Final = 1024**2


def parts(content: Mapping[str, Any]) -> dict[str, str]:
    """Return the computed parts of the page, by name.

    Parameters
    ----------
    content : mapping
        As `training.study.results.study_content` returns it.

    Returns
    -------
    dict of str
        Markdown.
    """
    results = StudyResults(content)
    made = (_conditions, _landed, _differences, _effort)
    return {name: make(results) for name, make in zip(PARTS, made, strict=True)}


def filled(page: str, content: Mapping[str, Any]) -> str:
    """Return a page with its computed parts replaced.

    Raises
    ------
    ConfigError
        If the page does not hold the marks of a part exactly once.
    """
    for name, text in parts(content).items():
        between = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        if len(between.findall(page)) != 1:
            raise ConfigError(f"the page must hold <!-- {name} --> and <!-- /{name} --> once")
        page = between.sub(lambda marks, text=text: f"{marks[1]}{text}\n{marks[2]}", page)  # type: ignore[misc]
    return page


def update_page(path: Path, content: Mapping[str, Any]) -> None:
    """Replace the computed parts of a page.

    Raises
    ------
    ConfigError
        If the file cannot be read or lacks a mark.
    """
    try:
        page = filled(read_text(path, _MOST_BYTES), content)
    except ConfigError as problem:
        raise ConfigError(f"{path}: {problem}") from None
    write_file(path, page, replace=True)


def _conditions(results: StudyResults) -> str:
    content = results.content
    seeds = ", ".join(f"{task['seeds']} on `{task['name']}`" for task in content["tasks"])
    done, asked = (
        len(content["runs"]),
        len(results.variants) * sum(task["seeds"] for task in content["tasks"]),
    )
    return (
        f"{len(results.variants)} variants, seeds: {seeds}. Each run has {content['minutes']:g}"
        f" minute(s) of CPU time with one thread; its policy flies the first"
        f" {content['landings']} landings of the benchmark. {done} of {asked} runs are complete."
    )


def _landed(results: StudyResults) -> str:
    several = len(results.tasks) > 1
    names = [f"`{task}`" for task in results.tasks] + ["all"] * several
    rows = []
    for row in results.rows():
        estimates = [*row.by_task, *[row.overall] * several]
        rows.append([f"`{row.variant}`", row.inputs, row.learning, *map(_share, estimates)])
    for pilot in results.pilots:
        shares = [results.pilot_share(pilot, task) for task in results.tasks]
        shares += [fmean(shares)] * several
        rows.append([f"`{pilot}`", "-", "-", *(f"{100 * share:.1f}" for share in shares)])
    return _table(["variant", "sees", "learns from", *names], rows)


def _differences(results: StudyResults) -> str:
    rows = [
        [f"`{first}`", f"`{second}`", f"{100 * gap.value:+.1f}", _range(gap)]
        for first, second, gap in results.contrasts()
    ]
    return _table(["variant", "less", "points", "95 % interval"], rows)


def _effort(results: StudyResults) -> str:
    rows = [
        [
            f"`{row.variant}`",
            str(len(row.shares)),
            f"{100 * min(row.shares):.1f} to {100 * max(row.shares):.1f}",
            f"{row.steps:.2f}",
        ]
        for row in results.rows()
    ]
    head = ["variant", "runs", "landed by a run [%]", "steps of a run [million]"]
    return _table(head, rows)


def _share(estimate: Estimate | None) -> str:
    if estimate is None:
        return "-"
    low, high = 100 * estimate.low, 100 * estimate.high
    return f"{100 * estimate.value:.1f} ({low:.1f}-{high:.1f})"


def _range(estimate: Estimate) -> str:
    return f"{100 * estimate.low:+.1f} to {100 * estimate.high:+.1f}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
