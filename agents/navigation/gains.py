"""Numbers of the Kalman filter, each with the reason for its value."""

from typing import NamedTuple

__all__ = ["KalmanGains"]


class KalmanGains(NamedTuple):
    """Noise and gate; all floats, as compiled code wants them."""

    # Noise of 0.2 m and a bias of 0.3 m, with something to spare for resolution.
    range_sigma_m: float = 0.5
    # Scale of the unit, 1e-4 to 2e-4 of the range.
    range_sigma_frac: float = 2e-4
    # Time stamps good to 10 ms: the part of the error that grows with speed. A stamp that is
    # wrong by the same at all times cannot be told from a speed that is wrong while the lander
    # brakes evenly, so it is no state of the filter.
    stamp_sigma_s: float = 0.01
    # Ground that is not level, as the tangent of 5 degrees: mare lies below, highland above.
    slope: float = 0.0875
    # Slopes agree over this distance; beyond it heights differ by a random walk.
    slope_length_m: float = 20.0
    # 300 micro-g and 0.1 degrees under 3 m/s2 are 6 mm/s2; units of MEMS have more.
    accel_sigma_m_s2: float = 0.01
    # Ten times the walk of a tactical unit: thrust and attitude vary besides.
    drift_density_m_s_sqrt_s: float = 5e-3
    # The error of acceleration turns with the lander: 2 mm/s2 in 40 s.
    accel_density_m_s2_sqrt_s: float = 3e-4
    # Five sigma: one false alarm in two million good samples, and these are only delayed.
    gate_sigmas: float = 5.0
    # The gate opens again after this many refused samples in a row that agree with each other.
    recover_after: float = 4.0
    # 1: it never does, and nothing is used again that was refused as often.
    latches: float = 0.0
    # Refused samples agree within this, plus the way of a tenth of a second.
    agree_m: float = 20.0
    agree_s: float = 0.1
    # Velocimeters are not alike, 0.02 to 0.3 m/s along a beam and twice that across, and the
    # observation does not tell which is fitted: the coarsest is assumed. At 5 Hz that costs little.
    velocity_sigma_m_s: float = 0.3
    velocity_sigma_frac: float = 0.01
    # Refused velocities agree within this.
    agree_m_s: float = 2.0
    # Radar: noise of a sample, and the scale of the unit, which averaging does not remove.
    radar_sigma_m: float = 2.0
    radar_sigma_frac: float = 0.01
    radar_scale_frac: float = 0.04
    # Half widths of the beams of flown units, from and to [rad]: 15 to 30 degrees.
    radar_narrow_rad: float = 0.26
    radar_wide_rad: float = 0.52
    # Matching of craters.
    place_sigma_m: float = 10.0
