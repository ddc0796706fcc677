"""Options of the command that flies missions as they were flown."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["Missions"]


@dataclass(frozen=True)
class Missions:
    """Fly missions with their recorded faults and report outcomes; or try other pilots there."""

    missions: tuple[str, ...] = ()
    """Names, separated by spaces or commas; all that have flown if not given."""
    landings: int = 200
    """Landings of each mission with its recorded faults, and as many with healthy sensors."""
    seed: int = 0
    """With the same seed every pilot flies the same episodes."""
    out: Path | None = None
    """TOML file in which the missions flown are replaced and others kept; with --what-if a
    Markdown file. If not given, nothing is written."""
    update_package: bool = False
    """Replace the missions flown in the results that come with the package, which `lunar-env
    missions` shows."""
    what_if: bool = False
    """Let the pilots given fly the same landers, and print how many land, as Markdown."""
    pilots: tuple[str, ...] = (
        *("own", "e-guidance+kalman", "apollo+kalman", "hoverslam+kalman"),
        *("ppo-m2-late-acquisition", "e-guidance+oracle"),
    )
    """Pilots for --what-if: own, law+filter, a learned one, or a bound that knows the truth."""
    resume: bool = False
    """Continue after a stop: missions that the file has from the same version, seed and
    number of landings are not flown again."""
    workers: int | None = None
    """Processes, one for each core if not given; they do not change the results."""
    json: bool = False
    """Print one JSON object on stdout."""
