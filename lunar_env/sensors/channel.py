"""A channel: a sensor that samples by its own clock and whose samples take their time to arrive.

A sample is taken at ``phase + n period``, may be lost, and arrives after a constant latency and an
exponential delay. Every use of chance has a stream of its own, and its index is the number of the
sample, so a sensor that goes blind or is taken off moves no other number.
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

SAME_TIME: Final = 1e-9  # s, forgives the rounding of tick times
# Streams of a sensor; np.int64, as all that a function is called with.
PHASE: Final = np.int64(0)
NOISE: Final = np.int64(1)
LATENCY: Final = np.int64(2)
DROPOUT: Final = np.int64(3)
SCALE: Final = np.int64(4)
DEAD: Final = np.int64(5)
_STREAMS: Final = 8
_FIRST: Final = np.int64(0)


class Channel(NamedTuple):
    """Timing of a sensor; its design begins with it."""

    period: float  # s; 0 where the sensor is not fitted
    latency: float  # s
    jitter: float  # s, mean of an exponential
    dropout: float  # [-], probability that a sample is lost
    max_age: float  # s, up to which its last sample counts as valid


class Measurement(NamedTuple):
    """What a sensor measured; nothing where `valid` is 0."""

    valid: float  # 1 or 0
    value: Vec3  # as measured
    observed: Vec3  # as the observation shows it
    quality: float  # 1 sigma that the sensor states


load_channel = table_record(Channel)[0]


@kernel
def no_measurement() -> Measurement:
    """The sample of a sensor that sees nothing."""
    none = Vec3(0.0, 0.0, 0.0)
    return Measurement(0.0, none, none, 0.0)


@kernel
def stream(sensor: Index, purpose: Index) -> Index:
    """Stream of random numbers of a sensor."""
    return STREAM_CHANNEL + _STREAMS * sensor + purpose


@kernel
def noise(key: np.uint64, sensor: Index, n: Index, axis: Index) -> float:
    """Standard normal number of an axis (0 to 2) of sample `n`."""
    return normal(key, stream(sensor, NOISE), 3 * n + axis)


@kernel
def reset_channel(
    memory: np.ndarray, i: int, at: Index, key: np.uint64, sensor: Index, channel: Channel
) -> None:
    """Forget the last episode; the first sample is due within a period."""
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
    """Let the unit be dead with this probability: it never samples."""
    if uniform(key, stream(sensor, DEAD), _FIRST) < dead_frac:
        memory[i, at + CHANNEL.next_sample] = math.inf


@kernel
def draw_scale_error(
    memory: np.ndarray, i: int, at: Index, key: np.uint64, sensor: Index, sigma: float
) -> None:
    """Draw the scale error of this unit."""
    memory[i, at + CHANNEL.scale_error] = sigma * normal(key, stream(sensor, SCALE), _FIRST)


@inline_kernel
def next_channel_time(memory: np.ndarray, i: int, at: Index) -> float:
    """When the channel next samples or delivers [s]."""
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
    """Take the sample that is due and send it on its way, unless it is lost.

    With every place taken, the one that arrives last gives way.
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
    sent = QueuedMeasurement(
        measured, measured + wait, sample.quality, sample.value, sample.observed
    )
    store_queued(memory, i, slot + QUEUE, sent)
    memory[i, at + CHANNEL.next_due] = memory[i, _earliest_entry(memory, i, at) + QUEUED.arrives]


@kernel
def _earliest_entry(memory: np.ndarray, i: int, at: Index) -> Index:
    """Slot of the sample that arrives first, as far behind the channel's as it lies."""
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
    """Read every sample that has arrived by `t`; the last of them is kept."""
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
