"""Pilots as commands name them; `lunar_env.pilots` finds them, `agents.source` makes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.source import RUN_POLICY
from lunar_env.pilots import Entry, resolve, shown_to

if TYPE_CHECKING:
    from collections.abc import Mapping

    from training.task import Task

__all__ = ["RUN_POLICY", "Entry", "prepare", "shown_to"]


def prepare(
    name: str,
    task: Task,
    gains: Mapping[str, Mapping[str, object]] | None = None,
    *,
    trust_code: bool = False,
) -> Entry:
    """Return a pilot with its task; see `lunar_env.pilots.resolve`."""
    return resolve(name, task, gains=gains, trust_code=trust_code)
