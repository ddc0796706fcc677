"""``report``: write the summary and the HTML report of a results file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lunar_env.files import OutputError, system_error
from lunar_env.folders import folder_begun
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
        Options of the command.
    out : Console
        Console for the user.

    Returns
    -------
    mapping
        Content of ``summary.json``.
    """
    landings, metadata = read_results(options.results)
    with folder_begun(options.out) as partial_folder:
        summary = write_report(partial_folder, landings, metadata)
    page = options.out / "report.html"
    try:
        out.print(summary_table(groups(landings)))
        out.print(f"report: {page}", soft_wrap=True)
    except OSError as problem:
        if not isinstance(problem, BrokenPipeError):
            raise OutputError(f"{system_error(problem)}; the report was written: {page}") from None
        raise
    return summary
