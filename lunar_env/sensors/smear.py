"""Error of a summed range: bias and noise follow the smear of the sum.

A sum holds M echoes, spread evenly from the range at the end of its window to that at its begin: a
rectangle of length W, the smear, around the range at the middle of the window, which is its time
stamp. The unit passes it through a moving sum as long as the echo, whose output rises from 0 to the
signal-to-noise ratio S while the sum covers the rectangle from its near end on. The range is where
the output crosses the threshold T, referred to the far end of the moving sum (leading-edge timing):

    bias = l T/S - W/2,    sigma = l/S,

with ``l = W`` for a moving sum of W, or one bin for a unit that looks at single bins. A strong echo
reads at the near end of the rectangle, one at the threshold at the far end, both W/2 from the
truth; one of twice the threshold reads right. The jitter is the noise of the output, 1, over its
slope, S/l. Beyond a bin, the M echoes are separate: the crossing moves in steps of W/M.

References
----------
Palojarvi, "Integrated electronic and optoelectronic circuits and devices for pulsed time-of-flight
laser rangefinding", University of Oulu, 2003, section 2.1: walk and jitter of leading-edge timing.
Abshire, Sun and Afzal, "Mars Orbiter Laser Altimeter: receiver model", Appl. Opt. 39(15), 2000:
filters matched to the width of the echo, timed at the threshold.
Gardner, "Ranging performance of satellite laser altimeters", IEEE TGRS 30(5), 1992.
"""

import math
from typing import Final

from lunar_env.kernel.compile import kernel
from lunar_env.sensors.link import Rangefinder, detection_probability, smear_length

_ROOT_2_PI: Final = math.sqrt(2.0 * math.pi)


@kernel
def detected_snr(snr: float, threshold: float) -> float:
    """Mean signal-to-noise ratio [-] of those sums that cross the threshold.

    ``S + phi(S - T)/Phi(S - T)``: the noise of a sum that is detected just so was positive.
    """
    above = snr - threshold
    density = math.exp(-0.5 * above * above) / _ROOT_2_PI
    return max(snr + density / max(detection_probability(snr, threshold), 1e-12), threshold)


@kernel
def rise_length(smear: float, lrf: Rangefinder) -> float:
    """Length [m] of the moving sum over which the output rises, for a smear [m].

    ``W (bin/W)^(2p - 1)``, which loses ``(bin/W)^p``: W for p = 1/2, a bin for p = 1.
    """
    if smear <= lrf.range_bin:
        return smear
    return smear * (lrf.range_bin / smear) ** (2.0 * lrf.walk_loss - 1.0)


@kernel
def smear_bias(closing: float, snr: float, threshold: float, lrf: Rangefinder) -> float:
    """Bias [m] of a sum whose range changes at `closing` [m/s]: ``l T/S - W/2``."""
    smear = smear_length(closing, lrf)
    return rise_length(smear, lrf) * min(1.0, threshold / max(snr, 1.0)) - 0.5 * smear


@kernel
def smear_variance(closing: float, snr: float, lrf: Rangefinder) -> float:
    """Variance [m^2] of a sum by its smear: ``(l/S)^2 + ((W/M)^2 - bin^2)/12``."""
    smear = smear_length(closing, lrf)
    jitter, spacing = rise_length(smear, lrf) / max(snr, 1.0), smear / lrf.shots
    steps = max(0.0, spacing * spacing - lrf.range_bin * lrf.range_bin) / 12.0
    return jitter * jitter + steps


@kernel
def pulse_sigma(slant_range: float, cosine: float, lrf: Rangefinder) -> float:
    """One sigma [m] of a pulse in range, widened by the slope within the spot (Gardner 1992)."""
    sine = math.sqrt(max(0.0, 1.0 - cosine * cosine))
    # A quarter of the full width is one sigma of the spot.
    slope = 0.25 * slant_range * lrf.divergence * sine / max(cosine, lrf.cos_cut)
    return math.sqrt(lrf.pulse * lrf.pulse + slope * slope)
