"""Checkpoints of training runs, each one a safetensors file.

A checkpoint holds arrays and, in its header, a JSON state and a digest of both. Loading it runs no
code. A truncated or corrupted file is detected; a resumed run then warns and uses the checkpoint
before it.
"""

from __future__ import annotations

import hashlib
import json
import re
import warnings
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from safetensors.numpy import save

from agents.tensors import read_arrays
from lunar_env.errors import ConfigError, LunarEnvError
from lunar_env.files import write_file
from lunar_env.formats import check_format
from lunar_env.reading import from_json

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = [
    "Checkpoint",
    "CheckpointError",
    "latest_intact",
    "load_checkpoint",
    "prune_checkpoints",
    "save_checkpoint",
]

FORMAT = "lunar-env-checkpoint/1"
MAX_BYTES: Final = 16 * 1024**3  # more than a million rows need
NAME = re.compile(r"step-(\d{12})\.safetensors")


class CheckpointError(LunarEnvError):
    """A checkpoint is missing, damaged, or does not fit the run."""


class Checkpoint(NamedTuple):
    """The state of a run between two updates."""

    steps: int
    arrays: dict[str, np.ndarray]
    state: dict[str, Any]  # JSON content

    def part(self, prefix: str) -> dict[str, np.ndarray]:
        """Return the arrays whose names start with `prefix`, under names without it."""
        named = self.arrays.items()
        return {name.removeprefix(prefix): a for name, a in named if name.startswith(prefix)}


def save_checkpoint(folder: Path, checkpoint: Checkpoint) -> Path:
    """Write a checkpoint.

    Parameters
    ----------
    folder : Path
        Checkpoint folder of one run.
    checkpoint : Checkpoint
        The checkpoint.

    Returns
    -------
    Path
        The file written.
    """
    path = folder / f"step-{checkpoint.steps:012d}.safetensors"
    arrays = {name: np.asarray(array, order="C") for name, array in checkpoint.arrays.items()}
    state = json.dumps(checkpoint.state)
    metadata = {"format": FORMAT, "state": state, "digest": _digest(arrays, state)}
    write_file(path, save(arrays, metadata=metadata), replace=True)
    return path


def load_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint and check that it is intact.

    Parameters
    ----------
    path : Path
        A file written by `save_checkpoint`.

    Returns
    -------
    Checkpoint
        The content of the file.

    Raises
    ------
    CheckpointError
        If the file is missing, damaged or not a checkpoint.
    """
    named = NAME.fullmatch(path.name)
    if named is None:
        raise CheckpointError(f"{path} is not the name of a checkpoint")
    try:
        arrays, metadata = read_arrays(path, MAX_BYTES)
    except ConfigError as problem:
        raise CheckpointError(f"{path.name} is damaged: {problem}") from None
    check_format(metadata.get("format"), FORMAT, path, CheckpointError)
    state = metadata.get("state", "")
    if metadata.get("digest") != _digest(arrays, state):
        raise CheckpointError(f"{path} is damaged: its digest does not match its content")
    return Checkpoint(int(named[1]), arrays, _state(state, path))


def _state(text: str, path: Path) -> dict[str, Any]:
    try:  # scores are NaN while no landing has succeeded
        return from_json(text, f"{path} is damaged", finite=False)
    except ConfigError as problem:
        raise CheckpointError(str(problem)) from None


def latest_intact(folder: Path, check: Callable[[Checkpoint], None]) -> Checkpoint | None:
    """Return the newest intact checkpoint that fits the run; warn about each one skipped.

    Parameters
    ----------
    folder : Path
        Checkpoint folder of one run.
    check : callable
        Raises a `ConfigError` if a checkpoint does not fit the run.

    Returns
    -------
    Checkpoint or None
        The checkpoint to resume from; None if the folder has none.

    Raises
    ------
    CheckpointError
        If there are checkpoints but none is usable.
    """
    paths = _checkpoints(folder)
    for path in reversed(paths):
        try:
            return _fitting(load_checkpoint(path), path, check)
        except CheckpointError as problem:
            warnings.warn(f"{problem}; trying the previous one", UserWarning, stacklevel=2)
    if not paths:
        return None
    raise CheckpointError(
        f"{folder} holds no intact checkpoint; move it away to restart the run at step 0"
    )


def _fitting(checkpoint: Checkpoint, path: Path, check: Callable[[Checkpoint], None]) -> Checkpoint:
    try:
        check(checkpoint)
    except ConfigError as problem:
        raise CheckpointError(f"{path} does not fit this run: {problem}") from None
    return checkpoint


def prune_checkpoints(folder: Path, keep: int, regular: Callable[[int], bool]) -> None:
    """Delete old checkpoints, and those written at interruptions that the run has passed.

    Parameters
    ----------
    folder : Path
        Checkpoint folder of one run.
    keep : int
        Number of newest checkpoints to keep.
    regular : callable
        Whether an uninterrupted run writes a checkpoint at a number of steps.
    """
    *before, newest = _checkpoints(folder)
    kept = [path for path in before if regular(_steps_of(path))]
    kept = [*kept, newest][-keep:]
    for path in {*before, newest}.difference(kept):
        path.unlink()


def _checkpoints(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("step-*") if NAME.fullmatch(path.name))


def _steps_of(path: Path) -> int:
    return int(path.stem.removeprefix("step-"))


def _digest(arrays: dict[str, np.ndarray], state: str) -> str:
    digest = hashlib.sha256(state.encode())
    for name in sorted(arrays):
        array = arrays[name]
        digest.update(f"{name} {array.dtype.str} {array.shape}".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()
