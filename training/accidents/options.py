"""The options of the command ``accidents``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["Accidents"]


@dataclass(frozen=True)
class Accidents:
    """Fly accidents with several pilots and write a page for each: what would have saved it."""

    missions: tuple[str, ...] = ()
    """Names, separated by spaces or commas; all of the story if not given."""
    pilots: tuple[str, ...] = ()
    """Pilots that know nothing of the mission; if not given, the guidance laws on the Kalman
    filter and the shipped policies. Those that cannot fly a mission are left out."""
    landings: int = 200
    """Landings of each pilot in each accident."""
    seed: int = 0
    """Seed of the episodes; every pilot flies the same ones."""
    out: Path = Path("docs/accidents")
    """Folder of the pages, the pictures and the file of results, in which those of these missions
    are replaced."""
    rewrite: bool = False
    """Write the pages again from the results in the folder, and fly nothing."""
    workers: int | None = None
    """Number of processes, by default one per core; does not affect the results."""
    json: bool = False
    """Print one JSON object on stdout."""
