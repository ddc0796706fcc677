"""The data sheet in the observation: constant figures of the instruments and of the site.

They are read at the start of an episode only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .base import FieldLike, Float32Array, Float64Array

__all__ = ["SHEET_FIELDS", "SHEET_ROW", "Sheet", "SheetReader", "sheet_of"]

# Names and the values that are assumed where a layout lacks them: those of a healthy rangefinder, a
# tactical inertial unit, the least accurate of the sensors, and a selected site on a mare.
_DEFAULTS: Final = {
    "lrf_noise_sigma_m": 0.2,
    "lrf_bias_sigma_m": 0.3,
    "lrf_scale_sigma_frac": 1e-4,
    "lrf_stamp_sigma_s": 0.0,
    "lrf_stamp_jitter_s": 0.0,
    "lrf_pointing_sigma_rad": 0.0,
    "ralt_noise_sigma_m": 2.0,
    "ralt_noise_sigma_frac": 0.01,
    "ralt_scale_sigma_frac": 0.04,
    "ralt_half_width_rad": 0.35,
    "ralt_mount_offset_m": 0.5,
    "dvl_noise_sigma_m_s": 0.3,
    "dvl_noise_sigma_frac": 0.01,
    "dvl_cant_rad": 0.4,
    "cam_noise_sigma_m": 10.0,
    "cam_noise_height_sigma_m": 10.0,
    "cam_bias_sigma_m": 0.0,
    "cam_bias_height_sigma_m": 0.0,
    "imu_bias_sigma_m_s2": 3e-3,
    "imu_scale_sigma_frac": 5e-4,
    "ground_relief_m": 1.5,
    "ground_hurst": 0.76,
    "ground_slope_east_frac": 0.0,
    "ground_slope_north_frac": 0.0,
    "ground_slope_reach_m": 0.0,
    "lrf_smear_s": 0.0,
    "lrf_shot_s": 0.0,
    "lrf_threshold_log": 0.74,
}
SHEET_FIELDS: Final = tuple(_DEFAULTS)
SHEET_ROW: Final = {name: k for k, name in enumerate(SHEET_FIELDS)}


class Sheet(NamedTuple):
    """The data sheet of a batch, not yet converted to SI units."""

    values: Float32Array | Float64Array  # (n, width)
    columns: np.ndarray  # integers, of the figures among `values`; -1 where the layout lacks one
    scales: Float64Array  # of the figures

    def rows(self) -> Float64Array:
        """Figures in SI units, in the order of `SHEET_FIELDS`: float64, (n, figures)."""
        found = self.columns >= 0
        figures = np.tile(np.array(list(_DEFAULTS.values())), (len(self.values), 1))
        figures[:, found] = self.values[:, self.columns[found]] * self.scales[found]
        return figures

    def figure(self, name: str) -> Float64Array:
        """One of the figures in SI units: float64, (n,)."""
        k = SHEET_ROW[name]
        column = self.columns[k]
        if column < 0:
            return np.full(len(self.values), _DEFAULTS[name])
        values: Float64Array = self.values[:, column] * self.scales[k]
        return values


class SheetReader:
    """Finds the data sheet in a layout.

    Parameters
    ----------
    fields : sequence of Field
        The observation fields.
    index : mapping
        Position of the first field of each name.
    """

    def __init__(self, fields: Sequence[FieldLike], index: Mapping[str, int]) -> None:
        self._columns = np.array([index.get(name, -1) for name in SHEET_FIELDS])
        scales = [fields[k].scale if k >= 0 else 1.0 for k in self._columns]
        self._scales = np.array(scales, dtype=np.float64)
        self.width = int(self._columns.max()) + 1

    def read(self, observation: Float32Array) -> Sheet:
        """Return the data sheet of a batch of observations, (n, obs_dim)."""
        return Sheet(observation, self._columns, self._scales)


def sheet_of(rows: int, **figures: float) -> Sheet:
    """Return the data sheet of `rows` landers; figures that are not given are as assumed."""
    values = np.tile(np.array(list((_DEFAULTS | figures).values())), (rows, 1))
    return Sheet(values, np.arange(len(SHEET_FIELDS)), np.ones(len(SHEET_FIELDS)))
