"""How strong the engines are beside their design: thrust over mass, as the accelerometers feel it.

An observation tells installed thrust over weight of the designed lander with what its gauge says of
propellant. One that is ten per cent heavier brakes by ten per cent less than it plans; feedback
asks for more in each cycle, until the end of the plan is beyond full thrust. The accelerometers
know better: felt over expected acceleration is a scalar, estimated by a Kalman filter. Apollo found
its mass in the same way, from the velocity that the thrust had gained.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from .base import Float64Array
    from .observation import Reading

__all__ = ["Strength", "feel", "start_strength"]

# Mass and thrust are known to a few per cent; ten in one published study.
_PRIOR_VAR: Final = 0.05**2
# Variance that grows in a second: propellant that the gauge does not see go.
_WALK_VAR_S: Final = 0.002**2
# m/s2: bias of accelerometers, 0.5 to 15 mm/s2, which does not average out.
_FELT_SIGMA_M_S2: Final = 0.02
# Half of what the thrust changes during a step, in which the force is a mean and it is not.
_CHANGE: Final = 0.5
_FLOOR_VAR: Final = 0.005**2
# Further off than this something else has happened.
_LEAST: Final = 0.7
_MOST: Final = 1.3


class Strength(NamedTuple):
    """What is known of it; arrays of shape (n,)."""

    ratio: Float64Array  # [-], of installed thrust over mass to that of the design
    variance: Float64Array
    thrust_frac: Float64Array  # one step ago
    time_s: Float64Array  # of that


def start_strength(reading: Reading) -> Strength:
    """Believe the design."""
    rows = len(reading.thrust_frac)
    return Strength(
        np.ones(rows), np.full(rows, _PRIOR_VAR), reading.thrust_frac, reading.elapsed_s
    )


def feel(strength: Strength, reading: Reading) -> Strength:
    """Use the specific force of the last step, where it is observed."""
    now, before = reading.thrust_frac, strength.thrust_frac
    most = reading.gravity_m_s2 * reading.thrust_to_weight
    variance = strength.variance + _WALK_VAR_S * np.maximum(
        reading.elapsed_s - strength.time_s, 0.0
    )
    expected = np.maximum(0.5 * (now + before) * most, 1e-6)
    noise = _FELT_SIGMA_M_S2**2 + (_CHANGE * (now - before) * most) ** 2
    felt = np.where(np.isnan(reading.force_z_m_s2), expected, reading.force_z_m_s2)
    gain = variance / (variance + _FLOOR_VAR + noise / expected**2)
    gain = np.where(np.isnan(reading.force_z_m_s2), 0.0, gain)
    ratio = strength.ratio + gain * (felt / expected - strength.ratio)
    return Strength(np.clip(ratio, _LEAST, _MOST), (1.0 - gain) * variance, now, reading.elapsed_s)
