"""``evaluate``: fly a pilot on paired landings and write a row of results for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.classical import ClassicalPilot
from lunar_env.errors import ConfigError
from lunar_env.files import output, require_suffix
from lunar_env.pilots import choose, resolve
from training.arguments import check_at_least, check_bounds, check_threads
from training.bounds.explain import explain, explanation_table
from training.bounds.shares import bounds_of
from training.evaluate import digests, evaluate
from training.progress import EvaluationProgress
from training.provenance import provenance
from training.results import results_bytes
from training.summary import headline, summarise
from training.tables import summary_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from lunar_env.pilots import Entry
    from training.bounds.shares import Bounds
    from training.options import Evaluate
    from training.results import Landings

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
    check_at_least(1, landings=options.landings, batch=options.batch)
    check_at_least(0, traces=options.traces)
    check_threads(options.threads)
    require_suffix(options.out, (".parquet",), "a results file")
    name, task = choose(
        options.pilot, options.mission, options.scenario, options.control, options.phase
    )
    entry = resolve(name, task, trust_code=options.trust_code)
    _check_asked(options, entry)
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
    result: dict[str, object] = dict(headline(group, _bounds(options, entry, landings, out)))
    if options.explain:
        found = explain(entry.pilot, entry.task, landings, options.batch, options.threads)
        out.print(explanation_table(found))
        result["explained"] = found._asdict()
    return result


def _check_asked(options: Evaluate, entry: Entry) -> None:
    """Check that what is asked for besides the landings is possible, before they are flown."""
    if options.explain and not isinstance(entry.pilot, ClassicalPilot):
        raise ConfigError(
            f"--explain: {entry.label} has no navigation filter whose estimate can be replaced"
            " (possible: law+filter, as in 'hoverslam+kalman', or 'own')"
        )
    if options.bounds:
        check_bounds(entry.task)


def _bounds(options: Evaluate, entry: Entry, landings: Landings, out: Console) -> Bounds | None:
    """Return the bounds of the same episodes, if they are asked for, and print them."""
    if not options.bounds:
        return None
    bounds = bounds_of(entry.task, options.landings, options.seed, threads=options.threads)
    for name, share, who in (
        ("saved", bounds.saved, f"by {bounds.saved_pilot}"),
        ("saved by any", bounds.saved_by_any, f"of {', '.join(bounds.portfolio)}"),
        ("attainable", bounds.attainable, f"by {bounds.attainable_pilot}"),
    ):
        out.print(f"{name}: {100 * share.mean():.1f} % {who}", soft_wrap=True)
    if not getattr(entry.pilot, "needs_truth", False):
        for line in bounds.above(landings["landed"], entry.label):
            out.print(line, soft_wrap=True)
    return bounds
