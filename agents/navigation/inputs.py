"""The observation as the compiled filter reads it: one table, a row for each quantity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from agents.base import Float64Array
    from agents.observation import Reading

__all__ = ["ROW", "SLOTS", "table_of"]

SLOTS: Final = 4
_SCALARS: Final = (
    *("elapsed_s", "x_m", "y_m", "height_m", "v_x_m_s", "v_y_m_s", "v_z_m_s"),
    *("horizontal_sigma_m", "height_sigma_m", "v_lateral_sigma_m_s", "v_z_sigma_m_s"),
    *("q_w", "q_x", "q_y", "q_z", "thrust_frac", "thrust_to_weight"),
    *("mount_offset_m", "cg_height_m", "attitude_sigma_rad", "est_height_m"),
)
_AIDS: Final = (
    *("dvl_v_x_m_s", "dvl_v_y_m_s", "dvl_v_z_m_s", "dvl_age_s", "dvl_new"),
    *("ralt_range_m", "ralt_age_s", "ralt_new"),
    *("cam_x_m", "cam_y_m", "cam_z_m", "cam_age_s", "cam_new"),
)
_SLOTS: Final = ("range_m", "age_s", "valid", "beam")
# Row of the table by name; of a slot's parts that of the first slot.
ROW: Final = {
    **{name: k for k, name in enumerate((*_SCALARS, *_AIDS))},
    **{name: len(_SCALARS) + len(_AIDS) + SLOTS * k for k, name in enumerate(_SLOTS)},
}


def table_of(reading: Reading) -> Float64Array:
    """Return the table (quantities, n) of a batch."""
    rows = [getattr(reading, name) for name in _SCALARS]
    rows += [getattr(reading.aids, name) for name in _AIDS]
    slots = [getattr(reading.ranges, name).T for name in _SLOTS]
    table: Float64Array = np.concatenate([np.stack(rows), *slots], dtype=np.float64)
    return table
