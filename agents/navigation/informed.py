"""A filter that is given the drawn parameters of the episode, but no state: the attainable bound.

It is not for pilots: it reads what is drawn for the rangefinder and for the error of the initial
height, which no lander knows. What a pilot lands with the true state and not with these is
information that nothing on board has.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from lunar_env.errors import ConfigError

from ..sheet import SHEET_FIELDS
from .gains import KalmanGains
from .kalman import KalmanFilter

if TYPE_CHECKING:
    from ..base import BoolArray, PilotState
    from ..observation import Reading
    from .types import Estimate, NavigationFilter

__all__ = ["InformedFilter", "corrected"]

# Figures of the data sheet for errors that are known here.
_KNOWN: Final = np.isin(
    SHEET_FIELDS, ("lrf_bias_sigma_m", "lrf_scale_sigma_frac", "lrf_stamp_sigma_s")
)


@dataclass(frozen=True, slots=True)
class InformedFilter:
    """The Kalman filter on ranges, time stamps and a stated sigma that are corrected.

    Parameters
    ----------
    gains : KalmanGains, optional
        Of the Kalman filter.
    name : str, optional
        Name used in a pilot's name, ``law+filter``.
    needs_truth : bool, optional
        Whether it reads the privileged vector: of that only the drawn parameters.
    """

    gains: KalmanGains = field(default_factory=lambda: KalmanFilter().gains)
    name: str = "informed"
    needs_truth: bool = True

    def update(
        self, reading: Reading, memory: PilotState | None, starts: BoolArray
    ) -> tuple[Estimate, PilotState]:
        """Use one observation; see `NavigationFilter.update`.

        Raises
        ------
        ConfigError
            If the reading does not hold the drawn parameters.
        """
        inner: NavigationFilter = KalmanFilter(self.gains)
        return inner.update(corrected(reading), memory, starts)


def corrected(reading: Reading) -> Reading:
    """Return a reading without the constant errors drawn for it.

    Their sigmas in the data sheet are zero. The stated sigma of the height is multiplied by the
    hidden factor: exact at the start, and later as long as the initial error dominates it.
    """
    drawn, ranges = reading.truth, reading.ranges
    if drawn is None:
        raise ConfigError("the informed filter was given a reading without drawn parameters")
    bias, scale, stamp = (
        column[:, None]
        for column in (drawn.range_bias_m, drawn.range_scale_frac, drawn.stamp_bias_s)
    )
    laser = ranges.beam > 0.0  # 0 is the radar, whose errors these are not
    range_m = np.where(laser, (ranges.range_m - bias) / (1.0 + scale), ranges.range_m)
    age_s = np.where(laser, ranges.age_s + stamp, ranges.age_s)
    sheet = reading.sheet
    return reading._replace(
        height_sigma_m=reading.height_sigma_m * drawn.height_spread_frac,
        ranges=ranges._replace(range_m=range_m, age_s=age_s),
        sheet=sheet._replace(scales=np.where(_KNOWN, 0.0, sheet.scales)),
    )
