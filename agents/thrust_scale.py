"""Thrust over mass relative to the design, estimated from the accelerometers.

The observation has the installed thrust over the weight of the designed lander at the gauged
propellant. A lander that is ten per cent heavier brakes ten per cent less than planned; feedback
commands more in each cycle, until the end of the plan exceeds full thrust. The ratio of measured to
expected specific force is a scalar, estimated by a Kalman filter. Apollo estimated its mass in the
same way, from the velocity gained by the thrust.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from .base import Float64Array
    from .guidance.propellant import Budget
    from .observation import Reading

__all__ = [
    "ThrustScale",
    "initial_thrust_scale",
    "update_thrust_scale",
    "with_measured_thrust",
]

# Mass and thrust are known to a few per cent, in one published study to ten.
_PRIOR_VAR: Final = 0.05**2
# Growth of the variance in a second: propellant use that the gauge does not measure.
_WALK_VAR_S: Final = 0.002**2
# Bias of the accelerometers, 0.5 to 15 mm/s^2, which does not average out.
_FORCE_SIGMA_M_S2: Final = 0.02
# Sigma over the change of thrust in a step: the force is the mean of the step, the thrust is not.
_CHANGE: Final = 0.5
_FLOOR_VAR: Final = 0.005**2
# Outside this range the cause is another.
_MIN_RATIO: Final = 0.7
_MAX_RATIO: Final = 1.3


class ThrustScale(NamedTuple):
    """Estimate of the ratio; arrays of shape (n,)."""

    ratio: Float64Array  # [-], installed thrust over mass, relative to the design
    variance: Float64Array
    thrust_frac: Float64Array  # [-], of the last step
    time_s: Float64Array  # of the last step


def initial_thrust_scale(reading: Reading) -> ThrustScale:
    """Begin with the ratio of the design, 1, and its variance."""
    rows = len(reading.thrust_frac)
    return ThrustScale(
        np.ones(rows), np.full(rows, _PRIOR_VAR), reading.thrust_frac, reading.elapsed_s
    )


def update_thrust_scale(old: ThrustScale, reading: Reading) -> ThrustScale:
    """Update with the specific force of the last step, where that and its thrust are known.

    A memory that begins with this very reading does not know the thrust at the beginning of the
    step: while thrust changes, the mean force of the step says nothing without it.

    Parameters
    ----------
    old : ThrustScale
        Of the last step.
    reading : Reading
        Of this step.

    Returns
    -------
    ThrustScale
        Of this step.
    """
    now, before = reading.thrust_frac, old.thrust_frac
    unknown = np.isnan(reading.specific_force_z_m_s2) | (reading.elapsed_s <= old.time_s)
    thrust_max = reading.gravity_m_s2 * reading.thrust_to_weight
    variance = old.variance + _WALK_VAR_S * np.maximum(reading.elapsed_s - old.time_s, 0.0)
    expected = np.maximum(0.5 * (now + before) * thrust_max, 1e-6)
    noise = _FORCE_SIGMA_M_S2**2 + (_CHANGE * (now - before) * thrust_max) ** 2
    measured = np.where(unknown, expected, reading.specific_force_z_m_s2)
    gain = variance / (variance + _FLOOR_VAR + noise / expected**2)
    gain = np.where(unknown, 0.0, gain)
    ratio = old.ratio + gain * (measured / expected - old.ratio)
    return ThrustScale(
        np.clip(ratio, _MIN_RATIO, _MAX_RATIO), (1.0 - gain) * variance, now, reading.elapsed_s
    )


def with_measured_thrust(
    reading: Reading, budget: Budget, thrust_scale: ThrustScale
) -> tuple[Reading, Budget]:
    """Return both with the thrust over weight as measured, instead of that of the design."""
    now = reading.thrust_to_weight * thrust_scale.ratio
    then = budget.thrust_to_weight * thrust_scale.ratio
    return reading._replace(thrust_to_weight=now), budget._replace(thrust_to_weight=then)
