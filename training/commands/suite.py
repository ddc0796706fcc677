"""``suite``: fly pilots in the tasks of the suite and print the leaderboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lunar_env.cli.tables import names_table
from lunar_env.errors import ConfigError
from lunar_env.folders import is_free
from lunar_env.stopping import resumed_by
from training.arguments import split_names, worker_count
from training.benchmark.plan import Span
from training.bounds.jobs import bounds_of_tasks, flights_of
from training.progress import EvaluationProgress
from training.provenance import provenance
from training.suite.page import write_suite_report
from training.suite.plan import SuiteFolder, SuitePlan
from training.suite.run import fly_suite
from training.suite.scores import scores
from training.suite.tables import claims, headroom, overall_table, task_table
from training.suite.tasks import load_suite

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from training.options import Suite

__all__ = ["run"]


def run(options: Suite, out: Console) -> Mapping[str, object]:
    """Fly the suite and write its report.

    Parameters
    ----------
    options : Suite
        Options of the command.
    out : Console
        Console for the user.

    Returns
    -------
    mapping
        Content of ``summary.json``; with ``--list`` the tasks.
    """
    suite = load_suite(options.suite)
    tasks = suite.chosen(split_names(options.tasks))
    if options.list:
        out.print(names_table("task", {task.name: task.question for task in tasks}))
        return {"tasks": [task.to_table() for task in tasks]}
    if options.out is None:
        raise ConfigError("--out is missing: the folder of the results")
    span = Span(options.landings, options.seed, options.chunk)
    plan = SuitePlan(split_names(options.pilots), tasks, span, options.trust_code)
    workers, settings = worker_count(options.workers), plan.settings()
    if options.resume and not is_free(options.out):
        folder = SuiteFolder.reopen(options.out, settings)
    else:
        folder = SuiteFolder.create(options.out, settings, provenance())
    with resumed_by(), EvaluationProgress(plan.work()) as progress:
        flown = fly_suite(plan, folder, workers, progress.update)
    metadata = {**folder.made_from(), **settings}
    bounds = {}
    if options.bounds:
        named = {task.name: task.task for task in tasks}
        with resumed_by(), EvaluationProgress(sum(map(flights_of, named.values()))) as progress:
            bounds = bounds_of_tasks(named, flown, span, workers, progress.update)
    content = scores(flown, tasks, plan.labels, plan.not_applicable(), metadata, bounds)
    write_suite_report(folder.path, flown, content)
    out.print(task_table(content["boards"]))
    out.print(overall_table(content["overall"]))
    for line in claims(content["comparisons"]):
        out.print(line, soft_wrap=True)
    if bounds:
        out.print(headroom(content["boards"]), soft_wrap=True)
    out.print(f"report: {folder.path / 'report.html'}", soft_wrap=True)
    return content
