"""A channel: a sensor that samples by its own clock and whose samples take their time to arrive.

A sample is taken at ``phase + n period``, may be lost, and arrives after a constant latency and an
exponential delay. Every use of chance has a stream of its own, and its index is the number of the
sample, so a sensor that goes blind or is taken off moves no other number.
"""

import math
from typing import Final, NamedTuple

import numpy as np

from lunar_env.kernel.compile import cold_kernel, kernel
from lunar_env.kernel.linalg import Vec3
from lunar_env.kernel.rng import STREAM_CHANNEL, Index, normal, uniform
from lunar_env.sensors.events import note_event
from lunar_env.sensors.rows import (
    CHANNEL_WIDTH,
    FIRST_SAMPLE,
    FLIGHT,
    FLIGHT_PLACES,
    FLIGHT_WIDTH,
    LAST_SHOWN,
    LAST_STAMP,
    NEXT_DUE,
    NEXT_SAMPLE,
    READ_AT,
    SAMPLES,
    SCALE_ERROR,
    SEEN_ONE,
)

SAME_TIME: Final = 1e-9  # s, forgives the rounding of tick times
# Streams of a sensor; np.int64, as all that a function is called with.
PHASE: Final = np.int64(0)
NOISE: Final = np.int64(1)
LATENCY: Final = np.int64(2)
DROPOUT: Final = np.int64(3)
SCALE: Final = np.int64(4)
DEAD: Final = np.int64(5)
# Axes of a sample's noise.
X: Final = np.int64(0)
Y: Final = np.int64(1)
Z: Final = np.int64(2)
_STREAMS: Final = 8
_FIRST: Final = np.int64(0)
# Columns of a sample on its way.
_MEASURED: Final = FLIGHT
_ARRIVES: Final = FLIGHT + 1
_QUALITY: Final = FLIGHT + 2
_VALUE: Final = FLIGHT + 3
_SHOWN: Final = FLIGHT + 6


class Channel(NamedTuple):
    """Timing of a sensor; its design begins with it."""

    period: float  # s; 0 where the sensor is not fitted
    latency: float  # s
    jitter: float  # s, mean of an exponential
    dropout: float  # [-], probability that a sample is lost
    max_age: float  # s, up to which its last sample counts as valid


class Sample(NamedTuple):
    """What a sensor measured; nothing where `valid` is 0."""

    valid: float  # 1 or 0
    value: Vec3  # as measured
    shown: Vec3  # as the observation shows it
    quality: float  # 1 sigma that the sensor states


@kernel
def load_channel(table: np.ndarray, at: Index) -> Channel:
    """Timing at the head of a sensor's design."""
    return Channel(table[at], table[at + 1], table[at + 2], table[at + 3], table[at + 4])


@cold_kernel
def nothing() -> Sample:
    """The sample of a sensor that sees nothing."""
    none = Vec3(0.0, 0.0, 0.0)
    return Sample(0.0, none, none, 0.0)


@cold_kernel
def stream(sensor: Index, purpose: Index) -> Index:
    """Stream of random numbers of a sensor."""
    return STREAM_CHANNEL + _STREAMS * sensor + purpose


@cold_kernel
def noise(key: np.uint64, sensor: Index, n: Index, axis: Index) -> float:
    """Standard normal number of an axis (0 to 2) of sample `n`."""
    return normal(key, stream(sensor, NOISE), 3 * n + axis)


@cold_kernel
def begin_channel(
    memory: np.ndarray, i: int, at: Index, key: np.uint64, sensor: Index, channel: Channel
) -> None:
    """Forget the last episode; the first sample is due within a period."""
    for k in range(CHANNEL_WIDTH):
        memory[i, at + k] = 0.0
    for k in range(FLIGHT_PLACES):
        memory[i, at + _ARRIVES + FLIGHT_WIDTH * k] = math.inf
    memory[i, at + NEXT_DUE], memory[i, at + NEXT_SAMPLE] = math.inf, math.inf
    if channel.period > 0.0:
        first = channel.period * uniform(key, stream(sensor, PHASE), _FIRST)
        memory[i, at + FIRST_SAMPLE], memory[i, at + NEXT_SAMPLE] = first, first


