"""Instants at an even rate, for films."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lunar_env.rendering.between import between, follows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lunar_env.rendering.snapshot import Snapshot

__all__ = ["paced"]


def paced(snapshots: Iterable[Snapshot], interval_s: float) -> Iterator[Snapshot]:
    """Yield instants of flights at an interval, and the end of each flight.

    Parameters
    ----------
    snapshots : iterable of Snapshot
        Instants as simulated, of one flight after another.
    interval_s : float
        Time of flight between two frames.

    Yields
    ------
    Snapshot
        The first of each flight, then one every `interval_s`, and its last.
    """
    before: Snapshot | None = None
    due_s = 0.0
    for snapshot in snapshots:
        if before is None or not follows(before, snapshot):
            yield snapshot
            due_s = snapshot.time_s + interval_s
        else:
            duration = snapshot.time_s - before.time_s
            while due_s < snapshot.time_s - 1e-9:
                yield between(before, snapshot, (due_s - before.time_s) / duration)
                due_s += interval_s
            if snapshot.outcome != "FLYING" or abs(due_s - snapshot.time_s) <= 1e-9:
                yield snapshot
                due_s += interval_s
        before = snapshot
