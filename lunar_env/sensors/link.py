"""The light of an echo: photo-electrons, signal-to-noise ratio and the chance to notice it.

References
----------
Gardner, "Ranging performance of satellite laser altimeters", IEEE TGRS 30(5), 1992.
Abshire, Sun and Afzal, "Mars Orbiter Laser Altimeter: receiver model", Appl. Opt. 39(15), 2000.
"""

import math
from typing import Final, NamedTuple

from lunar_env.kernel.compile import kernel

MAX_BEAMS: Final = 4


class Rangefinder(NamedTuple):
    """Design of a unit: the same in every episode. A flat tuple of floats."""

    signal_m2: float  # photo-electrons x m^2 for a white target at normal incidence
    excess_noise: float  # [-]
    background: float  # electrons, of sunlight in the gate of a shot
    amplifier_noise: float  # electrons, rms
    threshold: float  # [-], signal-to-noise ratio for a detection
    shots: float  # [-], summed for one range
    integration: float  # s, of one sum
    range_bin: float  # m
    range_walk: float  # 1 where the smear counts, else 0
    alarms: float  # 1/m, false alarms of a sum per metre of gate, at the threshold by design
    gate_min: float  # m
    gate_max: float  # m
    gate_track: float  # m, half width around the predicted range while tracking; inf for none
    pulse: float  # m, one sigma of the pulse in range
    lambert_k: float  # [-], exponent of the cosine of incidence
    cos_cut: float  # [-], cosine of the largest usable incidence
    acquire_m: float  # [-], detections ...
    acquire_n: float  # [-], ... out of so many sums
    consistent: float  # m, that successive detections may differ besides the closing speed
    lost_after: float  # [-], misses in a row
    pick: float  # of several echoes: 0 the first, 1 the strongest, 2 the last
    bus: float  # s, period at which results reach the computer; 0 for at once
    mount_offset: float  # m, sensor below the centre of mass
    divergence: float  # rad, full width of the beam
    beams: float  # [-], that take turns
    beam_x1: float  # [-], B: unit vector of each beam
    beam_y1: float
    beam_z1: float
    beam_x2: float
    beam_y2: float
    beam_z2: float
    beam_x3: float
    beam_y3: float
    beam_z3: float
    beam_x4: float
    beam_y4: float
    beam_z4: float


class DrawnRangefinder(NamedTuple):
    """The unit of one episode: its light, errors, delays and bad habits."""

    reflected: float  # [-], mean albedo times all losses of signal
    threshold: float  # [-], of this unit at its temperature
    noise: float  # m, 1 sigma
    bias: float  # m
    scale: float  # [-]
    walk: float  # m, error at the threshold; it falls as the echo grows
    quantum: float  # m
    outlier: float  # [-], share of ranges that lie anywhere in the gate
    latency: float  # s, from the end of the sum to the bus
    jitter: float  # s, mean of an exponential
    dropout: float  # [-], probability that a sample is lost
    burst_begin: float  # [-], probability that a spell of losses begins, ...
    burst_end: float  # [-], ... and that it ends, for each sum
    stamp_bias: float  # s, stamp minus time of measurement
    stamp_jitter: float  # s, 1 sigma of each stamp
    late: float  # [-], share of samples that the next one overtakes
    repeated: float  # [-], share that arrives twice
    frozen: float  # [-], share that carries the range before it under a fresh stamp
    misaligned_x: float  # rad, B: rotation of the beams
    misaligned_y: float  # rad
    dust: float  # [-], one-way optical depth of the dust at touchdown
    dust_return: float  # [-], chance of an echo from thick dust


class Echo(NamedTuple):
    """What comes back to the beam at the middle of a sum."""

    time: float  # s
    range: float  # m, slant
    cosine: float  # [-], of incidence
    closing: float  # m/s, rate at which the range shrinks
    gain: float  # [-], albedo of the place over the mean, times the loss in dust
    near_fraction: float  # [-], of the spot that lies at `range`; the rest lies at ...
    far_range: float  # m
    dust: float  # m, range of an echo from dust; 0 where the air is clear


@kernel
def photo_electrons(slant_range: float, cosine: float, reflected: float, lrf: Rangefinder) -> float:
    """Echo of one shot on a target that fills the beam: ``signal rho cos^k / R^2``."""
    return lrf.signal_m2 * reflected * cosine**lrf.lambert_k / (slant_range * slant_range)


@kernel
def single_shot_snr(electrons: float, lrf: Rangefinder) -> float:
    """``N/sqrt(F N + N_bg + N_e^2)``: shot noise of echo and sunlight, the amplifier's noise."""
    noise2 = lrf.excess_noise * electrons + lrf.background + lrf.amplifier_noise**2
    return electrons / math.sqrt(noise2)


@kernel
def summed_snr(snr: float, closing: float, lrf: Rangefinder) -> float:
    """Signal-to-noise ratio of the sum of M shots, smeared over the bins that the range walks."""
    gain = math.sqrt(lrf.shots)
    smear = abs(closing) * lrf.integration
    if lrf.range_walk > 0.0 and smear > lrf.range_bin:
        gain *= math.sqrt(lrf.range_bin / smear)
    return gain * snr


@kernel
def detection_probability(snr: float, threshold: float) -> float:
    """``Phi(SNR - threshold)``."""
    return 0.5 * math.erfc((threshold - snr) / math.sqrt(2.0))


@kernel
def alarm_probability(gate: float, threshold: float, lrf: Rangefinder) -> float:
    """Chance that noise alone crosses the threshold somewhere in a gate [m]; Rice's formula.

    Few alarms are meant, so the expected number stands for the probability.
    """
    colder = math.exp(0.5 * (lrf.threshold * lrf.threshold - threshold * threshold))
    return min(1.0, lrf.alarms * gate * colder)


@kernel
def echo_snr(
    slant_range: float, fraction: float, echo: Echo, drawn: DrawnRangefinder, lrf: Rangefinder
) -> float:
    """Summed signal-to-noise ratio of the `fraction` of an echo's light that comes from a range."""
    if slant_range > lrf.gate_max or slant_range <= lrf.gate_min or echo.cosine < lrf.cos_cut:
        return 0.0
    reflected = drawn.reflected * echo.gain * fraction
    electrons = photo_electrons(slant_range, echo.cosine, reflected, lrf)
    return summed_snr(single_shot_snr(electrons, lrf), echo.closing, lrf)


@kernel
def pulse_sigma(slant_range: float, cosine: float, lrf: Rangefinder) -> float:
    """One sigma [m] of a pulse in range, widened where the spot lies on a slope (Gardner 1992)."""
    sine = math.sqrt(max(0.0, 1.0 - cosine * cosine))
    # A quarter of the full width is the spot's own one sigma.
    slope = 0.25 * slant_range * lrf.divergence * sine / max(cosine, lrf.cos_cut)
    return math.sqrt(lrf.pulse * lrf.pulse + slope * slope)
