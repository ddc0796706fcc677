"""What is needed to repeat a command: its arguments, the commit, versions, the machine."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import lunar_env

__all__ = ["provenance"]

REPOSITORY = Path(__file__).parents[1]
DISTRIBUTIONS = ("numpy", "numba", "gymnasium", "torch", "stable-baselines3")


def provenance() -> dict[str, Any]:
    """Return what is needed to repeat this command.

    Returns
    -------
    dict
        ``command``, ``commit`` (with ``+`` if files have changed; None if the sources are not in a
        repository), ``versions`` and ``machine``.
    """
    versions = {"lunar-env": lunar_env.__version__, "python": platform.python_version()}
    for name in DISTRIBUTIONS:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return {
        "command": " ".join(["python", "-m", "training", *sys.argv[1:]]),
        "commit": commit_of(REPOSITORY, Path(lunar_env.__file__), Path(__file__)),
        "versions": versions,
        "machine": {"system": platform.platform(), "cpus": os.cpu_count()},
    }


def commit_of(folder: Path, *sources: Path) -> str | None:
    """Return the commit checked out in a folder, if its repository tracks the sources.

    Parameters
    ----------
    folder : Path
        A folder, in a repository or not.
    *sources : Path
        Files that the repository must track: a repository that merely contains an installed package
        does not identify its version.

    Returns
    -------
    str or None
        With ``+`` if files in the folder have changed; None if the sources are not tracked.
    """
    tracked = _git(folder, "ls-files", "--error-unmatch", "--", *map(str, sources))
    head = None if tracked is None else _git(folder, "rev-parse", "--verify", "HEAD")
    if head is None:
        return None
    changed = _git(folder, "status", "--porcelain", "--untracked-files=no", "--", ".")
    return f"{head}+" if changed else head


def _git(folder: Path, *arguments: str) -> str | None:
    # Git sets these variables within a hook, for another repository.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    command = ["git", "-C", str(folder), *arguments]
    try:
        result = subprocess.run(
            command, capture_output=True, text=True, check=True, env=environment
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return result.stdout.strip()
