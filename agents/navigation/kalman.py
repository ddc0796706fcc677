"""Kalman filter with delayed measurements: each is compared with the state at its time stamp.

Dead reckoning is smooth and drifts slowly; ranges are accurate but late. The filter therefore
estimates the *error* of dead reckoning, which hardly changes during the latency: of position,
velocity and acceleration along the vertical, and along east and north where the lander has a
velocimeter or a camera. Stamped, late and out-of-order measurements are one case, see `axis.py`;
the measurement models are in `samples.py`, the numbers in `gains.py`.

Ranges may be false, for seconds nearly all of them: those that the filter rejects are weighed as a
rival of what it believes, see `rival.py`.

`latched` is the same filter with a gate that never opens again. That alone can lose a lander:
HAKUTO-R M1 crossed the rim of a crater, the measured height jumped by some 3 km, and every range
after that was rejected.

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

from ..sheet import SHEET_FIELDS
from .gains import KalmanGains
from .history import LENGTH, WIDTH
from .inputs import table_of
from .kalman_rows import BELIEF, Belief, FilterMemory, update_rows
from .memory import MEMORY
from .types import Estimate

if TYPE_CHECKING:
    from ..base import BoolArray, PilotState
    from ..observation import Reading

__all__ = ["KalmanFilter", "latched_filter"]

_NO_ROWS: Final = np.empty((0, len(SHEET_FIELDS)))
_LATCHING: Final = KalmanGains(latches=1.0)


@dataclass(frozen=True, slots=True)
class KalmanFilter:
    """Kalman filter on the errors of dead reckoning; innovations refer to the time stamps.

    Parameters
    ----------
    gains : KalmanGains, optional
        Noise and gate.
    name : str, optional
        Name used in a pilot's name, ``law+filter``.
    needs_truth : bool, optional
        Whether it reads the true state: it does not.
    """

    gains: KalmanGains = field(default_factory=KalmanGains)
    name: str = "kalman"
    needs_truth: bool = False

    def update(
        self, reading: Reading, memory: PilotState | None, starts: BoolArray
    ) -> tuple[Estimate, PilotState]:
        """Use one observation; see `NavigationFilter.update`."""
        rows = len(reading.height_m)
        new = FilterMemory(np.empty((rows, MEMORY)), np.empty((rows, LENGTH, WIDTH), np.float32))
        belief = np.empty((BELIEF, rows))
        old = new if memory is None else FilterMemory(*memory)
        if memory is None:
            starts = np.ones(rows, dtype=np.bool_)
        gains = KalmanGains(*map(float, self.gains))  # an integer would compile another version
        sheet = reading.sheet.rows() if starts.any() else _NO_ROWS
        update_rows(table_of(reading), sheet, starts, old, new, gains, belief)
        b: Any = Belief(*belief)  # arrays of all rows
        estimate = Estimate(
            height_m=b.height,
            height_sigma_m=b.height_sigma,
            v_z_m_s=b.v_z,
            v_z_sigma_m_s=b.v_z_sigma,
            seen=b.sighted > 0.5,
            x_m=b.x,
            y_m=b.y,
            horizontal_sigma_m=b.horizontal_sigma,
            v_x_m_s=b.v_x,
            v_y_m_s=b.v_y,
            v_lateral_sigma_m_s=b.lateral_sigma,
            rejected=b.rejected > 0.5,
            height_v_z_cov=b.covariance,
            innovation_m=b.innovation,
            innovation_sigma_m=b.innovation_sigma,
        )
        return estimate, tuple(new)


def latched_filter(gains: KalmanGains = _LATCHING) -> KalmanFilter:
    """Return the filter with the fault of HAKUTO-R M1: a gate that closed stays closed."""
    return KalmanFilter(gains._replace(latches=1.0), "latched")
