"""Observation elements by name, in SI units.

The layout is looked up once, when a pilot is made; a step is one indexing and one product.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from lunar_env.errors import ConfigError, nearest

from .beams import Beams, boresight_ratio
from .sheet import Sheet, SheetReader

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .base import BoolArray, FieldLike, Float32Array, Float64Array

__all__ = ["Aids", "ObservationReader", "Ranges", "Reading", "Truth"]

_SLOTS: Final = 4
_SLOT_PARTS: Final = ("range_m", "age_s", "valid")

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
    "com_height_m": "com_height_m",
    "elapsed_s": "elapsed_s",
    "gravity_m_s2": "gravity_m_s2",
}
_POSITIVE: Final = {"thrust_to_weight": 1e-3, "isp_s": 1.0, "gravity_m_s2": 1e-3}
# Fields that a layout may lack, and the values used instead.
_OPTIONAL: Final = {
    **{"attitude_sigma_rad": 0.0, "est_height_m": float("nan"), "f_z_m_s2": float("nan")},
    **{f"dvl_{part}": 0.0 for part in ("v_x_m_s", "v_y_m_s", "v_z_m_s", "age_s", "new")},
    **{f"ralt_{part}": 0.0 for part in ("range_m", "age_s", "new")},
    **{f"cam_{part}": 0.0 for part in ("x_m", "y_m", "z_m", "age_s", "new")},
    **{f"lrf{slot}_beam": 1.0 for slot in range(1, _SLOTS + 1)},
    **{f"lrf{slot}_quality": 1.0 for slot in range(1, _SLOTS + 1)},
    **{"lrf_beams": 1.0, "lrf_cant_rad": 0.0},
    **{f"omega_{axis}_rad_s": 0.0 for axis in "xyz"},
}
_TRUE: Final = (
    *("r_x_m", "r_y_m", "height_m", "v_x_m_s", "v_y_m_s", "v_z_m_s", "mass_kg"),
    *("range_bias_m", "range_scale_frac", "stamp_bias_s", "height_spread_frac"),
    "thrust_available_N",
)


class Ranges(NamedTuple):
    """Samples that arrived during the last step, each (n, 4), in order of arrival."""

    range_m: Float64Array  # slant range along the boresight, see `Beams`
    age_s: Float64Array  # time since the measurement
    valid: BoolArray
    beam: Float64Array  # counted from 1; 0 for the radar's range where no rangefinder is fitted
    quality: Float64Array  # log10 of the signal-to-noise ratio


class Aids(NamedTuple):
    """Newest samples of the sensors besides the rangefinder; never new where none is fitted."""

    dvl_v_x_m_s: Float64Array  # velocimeter, in L
    dvl_v_y_m_s: Float64Array
    dvl_v_z_m_s: Float64Array
    dvl_age_s: Float64Array
    dvl_new: BoolArray
    ralt_range_m: Float64Array  # radar, nearest ground
    ralt_age_s: Float64Array
    ralt_new: BoolArray
    cam_x_m: Float64Array  # camera, in the map
    cam_y_m: Float64Array
    cam_z_m: Float64Array  # above the reference sphere, as dr_height_m is
    cam_age_s: Float64Array
    cam_new: BoolArray


class Truth(NamedTuple):
    """True state and drawn parameters, read by bounds alone; arrays of shape (n,)."""

    x_m: Float64Array
    y_m: Float64Array
    height_m: Float64Array
    v_x_m_s: Float64Array
    v_y_m_s: Float64Array
    v_z_m_s: Float64Array
    mass_kg: Float64Array
    range_bias_m: Float64Array  # drawn for the rangefinder
    range_scale_frac: Float64Array
    stamp_bias_s: Float64Array
    height_spread_frac: Float64Array  # true over stated sigma of the initial height error
    thrust_available_N: Float64Array  # of the engines that work


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
    com_height_m: Float64Array
    elapsed_s: Float64Array
    gravity_m_s2: Float64Array  # at the target
    attitude_sigma_rad: Float64Array
    est_height_m: Float64Array  # of the autopilot; nan where not observed
    specific_force_z_m_s2: Float64Array  # along the body axis, mean of the last step; or nan
    ranges: Ranges
    aids: Aids
    sheet: Sheet
    truth: Truth | None = None

    @property
    def cos_tilt(self) -> Float64Array:
        """Cosine between the body axis, which is the boresight, and the vertical."""
        return 1.0 - 2.0 * (self.q_x**2 + self.q_y**2)

    @property
    def sensor_height_m(self) -> Float64Array:
        """Height of the rangefinder above the footpads when upright."""
        return self.com_height_m - self.mount_offset_m


class ObservationReader:
    """Reads the elements that classical pilots use.

    Parameters
    ----------
    fields : sequence of Field
        The environment's observation fields.
    truth : bool
        Read the true state too, appended as `lunar_env.PRIVILEGED_FIELDS`; for bounds.

    Raises
    ------
    ConfigError
        If a needed field is missing.
    """

    def __init__(self, fields: Sequence[FieldLike], *, truth: bool = False) -> None:
        # The true state, appended, repeats names of the observation: the first of a name counts.
        index: dict[str, int] = {}
        for i, field in enumerate(fields):
            index.setdefault(field.name, i)
        names = list(_SCALARS.values())
        for part in _SLOT_PARTS:
            names += [f"lrf{slot}_{part}" for slot in range(1, _SLOTS + 1)]
        self._names = [*names, *(_TRUE if truth else ())]
        columns = [_lookup(index, name) for name in names]
        columns += [_lookup_truth(index, name) for name in self._names[len(names) :]]
        self._found = [name for name in _OPTIONAL if name in index]
        columns += [index[name] for name in self._found]
        self._columns = np.array(columns)
        self._scales = np.array([fields[i].scale for i in columns], dtype=np.float64)
        self._truth = truth
        self._sheet = SheetReader(fields, index)
        self.width = max(*columns, self._sheet.width - 1) + 1

    def read(self, observation: Float32Array) -> Reading:
        """Convert observations to SI units.

        Parameters
        ----------
        observation : ndarray of float32, shape (n, obs_dim)
            As the environment returns them.

        Returns
        -------
        Reading
            Arrays of float64, one element (or four slots) per row.
        """
        # One row per quantity: every array returned is contiguous.
        table = np.ascontiguousarray(observation[:, self._columns].T, dtype=np.float64)
        table *= self._scales[:, np.newaxis]
        scalars = dict(zip(_SCALARS, table, strict=False))
        # Trainers pad with rows of zeros, which must not divide by zero; their actions are unused.
        for name, least in _POSITIVE.items():
            scalars[name] = np.maximum(scalars[name], least)
        first = len(_SCALARS)
        by_slot = table[first : first + len(_SLOT_PARTS) * _SLOTS]
        slant, age, valid = by_slot.reshape(len(_SLOT_PARTS), _SLOTS, -1)
        others = self._others(table)
        beams, quality = (
            np.stack([others.pop(f"lrf{slot}_{part}") for slot in range(1, _SLOTS + 1)])
            for part in ("beam", "quality")
        )
        scalars |= {name: others.pop(name) for name in ("attitude_sigma_rad", "est_height_m")}
        scalars["specific_force_z_m_s2"] = others.pop("f_z_m_s2")
        without = others["lrf_beams"] < 0.5
        ratio = _boresight_ratio(scalars, others, beams, age)
        if ratio is not None:  # filters model one beam, along the boresight
            slant, beams = slant * ratio.T, np.ones_like(beams)
        if without.any():  # the radar takes its place
            for part, name in ((slant, "range_m"), (age, "age_s"), (valid, "new")):
                part[0] = np.where(without, others[f"ralt_{name}"], part[0])
            beams = np.where(without, 0.0, beams)
        true = table[first + len(_SLOT_PARTS) * _SLOTS : len(self._names)]
        return Reading(
            **scalars,
            ranges=Ranges(slant.T, age.T, valid.T > 0.5, beams.T, quality.T),
            aids=Aids(**{k: v > 0.5 if k.endswith("_new") else v for k, v in others.items()}),
            truth=Truth(*true) if self._truth else None,
            sheet=self._sheet.read(observation),
        )

    def _others(self, table: Float64Array) -> dict[str, Any]:
        """Return the fields that a layout may lack, with the default where it does."""
        found = dict(zip(self._found, table[len(self._names) :], strict=True))
        rows = table.shape[1]
        return {
            name: found[name] if name in found else np.full(rows, default)
            for name, default in _OPTIONAL.items()
        }


def _boresight_ratio(
    now: dict[str, Float64Array], others: dict[str, Any], beam: Float64Array, age: Float64Array
) -> Float64Array | None:
    """Range along the boresight over that along each slot's beam, (n, 4); None for one beam."""
    rate = np.stack([others.pop(f"omega_{axis}_rad_s") for axis in "xyz"], axis=1)
    beams = Beams(others.pop("lrf_beams"), others.pop("lrf_cant_rad"), beam.T, age.T)
    if not beams.cant_rad.any():
        return None
    w, x, y, z = (now[f"q_{part}"] for part in "wxyz")
    up = np.stack([2.0 * (x * z - w * y), 2.0 * (y * z + w * x), 1.0 - 2.0 * (x**2 + y**2)], axis=1)
    return boresight_ratio(beams, up, rate)


def _lookup(index: dict[str, int], name: str) -> int:
    try:
        return index[name]
    except KeyError:
        hint = nearest(name, index)
        raise ConfigError(f"the observation has no field {name!r}{hint}") from None


def _lookup_truth(index: dict[str, int], name: str) -> int:
    if name not in index:
        raise ConfigError(
            f"a bound reads the true state, and {name!r} is not among the fields: it is a filter"
            " for bounds, made with observation_fields + PRIVILEGED_FIELDS and fed with"
            " observations that have env.privileged appended"
        )
    return index[name]
