"""The filter that knows of latency: every sample is compared with the past it was measured in.

Dead reckoning is smooth and slowly wrong; ranges are right but late. The filter therefore
estimates the *error* of dead reckoning, which hardly changes while a sample travels: of place,
velocity and acceleration along the vertical, and along east and north where the lander carries a
velocimeter or a camera. Stamped, late and out-of-order samples are one case, see `axis.py`; what
each sensor says is in `samples.py`, the numbers are in `gains.py`.

`latched` is the same filter with a gate that never opens again. Nothing else is needed to lose a
lander: HAKUTO-R M1 crossed the rim of a crater, the measured height jumped by some 3 km, and every
range after that was refused.

References
----------
Larsen, Andersen, Ravn and Poulsen, "Incorporation of time delayed measurements in a discrete-time
Kalman filter", IEEE CDC 1998, for the update. Choi et al. 2009 add the variance of a stochastic
delay, ``(v sigma_tau)^2``, to that of the sample.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from .gains import KalmanGains
from .history import LENGTH, WIDTH
from .inputs import table_of
from .kalman_rows import BELIEF, Belief, update_rows
from .samples import MEMORY
from .types import Estimate

if TYPE_CHECKING:
    from ..base import BoolArray, PilotState
    from ..observation import Reading

__all__ = ["KalmanFilter", "latched_filter"]

_LATCHING: Final = KalmanGains(latches=1.0)


@dataclass(frozen=True, slots=True)
class KalmanFilter:
    """Kalman filter on the errors of dead reckoning, innovations formed at the stamp."""

    gains: KalmanGains = field(default_factory=KalmanGains)
    name: str = "kalman"
    needs_truth: bool = False

    def update(
        self, reading: Reading, memory: PilotState | None, starts: BoolArray
    ) -> tuple[Estimate, PilotState]:
        """Use one observation; see `NavigationFilter.update`."""
        rows = len(reading.height_m)
        new = np.empty((rows, MEMORY)), np.empty((rows, LENGTH, WIDTH), np.float32)
        belief = np.empty((BELIEF, rows))
        old, past = new if memory is None else memory
        if memory is None:
            starts = np.ones(rows, dtype=np.bool_)
        gains = KalmanGains(*map(float, self.gains))  # a whole number would compile anew
        update_rows(table_of(reading), starts, old, past, gains, *new, belief)
        b: Any = Belief(*belief)  # arrays of all rows
        estimate = Estimate(
            height_m=b.height,
            height_sigma_m=b.height_sigma,
            v_z_m_s=b.v_z,
            v_z_sigma_m_s=b.v_z_sigma,
            seen=b.sighted > 0.5,
            x_m=b.x,
            y_m=b.y,
            horizontal_sigma_m=b.place_sigma,
            v_x_m_s=b.v_x,
            v_y_m_s=b.v_y,
            v_lateral_sigma_m_s=b.lateral_sigma,
            refused=b.refused > 0.5,
            height_v_z_cov=b.covariance,
            innovation_m=b.innovation,
            innovation_sigma_m=b.innovation_sigma,
        )
        return estimate, new


def latched_filter(gains: KalmanGains = _LATCHING) -> KalmanFilter:
    """Return the same filter with the fault of HAKUTO-R M1: what it has ruled out stays so."""
    return KalmanFilter(gains._replace(latches=1.0), "latched")
