"""The laser rangefinder as an instrument: it sees the ground when enough light comes back.

Photo-electrons from a link budget, summed over M shots. While the lander falls, the echoes of one
sum smear over range bins, and the sum gains less: the faster the fall, the later the first fix. A
range is trusted after M-of-N detections and lost after a run of misses. Nothing here knows a height
at which it is supposed to see.

References
----------
Gardner, "Ranging performance of satellite laser altimeters", IEEE TGRS 30(5), 1992.
Abshire, Sun and Afzal, "Mars Orbiter Laser Altimeter: receiver model", Appl. Opt. 39(15), 2000.
"""

import math
from typing import Final, NamedTuple

import numpy as np

from lunar_env.kernel.compile import cold_kernel
from lunar_env.kernel.rng import (
    STREAM_DETECTION,
    STREAM_DROPOUT,
    STREAM_LATENCY,
    STREAM_RANGE_NOISE,
    normal,
    uniform,
)
from lunar_env.sensors.delay import push
from lunar_env.sensors.rows import (
    ECHO_CLOSING,
    ECHO_COSINE,
    ECHO_RANGE,
    ECHO_TIME,
    HISTORY,
    MISSES,
    MODE,
    UNIT,
    WINDOW_END,
    WINDOWS,
)

OFF: Final = 0
WARMUP: Final = 1
SEARCH: Final = 2
TRACK: Final = 3
LOST: Final = 4


class Rangefinder(NamedTuple):
    """Design of a unit: the same in every episode. A flat tuple of floats."""

    signal_m2: float  # photo-electrons x m^2 for a white target at normal incidence
    excess_noise: float  # [-]
    amplifier_noise: float  # electrons, rms
    threshold: float  # [-], signal-to-noise ratio for a detection
    shots: float  # [-], summed for one range
    integration: float  # s, of one sum
    range_bin: float  # m
    range_walk: float  # 1 where the smear counts, else 0
    gate_max: float  # m
    lambert_k: float  # [-], exponent of the cosine of incidence
    cos_cut: float  # [-], cosine of the largest usable incidence
    acquire_m: float  # [-], detections ...
    acquire_n: float  # [-], ... out of so many sums
    lost_after: float  # [-], misses in a row
    mount_offset: float  # m, sensor below the centre of mass
    boresight_x: float  # [-], B, unit vector of the beam in the x-z plane
    boresight_z: float  # [-]
    divergence: float  # rad, full width of the beam


class Unit(NamedTuple):
    """The unit of one episode: its losses, errors and delays."""

    reflected: float  # [-], albedo times all losses of signal
    noise: float  # m, 1 sigma
    bias: float  # m
    scale: float  # [-]
    quantum: float  # m
    latency: float  # s, from the end of the sum to the bus
    jitter: float  # s, mean of an exponential
    dropout: float  # [-], probability that a sample is lost


class Echo(NamedTuple):
    """Geometry of the beam at the middle of a sum."""

    time: float  # s
    range: float  # m
    cosine: float  # [-], of incidence
    closing: float  # m/s, rate at which the range shrinks


@cold_kernel
def load_unit(memory: np.ndarray, i: int) -> Unit:
    """Unit of row `i`."""
    m, j = memory, UNIT
    return Unit(
        *(m[i, j], m[i, j + 1], m[i, j + 2], m[i, j + 3]),
        *(m[i, j + 4], m[i, j + 5], m[i, j + 6], m[i, j + 7]),
    )


@cold_kernel
def photo_electrons(slant_range: float, cosine: float, reflected: float, lrf: Rangefinder) -> float:
    """Echo of one shot on a target that fills the beam: ``signal rho cos^k / R^2``."""
    return lrf.signal_m2 * reflected * cosine**lrf.lambert_k / (slant_range * slant_range)


@cold_kernel
def single_shot_snr(electrons: float, lrf: Rangefinder) -> float:
    """``N / sqrt(F N + N_e^2)``: shot noise with excess factor, and the amplifier's noise."""
    return electrons / math.sqrt(lrf.excess_noise * electrons + lrf.amplifier_noise**2)


