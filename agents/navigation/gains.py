"""Numbers of the Kalman filter, each with the reason for its value."""

from typing import NamedTuple

__all__ = ["KalmanGains"]


class KalmanGains(NamedTuple):
    """Noise and gate; all floats, so that compiled code is compiled once."""

    # Noise of 0.2 m and a bias of 0.3 m, with a margin for resolution.
    range_sigma_m: float = 0.5
    # Scale factor error, 1e-4 to 2e-4 of the range.
    range_sigma_frac: float = 2e-4
    # Time stamps accurate to 10 ms: the part of the error that grows with speed. A constant error
    # of the stamps cannot be distinguished from an error of the speed while the lander brakes at a
    # constant rate, so it is not a state of the filter.
    stamp_sigma_s: float = 0.01
    # Slope of the ground, the tangent of 5 degrees: mare has less, highland more.
    slope: float = 0.0875
    # Correlation length of the slope; beyond it heights differ by a random walk.
    slope_length_m: float = 20.0
    # 300 micro-g are 3 mm/s2, and so are 0.05 degrees under 3 m/s2; units of MEMS have more.
    accel_sigma_m_s2: float = 5e-3
    # Ten times the random walk of a tactical unit: errors of thrust and attitude vary as well.
    drift_density_m_s_sqrt_s: float = 5e-3
    # The error of acceleration turns with the lander: 2 mm/s2 in 40 s.
    accel_density_m_s2_sqrt_s: float = 3e-4
    # Five sigma: one false rejection in two million good measurements, which is only a delay.
    gate_sigmas: float = 5.0
    # The gate opens again after this many consecutive rejections that agree with each other.
    recover_after: float = 4.0
    # 1: it never does, and after as many rejections nothing is used again.
    latches: float = 0.0
    # Rejected ranges agree within this, plus the travel in a tenth of a second.
    agree_m: float = 20.0
    agree_s: float = 0.1
    # Velocimeters differ, 0.02 to 0.3 m/s along a beam, and the observation does not identify the
    # one fitted: the least accurate is assumed. At 5 Hz that costs little.
    velocity_sigma_m_s: float = 0.3
    # Horizontally, beams canted by 22 to 24 degrees give twice the noise.
    velocity_across: float = 2.0
    velocity_sigma_frac: float = 0.01
    # Rejected velocities agree within this.
    agree_m_s: float = 2.0
    # Radar: noise of a measurement, and the scale factor error, which averaging does not reduce.
    radar_sigma_m: float = 2.0
    radar_sigma_frac: float = 0.01
    radar_scale_frac: float = 0.04
    # Half widths of the beams of flown units, smallest and largest [rad]: 15 to 30 degrees.
    radar_narrow_rad: float = 0.26
    radar_wide_rad: float = 0.52
    # Position from crater matching.
    place_sigma_m: float = 10.0
