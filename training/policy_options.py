"""The options of the commands for policies that are trained, as dataclasses for tyro."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import tyro

__all__ = ["Export", "Verify"]


@dataclass(frozen=True)
class Export:
    """Write the best policy of a run as a safetensors file and a JSON card."""

    run: tyro.conf.Positional[Path]
    """Run folder."""
    out: Path
    """File for the weights, for example agents/weights/NAME.safetensors; must not exist."""
    json: bool = False
    """Print one JSON object on stdout."""


@dataclass(frozen=True)
class Verify:
    """Fly the benchmark landings of a policy's card again and compare the shares that land."""

    policy: tyro.conf.Positional[str]
    """Name of a shipped policy, a policy file or a run folder."""
    json: bool = False
    """Print one JSON object on stdout."""
