"""Numbers of the Kalman filter that are not in the data sheet, each with its reason."""

from typing import NamedTuple

__all__ = ["KalmanGains"]


class KalmanGains(NamedTuple):
    """Noise and gate; all floats, so that compiled code is compiled once."""

    # Part of the relief of the data sheet that is not known from a map; none is assumed to be.
    relief_frac: float = 1.0
    # Heights a distance apart differ by an error that is correlated over this multiple of it: those
    # of a Hurst exponent of 0.8 to 0.95 decorrelate by (x/d)^2H / 2 over x, a first-order process
    # by x/(5 d), equal where x is a fifth to a third of d.
    relief_length: float = 5.0
    # The slope of the ground is the sum of two processes that are correlated over these distances:
    # together they have the relief, within a fifth, from some metres to some kilometres.
    slope_short_m: float = 20.0
    slope_long_m: float = 200.0
    # Width of a pulse over its signal-to-noise ratio adds to the noise: 6 ns, 0.4 m.
    pulse_sigma_m: float = 0.4
    # Echoes of a sum that lie nearer together than a bin of 10 ns are not resolved anyway.
    range_bin_m: float = 1.5
    # Relief over less than this is noise: ranges of neighbouring spots differ.
    rough_m: float = 2.0
    # Size of a spot: a milliradian at some hundred metres, or a stone.
    spot_m: float = 0.4
    # Several times the random walk of a tactical unit, and the quantum of its integration.
    drift_density_m_s_sqrt_s: float = 1e-3
    # The error of acceleration turns with the lander, which turns by a radian in about this time.
    turn_s: float = 60.0
    # Four sigma: one false rejection in 16,000 good measurements, which is only a delay.
    gate_sigmas: float = 4.0
    # Part of the samples that may be false, before anything is known of the instrument.
    false_frac: float = 0.7
    # False ranges are spread over the gate: 200 m while the rangefinder tracks one, 8 to 40 km
    # while it searches. The geometric mean of these; false velocities are as wide.
    false_m: float = 2000.0
    false_m_s: float = 200.0
    # The most evidence that what the filter believes can have, of two or three ranges: of 8,000
    # false rivals one exceeds it by chance. With 7 to 16 as many are lost to false ranges; above
    # 9 the filter recovers later from a crater kilometres wide.
    certain: float = 9.0
    # Errors of dead reckoning have the heavy tails of Student's distribution: an overconfident
    # lander's error is up to four times its assumed sigma.
    tail: float = 2.0
    # 1: a rival is never believed; when one would be, nothing is used again.
    latches: float = 0.0
