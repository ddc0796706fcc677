"""A rangefinder on the bench: fixed geometry in, samples and states out."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numba
import numpy as np

from lunar_env.sensors import rows
from lunar_env.sensors.delay import PLACE_WIDTH, clear, earliest, release
from lunar_env.sensors.rangefinder import (
    SEARCH,
    Echo,
    Rangefinder,
    Unit,
    complete_sum,
    remember,
)
from lunar_env.specs import load_mission
from lunar_env.specs.pack import pack_rangefinder

REFERENCE: Rangefinder = Rangefinder(
    *map(float, pack_rangefinder(load_mission("hakuto-r-m2").rangefinder))
)
ALBEDO = 0.25
HEALTHY = Unit(ALBEDO, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


def design(**changes: float) -> Rangefinder:
    """The reference unit with some numbers changed."""
    return REFERENCE._replace(**changes)


def unit(**changes: float) -> Unit:
    """A healthy unit with some numbers changed."""
    return HEALTHY._replace(**changes)


class Bench(NamedTuple):
    """A row of memory and a delay line."""

    memory: np.ndarray
    line: np.ndarray


def bench(fitted: Unit = HEALTHY, *, places: int = 16, start_s: float = 0.0) -> Bench:
    """A unit that begins to search; the first sum ends after one integration."""
    memory = np.zeros((1, rows.SENSORS_WIDTH))
    line = np.zeros((1, places, PLACE_WIDTH))
    clear(memory, line, 0)
    memory[0, rows.MODE] = SEARCH
    memory[0, rows.UNIT : rows.UNIT + len(Unit._fields)] = fitted
    memory[0, rows.WINDOW_END] = start_s + REFERENCE.integration
    return Bench(memory, line)


class Samples(NamedTuple):
    """What left the unit, one row a sample."""

    sum: np.ndarray  # index of its sum
    measured: np.ndarray
    arrives: np.ndarray
    range: np.ndarray
    quality: np.ndarray


def look_at(
    ground_m: float,
    count: int,
    fitted: Unit = HEALTHY,
    lrf: Rangefinder = REFERENCE,
    *,
    key: int = 1,
    cosine: float = 1.0,
    closing: float = 0.0,
) -> tuple[Samples, np.ndarray]:
    """Samples and the state after each of `count` sums at a fixed range."""
    memory, line = bench(fitted)
    found, modes = _look(
        memory, line, np.uint64(key), lrf, Echo(0.0, float(ground_m), cosine, closing), count
    )
    return Samples(*found[: int(np.sum(~np.isnan(found[:, 0])))].T), modes


@numba.njit
def _look(memory: Any, line: Any, key: Any, lrf: Any, echo: Any, count: int) -> Any:
    found = np.full((count, 5), np.nan)
    modes = np.empty(count)
    sent = 0
    for k in range(count):
        middle = memory[0, rows.WINDOW_END] - 0.5 * lrf.integration
        remember(memory, 0, Echo(middle, echo.range, echo.cosine, echo.closing))
        complete_sum(memory, line, 0, key, lrf)
        modes[k] = memory[0, rows.MODE]
        if memory[0, rows.NEXT_ARRIVAL] < math.inf:
            place = earliest(line, 0)
            found[sent, 0] = k
            for j in range(4):
                found[sent, 1 + j] = line[0, place, j]
            release(memory, line, 0, place)
            sent += 1
    return found, modes
