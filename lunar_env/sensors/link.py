"""Link budget of the rangefinder: photo-electrons, signal-to-noise ratio, detection.

A sum adds the M echoes of a window in fixed bins. While the range changes by the smear W within the
window, the echoes spread over ``W/bin`` bins; `smear.py` says what that does to the range.

References
----------
Gardner, "Ranging performance of satellite laser altimeters", IEEE TGRS 30(5), 1992.
Abshire, Sun and Afzal, "Mars Orbiter Laser Altimeter: receiver model", Appl. Opt. 39(15), 2000.
"""

import math
from typing import Final, NamedTuple

from lunar_env.kernel.compile import inline_kernel, kernel

MAX_BEAMS: Final = 4


class Rangefinder(NamedTuple):
    """Design of a rangefinder, the same in every episode: a flat tuple of floats."""

    signal_m2: float  # photo-electrons x m^2 for a white target at normal incidence
    excess_noise: float  # [-]
    background: float  # electrons, of sunlight, in the gate of a shot
    amplifier_noise: float  # electrons, rms
    threshold: float  # [-], signal-to-noise ratio for a detection
    shots: float  # [-], summed in one integration window
    integration: float  # s, length of an integration window
    range_bin: float  # m
    range_walk: float  # 1 where the motion smears the echo over range bins, else 0
    walk_loss: float  # [-], exponent of the number of bins by which the smear divides the SNR
    alarms: float  # 1/m, false alarms of a window per metre of gate, at the design threshold
    gate_min: float  # m
    gate_max: float  # m
    gate_track: float  # m, half width of the gate around the predicted range; inf for the full gate
    pulse: float  # m, one sigma of the pulse in range
    lambert_k: float  # [-], exponent of the cosine of incidence
    cos_cut: float  # [-], cosine of the largest usable incidence
    acquire_m: float  # [-], detections ...
    acquire_n: float  # [-], ... out of this number of windows
    consistent: float  # m, largest difference of consistent detections, beyond the closing rate
    lost_after: float  # [-], consecutive misses after which the mode is LOST
    pick: float  # echo that is reported: 0 the first, 1 the strongest, 2 the last
    bus: float  # s, period of the bus to the computer; 0 for no wait
    mount_offset: float  # m, sensor below the centre of mass
    divergence: float  # rad, full width of the beam
    beams: float  # [-], number of beams, which alternate
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
    """The rangefinder as drawn for one episode: its signal, errors, delays and faults."""

    reflected: float  # [-], mean albedo times all losses of signal
    threshold: float  # [-], signal-to-noise ratio, at its temperature
    noise: float  # m, 1 sigma
    bias: float  # m
    scale: float  # [-], scale error
    walk: float  # m, range-walk error at the threshold; inversely proportional to the SNR
    quantum: float  # m, resolution
    outlier: float  # [-], fraction of ranges that lie anywhere in the gate
    latency: float  # s, from the end of the window to the bus
    jitter: float  # s, mean of an exponential
    dropout: float  # [-], probability that a sample is lost
    burst_begin: float  # [-], probability that a burst of losses begins, ...
    burst_end: float  # [-], ... and that it ends, for each range
    stamp_bias: float  # s, stamp minus time of measurement
    stamp_jitter: float  # s, 1 sigma of each stamp
    late: float  # [-], fraction of ranges that the next one overtakes
    repeated: float  # [-], fraction that arrives twice
    frozen: float  # [-], fraction that repeats the previous range with a new time stamp
    misaligned_x: float  # rad, B: small rotation of the beams
    misaligned_y: float  # rad
    dust: float  # [-], one-way optical depth of the dust at touchdown
    dust_return: float  # [-], probability of an echo from optically thick dust
    clutter: float  # [-], noise of a sum that is proportional to its signal, rms over the signal
    ghost: float  # [-], probability of a false echo where clutter exceeds all other noise


class Echo(NamedTuple):
    """Echo of the running beam at the middle of an integration window."""

    time: float  # s
    range: float  # m, slant
    cosine: float  # [-], of incidence
    closing: float  # m/s, closing rate: minus the rate of the range
    gain: float  # [-], local albedo over the mean, times the transmission of the dust
    near_fraction: float  # [-], of the spot that lies at `range`; the rest lies at ...
    far_range: float  # m
    dust: float  # m, range of an echo from dust; 0 without dust