@cold_kernel
def summed_snr(snr: float, closing: float, lrf: Rangefinder) -> float:
    """Signal-to-noise ratio of the sum of M shots, smeared over the bins that the range walks."""
    gain = math.sqrt(lrf.shots)
    smear = abs(closing) * lrf.integration
    if lrf.range_walk > 0.0 and smear > lrf.range_bin:
        gain *= math.sqrt(lrf.range_bin / smear)
    return gain * snr


@cold_kernel
def detection_probability(snr: float, lrf: Rangefinder) -> float:
    """``Phi(SNR - threshold)``."""
    return 0.5 * math.erfc((lrf.threshold - snr) / math.sqrt(2.0))


@cold_kernel
def echo_snr(echo: Echo, unit: Unit, lrf: Rangefinder) -> float:
    """Summed signal-to-noise ratio of an echo; zero outside the gate and beyond the incidence."""
    if echo.range > lrf.gate_max or echo.range <= 0.0 or echo.cosine < lrf.cos_cut:
        return 0.0
    electrons = photo_electrons(echo.range, echo.cosine, unit.reflected, lrf)
    return summed_snr(single_shot_snr(electrons, lrf), echo.closing, lrf)


@cold_kernel
def remember(memory: np.ndarray, i: int, echo: Echo) -> None:
    """Keep the middle of the running sum until the sum is complete."""
    memory[i, ECHO_TIME] = echo.time
    memory[i, ECHO_RANGE] = echo.range
    memory[i, ECHO_COSINE] = echo.cosine
    memory[i, ECHO_CLOSING] = echo.closing


@cold_kernel
def complete_sum(
    memory: np.ndarray, line: np.ndarray, i: int, key: np.uint64, lrf: Rangefinder
) -> None:
    """Decide on the sum that ends now, and start the next one."""
    m = memory
    echo = Echo(m[i, ECHO_TIME], m[i, ECHO_RANGE], m[i, ECHO_COSINE], m[i, ECHO_CLOSING])
    unit = load_unit(memory, i)
    index = int(memory[i, WINDOWS])
    end = memory[i, WINDOW_END]
    memory[i, WINDOWS] = index + 1.0
    memory[i, WINDOW_END] = end + lrf.integration
    if memory[i, MODE] < SEARCH:
        return
    snr = echo_snr(echo, unit, lrf)
    chance = detection_probability(snr, lrf) if snr > 0.0 else 0.0
    detected = uniform(key, STREAM_DETECTION, index) < chance
    if _track(memory, i, detected, lrf) and uniform(key, STREAM_DROPOUT, index) >= unit.dropout:
        wait = unit.latency - unit.jitter * math.log(uniform(key, STREAM_LATENCY, index))
        value = measured_range(echo.range, normal(key, STREAM_RANGE_NOISE, index), unit)
        push(memory, line, i, echo.time, end + wait, value, math.log10(snr))


@cold_kernel
def measured_range(true_range: float, noise: float, unit: Unit) -> float:
    """True slant range with bias, scale error, noise and quantisation."""
    value = true_range * (1.0 + unit.scale) + unit.bias + unit.noise * noise
    if unit.quantum > 0.0:
        value = unit.quantum * math.floor(value / unit.quantum + 0.5)
    return max(value, 0.0)


@cold_kernel
def _track(memory: np.ndarray, i: int, detected: bool, lrf: Rangefinder) -> bool:
    """Step the acquisition logic with one detection or miss; whether a valid range leaves."""
    history = (int(memory[i, HISTORY]) << 1) & ((1 << int(lrf.acquire_n)) - 1)
    if detected:
        history |= 1
    memory[i, HISTORY] = float(history)
    if memory[i, MODE] == TRACK:
        memory[i, MISSES] = 0.0 if detected else memory[i, MISSES] + 1.0
        if memory[i, MISSES] >= lrf.lost_after:
            memory[i, MODE] = LOST
            memory[i, HISTORY] = 0.0
        return detected
    memory[i, MODE] = SEARCH
    hits = 0
    for bit in range(int(lrf.acquire_n)):
        hits += (history >> bit) & 1
    if detected and hits >= lrf.acquire_m:
        memory[i, MODE] = TRACK
        memory[i, MISSES] = 0.0
        return True
    return False
