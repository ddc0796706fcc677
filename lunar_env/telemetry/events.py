"""What is worth a line in the log of a flight: beam, first range, engine, contact, the end."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Event", "find_events"]

_FIX = "first valid range"
_BEAM_STATES = ("off", "warmup", "search", "track", "lost")


class Event(NamedTuple):
    """Something that happened between two instants, dated by the later one."""

    time_s: float
    height_m: float  # true
    name: str


def find_events(
    seen: Mapping[str, NDArray[np.float64]], true: Mapping[str, NDArray[np.float64]], outcome: str
) -> tuple[Event, ...]:
    """Events of a flight, in order.

    Parameters
    ----------
    seen : mapping of str to ndarray, shape (n + 1,)
        Observed quantities by name, in SI units.
    true : mapping of str to ndarray, shape (n + 1,)
        Privileged quantities by name.
    outcome : str
        How it ended; ``FLYING`` if it did not.

    Returns
    -------
    tuple of Event
        Without those whose columns a file does not have.
    """
    named = [
        *((k, f"beam {state}") for state in _BEAM_STATES for k in _rises(seen, f"lrf_{state}")),
        *((k, _FIX if k else "ranging since before the start") for k in _rises(seen, "lrf_seen")),
        *((k, "engine on") for k in _rises(seen, "engine_on")),
        *((k, "engine off") for k in _rises(seen, "engine_on", falls=True)),
        *((k, "propellant exhausted") for k in _rises(true, "propellant_kg", falls=True)),
        *((k, "first contact") for k in islice(_rises(true, "touching"), 1)),
        *((k, "a leg breaks") for k in _rises(true, "broken_legs")),
    ]
    times, heights = true["time_s"].tolist(), true["height_m"].tolist()
    if outcome != "FLYING":
        named.append((len(times) - 1, outcome))
    # Stable: what happens in the same step keeps the order above.
    return tuple(Event(times[k], heights[k], name) for k, name in sorted(named, key=lambda e: e[0]))


def _rises(
    columns: Mapping[str, NDArray[np.float64]], name: str, *, falls: bool = False
) -> Iterator[int]:
    """Instants at which a column becomes positive (or is, at the reset), or stops being so."""
    if name not in columns:
        return
    positive = (columns[name] > 0.0).tolist()
    before = falls and positive[0]
    for k, now in enumerate(positive):
        if now != before and now != falls:
            yield k
        before = now
