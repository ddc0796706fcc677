"""The log of a flight: what changed from one instant to the next."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lunar_env.rendering.snapshot import LogEntry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lunar_env.rendering.snapshot import Snapshot

__all__ = ["Log"]

BEAM = {
    "OFF": "beam off",
    "WARMUP": "beam warms up",
    "SEARCH": "beam searches",
    "TRACK": "beam tracks",
    "LOST": "beam lost the ground",
}
BURNS = 0.01
ENGINES = ("engine on", "engine off")
KEPT = 60


class Log:
    """Entries of the present episode."""

    def __init__(self) -> None:
        self._entries: list[LogEntry] = []
        self._last: Snapshot | None = None
        self._touched = False
        self._stoppable = True

    def after(self, snapshot: Snapshot, *, touching: bool) -> tuple[LogEntry, ...]:
        """Return all entries up to an instant.

        Parameters
        ----------
        snapshot : Snapshot
            The instant.
        touching : bool
            Whether the lander touches the ground.

        Returns
        -------
        tuple of LogEntry
            The oldest first; the last 60 are kept.
        """
        if self._last is None or snapshot.time_s > self._last.time_s:
            texts = [*self._changes(snapshot, touching=touching)]
            at = snapshot.time_s, snapshot.height_m
            self._entries += [LogEntry(*at, text) for text in texts]
            del self._entries[:-KEPT]
            self._last = snapshot._replace(trail=(), log=(), ground=None)
        return tuple(self._entries)

    def _changes(self, now: Snapshot, *, touching: bool) -> Iterator[str]:
        before = self._last
        if before is None or before.beam_state != now.beam_state:
            yield BEAM.get(now.beam_state, now.beam_state)
        had_fix = before is not None and math.isfinite(before.first_fix_height_m)
        if math.isfinite(now.first_fix_height_m) and not had_fix:
            yield "first valid range"
        burns = now.throttle_frac > BURNS
        if burns != (before is not None and before.throttle_frac > BURNS):
            yield ENGINES[0] if burns else ENGINES[1]
        stoppable = not now.stop_height_m > now.height_m
        if stoppable != self._stoppable and now.outcome == "FLYING":
            yield "can stop again" if stoppable else "too low to stop"
            self._stoppable = stoppable
        if before is not None and before.propellant_kg > 0.0 >= now.propellant_kg:
            yield "propellant exhausted"
        if touching and not self._touched:
            self._touched = True
            yield "first contact"
        broken = sum(leg.broken for leg in now.legs)
        if broken > (0 if before is None else sum(leg.broken for leg in before.legs)):
            yield f"{broken} leg{'s' if broken > 1 else ''} broken"
        if now.outcome != "FLYING" and (before is None or before.outcome == "FLYING"):
            yield now.outcome.replace("_", " ").lower()
