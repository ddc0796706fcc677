"""The rangefinder of an episode: how much light it loses, how it errs, how it is late."""

import math
from typing import Final

import numpy as np

from lunar_env.kernel.compile import cold_kernel
from lunar_env.kernel.draws import draw, draw_index
from lunar_env.kernel.rng import STREAM_DEAD, uniform
from lunar_env.sensors.acquisition import OFF, SEARCH, WARMUP
from lunar_env.sensors.link import Rangefinder
from lunar_env.sensors.rows import MODE, READY_AT, UNIT
from lunar_env.sim.laws import of_scenario
from lunar_env.sim.table import SCENARIO_WIDTH, SCENARIOS, Task
from lunar_env.sim.world import SCENARIO, SIGNAL_LOSS

_ONCE: Final = np.int64(0)
_RADIANS: Final = math.pi / 180.0
_LEAST_LIGHT: Final = 0.02  # of the nominal albedo or energy; a draw may not make it negative
_LEAST_THRESHOLD: Final = 0.5  # of that by design
_DEAD: Final = of_scenario("unit_dead_frac")
_WARMUP: Final = of_scenario("warmup_s")
_LOSS: Final = of_scenario("signal_loss_dB")
_ENERGY: Final = of_scenario("energy_frac")
_ALBEDO: Final = of_scenario("albedo_error_frac")
_THRESHOLD: Final = of_scenario("threshold_error_frac")
_MISALIGNED: Final = of_scenario("misalignment_deg")
_PROCESSING: Final = of_scenario("processing_s")
_EXTRA: Final = of_scenario("extra_latency_s")
# What goes into the unit as it is drawn, in the order of `link.Unit`, from two places on.
_ERRORS: Final = (
    of_scenario("range_noise_m"),
    of_scenario("range_bias_m"),
    of_scenario("range_scale"),
    of_scenario("range_walk_m"),
    of_scenario("range_quantum_m"),
    of_scenario("outlier_frac"),
)
_HABITS: Final = (
    of_scenario("jitter_s"),
    of_scenario("dropout_frac"),
    of_scenario("burst_begin_frac"),
    of_scenario("burst_end_frac"),
    of_scenario("stamp_bias_s"),
    of_scenario("stamp_jitter_s"),
    of_scenario("late_frac"),
    of_scenario("repeated_frac"),
    of_scenario("frozen_frac"),
)
_DUST: Final = of_scenario("dust_depth")
_DUST_RETURN: Final = of_scenario("dust_return_frac")


@cold_kernel
def draw_unit(
    memory: np.ndarray, table: np.ndarray, i: int, key: np.uint64, lrf: Rangefinder, task: Task
) -> None:
    """The unit of row `i`: dead, warming up or searching; its light, errors, delays and habits."""
    s = SCENARIOS + SCENARIO_WIDTH * int(memory[i, SCENARIO])
    loss, energy = draw(table, s + _LOSS, key), draw(table, s + _ENERGY, key)
    left = max(_LEAST_LIGHT, energy) * max(_LEAST_LIGHT, 1.0 + draw(table, s + _ALBEDO, key))
    memory[i, SIGNAL_LOSS] = loss - 10.0 * math.log10(left)
    memory[i, UNIT] = task.albedo * left * 10.0 ** (-0.1 * loss)
    memory[i, UNIT + 1] = lrf.threshold * max(
        _LEAST_THRESHOLD, 1.0 + draw(table, s + _THRESHOLD, key)
    )
    k = UNIT + 2
    for law in _ERRORS:
        memory[i, k] = draw(table, s + law, key)
        k += 1
    memory[i, k] = draw(table, s + _PROCESSING, key) + draw(table, s + _EXTRA, key)
    k += 1
    for law in _HABITS:
        memory[i, k] = draw(table, s + law, key)
        k += 1
    for axis in range(2):
        memory[i, k + axis] = _RADIANS * draw_index(table, s + _MISALIGNED, key, axis)
    memory[i, k + 2] = draw(table, s + _DUST, key)
    memory[i, k + 3] = draw(table, s + _DUST_RETURN, key)
    memory[i, READY_AT] = draw(table, s + _WARMUP, key)
    dead = uniform(key, STREAM_DEAD, _ONCE) < draw(table, s + _DEAD, key)
    waits = WARMUP if memory[i, READY_AT] > 0.0 else SEARCH
    memory[i, MODE] = float(OFF if dead else waits)
