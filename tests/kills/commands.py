"""What is killed: the smallest command of each kind, how it is begun again, when it is complete."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from safetensors.numpy import load_file

from training.checkpoint import load_checkpoint
from training.run_folder import TIME_FIELDS

TRAIN = [
    *("train", "--out", "run", "--seed", "5", "--total-steps", "768", "--torch-threads", "1"),
    *("--checkpoint-every-steps", "128", "--keep-checkpoints", "2"),
    *("--task.num-envs", "8", "--task.num-threads", "1", "--ppo.n-steps", "16"),
    *("--ppo.batch-size", "64", "--ppo.n-epochs", "1", "--network.hidden", "8"),
    *("--network.hidden-value", "8", "--selection.every-steps", "256"),
    *("--selection.landings", "4", "--selection.report-landings", "4"),
]
BENCHMARK = [
    *("benchmark", "--pilots", "hoverslam+naive", "--scenarios", "ideal"),
    *("--landings", "3", "--chunk", "1", "--optima", "1", "--workers", "1", "--out", "b"),
]
TUNE = [
    *("tune", "--pilot", "hoverslam+naive", "--scenario", "ideal", "--trials", "4"),
    *("--landings", "4", "--out", "gains.toml"),
]
MISSIONS = [
    *("missions", "--missions", "hakuto-r-m2", "peregrine-1", "--landings", "1", "--workers", "1"),
    *("--out", "results.toml"),
]
WHAT_IF = [
    *("missions", "--what-if", "--missions", "hakuto-r-m2", "--landings", "1", "--workers", "1"),
    *("--pilots", "own", "hoverslam+naive", "hoverslam+kalman", "velocity-profile+naive"),
    *("--out", "what-if.md"),
]


def has(name: str) -> Callable[[Path], bool]:
    """Whether a folder has a file."""
    return lambda folder: (folder / name).exists()


def never(_: Path) -> bool:
    """What may be done again however far it got."""
    return False


@dataclass(frozen=True)
class Killed:
    """A command, and what is done after it was killed."""

    words: list[str]
    resume: list[str]
    begun: Callable[[Path], bool]  # whether `resume` goes on, and not `words` again
    complete: Callable[[Path], bool]  # whether there is nothing to go on with
    needs: tuple[str, ...] = ()  # commands of which it needs the result

    def again(self, folder: Path) -> list[str]:
        """Return what a user would give to go on."""
        return self.resume if self.begun(folder) else self.words


COMMANDS = {
    "train": Killed(
        *(TRAIN, ["train", "--resume", "run"], has("run/config.toml"), has("run/summary.json"))
    ),
    # Begun by --resume it would be the same, but for the command in its record.
    "benchmark": Killed(BENCHMARK, [*BENCHMARK, "--resume"], has("b/benchmark.json"), never),
    "tune": Killed(
        *(TUNE, [*TUNE, "--resume"], lambda _: True),
        lambda folder: has("gains.toml")(folder) and not has("gains.toml.journal")(folder),
    ),
    "what-if": Killed(
        *(WHAT_IF, [*WHAT_IF, "--resume"], lambda _: True),
        lambda folder: has("what-if.md")(folder) and not has("what-if.md.journal")(folder),
    ),
    "missions": Killed(MISSIONS, [*MISSIONS, "--resume"], lambda _: True, never),
    "export": Killed(
        *(["export", "run", "--out", "mine.safetensors"], [], lambda _: False),
        lambda folder: has("mine.safetensors")(folder) and has("mine.json")(folder),
        needs=("train",),
    ),
    "record": Killed(
        *(["record", "flight.npz"], [], lambda _: False),
        has("flight.npz"),
    ),
}


def read_back(path: Path) -> Any:
    """Read a file that has its final name; return what must be the same in every run.

    That is its bytes, but for the entries of `TIME_FIELDS`, and for those of a checkpoint's state.
    """
    content = path.read_bytes()
    if path.parent.name == "checkpoints":
        checkpoint = load_checkpoint(path)
        arrays = {name: (a.dtype, a.shape, a.tobytes()) for name, a in checkpoint.arrays.items()}
        return checkpoint.steps, arrays, _timeless(checkpoint.state)
    if path.suffix == ".json":
        return _timeless(json.loads(content))
    if path.suffix == ".journal":
        assert [json.loads(line) for line in content.decode().splitlines()]
    elif path.suffix == ".toml":
        assert tomllib.loads(content.decode())
    elif path.suffix == ".parquet":
        assert pq.read_table(path).num_columns
    elif path.suffix == ".safetensors":
        assert load_file(path)
    elif path.suffix == ".html":
        assert content.rstrip().endswith(b"</html>")
    else:
        assert content, path
    return content


def _timeless(table: dict[str, Any]) -> dict[str, Any]:
    return {
        name: _timeless(value) if isinstance(value, dict) else value
        for name, value in table.items()
        if name not in TIME_FIELDS
    }


def files_of(folder: Path) -> dict[str, Any]:
    """Read every file that has its final name; TensorBoard's tell the time and are left out."""
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {
        str(path.relative_to(folder)): read_back(path)
        for path in paths
        if "tensorboard" not in path.parts
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    }


def leftovers(folder: Path) -> list[str]:
    """Names of temporary files and folders."""
    return [str(path) for path in folder.rglob(".*")]
