"""Flights for bounds on disk, by a digest of the task, the sources, the pilot and the seeds."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lunar_env.errors import LunarEnvError
from lunar_env.files import write_file
from lunar_env.formats import json_text
from lunar_env.kernel.cache_folder import base_folder
from lunar_env.kernel.compile import KERNELS
from lunar_env.kernel.machine_code import Sources
from lunar_env.reading import read_json
from lunar_env.specs import load_mission, load_scenario

if TYPE_CHECKING:
    from collections.abc import Callable

    from lunar_env.task import Task

__all__ = ["FORMAT", "digest_of", "store", "stored"]

FORMAT = "lunar-env-bounds/2"
# Gains are given with each flight, but not those of the missions' own pilots.
_SOURCES = (
    *("agents/**/*.py", "lunar_env/**/*.py", "lunar_env/data/guidance/*.toml"),
    *("training/evaluate.py", "training/bounds/flights.py"),
)
_MAX_BYTES = 4 * 1024**2


def digest_of(task: Task, *more: object) -> str:
    """Return the digest of all that the landings of a portfolio depend on.

    Parameters
    ----------
    task : Task
        The task.
    *more : object
        What else they depend on, such as the seed.

    Returns
    -------
    str
        32 hexadecimal digits.
    """
    mission = load_mission(task.mission)
    scenario = load_scenario(task.scenario, task.mission)
    sources = Sources(Path(__file__).resolve().parents[2], *_SOURCES)
    parts = (
        *(FORMAT, KERNELS.digest, sources.digest, mission.digest, scenario.digest),
        *(task.control, task.phase, task.time_limit_s, *more),
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


def stored(digest: str, compute: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return what was computed under a digest, or compute and store it.

    Parameters
    ----------
    digest : str
        Of all that the content depends on.
    compute : callable
        Returns JSON content.

    Returns
    -------
    dict
        The content. A file that is missing, damaged or not writable only costs time.
    """
    with suppress(LunarEnvError):
        found = read_json(_path_of(digest), _MAX_BYTES)
        if isinstance(found, dict) and found.get("format") == FORMAT:
            return found
    content = compute()
    store(digest, content)
    return content


def store(digest: str, content: dict[str, Any]) -> None:
    """Store content under a digest.

    Parameters
    ----------
    digest : str
        Of all that the content depends on.
    content : dict
        JSON content. If it cannot be written it is computed again the next time.
    """
    path = _path_of(digest)
    with suppress(LunarEnvError, OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(path, json_text({"format": FORMAT, **content}), replace=True)


def _path_of(digest: str) -> Path:
    return base_folder() / "bounds" / f"{digest}.json"
