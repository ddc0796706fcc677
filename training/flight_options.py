"""Options of the command that flies missions as they were flown."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["Missions"]


@dataclass(frozen=True)
class Missions:
    """Fly every mission as it was flown, tell what came of it; or what if another had flown it."""

    missions: tuple[str, ...] = ()
    """Names, separated by spaces or commas; all that have a flight of their own if not given."""
    landings: int = 200
    """Landings of each mission on its day, and as many with a healthy set of sensors."""
    seed: int = 0
    """With the same seed every pilot flies the same episodes."""
    out: Path | None = None
    """TOML file in which the missions flown are replaced, the others stay; with --what-if a
    Markdown file. If not given, nothing is written."""
    update_package: bool = False
    """Replace the missions flown in the results that come with the package, which `lunar-env
    missions` shows."""
    what_if: bool = False
    """Put the pilots named on the same landers, and print how many land, as Markdown."""
    pilots: tuple[str, ...] = (
        *("own", "e-guidance+kalman", "apollo+kalman", "hoverslam+kalman"),
        *("ppo-m2-late-acquisition", "e-guidance+oracle"),
    )
    """Who flies with --what-if: own, law+filter, a learned one, or a bound that knows the truth."""
    resume: bool = False
    """Go on after a stop: missions that the file has from the same version, seed and
    number of landings are not flown again."""
    workers: int | None = None
    """Processes, one for each core if not given; they do not change the results."""
    json: bool = False
    """Print one JSON object on stdout."""
