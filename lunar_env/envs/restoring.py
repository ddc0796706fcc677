"""Whether arrays that were kept somewhere can be the memory of a batch.

Kernels check nothing: a number of engines of 1e18 in a row ends the process. What comes back from a
file is compared with a batch that was freshly reset: names, shapes, types, what all landers of a
mission have in common, and the columns that kernels use as indices or that bound their loops.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from lunar_env.errors import ConfigError, nearest
from lunar_env.physics.rows import (
    ENGINE,
    ENGINE_WIDTH,
    ENGINES,
    GEAR,
    GROUND_BOUND,
    MAX_ENGINES,
    VEHICLE,
)
from lunar_env.sensors.acquisition import OFF
from lunar_env.sensors.delay import ENTRY
from lunar_env.sensors.rows import (
    CAM,
    CHANNEL,
    DVL,
    ECHO,
    EVENT_COUNT,
    LRF,
    NEXT_ARRIVAL,
    NEXT_CHANNEL_TIME,
    QUEUE_LENGTH,
    QUEUED,
    QUEUED_WIDTH,
    RALT,
)
from lunar_env.sim.fields import Outcome
from lunar_env.sim.table import MAX_FAULTS
from lunar_env.sim.world import (
    EPISODE,
    OUTCOME,
    SCENARIO,
    START,
    START_NAMES,
    TOUCHDOWN,
    TOUCHDOWN_NAMES,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from lunar_env.sim.world import World

__all__ = ["check_arrays", "check_world"]

_CHANNELS: Final = tuple(int(at) for at in (DVL, RALT, CAM))
# Columns that hold numbers of the lander's design, which are equal in all landers.
_DESIGN: Final = {
    "scenario": SCENARIO,
    "engines": VEHICLE.engines,
    "legs": GEAR.legs,
    "hull_points": GEAR.hull_points,
    **{
        f"dead_ticks of engine {e + 1}": ENGINES + ENGINE_WIDTH * e + ENGINE.dead_ticks
        for e in range(MAX_ENGINES)
    },
}
# What is never is at infinity, what is unknown is NaN; all else is finite, and no larger than:
_LARGEST: Final = 1e15
_OPEN: Final = (
    *(GROUND_BOUND.elevation, NEXT_ARRIVAL, NEXT_CHANNEL_TIME, ECHO.range, ECHO.far_range),
    *range(TOUCHDOWN, TOUCHDOWN + len(TOUCHDOWN_NAMES)),
    *range(START, START + len(START_NAMES)),
    *(at + column for at in _CHANNELS for column in (CHANNEL.next_sample, CHANNEL.next_due)),
    *(at + QUEUED.arrives + QUEUED_WIDTH * k for at in _CHANNELS for k in range(QUEUE_LENGTH)),
)
_MANY: Final = 2.0**53  # counts that a float64 still holds
_LATE: Final = 1e-9  # s, rounding of tick times


def check_arrays(found: Mapping[str, NDArray[Any]], wanted: Mapping[str, NDArray[Any]]) -> None:
    """Compare names, shapes and types of arrays.

    Raises
    ------
    ConfigError
        If one is missing, is not wanted, or has another shape or type.
    """
    for name in found:
        if name not in wanted:
            raise ConfigError(f"array {name!r} is unknown here{nearest(name, wanted)}")
    for name, array in wanted.items():
        if name not in found:
            raise ConfigError(f"array {name!r} is missing")
        one = found[name]
        if (one.dtype, one.shape) != (array.dtype, array.shape):
            raise ConfigError(
                f"array {name!r} is {one.dtype} {one.shape}, must be {array.dtype} {array.shape}"
            )


def check_world(found: Mapping[str, NDArray[Any]], fresh: World, longest_s: float) -> None:
    """Check what is to become the memory of a batch.

    Parameters
    ----------
    found : mapping of str to ndarray
        The arrays of a `lunar_env.sim.world.World` by name.
    fresh : World
        Of the same settings and as many rows, just reset.
    longest_s : float
        Time that an episode can last, with its last step [s].

    Raises
    ------
    ConfigError
        If kernels must not be given these arrays; it names the array, the row and what is wrong.
    """
    check_arrays(found, fresh._asdict())
    for name, bad in _bad_rows(found, fresh, longest_s):
        rows = np.flatnonzero(bad)
        if rows.size:
            raise ConfigError(f"{name} of row {rows[0]} has an impossible value")


def _bad_rows(
    found: Mapping[str, NDArray[Any]], fresh: World, longest_s: float
) -> Iterator[tuple[str, Any]]:
    memory, line, report = found["memory"], found["line"], found["report"]
    closed = np.delete(memory, _OPEN, axis=1)
    yield "memory", _wild(closed).any(axis=1)
    for what, column in _DESIGN.items():
        yield f"memory: {what}", memory[:, column] != fresh.memory[0, column]
    for what, column, most in (
        ("time", EPISODE.time, longest_s),
        ("events", EVENT_COUNT, found["events"].shape[1]),
        ("arrivals", EPISODE.arrivals, _MANY),
        ("outcome on the ground", EPISODE.ground_outcome, max(Outcome)),
        ("faults applied", EPISODE.faults_applied, 2**MAX_FAULTS - 1),
        *(
            (f"samples, column {at + CHANNEL.samples}", at + CHANNEL.samples, _MANY)
            for at in _CHANNELS
        ),
    ):
        yield f"memory: {what}", ~((memory[:, column] >= 0.0) & (memory[:, column] <= most))
    yield "memory: outcome on the ground", memory[:, EPISODE.ground_outcome] % 1.0 != 0.0
    # What is due lies ahead: kernels catch up with it one by one.
    now = memory[:, EPISODE.time] - _LATE
    yield (
        "memory: end of the integration window",
        (memory[:, LRF.mode] != OFF) & ~(memory[:, LRF.window_end] > now),
    )
    for at in _CHANNELS:
        yield f"memory: next sample, column {at}", ~(memory[:, at + CHANNEL.next_sample] > now)
        yield f"memory: first sample, column {at}", memory[:, at + CHANNEL.first_sample] < 0.0
    yield "line", np.isnan(line[:, :, ENTRY.arrives]).any(axis=1)
    yield "line", _wild(np.delete(line, ENTRY.arrives, axis=2)).any(axis=(1, 2))
    yield "events", _wild(found["events"]).any(axis=(1, 2))
    yield "report", _wild(report).any(axis=0)
    yield "report: outcome", ~np.isin(report[OUTCOME], [float(outcome) for outcome in Outcome])
    for name in ("observation", "final_observation"):
        yield name, _wild(found[name]).any(axis=1)


def _wild(values: NDArray[Any]) -> NDArray[np.bool_]:
    tame: NDArray[np.bool_] = np.abs(values) <= _LARGEST
    return ~tame
