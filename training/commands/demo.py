"""``demo``: train a student and PPO, compare them with classical guidance, write a report."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from lunar_env.errors import ConfigError
from lunar_env.stopping import resumed_by
from training.arguments import check_at_least
from training.demo import demo, demo_config
from training.summary import groups
from training.tables import curve_table, summary_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from training.options import Demo

__all__ = ["run"]

QUICK_LANDINGS = 16


def run(options: Demo, out: Console) -> Mapping[str, object]:
    """Run the demonstration.

    Parameters
    ----------
    options : Demo
        Options of the command.
    out : Console
        Console for the user.

    Returns
    -------
    mapping
        Content of ``summary.json``.
    """
    check_at_least(1, landings=options.landings)
    config = demo_config(options.seed, options.steps, options.minutes, quick=options.quick)
    folder = options.out or Path("out") / f"demo-{time.strftime('%Y%m%d-%H%M%S')}"
    landings = min(options.landings, QUICK_LANDINGS) if options.quick else options.landings
    if options.resume and options.out is None:
        raise ConfigError("--resume needs --out: the folder to continue")
    with resumed_by(also=[] if options.out else ["--out", str(folder)]):
        table, curves, summary = demo(config, landings, folder, resumed=options.resume)
    out.print(curve_table(curves))
    out.print(summary_table(groups(table)))
    out.print(f"report: {folder / 'report.html'}", soft_wrap=True)
    return summary
