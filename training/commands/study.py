"""``study``: train the runs of a study and report what they landed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lunar_env.stopping import resumed_by
from training.arguments import check_at_least
from training.progress import say
from training.provenance import provenance
from training.study.page import parts, update_page
from training.study.plan import load_study
from training.study.plots import draw_study
from training.study.results import study_content, write_study
from training.study.run import fly_pilot, fly_run, found

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import Any

    from rich.console import Console

    from training.study.options import Study
    from training.study.plan import StudySpec

__all__ = ["run"]


def run(options: Study, out: Console) -> Mapping[str, object]:
    """Train what is missing, and report.

    Parameters
    ----------
    options : Study
        Options of the command.
    out : Console
        Console for the user.

    Returns
    -------
    mapping
        Content of ``study.json``.
    """
    if options.runs is not None:
        check_at_least(0, runs=options.runs)
    spec = load_study(options.study)
    with resumed_by(_words(options)):
        content = _flown(spec, options.out, options.runs)
    results, picture = options.out / "study.json", options.out / "study.png"
    write_study(results, content)
    draw_study(picture, content)
    if options.page is not None:
        update_page(options.page, content)
        write_study(options.page.with_suffix(".json"), content)
        draw_study(options.page.with_suffix(".png"), content)
    out.print("\n\n".join(parts(content).values()), soft_wrap=True, markup=False)
    out.print(f"results: {results}\npicture: {picture}", soft_wrap=True)
    return content


def _words(options: Study) -> list[str]:
    """Return the words of this command, which resumes an interrupted study as it is."""
    flags = {"--out": options.out, "--study": options.study, "--runs": options.runs}
    given = {**flags, "--page": options.page}
    words = [str(word) for flag in given.items() for word in flag if flag[1] is not None]
    return ["study", *words, *(["--json"] if options.json else [])]


def _flown(spec: StudySpec, folder: Path, most: int | None) -> dict[str, Any]:
    """Return the results after training `most` runs, or all that are missing."""
    runs = spec.runs()
    pilots = [
        fly_pilot(folder, task, pilot, spec.landings)
        for pilot in spec.pilots
        for task in spec.tasks
    ]
    done = [found(folder, each, spec.landings) for each in runs]
    missing = [k for k, record in enumerate(done) if record is None][:most]
    for count, k in enumerate(missing, 1):
        each = runs[k]
        say(f"[bold]{count}/{len(missing)}[/] {each.variant.name}, {each.task.name}, {each.seed}")
        done[k] = fly_run(folder, each, spec.landings)
    complete = [record for record in done if record is not None]
    return study_content(spec, complete, pilots, provenance())
