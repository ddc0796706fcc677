"""``explain``: show what a pilot does while it is blind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lunar_env import load_mission
from lunar_env.folders import folder_begun
from lunar_env.pilots import SCENARIO, choose, resolve
from training.arguments import check_at_least, check_threads
from training.blind.page import sentence, write_blind
from training.blind.study import EXPERIMENTS, study
from training.progress import EvaluationProgress
from training.provenance import provenance

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from training.options import Explain

__all__ = ["run"]


def run(options: Explain, out: Console) -> Mapping[str, object]:
    """Fly the experiments and write the page.

    Parameters
    ----------
    options : Explain
        Options of the command.
    out : Console
        Console for the user.

    Returns
    -------
    mapping
        Results of the pilots by name.
    """
    check_at_least(2, landings=options.landings)
    check_threads(options.threads)
    name, task = choose(options.pilot, options.mission, None, options.control, options.phase)
    task = task._replace(scenario=SCENARIO)  # any: each experiment has its own
    entries = [resolve(name, task, trust_code=options.trust_code)]
    if options.against != name:
        entries.append(resolve(options.against, task))
    with folder_begun(options.out) as partial_folder:
        total = len(entries) * EXPERIMENTS * options.landings
        with EvaluationProgress(total) as progress:
            blind = study(
                entries,
                options.landings,
                options.seed,
                threads=options.threads,
                on_progress=progress.update,
            )
        spec = load_mission(task.mission)
        metadata = {
            **provenance(),
            "mission": {"name": spec.name, "title": spec.title, "digest": spec.digest},
            "control": task.control,
            "phase": task.phase,
            "landings": options.landings,
            "seed": options.seed,
        }
        write_blind(partial_folder, blind, metadata)
    for each in blind:
        out.print(sentence(each), soft_wrap=True)
    out.print(f"page: {options.out / 'explain.html'}", soft_wrap=True)
    return {each.pilot: each.to_dict() for each in blind}