@inline_kernel
def beam_of(lrf: Rangefinder, index: float) -> float:
    """Number of the beam, from 0, of integration window `index`; several beams alternate."""
    # The remainder of two whole numbers, for less than a call of `fmod`.
    return index - lrf.beams * math.floor(index / lrf.beams)


@kernel
def photo_electrons(slant_range: float, cosine: float, reflected: float, lrf: Rangefinder) -> float:
    """Photo-electrons of one shot on a target that fills the beam: ``signal rho cos^k / R^2``."""
    return lrf.signal_m2 * reflected * cosine**lrf.lambert_k / (slant_range * slant_range)


@kernel
def single_shot_snr(electrons: float, lrf: Rangefinder) -> float:
    """Signal-to-noise ratio [-] of one shot: ``N/sqrt(F N + N_bg + N_e^2)``.

    The terms are the shot noise of echo and sunlight and the noise of the amplifier.
    """
    noise2 = lrf.excess_noise * electrons + lrf.background + lrf.amplifier_noise**2
    return electrons / math.sqrt(noise2)


@kernel
def summed_snr(snr: float, closing: float, lrf: Rangefinder) -> float:
    """Signal-to-noise ratio [-] of the sum of M shots, smeared by the closing rate [m/s].

    ``sqrt(M) snr (bin/W)^p`` where the smear W exceeds a bin. A single bin holds ``bin/W`` of the
    signal and the noise of M shots: p = 1. Moving sums of up to ``W/bin`` bins hold all of the
    signal and the noise of ``W/bin`` bins: p = 1/2, as in a bank of filters matched to the width
    (Abshire et al. 2000).
    """
    gain, smear = math.sqrt(lrf.shots), smear_length(closing, lrf)
    if smear > lrf.range_bin:
        share = lrf.range_bin / smear
        gain *= math.sqrt(share) if lrf.walk_loss == 0.5 else share**lrf.walk_loss
    return gain * snr


@inline_kernel
def smear_length(closing: float, lrf: Rangefinder) -> float:
    """Change of the range [m] within a window, 0 where the unit compensates for it."""
    return lrf.range_walk * abs(closing) * lrf.integration


@kernel
def cluttered_snr(snr: float, clutter: float) -> float:
    """Signal-to-noise ratio [-] with noise that keeps pace with the signal: at most 1/clutter.

    Speckle, ringing or a distorted echo repeat in every shot of a sum, so that summing does not
    reduce them, and scale with the signal S: ``S/sqrt(1 + (clutter S)^2)`` in units of the other
    noise. The threshold follows the noise (constant rate of false alarms).
    """
    noise = clutter * snr
    return snr / math.sqrt(1.0 + noise * noise)


@kernel
def detection_probability(snr: float, threshold: float) -> float:
    """Probability of detection [-]: ``Phi(SNR - threshold)``."""
    return 0.5 * math.erfc((threshold - snr) / math.sqrt(2.0))


@kernel
def alarm_probability(gate: float, threshold: float, lrf: Rangefinder) -> float:
    """Probability [-] that noise alone crosses the threshold in a `gate` [m]; Rice's formula.

    The expected number of false alarms, which is small, is used as the probability.
    """
    ratio = math.exp(0.5 * (lrf.threshold * lrf.threshold - threshold * threshold))
    return min(1.0, lrf.alarms * gate * ratio)


@kernel
def echo_snr(
    slant_range: float, fraction: float, echo: Echo, drawn: DrawnRangefinder, lrf: Rangefinder
) -> float:
    """Signal-to-noise ratio [-], over a window, of the `fraction` [-] of the spot at a range [m].

    0 outside the gate of the design, or beyond the largest incidence.
    """
    if slant_range > lrf.gate_max or slant_range <= lrf.gate_min or echo.cosine < lrf.cos_cut:
        return 0.0
    reflected = drawn.reflected * echo.gain * fraction
    electrons = photo_electrons(slant_range, echo.cosine, reflected, lrf)
    snr = summed_snr(single_shot_snr(electrons, lrf), echo.closing, lrf)
    return cluttered_snr(snr, drawn.clutter)
