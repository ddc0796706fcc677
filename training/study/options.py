"""The options of ``study``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["Study"]


@dataclass(frozen=True)
class Study:
    """Train policies in several ways with equal time, over tasks and seeds, and compare them."""

    out: Path
    """Folder of the study; runs that it holds are not repeated."""
    study: Path | None = None
    """TOML file of another study than training/study.toml."""
    runs: int | None = None
    """Runs to train now, at most; 0 reports those that are complete. All if not given."""
    page: Path | None = None
    """Markdown page, as docs/study.md, whose computed parts are replaced; results and picture are
    also written next to it, with its name."""
    json: bool = False
    """Print one JSON object on stdout."""
