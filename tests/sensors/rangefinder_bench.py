"""A rangefinder on the bench: fixed geometry in, samples and states out."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numba
import numpy as np

from lunar_env.sensors import rows
from lunar_env.sensors.acquisition import SEARCH
from lunar_env.sensors.delay import ENTRY_WIDTH, clear_delay_line, take_range
from lunar_env.sensors.link import DrawnRangefinder, Echo, Rangefinder
from lunar_env.sensors.rangefinder import complete_window, echo_at
from lunar_env.sensors.rows import store_echo
from lunar_env.specs import load_mission
from lunar_env.specs.pack_rangefinder import pack_rangefinder

REFERENCE: Rangefinder = Rangefinder(
    *map(float, pack_rangefinder(load_mission("hakuto-r-m2")))
)._replace(alarms=0.0, bus=0.0)  # tested on their own
ALBEDO = 0.25
PERFECT = DrawnRangefinder(*[0.0] * len(DrawnRangefinder._fields))._replace(burst_end=1.0)
HEALTHY = PERFECT._replace(reflected=ALBEDO, threshold=REFERENCE.threshold)
CLEAR = Echo(
    time=0.0,
    range=0.0,
    cosine=1.0,
    closing=0.0,
    gain=1.0,
    near_fraction=1.0,
    far_range=math.inf,
    dust=0.0,
)


def design(**changes: float) -> Rangefinder:
    """The reference design with some numbers changed."""
    return REFERENCE._replace(**changes)


def drawn(**changes: float) -> DrawnRangefinder:
    """A rangefinder without faults, with some numbers changed."""
    return HEALTHY._replace(**changes)


class Bench(NamedTuple):
    """A row of memory and a delay line."""

    memory: np.ndarray
    line: np.ndarray


def bench(fitted: DrawnRangefinder = HEALTHY, *, entries: int = 16, start_s: float = 0.0) -> Bench:
    """A rangefinder that starts to search; its first window ends after one integration time."""
    memory = np.zeros((1, rows.SENSORS_WIDTH))
    line = np.zeros((1, entries, ENTRY_WIDTH))
    clear_delay_line(memory, line, 0)
    memory[0, rows.LRF.mode] = SEARCH
    rows.store_drawn_rangefinder(memory, 0, fitted)
    memory[0, rows.LRF.window_end] = start_s + REFERENCE.integration
    return Bench(memory, line)


class Samples(NamedTuple):
    """Ranges that were transmitted."""

    window: np.ndarray  # index of its integration window
    measured: np.ndarray
    arrives: np.ndarray
    range: np.ndarray
    quality: np.ndarray
    beam: np.ndarray


def run_at_range(
    ground_m: float,
    count: int,
    fitted: DrawnRangefinder = HEALTHY,
    lrf: Rangefinder = REFERENCE,
    *,
    key: int = 1,
    fall: float = 0.0,
    **changes: float,
) -> tuple[Samples, np.ndarray]:
    """Samples, in the order of windows, and the mode after each of `count` windows.

    The ground is at a fixed range unless the lander is to `fall` towards it.
    """
    memory, line = bench(fitted)
    echo = CLEAR._replace(range=float(ground_m), **changes)
    found, modes = _look(memory, line, np.uint64(key), lrf, echo, count, fall)
    return Samples(*found[: int(np.sum(~np.isnan(found[:, 0])))].T), modes


@numba.njit
def _look(memory: Any, line: Any, key: Any, lrf: Any, echo: Any, count: int, fall: float) -> Any:
    found = np.full((2 * count, 6), np.nan)
    modes = np.empty(count)
    sent = 0
    for k in range(count):
        middle = memory[0, rows.LRF.window_end] - 0.5 * lrf.integration
        store_echo(memory, 0, echo_at(echo, middle, echo.range - fall * middle))
        complete_window(memory, line, 0, key, lrf)
        modes[k] = memory[0, rows.LRF.mode]
        while memory[0, rows.NEXT_ARRIVAL] < math.inf:
            taken = take_range(memory, line, 0)
            sample = (taken.measured, taken.arrives, taken.range, math.log10(taken.snr), taken.beam)
            found[sent, 0] = k
            for j in range(5):
                found[sent, 1 + j] = sample[j]
            sent += 1
    return found, modes
