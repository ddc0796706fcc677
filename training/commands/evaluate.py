"""``evaluate``: fly a pilot on paired landings and write a row of results for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lunar_env.files import output, require_suffix
from lunar_env.pilots import choose, resolve
from training.arguments import check_positive
from training.evaluate import digests, evaluate
from training.progress import EvaluationProgress
from training.provenance import provenance
from training.results import results_bytes
from training.summary import headline, summarise
from training.tables import summary_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from training.options import Evaluate

__all__ = ["run"]


def run(options: Evaluate, out: Console) -> Mapping[str, object]:
    """Evaluate the pilot and write the results.

    Parameters
    ----------
    options : Evaluate
        Options of the command.
    out : Console
        Console for the user.

    Returns
    -------
    mapping
        The main statistics, see `training.summary.headline`.
    """
    check_positive(landings=options.landings, batch=options.batch)
    require_suffix(options.out, (".parquet",), "a results file")
    name, task = choose(
        options.pilot, options.mission, options.scenario, options.control, options.phase
    )
    entry = resolve(name, task, trust_code=options.trust_code)
    with output(options.out) as file:
        with EvaluationProgress(options.landings) as progress:
            landings = evaluate(
                entry.pilot,
                entry.task,
                options.landings,
                options.seed,
                label=entry.label,
                batch=options.batch,
                num_threads=options.threads,
                traces=options.traces,
                on_progress=progress.update,
            )
        metadata = {**provenance(), **digests([entry.task]), "seed": options.seed}
        file.write(results_bytes(landings, metadata))
    group = summarise(landings)
    out.print(summary_table([group]))
    return headline(group)
