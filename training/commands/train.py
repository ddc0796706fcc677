"""``train``: train a policy in a new run folder, or resume or extend a run."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lunar_env.errors import ConfigError
from lunar_env.stopping import resumed_by
from training.options import Train
from training.run_folder import RunFolder
from training.tables import share
from training.train import resume, train

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

__all__ = ["run"]


def run(options: Train, out: Console) -> Mapping[str, object]:
    """Train, resume or extend.

    Parameters
    ----------
    options : Train
        Options of the command.
    out : Console
        Console for the user.

    Returns
    -------
    mapping
        Result of the run.
    """
    if options.resume is not None:
        end = _end(options)
        with resumed_by(["train", "--resume", str(options.resume), *_flags(end)]):
            result = resume(options.resume, **end)
    else:
        folder = options.out or _default_folder(options)
        with resumed_by(["train", "--resume", str(folder)]):
            result = train(options.config, folder)
    low, high = result["success_not_lost_low"], result["success_not_lost_high"]
    out.print(
        f"best policy after {result['best_steps']:,} steps: lands "
        f"{share(result['success_not_lost'], low, high)} of those not lost and "
        f"{share(result['success'], result['success_low'], result['success_high'])} of all "
        f"{result['landings']:,} benchmark landings\n{_by_world(result)}policy: {result['policy']}"
        f"\nreport: {result['report']}",
        soft_wrap=True,
    )
    return result


def _end(options: Train) -> dict[str, Any]:
    """Return the totals that extend a resumed run; other options must be those of the run."""
    assert options.resume is not None
    config = RunFolder(options.resume).read_config()
    end = {name: getattr(options.config, name) for name in ("total_steps", "max_minutes")}
    as_started = Train(resume=options.resume, json=options.json, config=replace(config, **end))
    if options != as_started:
        raise ConfigError(
            "--resume continues a run with its own options: it accepts only --total-steps and"
            " --max-minutes"
        )
    return {name: value for name, value in end.items() if value != getattr(config, name)}


def _flags(end: Mapping[str, object]) -> list[str]:
    return [word for name in end for word in (f"--{name.replace('_', '-')}", str(end[name]))]


def _by_world(result: Mapping[str, Any]) -> str:
    """Return a line for each of several worlds."""
    return "".join(
        f"  {world['mission']}, {world['scenario']}, {world['phase']}: "
        f"{share(world['success'], world['success_low'], world['success_high'])} of"
        f" {world['landings']:,}\n"
        for world in result.get("worlds", ())
    )


def _default_folder(options: Train) -> Path:
    name = Path(options.preset or options.config.task.scenario).stem
    return Path("runs") / f"{name}-{time.strftime('%Y%m%d-%H%M%S')}"
