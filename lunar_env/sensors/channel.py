"""Channel: a sensor that samples with its own clock and whose samples arrive with a delay.

A sample is taken at ``phase + n period``, may be lost, and arrives after a constant latency plus an
exponentially distributed delay. Every random quantity has its own stream of random numbers, indexed
by the number of the sample, so that a sensor without a measurement, or one that is not fitted,
changes no other random number.
"""

import math
from typing import Final, NamedTuple

import numpy as np

from lunar_env.kernel.compile import inline_kernel, kernel
from lunar_env.kernel.linalg import Vec3
from lunar_env.kernel.records import table_record
from lunar_env.kernel.rng import STREAM_CHANNEL, Index, normal, uniform
from lunar_env.physics.rows import store_vec
from lunar_env.sensors.events import Event, record_event
from lunar_env.sensors.rows import (
    CHANNEL,
    CHANNEL_WIDTH,
    QUEUE,
    QUEUE_LENGTH,
    QUEUED,
    QUEUED_WIDTH,
    QueuedMeasurement,
    load_queued,
    store_queued,
)

SAME_TIME: Final = 1e-9  # s, tolerance for the rounding of tick times
# Streams of random numbers of a sensor; np.int64, because Numba compiles a function again for
# every Python integer it is called with.
PHASE: Final = np.int64(0)
NOISE: Final = np.int64(1)
LATENCY: Final = np.int64(2)
DROPOUT: Final = np.int64(3)
SCALE: Final = np.int64(4)
DEAD: Final = np.int64(5)
_STREAMS: Final = 8
_FIRST: Final = np.int64(0)


class Channel(NamedTuple):
    """Timing of a sensor: the first fields of its design."""

    period: float  # s; 0 where the sensor is not fitted
    latency: float  # s
    jitter: float  # s, mean of an exponential
    dropout: float  # [-], probability that a sample is lost
    max_age: float  # s, up to which its last measurement is valid


class Measurement(NamedTuple):
    """A measurement of a sensor; none where `valid` is 0. Units are those of the sensor."""

    valid: float  # 1 or 0
    value: Vec3  # as measured
    observed: Vec3  # as in the observation
    quality: float  # 1 sigma, by the sensor


load_channel = table_record(Channel)[0]


@kernel
def no_measurement() -> Measurement:
    """No measurement: all fields are 0."""
    zero = Vec3(0.0, 0.0, 0.0)
    return Measurement(0.0, zero, zero, 0.0)


@kernel
def stream(sensor: Index, purpose: Index) -> Index:
    """Stream of random numbers of a sensor for one of the purposes above."""
    return STREAM_CHANNEL + _STREAMS * sensor + purpose


@kernel
def noise(key: np.uint64, sensor: Index, n: Index, axis: Index) -> float:
    """Standard normal number [-] of an axis (0 to 2) of sample `n`."""
    return normal(key, stream(sensor, NOISE), 3 * n + axis)


@kernel
def reset_channel(
    memory: np.ndarray, i: int, at: Index, key: np.uint64, sensor: Index, channel: Channel
) -> None:
    """Reset a channel at the start of an episode; its first sample is due within one period."""
    for k in range(CHANNEL_WIDTH):
        memory[i, at + k] = 0.0
    for k in range(QUEUE_LENGTH):
        memory[i, at + QUEUED.arrives + QUEUED_WIDTH * k] = math.inf
    memory[i, at + CHANNEL.next_due], memory[i, at + CHANNEL.next_sample] = math.inf, math.inf
    if channel.period > 0.0:
        first = channel.period * uniform(key, stream(sensor, PHASE), _FIRST)
        memory[i, at + CHANNEL.first_sample], memory[i, at + CHANNEL.next_sample] = first, first


@kernel
def draw_failure(
    memory: np.ndarray, i: int, at: Index, key: np.uint64, sensor: Index, dead_frac: float
) -> None:
    """Draw whether the sensor has failed in this episode, with probability `dead_frac` [-]."""
    if uniform(key, stream(sensor, DEAD), _FIRST) < dead_frac:
        memory[i, at + CHANNEL.next_sample] = math.inf


@kernel
def draw_scale_error(
    memory: np.ndarray, i: int, at: Index, key: np.uint64, sensor: Index, sigma: float
) -> None:
    """Draw the scale error [-] of the sensor in this episode, with 1 sigma `sigma` [-]."""
    memory[i, at + CHANNEL.scale_error] = sigma * normal(key, stream(sensor, SCALE), _FIRST)


@inline_kernel
def next_channel_time(memory: np.ndarray, i: int, at: Index) -> float:
    """Time [s] of the next sample or arrival of the channel."""
    return min(memory[i, at + CHANNEL.next_sample], memory[i, at + CHANNEL.next_due])


@kernel
def queue_measurement(
    memory: np.ndarray,
    i: int,
    at: Index,
    key: np.uint64,
    sensor: Index,
    channel: Channel,
    sample: Measurement,
) -> None:
    """Queue the measurement that is due until its arrival, unless it is lost.

    In a full queue it replaces the measurement that arrives last.
    """
    measured, n = memory[i, at + CHANNEL.next_sample], int(memory[i, at + CHANNEL.samples])
    memory[i, at + CHANNEL.samples] = n + 1.0
    memory[i, at + CHANNEL.next_sample] = (
        memory[i, at + CHANNEL.first_sample] + (n + 1.0) * channel.period
    )
    if sample.valid == 0.0 or uniform(key, stream(sensor, DROPOUT), n) < channel.dropout:
        return
    slot = at
    for k in range(QUEUE_LENGTH):
        j = at + QUEUED_WIDTH * k
        if memory[i, j + QUEUED.arrives] > memory[i, slot + QUEUED.arrives]:
            slot = j
    wait = channel.latency
    wait -= channel.jitter * math.log(uniform(key, stream(sensor, LATENCY), n))
    queued = QueuedMeasurement(
        measured, measured + wait, sample.quality, sample.value, sample.observed
    )
    store_queued(memory, i, slot + QUEUE, queued)
    memory[i, at + CHANNEL.next_due] = memory[i, _earliest_entry(memory, i, at) + QUEUED.arrives]


@kernel
def _earliest_entry(memory: np.ndarray, i: int, at: Index) -> Index:
    """Column of the queued measurement that arrives first, less the offset `QUEUE`."""
    slot = at
    for k in range(QUEUE_LENGTH):
        j = at + QUEUED_WIDTH * k
        if memory[i, j + QUEUED.arrives] < memory[i, slot + QUEUED.arrives]:
            slot = j
    return slot


@kernel
def read_arrivals(
    memory: np.ndarray, events: np.ndarray, i: int, at: Index, sensor: Index, t: float
) -> None:
    """Read every measurement that has arrived by time `t` [s], and keep the last one."""
    while memory[i, at + CHANNEL.next_due] <= t + SAME_TIME:
        slot = _earliest_entry(memory, i, at)
        sample = load_queued(memory, i, slot + QUEUE)
        v, stamp, arrived = sample.value, sample.measured, sample.arrives
        event = Event(float(sensor), stamp, arrived, v.x, v.y, v.z, sample.quality)
        record_event(memory, events, i, event)
        memory[i, at + CHANNEL.seen] = 1.0
        memory[i, at + CHANNEL.stamp], memory[i, at + CHANNEL.read_at] = stamp, t
        store_vec(memory, i, at + CHANNEL.observed.x, sample.observed)
        memory[i, slot + QUEUED.arrives] = math.inf
        memory[i, at + CHANNEL.next_due] = memory[
            i, _earliest_entry(memory, i, at) + QUEUED.arrives
        ]
