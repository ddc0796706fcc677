"""The rangefinder of an episode: how much light it loses, how it errs, how it is late."""

import math
from typing import Final

import numpy as np

from lunar_env.kernel.compile import cold_kernel
from lunar_env.kernel.draws import X, Y, draw, draw_index
from lunar_env.kernel.rng import STREAM_DEAD, uniform
from lunar_env.sensors.acquisition import OFF, SEARCH, WARMUP
from lunar_env.sensors.link import Rangefinder, Unit
from lunar_env.sensors.rows import LRF, store_unit
from lunar_env.sim.table import SCENARIO_WIDTH, SCENARIOS, Task, of_scenario
from lunar_env.sim.world import EPISODE, SCENARIO, Flight

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
_NOISE: Final = of_scenario("range_noise_m")
_BIAS: Final = of_scenario("range_bias_m")
_SCALE: Final = of_scenario("range_scale")
_WALK: Final = of_scenario("range_walk_m")
_QUANTUM: Final = of_scenario("range_quantum_m")
_OUTLIER: Final = of_scenario("outlier_frac")
_JITTER: Final = of_scenario("jitter_s")
_DROPOUT: Final = of_scenario("dropout_frac")
_BURST_BEGIN: Final = of_scenario("burst_begin_frac")
_BURST_END: Final = of_scenario("burst_end_frac")
_STAMP_BIAS: Final = of_scenario("stamp_bias_s")
_STAMP_JITTER: Final = of_scenario("stamp_jitter_s")
_LATE: Final = of_scenario("late_frac")
_REPEATED: Final = of_scenario("repeated_frac")
_FROZEN: Final = of_scenario("frozen_frac")
_DUST: Final = of_scenario("dust_depth")
_DUST_RETURN: Final = of_scenario("dust_return_frac")


@cold_kernel
def draw_unit(flight: Flight, lrf: Rangefinder, task: Task) -> None:
    """The unit of row `i`: dead, warming up or searching; its light, errors, delays and habits."""
    memory, i = flight.lander.memory, flight.lander.i
    table, key = flight.table, flight.key
    s = SCENARIOS + SCENARIO_WIDTH * int(memory[i, SCENARIO])
    loss, energy = draw(table, s + _LOSS, key), draw(table, s + _ENERGY, key)
    left = max(_LEAST_LIGHT, energy) * max(_LEAST_LIGHT, 1.0 + draw(table, s + _ALBEDO, key))
    memory[i, EPISODE.signal_loss] = loss - 10.0 * math.log10(left)
    colder = max(_LEAST_THRESHOLD, 1.0 + draw(table, s + _THRESHOLD, key))
    unit = Unit(
        reflected=task.albedo * left * 10.0 ** (-0.1 * loss),
        threshold=lrf.threshold * colder,
        noise=draw(table, s + _NOISE, key),
        bias=draw(table, s + _BIAS, key),
        scale=draw(table, s + _SCALE, key),
        walk=draw(table, s + _WALK, key),
        quantum=draw(table, s + _QUANTUM, key),
        outlier=draw(table, s + _OUTLIER, key),
        latency=draw(table, s + _PROCESSING, key) + draw(table, s + _EXTRA, key),
        jitter=draw(table, s + _JITTER, key),
        dropout=draw(table, s + _DROPOUT, key),
        burst_begin=draw(table, s + _BURST_BEGIN, key),
        burst_end=draw(table, s + _BURST_END, key),
        stamp_bias=draw(table, s + _STAMP_BIAS, key),
        stamp_jitter=draw(table, s + _STAMP_JITTER, key),
        late=draw(table, s + _LATE, key),
        repeated=draw(table, s + _REPEATED, key),
        frozen=draw(table, s + _FROZEN, key),
        misaligned_x=_RADIANS * draw_index(table, s + _MISALIGNED, key, X),
        misaligned_y=_RADIANS * draw_index(table, s + _MISALIGNED, key, Y),
        dust=draw(table, s + _DUST, key),
        dust_return=draw(table, s + _DUST_RETURN, key),
    )
    store_unit(memory, i, unit)
    memory[i, LRF.ready_at] = draw(table, s + _WARMUP, key)
    dead = uniform(key, STREAM_DEAD, _ONCE) < draw(table, s + _DEAD, key)
    waits = WARMUP if memory[i, LRF.ready_at] > 0.0 else SEARCH
    memory[i, LRF.mode] = float(OFF if dead else waits)
