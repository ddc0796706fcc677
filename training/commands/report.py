"""``report``: the summary and the page of a results file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lunar_env.folders import new_folder
from training.report import write_report
from training.results import read_results
from training.summary import groups
from training.tables import summary_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from training.options import Report

__all__ = ["run"]


def run(options: Report, out: Console) -> Mapping[str, object]:
    """Write the report.

    Parameters
    ----------
    options : Report
        What was asked for.
    out : Console
        Where people read.

    Returns
    -------
    mapping
        Content of ``summary.json``.
    """
    landings, metadata = read_results(options.results)
    folder = new_folder(options.out)
    summary = write_report(folder, landings, metadata)
    out.print(summary_table(groups(landings)))
    out.print(f"report: {folder / 'report.html'}", soft_wrap=True)
    return summary
