"""``train``: learn a policy in a new run folder, or continue an interrupted run."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path
from typing import TYPE_CHECKING

from lunar_env.errors import ConfigError
from training.options import Train
from training.tables import share
from training.train import resume, train

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

__all__ = ["run"]


def run(options: Train, out: Console) -> Mapping[str, object]:
    """Train or resume.

    Parameters
    ----------
    options : Train
        What was asked for.
    out : Console
        Where people read.

    Returns
    -------
    mapping
        Result of the run.
    """
    if options.resume is not None:
        if dataclasses.replace(options, resume=None, json=False) != Train():
            raise ConfigError("--resume continues the run as it was begun: it takes no option")
        result = resume(options.resume)
    else:
        result = train(options.config, options.out or _default_folder(options))
    low, high = result["success_recoverable_low"], result["success_recoverable_high"]
    out.print(
        f"best policy after {result['best_steps']:,} steps: lands "
        f"{share(result['success_recoverable'], low, high)} of recoverable and "
        f"{share(result['success'], result['success_low'], result['success_high'])} of all "
        f"{result['landings']:,} benchmark landings\npolicy: {result['policy']}",
        soft_wrap=True,
    )
    return result


def _default_folder(options: Train) -> Path:
    name = options.preset or Path(options.config.task.scenario).stem
    return Path("runs") / f"{name}-{time.strftime('%Y%m%d-%H%M%S')}"
