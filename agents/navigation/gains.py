"""Numbers of the Kalman filter that are not in the data sheet, each with its reason."""

from typing import NamedTuple

__all__ = ["KalmanGains"]


class KalmanGains(NamedTuple):
    """Noise and gate; all floats, so that compiled code is compiled once."""

    # Part of the relief of the data sheet that is not known from a map; none is assumed to be.
    relief_frac: float = 1.0
    # The ground at the spot of a beam is correlated over this multiple of the distance to the spot:
    # heights of a Hurst exponent of 0.8 to 0.95 decorrelate by (x/d)^2H / 2 over x, a first-order
    # process by x/(5 d), equal where x is a fifth to a third of d.
    relief_length: float = 5.0
    # The slope of the ground is correlated over this distance: craters and hills ...
    slope_length_m: float = 150.0
    # ... and what is smaller is a random walk with the relief of this time of flight, less than
    # between two ranges.
    relief_s: float = 0.2
    # Width of a pulse over its signal-to-noise ratio adds to the noise: 6 ns, 0.4 m.
    pulse_sigma_m: float = 0.4
    # Echoes of a sum that lie nearer together than a bin of 10 ns are not resolved anyway.
    range_bin_m: float = 1.5
    # Where the surface of a few metres is rough, ranges of neighbouring spots differ.
    rough_m: float = 1.0
    # Several times the random walk of a tactical unit, and the quantum of its integration.
    drift_density_m_s_sqrt_s: float = 1e-3
    # The error of acceleration turns with the lander, which turns by a radian in about this time.
    turn_s: float = 60.0
    # Five sigma: one false rejection in two million good measurements, which is only a delay.
    gate_sigmas: float = 5.0
    # The gate opens again after this many consecutive rejections that agree with each other.
    recover_after: float = 4.0
    # 1: it never does, and after as many rejections nothing is used again.
    latches: float = 0.0
    # Rejected ranges agree within this, plus the travel in a tenth of a second.
    agree_m: float = 20.0
    agree_s: float = 0.1
    # Rejected velocities agree within this.
    agree_m_s: float = 2.0