@cold_kernel
def silence(
    memory: np.ndarray, i: int, at: Index, key: np.uint64, sensor: Index, dead_frac: float
) -> None:
    """Let the unit be dead with this probability: it never samples."""
    if uniform(key, stream(sensor, DEAD), _FIRST) < dead_frac:
        memory[i, at + NEXT_SAMPLE] = math.inf


@cold_kernel
def draw_scale(
    memory: np.ndarray, i: int, at: Index, key: np.uint64, sensor: Index, sigma: float
) -> None:
    """Draw the scale error of this unit."""
    memory[i, at + SCALE_ERROR] = sigma * normal(key, stream(sensor, SCALE), _FIRST)


@kernel
def next_event(memory: np.ndarray, i: int, at: Index) -> float:
    """When the channel next samples or delivers [s]."""
    return min(memory[i, at + NEXT_SAMPLE], memory[i, at + NEXT_DUE])


@cold_kernel
def send(
    memory: np.ndarray,
    i: int,
    at: Index,
    key: np.uint64,
    sensor: Index,
    channel: Channel,
    sample: Sample,
) -> None:
    """Take the sample that is due and send it on its way, unless it is lost.

    With every place taken, the one that arrives last gives way.
    """
    measured, n = memory[i, at + NEXT_SAMPLE], int(memory[i, at + SAMPLES])
    memory[i, at + SAMPLES] = n + 1.0
    memory[i, at + NEXT_SAMPLE] = memory[i, at + FIRST_SAMPLE] + (n + 1.0) * channel.period
    if sample.valid == 0.0 or uniform(key, stream(sensor, DROPOUT), n) < channel.dropout:
        return
    place = at
    for k in range(FLIGHT_PLACES):
        j = at + FLIGHT_WIDTH * k
        if memory[i, j + _ARRIVES] > memory[i, place + _ARRIVES]:
            place = j
    wait = channel.latency
    wait -= channel.jitter * math.log(uniform(key, stream(sensor, LATENCY), n))
    memory[i, place + _MEASURED], memory[i, place + _ARRIVES] = measured, measured + wait
    memory[i, place + _QUALITY] = sample.quality
    a, b = sample.value, sample.shown
    j = place + _VALUE
    memory[i, j], memory[i, j + 1], memory[i, j + 2] = a.x, a.y, a.z
    j = place + _SHOWN
    memory[i, j], memory[i, j + 1], memory[i, j + 2] = b.x, b.y, b.z
    memory[i, at + NEXT_DUE] = memory[i, _earliest(memory, i, at) + _ARRIVES]


@cold_kernel
def _earliest(memory: np.ndarray, i: int, at: Index) -> Index:
    """Place of the sample that arrives first."""
    place = at
    for k in range(FLIGHT_PLACES):
        j = at + FLIGHT_WIDTH * k
        if memory[i, j + _ARRIVES] < memory[i, place + _ARRIVES]:
            place = j
    return place


@cold_kernel
def deliver(
    memory: np.ndarray, events: np.ndarray, i: int, at: Index, sensor: Index, t: float
) -> None:
    """Read every sample that has arrived by `t`; the last of them is kept."""
    while memory[i, at + NEXT_DUE] <= t + SAME_TIME:
        m, place = memory, _earliest(memory, i, at)
        stamp, j = memory[i, place + _MEASURED], place + _VALUE
        note_event(
            *(memory, events, i, sensor, stamp, m[i, place + _ARRIVES]),
            *(m[i, j], m[i, j + 1], m[i, j + 2], m[i, place + _QUALITY]),
        )
        memory[i, at + SEEN_ONE] = 1.0
        memory[i, at + LAST_STAMP], memory[i, at + READ_AT] = stamp, t
        for k in range(3):
            memory[i, at + LAST_SHOWN + k] = memory[i, place + _SHOWN + k]
        memory[i, place + _ARRIVES] = math.inf
        memory[i, at + NEXT_DUE] = memory[i, _earliest(memory, i, at) + _ARRIVES]
