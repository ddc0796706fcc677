"""Observation elements by name, in SI units.

The layout is looked up once, when a pilot is made; flying is one fancy index and one product.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from agents.beams import Beams, boresight_share
from lunar_env.errors import ConfigError, nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agents.base import BoolArray, FieldLike, Float32Array, Float64Array

__all__ = ["ObservationReader", "Ranges", "Reading"]

_SLOTS: Final = 4
_PARTS: Final = ("beam", "range_m", "age_s", "valid")

_SCALARS: Final = {
    "x_m": "dr_x_m",
    "y_m": "dr_y_m",
    "height_m": "dr_height_m",
    "v_x_m_s": "dr_v_x_m_s",
    "v_y_m_s": "dr_v_y_m_s",
    "v_z_m_s": "dr_v_z_m_s",
    "horizontal_sigma_m": "dr_horizontal_sigma_m",
    "height_sigma_m": "dr_height_sigma_m",
    "v_lateral_sigma_m_s": "dr_v_lateral_sigma_m_s",
    "v_z_sigma_m_s": "dr_v_vertical_sigma_m_s",
    "q_w": "q_w",
    "q_x": "q_x",
    "q_y": "q_y",
    "q_z": "q_z",
    "thrust_frac": "thrust_frac",
    "propellant_kg": "propellant_kg",
    "thrust_to_weight": "thrust_to_weight",
    "throttle_min_frac": "throttle_min_frac",
    "isp_s": "isp_s",
    "engine_lag_s": "engine_lag_s",
    "mount_offset_m": "lrf_mount_offset_m",
    "cg_height_m": "cg_height_m",
    "elapsed_s": "elapsed_s",
    "omega_x_rad_s": "omega_x_rad_s",
    "omega_y_rad_s": "omega_y_rad_s",
    "omega_z_rad_s": "omega_z_rad_s",
    "beams": "lrf_beams",
    "beam_cant_rad": "lrf_cant_rad",
    "gravity_m_s2": "gravity_m_s2",
}
_POSITIVE: Final = {"thrust_to_weight": 1e-3, "isp_s": 1.0, "gravity_m_s2": 1e-3}


class Ranges(NamedTuple):
    """Samples that arrived during the last step, each (n, 4), in order of arrival."""

    range_m: Float64Array  # slant range along the boresight, see `agents.beams`
    age_s: Float64Array  # time since the measurement
    valid: BoolArray


class Reading(NamedTuple):
    """One observation batch in SI units; each array has one element per row."""

    x_m: Float64Array  # dead-reckoned, east of the target
    y_m: Float64Array  # north of it
    height_m: Float64Array  # of the footpads above the ground
    v_x_m_s: Float64Array
    v_y_m_s: Float64Array
    v_z_m_s: Float64Array  # upwards
    horizontal_sigma_m: Float64Array  # of x, of y
    height_sigma_m: Float64Array
    v_lateral_sigma_m_s: Float64Array  # of v_x, of v_y
    v_z_sigma_m_s: Float64Array
    q_w: Float64Array
    q_x: Float64Array
    q_y: Float64Array
    q_z: Float64Array
    thrust_frac: Float64Array
    propellant_kg: Float64Array
    thrust_to_weight: Float64Array  # installed thrust over the present weight
    throttle_min_frac: Float64Array
    isp_s: Float64Array
    engine_lag_s: Float64Array
    mount_offset_m: Float64Array
    cg_height_m: Float64Array
    elapsed_s: Float64Array
    omega_x_rad_s: Float64Array
    omega_y_rad_s: Float64Array
    omega_z_rad_s: Float64Array
    beams: Float64Array  # of the rangefinder; they take turns
    beam_cant_rad: Float64Array  # of each of several beams to the boresight
    gravity_m_s2: Float64Array  # at the target
    ranges: Ranges

    @property
    def cos_tilt(self) -> Float64Array:
        """Cosine between the body axis, which is the boresight, and the vertical."""
        return 1.0 - 2.0 * (self.q_x**2 + self.q_y**2)

    @property
    def sensor_height_m(self) -> Float64Array:
        """Height of the rangefinder above the footpads when upright."""
        return self.cg_height_m - self.mount_offset_m


class ObservationReader:
    """Reads the elements that classical pilots use.

    Parameters
    ----------
    fields : sequence of Field
        The environment's observation fields.

    Raises
    ------
    ConfigError
        If a needed field is missing.
    """

    def __init__(self, fields: Sequence[FieldLike]) -> None:
        index = {field.name: i for i, field in enumerate(fields)}
        columns = [_lookup(index, name) for name in _SCALARS.values()]
        for part in _PARTS:
            columns += [_lookup(index, f"lrf{slot}_{part}") for slot in range(1, _SLOTS + 1)]
        self._columns = np.array(columns)
        self._scales = np.array([fields[i].scale for i in columns], dtype=np.float64)
        self.width = max(columns) + 1

    def read(self, observation: Float32Array) -> Reading:
        """Turn a batch (n, obs_dim) into quantities."""
        # One row per quantity: every array handed out is contiguous.
        table = np.ascontiguousarray(observation[:, self._columns].T, dtype=np.float64)
        table *= self._scales[:, np.newaxis]
        scalars = dict(zip(_SCALARS, table, strict=False))
        # An empty row, as trainers pad with, must not divide by zero: it may fly nothing, safely.
        for name, least in _POSITIVE.items():
            scalars[name] = np.maximum(scalars[name], least)
        first = len(_SCALARS)
        parts = (table[first + k * _SLOTS : first + (k + 1) * _SLOTS].T for k in range(len(_PARTS)))
        beam, slant, age, valid = parts
        if (scalars["beam_cant_rad"] > 0.0).any():
            slant = slant * _share(scalars, beam, age)
        return Reading(ranges=Ranges(slant, age, valid > 0.5), **scalars)


def _share(now: dict[str, Float64Array], beam: Float64Array, age: Float64Array) -> Float64Array:
    """Range along the boresight over that of the beam of each slot, (n, 4)."""
    w, x, y, z = (now[f"q_{part}"] for part in "wxyz")
    up = np.stack([2.0 * (x * z - w * y), 2.0 * (y * z + w * x), 1.0 - 2.0 * (x**2 + y**2)], axis=1)
    rate = np.stack([now[f"omega_{axis}_rad_s"] for axis in "xyz"], axis=1)
    return boresight_share(Beams(now["beams"], now["beam_cant_rad"], beam, age), up, rate)


def _lookup(index: dict[str, int], name: str) -> int:
    try:
        return index[name]
    except KeyError:
        hint = nearest(name, index)
        raise ConfigError(f"the observation has no field {name!r}{hint}") from None
