"""The observation as the compiled filter reads it: a table with a row for each quantity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from lunar_env.kernel.records import line_record

if TYPE_CHECKING:
    from ..base import Float64Array
    from ..observation import Reading

__all__ = ["ROW", "SLOTS", "load_camera", "load_radar", "load_velocity", "table_of"]


class Velocity(NamedTuple):
    """Newest velocity of the velocimeter, frame L."""

    dvl_v_x_m_s: float
    dvl_v_y_m_s: float
    dvl_v_z_m_s: float
    dvl_age_s: float
    dvl_new: float


class Radar(NamedTuple):
    """Newest range of the radar."""

    ralt_range_m: float
    ralt_age_s: float
    ralt_new: float


class Camera(NamedTuple):
    """Newest position of the camera, in the map."""

    cam_x_m: float
    cam_y_m: float
    cam_z_m: float
    cam_age_s: float
    cam_new: float


SLOTS: Final = 4
_SCALARS: Final = (
    *("elapsed_s", "x_m", "y_m", "height_m", "v_x_m_s", "v_y_m_s", "v_z_m_s"),
    *("horizontal_sigma_m", "height_sigma_m", "v_lateral_sigma_m_s", "v_z_sigma_m_s"),
    *("q_w", "q_x", "q_y", "q_z", "thrust_frac", "thrust_to_weight"),
    *("mount_offset_m", "com_height_m", "attitude_sigma_rad", "est_height_m", "gravity_m_s2"),
)
_AIDS: Final = (*Velocity._fields, *Radar._fields, *Camera._fields)
_SLOTS: Final = ("range_m", "age_s", "valid", "beam", "quality")
# Row of the table by name; of the parts of slots, the row of the first slot.
ROW: Final = {
    **{name: k for k, name in enumerate((*_SCALARS, *_AIDS))},
    **{name: len(_SCALARS) + len(_AIDS) + SLOTS * k for k, name in enumerate(_SLOTS)},
}

# Newest measurement of each sensor besides the rangefinder, from the table.
load_velocity = line_record(Velocity, ROW[Velocity._fields[0]])[0]
load_radar = line_record(Radar, ROW[Radar._fields[0]])[0]
load_camera = line_record(Camera, ROW[Camera._fields[0]])[0]


def table_of(reading: Reading) -> Float64Array:
    """Return the table of a batch: float64, shape (quantities, n), SI units, see `ROW`."""
    rows = [getattr(reading, name) for name in _SCALARS]
    rows += [getattr(reading.aids, name) for name in _AIDS]
    slots = [getattr(reading.ranges, name).T for name in _SLOTS]
    table: Float64Array = np.concatenate([np.stack(rows), *slots], dtype=np.float64)
    return table
